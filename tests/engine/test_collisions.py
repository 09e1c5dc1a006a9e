"""Identical acts in flight: kept apart, or not."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from mjflow import Client, QueueFull
from mjflow.errors import InvalidInput
from mjflow.handle import TaskHandle
from mjflow.journal.memory import MemoryStore

from .. import scripted
from ..scripted import BASE, DONE, LOST, RUNNING, Scripted, opened, outcome, task
from ..virtual import virtual_time


def server_of(*rows: Any) -> Scripted:
    server = Scripted()
    server.takes_all()
    server.takes_all("action")
    server.every_task(*(rows or (RUNNING, RUNNING, DONE)))
    return server


def serialising(server: Scripted, **settings: Any) -> Any:
    return opened(server, collisions="serialise", **settings)


async def running(handles: list[TaskHandle]) -> list[bool]:
    """Tell which of them the server has by now."""
    await asyncio.sleep(1.0)
    return [handle.id is not None for handle in handles]


@virtual_time
async def test_two_identical_prompts_are_not_in_flight_at_once() -> None:
    """The second goes when the first has ended; others are not held up by it."""
    server = server_of()
    async with serialising(server) as client:
        twins = [client.imagine("a cat") for _ in range(3)]
        others = [client.imagine(f"dog {n}") for n in range(3)]
        assert await running([*twins, *others]) == [True, False, False, True, True, True]
        await twins[0]
        assert await running(twins) == [True, True, False]
        await asyncio.gather(*twins, *others)
        assert client.statistics().in_flight == 0
        assert client._engine.admission._collisions._gates == {}


@virtual_time
async def test_prompts_that_differ_in_nothing_but_blanks_and_dashes_are_identical() -> None:
    """What counts is what is sent, after it was tidied; in whatever mode."""
    server = server_of()
    async with serialising(server) as client:
        twins = [
            client.imagine("a cat --v 6.1"),
            client.imagine("  a  cat —v 6.1 "),
            client.imagine("a cat --v 6.1", mode="fast"),
        ]
        assert await running(twins) == [True, False, False]
        await asyncio.gather(*twins)


@virtual_time
async def test_without_it_identical_prompts_run_beside_each_other() -> None:
    """By default nothing is held up."""
    server = server_of()
    async with opened(server) as client:
        twins = [client.imagine("a cat") for _ in range(3)]
        assert await running(twins) == [True, True, True]
        await asyncio.gather(*twins)


@virtual_time
async def test_other_pictures_make_another_act() -> None:
    """The same button of two tasks is two acts; of one task it is one."""
    server = server_of()
    async with serialising(server) as client:
        presses = [client.click(task(one), "U1") for one in ("7", "8", "7")]
        assert await running(presses) == [True, True, False]
        await asyncio.gather(*presses)


@virtual_time
async def test_who_waits_for_its_twin_takes_no_place() -> None:
    """A window of two has room for another act meanwhile."""
    server = server_of()
    async with serialising(server, max_in_flight=2) as client:
        twins = [client.imagine("a cat") for _ in range(5)]
        other = client.imagine("a dog")
        assert await running([*twins, other]) == [True, False, False, False, False, True]
        await asyncio.gather(*twins, other)


@pytest.mark.parametrize(
    "answer", [scripted.invalid(), scripted.queue_full(), LOST, scripted.banned("x")], ids=repr
)
@virtual_time
async def test_what_does_not_run_holds_no_twin_up(answer: Any) -> None:
    """Refused, turned away or in doubt: the next one goes."""
    server = server_of(DONE)
    server.on("imagine", answer)
    async with serialising(server) as client:
        twins = [client.imagine("a cat") for _ in range(3)]
        assert [type(await outcome(twin)).__name__ for twin in twins[1:]] == ["Task", "Task"]
        await outcome(twins[0])
        assert client._engine.admission._collisions._gates == {}


@virtual_time
async def test_giving_up_the_wait_for_a_twin_leaves_nothing_behind() -> None:
    """Its patience ends while its twin runs on: the third one goes after that all the same."""
    server = server_of(RUNNING)
    server.on("imagine", scripted.queue_full())
    options = {"admission_timeout": 30.0, "deadline": 300.0}
    async with serialising(server, **options) as client:
        turned_away = client.imagine("a cat")
        await asyncio.sleep(0.1)
        twin, third = client.imagine("a cat"), client.imagine("a cat", deadline=10.0)
        assert isinstance(await outcome(turned_away), QueueFull)
        assert await running([twin, third]) == [True, False]
        await outcome(twin)
        assert await running([third]) == [True]
        await outcome(third)
        assert client._engine.admission._collisions._gates == {}


@virtual_time
async def test_giving_up_the_wait_for_a_place_lets_the_twin_go() -> None:
    """Who waits for a place holds its twin up, and no longer than that."""
    server = server_of(*[RUNNING] * 20, DONE)
    server.on("imagine", scripted.queue_full())
    async with serialising(server, max_in_flight=1, admission_timeout=30.0) as client:
        turned_away = client.imagine("a cat")
        await asyncio.sleep(0.1)
        between = client.imagine("a dog")
        await asyncio.sleep(5.0)
        twin = client.imagine("a cat")
        assert isinstance(await outcome(turned_away), QueueFull)
        assert await running([between, twin]) == [True, False]
        await asyncio.gather(between, twin)
        assert client._engine.admission._collisions._gates == {}


@virtual_time
async def test_closing_the_client_ends_the_wait_for_a_twin() -> None:
    """Nothing of it is sent."""
    server = server_of(RUNNING)
    async with serialising(server) as client:
        twins = [client.imagine("a cat") for _ in range(3)]
        await running(twins)
    assert len(server.sent) == 1
    assert all(twin.outcome is not None for twin in twins)


@virtual_time
async def test_a_task_of_another_life_is_a_twin_as_well() -> None:
    """It runs still, so nothing identical is sent beside it."""
    server, store = server_of(RUNNING), MemoryStore()
    async with serialising(server, journal=store) as client:
        await client.imagine("a cat", key="k").submitted()
    async with serialising(server, journal=store) as client:
        first = client.imagine("a cat", key="k")
        await first.submitted()
        twin = client.imagine("a cat")
        assert await running([twin]) == [False]
        server.shows(first.id or "", DONE)
        await first
        assert await running([twin]) == [True]


def test_there_are_two_policies() -> None:
    """Any other word is refused at once."""
    with pytest.raises(InvalidInput, match='collisions is "allow" or "serialise", not \'forbid\''):
        Client(BASE, "sk-test", collisions="forbid")  # type: ignore[arg-type]
