"""A submit without an answer is looked for by its token: presence proves, absence does not."""

from __future__ import annotations

import asyncio

import pytest

from mjflow.errors import MjflowError, NoReply, SubmissionInDoubt
from mjflow.fsm.states import State
from mjflow.journal.memory import MemoryStore
from mjflow.protocol.dialect import TRUEAI
from mjflow.protocol.verdicts import Outcome, Reply

from .. import scripted
from ..scripted import (
    DONE,
    FAILED,
    LOST,
    OPEN,
    RUNNING,
    Sent,
    accepted,
    events,
    outcome,
    task,
)
from ..virtual import virtual_time
from .listing import Listing, listed, takes_and_is_lost, taking
from .paying import now

WAIT = TRUEAI.lost_reply_wait


# --- found --------------------------------------------------------------------------------


@virtual_time
async def test_a_task_whose_answer_was_lost_is_found_by_its_token() -> None:
    """The waiter gets the result and never hears of the doubt; one request was sent."""
    server, store = taking("1"), MemoryStore()
    async with listed(server, journal=store) as client:
        handle = client.imagine("a cat", key="k")
        assert (await handle).id == "1"
        assert await client.doubts() == ()
        assert client.statistics().spent.charged == 0.1
        assert client.statistics().spent.in_doubt == 0.0
    assert server.routes == ["imagine"]
    assert await events(store, "k") == [["UNANSWERED", "FOUND", "SUCCEEDED"]]


@virtual_time
async def test_what_waits_behind_a_doubt_goes_on_when_the_task_is_found() -> None:
    """Clicks chained to a task that is looked for are sent when it has ended, and no sooner."""
    server = taking("1")
    server.on("action", accepted("2"))
    async with listed(server) as client:
        last = client.imagine("a cat").click("U1")
        assert (await last).id == "2"
    assert server.routes == ["imagine", "action"]


@virtual_time
async def test_a_click_is_found_like_any_other_submit() -> None:
    """The token of a click is in its state, too."""
    server = Listing()
    server.on("action", takes_and_is_lost(server, "2"))
    server.shows("2", DONE)
    async with listed(server) as client:
        assert (await client.click(task(), "U1")).id == "2"
    assert server.routes == ["action"]


@virtual_time
async def test_a_task_that_turns_up_late_is_found_late() -> None:
    """A server may carry out what it was sent long after the connection broke."""
    server = Listing()
    server.on("imagine", LOST)
    server.every_task(DONE)
    async with listed(server) as client:
        handle = client.imagine("a cat")
        await asyncio.sleep(WAIT - 20.0)
        server.has("1", server.sent[0])
        assert (await handle).id == "1"


@virtual_time
async def test_a_task_that_failed_meanwhile_is_found_as_a_failure() -> None:
    """What was found is looked at like any other task, and its money comes back."""
    server = taking("1")
    server.shows("1", FAILED)
    async with listed(server) as client:
        handle = client.imagine("a cat")
        await outcome(handle)
        assert (handle.state, handle.id) == (State.FAILURE, "1")
        spent = client.statistics().spent
    assert (spent.charged, spent.refunded, spent.in_doubt) == (0.1, 0.1, 0.0)


@virtual_time
async def test_several_tasks_of_one_button_are_found_together() -> None:
    """ "Imagine all" starts several tasks under one token; each gets a handle."""
    server = Listing()

    def answer(request: Sent) -> Outcome:
        for task_id in "234":
            server.has(task_id, request)
        return LOST

    server.on("action", answer)
    server.every_task(DONE)
    async with listed(server) as client:
        handle = client.click(task(), "Imagine all")
        await handle
        assert [child.id for child in handle.children] == ["2", "3", "4"]


@virtual_time
async def test_a_dialog_that_is_found_is_answered() -> None:
    """A remix click whose answer was lost opens its dialog all the same."""
    server = Listing()
    server.on("action", takes_and_is_lost(server, "2", status="MODAL"))
    server.shows("2", OPEN)
    server.on("modal", server.answers_dialogs())
    async with listed(server) as client:
        assert (await client.click(task(), "Vary (Strong)", prompt="a dog")).id == "2"
    assert server.routes == ["action", "modal"]


@virtual_time
async def test_what_was_found_takes_its_place_in_flight() -> None:
    """A task in doubt holds no place, one that was found does, and gives it back at its end."""
    server = taking("1")
    server.shows("1", RUNNING)
    async with listed(server, max_in_flight=1) as client:
        handle = client.imagine("a cat")
        await handle.submitted()
        assert client.statistics().in_flight == 1
        server.shows("1", DONE)
        await handle
        assert client.statistics().in_flight == 0


# --- not found ----------------------------------------------------------------------------


@virtual_time
async def test_what_is_not_found_in_time_is_told_in_doubt_and_stays_so() -> None:
    """After two minutes the waiter hears what was looked at; nothing is ever sent again."""
    server, store = Listing(), MemoryStore()
    server.on("imagine", LOST)
    server.rows = [{**RUNNING, "id": str(n), "state": "theirs"} for n in range(7)]
    async with listed(server, journal=store) as client:
        start = now()
        handle = client.imagine("a cat", key="k")
        error = await outcome(handle)
        assert isinstance(error, SubmissionInDoubt)
        assert (error.token, error.key) == (server.sent[0].token, "k")
        assert f"looked for {len(server.reads)} times in 120 s" in error.message
        assert "not among the 7 tasks that the server lists, which is no proof" in error.message
        assert now() - start == pytest.approx(WAIT, abs=1.0)
        await asyncio.sleep(86400.0)
        assert handle.state is State.IN_DOUBT
        assert [one.key for one in await client.doubts()] == ["k"]
    assert server.routes == ["imagine"]
    assert await events(store, "k") == [["UNANSWERED"]]


@virtual_time
async def test_at_a_gateway_nothing_is_looked_for() -> None:
    """A task without an id cannot be read there: doubt is told at once, by one request."""
    server = Listing()
    server.on("imagine", LOST)
    async with listed(server, dialect="gateway") as client:
        start = now()
        assert type(await outcome(client.imagine("a cat"))) is SubmissionInDoubt
        assert now() - start < 0.1
    assert server.reads == []


@pytest.mark.parametrize(
    "failure",
    [NoReply("silence"), scripted.bad_gateway(), scripted.key_refused(), scripted.web_page()],
    ids=repr,
)
@virtual_time
async def test_a_list_that_cannot_be_read_leaves_a_doubt(failure: Reply | MjflowError) -> None:
    """Failed reads prove nothing and end nothing early; the error says that none worked."""
    server = taking("1")
    server.failures = [failure]
    async with listed(server) as client:
        start = now()
        error = await outcome(client.imagine("a cat"))
        assert isinstance(error, SubmissionInDoubt)
        assert "list of tasks could not be read" in error.message
        assert now() - start == pytest.approx(WAIT, abs=1.0)


@virtual_time
async def test_a_client_that_closes_before_the_first_look_says_so() -> None:
    """The list was never asked for, so nothing is wrong with it."""
    server = taking("1")
    async with listed(server) as client:
        handle = client.imagine("a cat")
        await asyncio.sleep(0.5)
        assert handle.state is State.IN_DOUBT
    error = await outcome(handle)
    assert isinstance(error, SubmissionInDoubt)
    assert "the client was closed before it could be looked for" in error.message
    assert server.reads == []


@virtual_time
async def test_one_read_that_works_is_enough() -> None:
    """Failed reads are tried again."""
    server = taking("1")
    server.failures = [NoReply("silence")] * 3
    async with listed(server) as client:
        asyncio.get_running_loop().call_later(30.0, server.failures.clear)
        assert (await client.imagine("a cat")).id == "1"


@virtual_time
async def test_a_list_that_never_comes_ends_the_wait_all_the_same() -> None:
    """A read that hangs is cut off."""
    server = Listing()
    server.on("imagine", LOST)

    async def hang(*_: object, **__: object) -> Reply:
        await asyncio.Event().wait()
        raise AssertionError

    server.read = hang  # type: ignore[method-assign]
    async with listed(server) as client:
        start = now()
        error = await outcome(client.imagine("a cat"))
        assert isinstance(error, SubmissionInDoubt)
        assert now() - start < WAIT + 61.0


@virtual_time
async def test_a_token_of_somebody_else_is_not_ours() -> None:
    """Only the token of this very attempt is looked for."""
    server = Listing()
    server.on("imagine", LOST)
    server.rows = [
        {**DONE, "id": "8", "state": "mj1.aaaaaaaaaaaaaaaaaaaa:a cat"},
        {**DONE, "id": "9", "state": ""},
    ]
    async with listed(server) as client:
        assert type(await outcome(client.imagine("a cat"))) is SubmissionInDoubt
