"""Who works on a run: when a lease may be taken, and taken over."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mjflow import MemoryStore, RunHeld
from mjflow.flow.running.holding import BEAT, SILENCE, Here, Holding, Right, Watch, _here, _owner
from mjflow.journal.sqlite import SqliteStore
from mjflow.journal.store import Lease, Store
from tests.virtual import virtual_time

HERE = Here("cafe0123", is_alive=lambda process: process != 4711)


def lease(*, process: int = 42, machine: str = "cafe0123", epoch: int = 1, beat: int = 0) -> Lease:
    owner = f"process {process} on workshop ({machine}) since 2026-03-01 22:15:00 UTC"
    return Lease(name="run/x/night", owner=owner, epoch=epoch, beat=beat)


def test_a_lease_that_nobody_holds_is_taken() -> None:
    """At once."""
    assert Watch(HERE).right(None, 0.0) is Right.TAKE


def test_a_dead_process_of_this_machine_is_taken_over_at_once() -> None:
    """Nobody needs to wait for it."""
    assert Watch(HERE).right(lease(process=4711), 0.0) is Right.TAKE_OVER


@pytest.mark.parametrize(
    ("seen", "now", "right"),
    [
        (lease(), 5.0, Right.WAIT),
        (lease(), SILENCE - 0.1, Right.WAIT),
        (lease(), SILENCE, Right.TAKE_OVER),
        (lease(beat=1), 5.0, Right.GIVE_UP),
        (lease(epoch=2), 5.0, Right.GIVE_UP),
        (lease(process=4711, machine="beef4567"), 5.0, Right.WAIT),
        (None, 5.0, Right.TAKE),
    ],
)
def test_a_holder_is_watched(seen: Lease | None, now: float, right: Right) -> None:
    """One whose beat goes on has it, one that is silent has lost it."""
    watch = Watch(HERE)
    first = lease(machine="beef4567") if seen and "beef" in seen.owner else lease()
    assert watch.right(first, 0.0) is Right.WAIT
    assert watch.right(seen, now) is right


def test_an_owner_is_found_to_be_gone_by_what_it_wrote_of_itself() -> None:
    """The text for people is the one that is read."""
    mine = _owner()
    assert not _here().knows_gone(mine)
    assert Here(_here().machine, lambda _: False).knows_gone(mine)
    assert mine.startswith(f"process {os.getpid()} on ")


def test_a_process_that_is_gone_is_known() -> None:
    """The number of a process that has ended is free again."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        assert _here().is_alive(process.pid)
    assert not _here().is_alive(process.pid)


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """A journal of each kind."""
    return MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "journal.db")


@virtual_time
async def hold_twice(store: Store) -> tuple[float, str]:
    """Let somebody ask for what somebody else holds; give how long that took, and the answer."""
    await store.start()
    try:
        first, second = Holding(store, "ns", "night"), Holding(store, "ns", "night")
        await first.take()
        keeping = asyncio.create_task(first.keep())
        began = asyncio.get_running_loop().time()
        with pytest.raises(RunHeld) as caught:
            await second.take()
        took = asyncio.get_running_loop().time() - began
        keeping.cancel()
        await first.release()
        await second.take()
        await second.release()
        return took, caught.value.owner
    finally:
        await store.aclose()


def test_a_lease_that_is_kept_is_refused_to_others(store: Store) -> None:
    """They learn who has it as soon as its beat goes on, and get it when it is given back."""
    took, owner = hold_twice(store)
    assert took <= BEAT + 1.0
    assert owner.startswith(f"process {os.getpid()} on ")


@virtual_time
async def take_over(store: Store) -> tuple[float, str]:
    """Let somebody fall silent, and be taken over; give how long that took, and what it is told."""
    await store.start()
    try:
        first, second = Holding(store, "ns", "night"), Holding(store, "ns", "night")
        await first.take()
        began = asyncio.get_running_loop().time()
        await second.take()
        took = asyncio.get_running_loop().time() - began
        told = await first.keep()
        await first.release()
        assert await store.lease("run/ns/night") == second.lease
        await second.release()
        return took, told.message
    finally:
        await store.aclose()


def test_a_silent_holder_is_taken_over(store: Store) -> None:
    """After ten seconds; should it wake up, it is told, and gives back nothing of its heir's."""
    took, told = take_over(store)
    assert SILENCE <= took <= SILENCE + 1.0
    assert told.startswith("the run 'night' is held by process")


class Slow(MemoryStore):
    """A journal that takes its time, and does what it was asked for all the same."""

    async def take(self, name: str, owner: str, over: Lease | None = None) -> Lease | None:
        taken = await super().take(name, owner, over)
        await asyncio.sleep(1.0)
        return taken


@virtual_time
async def test_a_lease_that_was_being_taken_is_given_back() -> None:
    """Whoever is interrupted in that very moment knows by then that it is his."""
    store = Slow()
    holding = Holding(store, "ns", "night")
    taking = asyncio.create_task(holding.take())
    while await store.lease("run/ns/night") is None:
        await asyncio.sleep(0.01)
    taking.cancel()
    await asyncio.wait({taking})
    assert taking.cancelled()
    await holding.release()
    assert await store.lease("run/ns/night") is None
