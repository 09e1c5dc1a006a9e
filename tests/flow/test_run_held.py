"""Who may write what of a run: one holder at a time, from its first moment to its last."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

import mjflow
from mjflow import Client, MemoryStore, RunHeld
from mjflow.journal.store import Lease, Store
from mjflow.testing import assert_paid_once
from tests.flow.runs import ANIMALS, UPSCALED, Place, place, runs_under_way
from tests.virtual import virtual_time

#: Four pictures, of which one goes on.
CHOSEN = mjflow.Flow(
    name="chosen",
    steps=[
        {"imagine": "a cat"},
        {"click": ["U1", "U2"]},
        {"choose": "best"},
        {"click": "Upscale (Subtle)"},
    ],
)


def now() -> float:
    return asyncio.get_running_loop().time()


class Frozen(MemoryStore):
    """One process's hand in a journal, which renews no lease until it thaws."""

    def __init__(self, journal: Store) -> None:
        self.__dict__ = journal.__dict__
        self.thawed = asyncio.Event()

    async def renew(self, lease: Lease) -> Lease:
        await self.thawed.wait()
        return await super().renew(lease)


async def slowly(seconds: float) -> AsyncIterator[dict[str, str]]:
    """Draw rows that take a while to come."""
    await asyncio.sleep(seconds)
    for row in ANIMALS:
        yield row


def frozen(here: Place) -> Client:
    return here.client(journal=Frozen(here.store))


# --- the beginning --------------------------------------------------------------------------


@virtual_time
async def test_a_run_is_held_while_its_inputs_are_drawn(tmp_path: Path) -> None:
    """However long that takes, its holder lives."""
    async with place() as here, here.client() as one, here.client() as other:
        run = one.run(UPSCALED, slowly(60.0), out=tmp_path, run="flow")
        first = asyncio.create_task(run.collect())
        await asyncio.sleep(1.0)
        with pytest.raises(RunHeld):
            await other.run(UPSCALED, ANIMALS, out=tmp_path, run="flow").collect()
        assert [item.ok for item in await first] == [True] * 3
        assert_paid_once(here.ledger)


@virtual_time
async def test_who_was_taken_over_while_it_drew_its_inputs_stops_there(tmp_path: Path) -> None:
    """It does not go on with them, nor write what the run is to begin with."""
    async with place() as here, frozen(here) as sleeper, here.client() as heir:
        reading = asyncio.create_task(
            sleeper.run(mjflow.Flow([{"imagine": "other"}]), slowly(60.0), run="night").collect()
        )
        await asyncio.sleep(1.0)
        found = await heir.run(UPSCALED, ANIMALS, out=tmp_path, run="night").collect()
        assert [item.ok for item in found] == [True] * 3
        with pytest.raises(RunHeld):
            await reading
        assert runs_under_way() == []
        again = await heir.resume("night").collect()
        assert [item.key for item in again] == [item.key for item in found]
    assert here.paid == 6


@virtual_time
async def test_the_news_that_a_run_was_taken_over_is_not_waited_for_by_the_inputs() -> None:
    """They may take for ever."""
    async with place() as here, here.client() as client:
        run = client.run(UPSCALED, slowly(1e6), run="night")
        reading = asyncio.create_task(run.collect())
        await asyncio.sleep(5.0)
        lease = await here.store.lease(f"run/{here.server.base_url}/night")
        await here.store.take(lease.name, "somebody", lease)
        began = now()
        with pytest.raises(RunHeld, match="somebody"):
            await reading
        assert now() - began <= 2.0


# --- what it writes -------------------------------------------------------------------------


@virtual_time
async def test_a_choice_of_who_was_taken_over_does_not_count(tmp_path: Path) -> None:
    """The heir has chosen, and paid for it: that stands, and the sleeper stops."""
    woken = asyncio.Event()

    async def late(one: Any) -> float:
        await woken.wait()
        return float(one.branch == "U1")

    async def best(one: Any) -> float:
        return float(one.branch == "U2")

    async with place() as here, frozen(here) as sleeper, here.client() as heir:
        reading = asyncio.create_task(
            sleeper.run(CHOSEN, out=tmp_path, scorers={"best": late}, run="flow").collect()
        )
        await asyncio.sleep(600.0)
        (first,) = await heir.run(
            CHOSEN, out=tmp_path, scorers={"best": best}, run="flow"
        ).collect()
        woken.set()
        with pytest.raises(RunHeld):
            await reading
        (again,) = await heir.run(
            CHOSEN, out=tmp_path, scorers={"best": late}, run="flow"
        ).collect()
        assert_paid_once(here.ledger)
    for item in (first, again):
        ways = [[one.act for one in branch.lineage] for branch in item.branches]
        assert ways == [["imagine", "U1"], ["imagine", "U2", "upscale_subtle"]]
    assert here.paid == 4


# --- the end --------------------------------------------------------------------------------


class SlowToTake(MemoryStore):
    """A journal that is slow to say that a lease was taken."""

    slow = True

    async def take(self, name: str, owner: str, over: Lease | None = None) -> Lease | None:
        taken = await super().take(name, owner, over)
        if self.slow:
            await asyncio.sleep(1.0)
        return taken


@virtual_time
async def test_who_leaves_in_the_moment_of_taking_gives_the_lease_back(tmp_path: Path) -> None:
    """Else the next one would wait for somebody who lives and never beats."""
    store = SlowToTake()
    async with place(store) as here, here.client() as client:
        reading = asyncio.create_task(
            client.run(UPSCALED, ANIMALS, out=tmp_path, run="flow").collect()
        )
        await asyncio.sleep(0.5)
        reading.cancel()
        await asyncio.wait([reading])
        assert await store.lease(f"run/{here.server.base_url}/flow") is None
        store.slow = False
        assert len(await client.run(UPSCALED, ANIMALS, out=tmp_path, run="flow").collect()) == 3
