"""Who may send: the in-flight window, the wire and the submit rate."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from math import inf
from typing import Any

import pytest

from mjflow.engine.act import Act, Options
from mjflow.engine.admission import Admission
from mjflow.engine.clock import Clock
from mjflow.engine.collisions import collisions_named
from mjflow.engine.lanes import Lanes
from mjflow.engine.record import Record
from mjflow.engine.wire import ON_THE_WIRE
from mjflow.errors import MjflowError
from mjflow.fsm.states import State
from mjflow.observers import Observers
from mjflow.protocol.requests import Imagine
from mjflow.protocol.task import Task
from mjflow.protocol.verdicts import Outcome
from mjflow.timing.breaker import Breaker
from mjflow.timing.limits import RequestBudget

from .. import scripted
from ..scripted import (
    DONE,
    LOST,
    OPEN,
    RUNNING,
    Later,
    Scripted,
    accepted,
    asking,
    opened,
    outcome,
    task,
)
from ..virtual import virtual_time


def admission(size: int) -> Admission:
    return Admission(
        Clock(),
        Lanes(size),
        collisions_named("allow"),
        Breaker[MjflowError](),
        RequestBudget(None),
        Observers(),
    )


def record(prompt: str = "a cat", **options: Any) -> Record:
    act = Act(what=Imagine(prompt=prompt), options=Options(**options))
    return Record(act=act, key=prompt, request=Imagine(prompt=prompt))


# --- the window ---------------------------------------------------------------------------


@virtual_time
async def test_places_are_given_in_the_order_in_which_they_were_asked_for() -> None:
    """First come, first served; who was turned away by the server goes first."""
    gate, holder = admission(1), record()
    await gate.enter(holder)
    entered: list[str] = []

    async def enter(name: str, *, again: bool = False) -> None:
        one = record(name)
        await gate.enter(one, again=again)
        entered.append(name)
        gate.leave(one)

    async with asyncio.TaskGroup() as group:
        for name in "abc":
            group.create_task(enter(name))
        await asyncio.sleep(0)
        group.create_task(enter("was here", again=True))
        await asyncio.sleep(0)
        gate.leave(holder)
    assert entered == ["was here", "a", "b", "c"]
    assert gate.lanes.taken == 0


@virtual_time
async def test_a_place_is_given_back_once() -> None:
    """Leaving twice frees one place, and picking a running task up twice takes one."""
    gate, one, other = admission(5), record("a"), record("b")
    await gate.enter(one)
    gate.resume(one)
    gate.resume(other)
    assert (gate.lanes.taken, one.placed) == (2, True)
    gate.leave(one)
    gate.leave(one)
    assert (gate.lanes.taken, one.placed) == (1, False)


@pytest.mark.parametrize("size", [1, 3])
@virtual_time
async def test_the_window_bounds_what_is_in_flight(size: int) -> None:
    """Never more than so many tasks run at once, and they are submitted in order."""
    server = Scripted()
    server.takes_all()
    server.every_task(RUNNING, RUNNING, DONE)
    running: list[int] = []
    async with opened(server, max_in_flight=size) as client:
        handles = [client.imagine(f"cat {n}") for n in range(10)]
        while any(handle.outcome is None for handle in handles):
            states = [handle.state for handle in handles]
            running.append(sum(s not in (State.NEW, State.SUCCESS) for s in states))
            assert client.statistics().in_flight <= size
            await asyncio.sleep(1.0)
        assert client.statistics().in_flight == 0
    assert max(running) == size
    assert [sent.body["prompt"] for sent in server.sent] == [f"cat {n}" for n in range(10)]


@virtual_time
async def test_an_adaptive_window_is_halved_when_the_server_is_full() -> None:
    """Thirteen go at first; one "queue full" halves that, and nobody is lost."""
    server = Scripted()
    server.on("imagine", Later(1.0, scripted.queue_full()))
    server.on("imagine", *[Later(2.0, accepted(str(n))) for n in range(12)])
    server.takes_all()
    server.every_task(RUNNING, RUNNING, RUNNING, DONE)
    async with opened(server, max_in_flight="adaptive") as client:
        assert client.statistics().window == 13.0
        handles = [client.imagine(f"cat {n}") for n in range(30)]
        await asyncio.sleep(0.5)
        assert client.statistics().in_flight == 13
        await asyncio.sleep(1.0)
        assert client.statistics().window == 6.5
        assert all([isinstance(await outcome(handle), Task) for handle in handles])


@virtual_time
async def test_who_was_turned_away_goes_before_those_who_came_later() -> None:
    """A long queue of our own does not eat up the patience of the one that was sent first."""
    server = Scripted()
    server.on("imagine", scripted.queue_full())
    server.takes_all()
    server.every_task(RUNNING, RUNNING, DONE)
    async with opened(server, max_in_flight=1) as client:
        await asyncio.gather(*(client.imagine(name) for name in "abcd"))
    assert [sent.body["prompt"] for sent in server.sent] == ["a", "b", "a", "c", "d"]


@virtual_time
async def test_an_answer_takes_a_place_like_a_submit() -> None:
    """A dialog left to a person gave its place away: its answer waits for the next one."""
    server = Scripted()
    server.on("action", asking("2"))
    server.on("modal", server.answers_dialogs(RUNNING, RUNNING, DONE))
    server.on("imagine", accepted("3"), accepted("4"))
    server.shows("2", OPEN)
    server.every_task(*[RUNNING] * 5, DONE)
    async with opened(server, max_in_flight=1, on_dialog="raise") as client:
        zoom = client.click(task(), "Custom Zoom")
        await outcome(zoom)
        running = client.imagine("a dog")
        await running.submitted()
        zoom.modal("p")
        last = client.imagine("a cow")
        await asyncio.sleep(10.0)
        assert server.routes == ["action", "imagine"]
        await running
        await asyncio.sleep(1.0)
        assert server.routes == ["action", "imagine", "modal"]
        assert client.statistics().in_flight == 1
        await asyncio.gather(zoom, last)
        assert client.statistics().in_flight == 0


@virtual_time
async def test_an_answer_that_waited_in_vain_leaves_its_place() -> None:
    """When the task has ended while its answer waited for a place, nothing is sent or held."""
    server = Scripted()
    server.on("imagine", accepted("3"))
    server.shows("2", OPEN)
    server.shows("3", *[RUNNING] * 9, DONE)
    async with opened(server, max_in_flight=1) as client:
        running = client.imagine("a dog")
        await running.submitted()
        attached = client.modal("2", "p")
        await asyncio.sleep(10.0)
        server.shows("2", DONE)
        await attached
        await running
        await asyncio.sleep(1.0)
        assert client.statistics().in_flight == 0
    assert server.routes == ["imagine"]


@virtual_time
async def test_an_answer_that_finds_no_room_halves_the_window() -> None:
    """ "Queue full" is the same news whoever hears it."""
    server = Scripted()
    server.on("action", asking("2", "p"))
    server.on("modal", scripted.queue_full(), server.answers_dialogs())
    server.shows("2", OPEN)
    async with opened(server, max_in_flight="adaptive") as client:
        await client.click(task(), "Custom Zoom")
        assert client.statistics().window < 2.0


@pytest.mark.parametrize("answer", [scripted.queue_full(), LOST, scripted.invalid()], ids=repr)
@virtual_time
async def test_what_does_not_run_takes_no_place(answer: Outcome) -> None:
    """Backing off, in doubt or refused: the place goes to the next one."""
    server = Scripted()
    server.on("imagine", answer, accepted("2"))
    server.takes_all()
    server.every_task(DONE)
    async with opened(server, max_in_flight=1) as client:
        client.imagine("a cat")
        assert (await client.imagine("a dog")).id == "2"


@virtual_time
async def test_without_a_window_all_is_sent_at_once() -> None:
    """`max_in_flight=None` bounds nothing."""
    server = Scripted()
    server.takes_all()
    server.every_task(DONE)
    async with opened(server) as client:
        assert client.statistics().window == inf
        handles = [client.imagine(f"cat {n}") for n in range(100)]
        await asyncio.sleep(1.0)
        assert len(server.sent) == 100
        await asyncio.gather(*handles)


# --- the wire -----------------------------------------------------------------------------


@virtual_time
async def test_at_most_sixteen_paying_requests_are_on_the_wire() -> None:
    """Submits, clicks and answers share sixteen places, whatever the window allows."""
    server = Scripted()
    for n in range(40):
        server.on("imagine", Later(5.0, accepted(f"1{n}")))
        server.on("action", Later(5.0, asking(f"2{n}", "p")))
        server.shows(f"2{n}", OPEN)
    server.always("modal", Later(5.0, server.answers_dialogs()))
    server.every_task(RUNNING, RUNNING, RUNNING, DONE)
    async with opened(server) as client:
        handles = [client.imagine(f"cat {n}") for n in range(40)]
        handles += [client.click(task(), "Custom Zoom") for _ in range(40)]
        for handle in handles:
            await handle
    assert len(server.sent) == 120
    assert server.most_on_the_wire == ON_THE_WIRE == 16


# --- the submit rate ----------------------------------------------------------------------


@virtual_time
async def test_the_submit_rate_holds_for_all_that_is_paid() -> None:
    """Two a second, after a burst of five; in the order of the calls."""
    server = Scripted()
    server.takes_all()
    server.every_task(DONE)
    async with opened(server, submit_rate=2.0) as client:
        await asyncio.gather(*(client.imagine(f"cat {n}") for n in range(25)))
    times = [sent.at for sent in server.sent]
    assert times[-1] - times[0] == pytest.approx(10.0, abs=0.1)
    assert all(late - early >= 0.49 for early, late in pairwise(times[5:]))
    assert [sent.body["prompt"] for sent in server.sent] == [f"cat {n}" for n in range(25)]
