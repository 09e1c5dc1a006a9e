"""A caller is cancelled at every single wait of his: his tasks go on, and nothing is left."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from mjflow import Client, TaskHandle
from mjflow.fsm.states import State

from .programs import PAID, program
from .stages import Stage, in_memory, over_sockets
from .steps import Cancelling, Meter, Stepped, asleep, each_wait, waking

Opened = Callable[[], AbstractAsyncContextManager[Stage]]
Handles = dict[str, TaskHandle]


async def cancelled(opened: Opened, folder: Path, meter: Meter) -> bool:
    """Cancel a program where the meter says, then come back; tell whether that wait came."""
    async with opened() as stage, stage.client(poll_interval=15.0) as client:
        before = Handles()
        caller = asyncio.create_task(Stepped(program(client, folder, before.setdefault), meter))
        meter.cancel = caller.cancel
        await asyncio.wait({caller})
        assert caller.cancelled() == meter.struck
        check_nothing_waits(before)
        await come_back(stage, client, folder, before)
    assert stage.torn in (None, [])
    assert list(folder.rglob("*.part")) == []
    return meter.struck


def check_nothing_waits(handles: Handles) -> None:
    """Nobody waits for a task any more but the clicks that build on it."""
    parents = {id(handle._record.parent) for handle in handles.values()}
    for handle in handles.values():
        record = handle._record
        assert (record.watchers or [], record.feeds) == ([], None)
        assert not record.waiters or id(record) in parents


async def come_back(stage: Stage, client: Client, folder: Path, before: Handles) -> None:
    """Run the program again: it gets the same tasks, and each is paid for once."""
    again = Handles()
    await program(client, folder, again.setdefault)
    assert {name: again[name].id for name in before} == {n: h.id for n, h in before.items()}
    assert {handle.state for handle in again.values()} == {State.SUCCESS}
    paid = Counter((charge.token, charge.task_id) for charge in stage.charges)
    assert (set(paid.values()), len(paid)) == ({1}, len(PAID))
    assert {task_id for _, task_id in paid} - {""} == {handle.id for handle in again.values()}
    statistics = client.statistics()
    assert (statistics.in_flight, statistics.spent.in_doubt) == (0, 0.0)


@pytest.mark.parametrize("moment", [asleep, waking])
def test_a_caller_can_be_cancelled_at_every_wait(tmp_path: Path, moment: Cancelling) -> None:
    """While it waits, or in the moment in which what it waits for has come."""
    waits = each_wait(lambda at: cancelled(in_memory, tmp_path / str(at), Meter(moment, at)))
    assert waits > 20


@pytest.mark.parametrize("later", [1, 2, 3])
@pytest.mark.parametrize("moment", [asleep, waking])
def test_a_caller_can_be_cancelled_again_while_it_tidies_up(
    tmp_path: Path, moment: Cancelling, later: int
) -> None:
    """Whoever is cancelled twice leaves as little behind."""
    each_wait(lambda at: cancelled(in_memory, tmp_path / str(at), Meter(moment, at, at + later)))


def test_a_caller_over_sockets_can_be_cancelled_at_every_other_wait(tmp_path: Path) -> None:
    """The same against a real server: its books have each task once."""
    attempt = lambda at: cancelled(over_sockets, tmp_path / str(at), Meter(asleep, at))  # noqa: E731
    assert each_wait(attempt, step=2) > 20


@pytest.mark.soak
@pytest.mark.parametrize("moment", [asleep, waking])
def test_a_caller_over_sockets_can_be_cancelled_at_every_wait(
    tmp_path: Path, moment: Cancelling
) -> None:
    """The same, however long it takes."""
    each_wait(lambda at: cancelled(over_sockets, tmp_path / str(at), Meter(moment, at)))
