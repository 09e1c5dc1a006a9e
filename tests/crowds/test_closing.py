"""A client closes on a crowd: at once, but for what is on the wire, and nobody waits on."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from typing import Any

import pytest

from mjflow import Client, ClientClosed, MjflowError, StillRunning, TaskHandle
from mjflow.testing import run
from tests.scripted import BASE, RUNNING, Later, Scripted, accepted
from tests.virtual import virtual_time

from .blocking import nothing_blocks
from .crowd import at_the_door

TASKS = 1000
#: Paying requests on the wire at once, and seconds that each takes in these tests.
WIRE, SLOW = 16, 7.0


def busy() -> Scripted:
    """Make a server whose tasks run for ever."""
    server = Scripted()
    server.takes_all()
    server.every_task(RUNNING)
    return server


def client_of(server: Scripted) -> Client:
    return Client(BASE, "sk-test", transport=server, dialect="gateway", max_in_flight=None)


async def outcome(handle: TaskHandle) -> Any:
    try:
        return await handle
    except MjflowError as error:
        return error


def now() -> float:
    return asyncio.get_running_loop().time()


@virtual_time
async def test_closing_takes_as_long_as_what_is_on_the_wire() -> None:
    """A thousand run, sixteen are being sent, and a hundred more have not left."""
    server = busy()
    async with client_of(server) as client:
        running = [client.imagine(f"cat {number}") for number in range(TASKS)]
        for handle in running:
            await handle.submitted()
        server.always("imagine", Later(SLOW, lambda _: accepted(server.next_id())))
        others = [client.imagine(f"dog {number}") for number in range(WIRE + 100)]
        waits = [asyncio.create_task(outcome(handle)) for handle in (*running, *others)]
        await asyncio.sleep(1.0)
        began = now()
    assert now() - began == pytest.approx(SLOW - 1.0, abs=0.05)
    outcomes = await asyncio.gather(*waits)
    assert Counter(map(type, outcomes)) == {StillRunning: TASKS + WIRE, ClientClosed: 100}
    assert [one.task_id for one in outcomes[:TASKS]] == [handle.id for handle in running]
    assert len(server.sent) == TASKS + WIRE
    assert asyncio.all_tasks() == {asyncio.current_task()}


def test_whoever_comes_next_picks_all_of_them_up() -> None:
    """The errors have the ids; over real sockets nothing blocks and nothing is paid again."""
    with nothing_blocks():
        run(_picked_up())


async def _picked_up() -> None:
    async with at_the_door("trueai", {}) as (client, server, _):
        handles = [client.imagine(f"a cat, number {number}") for number in range(TASKS)]
        waits = [asyncio.create_task(outcome(handle)) for handle in handles]
        for handle in handles:
            await handle.submitted()
        await asyncio.sleep(10.0)
        began = now()
        await client.__aexit__(None, None, None)
        assert now() - began < 0.1
        left = [one.task_id for one in await asyncio.gather(*waits)]
        async with Client(server.base_url, "sk-test", dialect="trueai") as another:
            results = await asyncio.gather(*(another.attach(task_id) for task_id in left))
        assert [task.id for task in results] == left
        assert len(server.ledger.charges) == TASKS


@pytest.mark.parametrize(("dialect", "lived", "steps"), [("gateway", 30.0, 30), ("auto", 0.0, 100)])
def test_closing_takes_the_same_few_steps_for_each_of_ten_thousand(
    dialect: str, lived: float, steps: int
) -> None:
    """Ten times as many take ten times as long, looked at already or not yet begun."""
    few, many = (run(_steps_to_close(count, dialect, lived)) for count in (1000, 10_000))
    assert many <= 10.5 * few
    assert many <= steps * 10_000


async def _steps_to_close(count: int, dialect: str, lived: float) -> int:
    """Count the calls that closing makes, of functions in Python and of others."""
    client = Client(BASE, "sk-test", transport=busy(), dialect=dialect)
    await client.__aenter__()
    for number in range(count):
        client.attach(str(number))
    await asyncio.sleep(lived)
    steps = 0

    def counted(frame: object, event: str, argument: object) -> None:
        nonlocal steps
        steps += event in ("call", "c_call")

    sys.setprofile(counted)
    try:
        await client.__aexit__(None, None, None)
    finally:
        sys.setprofile(None)
    return steps
