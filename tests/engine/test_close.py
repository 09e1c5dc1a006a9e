"""Closing: nothing new is sent, no paying request is torn, and every wait ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from mjflow.client import Client
from mjflow.engine.act import Answer, OpenDialog
from mjflow.errors import (
    ClientClosed,
    MjflowError,
    StillRunning,
    SubmissionInDoubt,
)
from mjflow.fsm.states import State
from mjflow.handle import TaskHandle
from mjflow.journal.memory import MemoryStore
from mjflow.protocol.verdicts import Outcome

from .. import scripted
from ..scripted import (
    DONE,
    LOST,
    OPEN,
    RUNNING,
    UNREACHABLE,
    Held,
    Scripted,
    accepted,
    asking,
    events,
    opened,
    outcome,
    task,
)
from ..virtual import virtual_time
from .paying import (
    nothing_is_left,
    now,
    release_in,
)

# --- on the wire --------------------------------------------------------------------------


@virtual_time
async def test_closing_waits_for_the_answer_on_the_wire_and_notes_it() -> None:
    """The last answers are heard and written; the task can be picked up by its id."""
    server, store, held = Scripted(), MemoryStore(), Held()
    server.on("imagine", held)
    async with opened(server, journal=store) as client:
        handle = client.imagine("a cat", key="k")
        waiter = asyncio.create_task(outcome(handle))
        await held.arrived.wait()
        release_in(60.0, held, accepted("1"))
        start = now()
    assert now() - start == pytest.approx(60.0, abs=0.1)
    error = await waiter
    assert isinstance(error, StillRunning)
    assert (error.task_id, handle.id, held.torn) == ("1", "1", False)
    assert await events(store, "k") == [["ACCEPTED"]]
    assert (nothing_is_left(), server.closed) == (True, True)


@virtual_time
async def test_a_journal_kept_across_a_close_has_the_task() -> None:
    """What was accepted while one client closed is watched on by the next one."""
    server, store, held = Scripted(), MemoryStore(), Held()
    server.on("imagine", held)
    server.shows("1", DONE)
    async with opened(server, journal=store) as client:
        client.imagine("a cat", key="k")
        await held.arrived.wait()
        release_in(60.0, held, accepted("1"))
    async with opened(server, journal=store) as client:
        assert (await client.imagine("a cat", key="k")).id == "1"
    assert server.routes == ["imagine"]


@virtual_time
async def test_an_answer_that_does_not_come_is_waited_for_no_longer_than_it_can_take() -> None:
    """After 95 s the request is given up as doubt."""
    server, held = Scripted(), Held()
    server.on("imagine", held)
    async with opened(server) as client:
        handle = client.imagine("a cat")
        waiter = asyncio.create_task(outcome(handle))
        await held.arrived.wait()
        start = now()
    assert now() - start == pytest.approx(95.0, abs=0.1)
    assert (handle.state, type(await waiter)) == (State.IN_DOUBT, SubmissionInDoubt)
    assert nothing_is_left()


@pytest.mark.parametrize(
    ("answer", "state", "kind"),
    [
        (scripted.queue_full(), State.WITHDRAWN, ClientClosed),
        (scripted.key_refused(), State.WITHDRAWN, ClientClosed),
        (UNREACHABLE, State.WITHDRAWN, ClientClosed),
        (LOST, State.IN_DOUBT, SubmissionInDoubt),
    ],
    ids=["queue full", "key refused", "unreachable", "lost"],
)
@virtual_time
async def test_what_is_turned_away_while_closing_is_not_sent_again(
    answer: Outcome, state: State, kind: type[MjflowError]
) -> None:
    """A no that comes while closing ends the act at once."""
    server, held = Scripted(), Held()
    server.on("imagine", held)
    async with opened(server) as client:
        handle = client.imagine("a cat")
        await held.arrived.wait()
        release_in(5.0, held, answer)
        start = now()
    assert now() - start == pytest.approx(5.0, abs=0.1)
    assert (handle.state, type(handle.outcome)) == (state, kind)
    assert server.routes == ["imagine"]


@virtual_time
async def test_closing_waits_for_the_answer_to_an_answer() -> None:
    """A dialog's answer on the wire is heard and written as well."""
    server, store, held = Scripted(), MemoryStore(), Held()
    server.on("action", asking("2", "p"))
    server.on("modal", held)
    server.shows("2", OPEN)
    async with opened(server, journal=store) as client:
        handle = client.click(task(), "Custom Zoom", key="k")
        await held.arrived.wait()
        release_in(60.0, held, accepted("2"))
        start = now()
    assert now() - start == pytest.approx(60.0, abs=0.1)
    assert (type(handle.outcome), held.torn) == (StillRunning, False)
    assert await events(store, "k") == [["DIALOG", "ANSWER_INTENT", "ANSWER_ACCEPTED"]]


@virtual_time
async def test_a_dialog_that_opens_while_closing_is_not_answered() -> None:
    """No new answer leaves; the open dialog is told as a task that still waits."""
    server, held = Scripted(), Held()
    server.on("action", held)
    async with opened(server) as client:
        handle = client.click(task(), "Custom Zoom", prompt="p")
        await held.arrived.wait()
        release_in(5.0, held, asking("2"))
        start = now()
    assert now() - start == pytest.approx(5.0, abs=0.1)
    assert (handle.state, type(handle.outcome)) == (State.MODAL, StillRunning)
    assert server.routes == ["action"]


# --- not on the wire ----------------------------------------------------------------------


def backing_off(server: Scripted, client: Client) -> TaskHandle:
    server.always("imagine", scripted.saturated(retry_after=60.0))
    return client.imagine("a cat")


def waiting_for_a_place(server: Scripted, client: Client) -> TaskHandle:
    server.on("imagine", accepted("1"))
    server.shows("1", RUNNING)
    client.imagine("a dog")
    return client.imagine("a cat")


def waiting_for_its_parent(server: Scripted, client: Client) -> TaskHandle:
    server.on("imagine", accepted("1"))
    server.shows("1", RUNNING)
    return client.imagine("a dog").click("U1")


@pytest.mark.parametrize("begin", [backing_off, waiting_for_a_place, waiting_for_its_parent])
@virtual_time
async def test_what_is_not_on_the_wire_is_withdrawn_at_once(
    begin: Callable[[Scripted, Client], TaskHandle],
) -> None:
    """Whoever waits hears ClientClosed: nothing was paid, nothing will be sent."""
    server = Scripted()
    async with opened(server, max_in_flight=1) as client:
        handle = begin(server, client)
        waiter = asyncio.create_task(outcome(handle))
        await asyncio.sleep(10.0)
        start = now()
    assert now() - start < 0.1
    assert (handle.state, type(await waiter)) == (State.WITHDRAWN, ClientClosed)
    assert server.routes == ["imagine"]
    assert nothing_is_left()


@virtual_time
async def test_waiting_for_the_breaker_is_withdrawn_at_once() -> None:
    """Closing does not wait for the next probe."""
    server = Scripted()
    server.on("imagine", accepted("1"))
    server.shows("1", DONE)
    server.always("imagine", scripted.quota_empty())
    async with opened(server) as client:
        await client.imagine("a cat")
        handles = [client.imagine(f"cat {n}") for n in range(5)]
        await asyncio.sleep(100.0)
        start = now()
    assert now() - start < 0.1
    assert {handle.state for handle in handles} == {State.WITHDRAWN}


async def never(dialog: OpenDialog) -> Answer:
    await asyncio.sleep(1e9)
    return Answer(prompt="p")


def answer_backing_off(server: Scripted, client: Client) -> TaskHandle:
    server.always("modal", scripted.saturated(retry_after=60.0))
    return client.click(task(), "Custom Zoom", prompt="p")


def callable_thinking(server: Scripted, client: Client) -> TaskHandle:
    return client.click(task(), "Custom Zoom", on_dialog=never)


@pytest.mark.parametrize("begin", [answer_backing_off, callable_thinking])
@virtual_time
async def test_an_open_dialog_is_left_open(
    begin: Callable[[Scripted, Client], TaskHandle],
) -> None:
    """Closing waits for nobody who has yet to answer: the task is handed back by its id."""
    server = Scripted()
    server.on("action", asking("2"))
    server.shows("2", OPEN)
    async with opened(server) as client:
        handle = begin(server, client)
        await asyncio.sleep(10.0)
        start = now()
    assert now() - start < 0.1
    error = handle.outcome
    assert isinstance(error, StillRunning)
    assert error.task_id == "2"
    assert nothing_is_left()


@virtual_time
async def test_an_answer_given_ahead_does_not_delay_closing() -> None:
    """An early `modal` for a click on the wire waits for no dialog once the client closes."""
    server, held = Scripted(), Held()
    server.on("action", held)
    async with opened(server) as client:
        handle = client.click(task(), "V1").modal("p")
        await held.arrived.wait()
        release_in(5.0, held, accepted("2"))
        start = now()
    assert now() - start == pytest.approx(5.0, abs=0.1)
    assert type(handle.outcome) is StillRunning
