"""Closing out of the ordinary: by an exception, by Ctrl-C, by a second one, at any moment."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

import pytest

from mjflow.errors import (
    AnswerInDoubt,
    ClientClosed,
    MjflowError,
    StillRunning,
    SubmissionInDoubt,
)
from mjflow.fsm.states import State
from mjflow.handle import TaskHandle

from ..scripted import (
    DONE,
    OPEN,
    RUNNING,
    Held,
    Scripted,
    accepted,
    asking,
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


@virtual_time
async def test_an_exception_in_the_body_closes_in_the_same_way() -> None:
    """The answer is heard first; then the body's own exception comes out, as it is."""
    server, held = Scripted(), Held()
    server.on("imagine", held)
    with pytest.raises(LookupError, match="mine"):
        async with opened(server) as client:
            handle = client.imagine("a cat")
            await held.arrived.wait()
            release_in(5.0, held, accepted("1"))
            raise LookupError("mine")
    assert (handle.id, held.torn, type(handle.outcome)) == ("1", False, StillRunning)
    assert nothing_is_left()


async def hold(server: Scripted, held: Held, handles: list[TaskHandle]) -> None:
    """Keep a client open around one request on the wire."""
    server.on("imagine", held)
    async with opened(server) as client:
        handles.append(client.imagine("a cat"))
        await asyncio.sleep(1e6)


@virtual_time
async def test_a_cancelled_body_closes_in_the_same_way() -> None:
    """Ctrl-C while a request is on the wire: the answer is heard, then the cancellation goes on."""
    server, held, handles = Scripted(), Held(), list[TaskHandle]()
    body = asyncio.create_task(hold(server, held, handles))
    await held.arrived.wait()
    body.cancel()
    release_in(30.0, held, accepted("1"))
    start = now()
    with pytest.raises(asyncio.CancelledError):
        await body
    assert now() - start == pytest.approx(30.0, abs=0.1)
    assert (handles[0].id, held.torn) == ("1", False)
    assert (nothing_is_left(), server.closed) == (True, True)


@virtual_time
async def test_a_second_cancellation_leaves_at_once_with_doubt() -> None:
    """Who presses Ctrl-C twice does not wait; what was on the wire is in doubt."""
    server, held, handles = Scripted(), Held(), list[TaskHandle]()
    body = asyncio.create_task(hold(server, held, handles))
    await held.arrived.wait()
    waiter = asyncio.create_task(outcome(handles[0]))
    body.cancel()
    await asyncio.sleep(10.0)
    body.cancel()
    start = now()
    with pytest.raises(asyncio.CancelledError):
        await body
    assert now() - start < 0.1
    error = await waiter
    assert isinstance(error, SubmissionInDoubt)
    assert error.token == server.sent[0].token
    assert (handles[0].state, held.torn) == (State.IN_DOUBT, True)
    assert (nothing_is_left(), server.closed) == (True, True)


@virtual_time
async def test_a_second_cancellation_leaves_doubt_about_an_answer() -> None:
    """The same of an answer to a dialog."""
    server, held, handles = Scripted(), Held(), list[TaskHandle]()
    server.on("action", asking("2", "p"))
    server.on("modal", held)
    server.shows("2", OPEN)

    async def run() -> None:
        async with opened(server) as client:
            handles.append(client.click(task(), "Custom Zoom"))
            await asyncio.sleep(1e6)

    body = asyncio.create_task(run())
    await held.arrived.wait()
    body.cancel()
    await asyncio.sleep(10.0)
    body.cancel()
    with pytest.raises(asyncio.CancelledError):
        await body
    assert (handles[0].state, type(handles[0].outcome)) == (State.ANSWER_IN_DOUBT, AnswerInDoubt)
    assert nothing_is_left()


@pytest.mark.parametrize("moment", range(20))
@pytest.mark.parametrize("button", ["U1", "Vary (Region)", "Custom Zoom"])
@virtual_time
async def test_closing_at_any_moment_ends_every_wait(moment: int, button: str) -> None:
    """However far a chain has come, all its waits end, and nothing is sent after the close."""
    server = Scripted()
    server.always("imagine", accepted("1"))
    server.always("action", asking("2", "p") if button != "U1" else accepted("2"))
    server.always("modal", accepted("2"))
    server.every_task(RUNNING, DONE)
    async with opened(server, poll_interval=1.0) as client:
        first = client.imagine("a cat")
        second = first.click(button)
        waits: list[Awaitable[object]] = [
            asyncio.create_task(outcome(handle))
            for handle in (first, second, second.click("Vary (Strong)"))
        ]
        for _ in range(moment):
            await asyncio.sleep(0.1)
    sent = len(server.sent)
    await asyncio.wait_for(asyncio.gather(*waits), 1.0)
    await asyncio.sleep(3600.0)
    assert len(server.sent) == sent
    assert nothing_is_left()


@virtual_time
async def test_nothing_is_taken_on_after_the_close() -> None:
    """A closed client says so, and sends nothing."""
    server = Scripted()
    async with opened(server) as client:
        pass
    with pytest.raises(MjflowError, match="closed"):
        client.imagine("a cat")
    assert server.sent == []


@virtual_time
async def test_nothing_is_sent_that_is_asked_for_during_the_close() -> None:
    """While the last answer is waited for, a new act is withdrawn at once."""
    server, held, handles = Scripted(), Held(), list[TaskHandle]()
    server.on("imagine", held)
    async with opened(server) as client:
        client.imagine("a cat")
        await held.arrived.wait()
        release_in(60.0, held, accepted("1"))
        begin = lambda: handles.append(client.imagine("a dog"))  # noqa: E731
        asyncio.get_running_loop().call_later(30.0, begin)
    assert [type(handle.outcome) for handle in handles] == [ClientClosed]
    assert server.routes == ["imagine"]
