"""The poll wheel: who is looked at when, and how often."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from mjflow import Client, TaskHandle
from tests.engine.watched import Watched, gaps, most_in_a_second
from tests.scripted import (
    DONE,
    RUNNING,
    WAITING,
    opened,
)
from tests.virtual import VirtualLoop, virtual_time

INTERVAL = 5.0


def running(seconds: float) -> tuple[dict[str, object], ...]:
    """Show a task that runs for so long when it is looked at every five seconds."""
    return (*([WAITING] * int(seconds / INTERVAL)), DONE)


async def submitted(client: Client, count: int) -> list[TaskHandle]:
    handles = [client.imagine(f"cat {n}") for n in range(count)]
    for handle in handles:
        await handle.submitted()
    return handles


# --- how often ----------------------------------------------------------------------------


@virtual_time
async def test_a_task_is_looked_at_once_an_interval_from_acceptance_to_its_end() -> None:
    """The first look comes within the interval, the others one interval apart, none after."""
    server = Watched()
    server.takes_all()
    server.every_task(*running(60))
    async with opened(server) as client:
        await client.imagine("a cat")
        ended = server.now
        await asyncio.sleep(3600)
    assert len(server.times) == 13
    assert 0 < server.times[0] <= INTERVAL + 0.2
    assert gaps(server.times) == pytest.approx([INTERVAL] * 12, abs=0.06)
    assert server.times[-1] <= ended


@virtual_time
async def test_a_task_is_never_looked_at_twice_at_once() -> None:
    """A look that takes longer than the interval puts the next one off."""
    server = Watched()
    server.slowness = 3.4 * INTERVAL
    server.takes_all()
    server.every_task(*running(30))
    async with opened(server) as client:
        await asyncio.gather(*(client.imagine(f"cat {n}") for n in range(20)))
    assert set(server.most_at_once.values()) == {1}


@virtual_time
async def test_a_thousand_waits_for_one_task_share_its_looks() -> None:
    """Looks are for tasks, not for those who wait."""
    server = Watched()
    server.takes_all()
    server.every_task(*running(60))
    async with opened(server) as client:
        handle = client.imagine("a cat")
        tasks = await asyncio.gather(*(handle.wait() for _ in range(1000)))
        assert not handle._record.waiters
    assert {id(task) for task in tasks} == {id(handle.task)}
    assert len(server.looked) == 13


@virtual_time
async def test_attaching_an_id_a_hundred_times_looks_as_often_as_once() -> None:
    """Whoever asks for the same id shares one record."""
    server = Watched()
    server.shows("77", *running(60))
    async with opened(server) as client:
        handles = [client.attach("77") for _ in range(100)]
        await asyncio.gather(*handles)
        assert len({id(handle._record) for handle in handles}) == 1
    # One at once, and then on its own grid.
    assert len(server.looked) == 13
    assert server.times[0] == pytest.approx(0.0, abs=0.1)


@virtual_time
async def test_hurry_and_watch_do_not_multiply_looks() -> None:
    """A record keeps one place in the wheel however often it is put in."""
    server = Watched()
    server.takes_all()
    server.every_task(RUNNING)
    async with opened(server) as client:
        (handle,) = await submitted(client, 1)
        poller, record = client._engine.poller, handle._record
        for _ in range(10):
            poller.watch(record)
            poller.hurry(record)
        await asyncio.sleep(20 * INTERVAL)
    # One at once, and then one an interval.
    assert server.times[0] < 0.1
    assert len(server.looked) in (21, 22)


@virtual_time
async def test_hurry_during_a_look_starts_no_second_one() -> None:
    """The look on the wire is the one that was asked for."""
    server = Watched()
    server.slowness = 2.0
    server.takes_all()
    server.every_task(RUNNING)
    async with opened(server) as client:
        (handle,) = await submitted(client, 1)
        poller, record = client._engine.poller, handle._record
        for _ in range(50):
            poller.hurry(record)
            poller.watch(record)
            await asyncio.sleep(1.0)
    assert server.most_at_once["1001"] == 1
    # Each takes two seconds, and the next is asked for within one.
    assert len(server.looked) <= 26


@virtual_time
async def test_looks_of_many_tasks_are_spread_over_the_interval() -> None:
    """A thousand tasks accepted in one instant are not looked at in one instant."""
    server = Watched()
    server.takes_all()
    server.every_task(RUNNING)
    async with opened(server, request_budget=None) as client:
        await submitted(client, 1000)
        server.looked.clear()
        await asyncio.sleep(INTERVAL)
    assert len(server.looked) == pytest.approx(1000, abs=20)
    assert most_in_a_second(server.times) < 300


# --- the budget ---------------------------------------------------------------------------


@virtual_time
async def test_the_request_budget_holds_in_every_second_and_the_lag_is_told() -> None:
    """Two hundred tasks want 40 looks a second; 20 are allowed, so each comes half as often."""
    server = Watched()
    server.takes_all()
    server.every_task(RUNNING)
    async with opened(server, request_budget=20.0) as client:
        await submitted(client, 200)
        await asyncio.sleep(30)
        assert 2 * INTERVAL >= client.statistics().lag >= INTERVAL - 1.0
    assert most_in_a_second(server.times) <= 25
    assert len(server.times) == pytest.approx(20 * server.now, rel=0.1)
    # No task is starved: each has its turn every ten seconds.
    by_id = {look.id for look in server.looked if look.at > server.now - 11.0}
    assert len(by_id) == 200


@virtual_time
async def test_without_need_there_is_no_lag() -> None:
    """Within the budget every look is on time."""
    server = Watched()
    server.takes_all()
    server.every_task(RUNNING)
    async with opened(server) as client:
        await submitted(client, 20)
        await asyncio.sleep(60)
        assert client.statistics().lag < 0.3
        assert client.statistics().looks == len(server.looked)


@virtual_time
async def test_an_idle_poller_sleeps() -> None:
    """With nothing to look at, a day passes without the loop being woken."""
    server = Watched()
    server.takes_all()
    server.every_task(DONE)
    async with opened(server) as client:
        await client.imagine("a cat")
        await asyncio.sleep(60)
        turns = await _turns_while_asleep(86400)
    assert turns < 10


async def _turns_while_asleep(seconds: float) -> int:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    turns = 0

    def counted(timeout: float | None = None) -> list[Any]:
        nonlocal turns
        turns += 1
        return type(clock).select(clock, timeout)

    clock = loop._virtual
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "select", counted)
        await asyncio.sleep(seconds)
    return turns
