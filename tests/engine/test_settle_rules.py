"""What cannot be settled, or not be written; settling while the client closes."""

from __future__ import annotations

import asyncio

import pytest

from mjflow.engine.settle import WORDS, Word
from mjflow.errors import (
    CannotWrite,
    ClientClosed,
    InvalidInput,
    MjflowError,
    NoReply,
    NotSubmitted,
    SubmissionInDoubt,
)
from mjflow.fsm.events import Event
from mjflow.fsm.states import State
from mjflow.handle import TaskHandle
from mjflow.journal.memory import MemoryStore
from mjflow.journal.store import Note
from mjflow.protocol.verdicts import Reply

from .. import scripted
from ..scripted import (
    DONE,
    LOST,
    RUNNING,
    UNREAD,
    Held,
    Scripted,
    accepted,
    opened,
    outcome,
)
from ..virtual import virtual_time
from .listing import Listing, listed
from .paying import nothing_is_left, now

SAYS = [*WORDS, "that one"]


async def say(handle: TaskHandle, what: str) -> State:
    """Settle by a word, or by naming task 1."""
    if what == "that one":
        return await handle.settle(task_id="1")
    word: Word = next(word for word in WORDS if word == what)
    return await handle.settle(word)


def losing(*answers: scripted.Answer) -> Scripted:
    """Make a server that loses its first answer to an imagine."""
    server = Scripted()
    server.on("imagine", LOST, *answers)
    server.every_task(DONE)
    return server


# --- nothing to settle --------------------------------------------------------------------


@pytest.mark.parametrize("what", SAYS)
@pytest.mark.parametrize("state", ["NEW", "SUBMITTING", "SUBMITTED", "SUCCESS", "REFUSED", "LOST"])
@virtual_time
async def test_where_there_is_no_doubt_nothing_can_be_settled(state: str, what: str) -> None:
    """A look tells the state; every other word is an error that names it, and changes nothing."""
    server, held = Scripted(), Held()
    answers: dict[str, scripted.Answer] = {
        "NEW": scripted.queue_full(),
        "SUBMITTING": held,
        "REFUSED": scripted.banned("cat"),
    }
    server.on("imagine", answers.get(state, accepted("1")))
    server.always("imagine", scripted.queue_full())
    server.shows("1", {"SUCCESS": DONE, "LOST": RUNNING}.get(state, UNREAD))
    async with opened(server, deadline=60.0 if state == "LOST" else 3600.0) as client:
        handle = client.imagine("a cat")
        await asyncio.sleep(120.0 if state == "LOST" else 0.5)
        if state == "SUCCESS":
            await handle
        assert handle.state == state
        if what == "look":
            assert await handle.settle("look") == state
        else:
            with pytest.raises(InvalidInput, match=state):
                await say(handle, what)
        assert handle.state == state
        if state == "SUBMITTING":
            held.release(accepted("1"))


@pytest.mark.parametrize(
    ("word", "task_id"), [("found", None), ("absent", "1"), ("resubmit", "1"), ("look", " ")]
)
@virtual_time
async def test_words_that_make_no_sense_are_told(word: Word, task_id: str | None) -> None:
    """Before anything is looked at."""
    server = losing()
    async with opened(server) as client:
        handle = client.imagine("a cat")
        await outcome(handle)
        with pytest.raises(InvalidInput):
            await handle.settle(word, task_id=task_id)
        assert handle.state is State.IN_DOUBT


# --- journal, closing ---------------------------------------------------------------------


class Full(MemoryStore):
    """A journal that takes no person's word."""

    async def note(self, token: str, note: Note) -> None:
        if note.event in (Event.ABSENT, Event.FORCED):
            raise CannotWrite("the disk is full")
        await super().note(token, note)


@pytest.mark.parametrize("word", ["absent", "resubmit"])
@virtual_time
async def test_a_word_that_cannot_be_written_changes_nothing(word: Word) -> None:
    """Else another life would know nothing of it, and pay again or wait for ever."""
    server = losing()
    async with opened(server, journal=Full()) as client:
        handle = client.imagine("a cat", key="k")
        await outcome(handle)
        with pytest.raises(CannotWrite):
            await handle.settle(word)
        assert handle.state is State.IN_DOUBT
        assert type(await outcome(handle)) is SubmissionInDoubt
    assert server.routes == ["imagine"]


@virtual_time
async def test_a_client_that_closes_ends_a_settling() -> None:
    """It says where to go on; the doubt stays."""
    server = Listing()
    server.on("imagine", LOST)
    async with listed(server) as client:
        handle = client.imagine("a cat")
        await outcome(handle)
        server.failures = [NoReply("silence")]

        async def hang(*_: object, **__: object) -> Reply:
            await asyncio.Event().wait()
            raise AssertionError

        server.read = hang  # type: ignore[method-assign]
        settling = asyncio.ensure_future(handle.settle("absent"))
        await asyncio.sleep(1.0)
    with pytest.raises(ClientClosed):
        await settling
    assert handle.state is State.IN_DOUBT
    with pytest.raises(InvalidInput, match="closed"):
        await handle.settle("absent")
    assert nothing_is_left()


@virtual_time
async def test_a_cancelled_settling_is_carried_out() -> None:
    """A caller who goes away takes nothing back."""
    server = Listing()
    server.on("imagine", LOST, accepted("1"))
    server.every_task(DONE)
    async with listed(server) as client:
        handle = client.imagine("a cat")
        await outcome(handle)
        settling = asyncio.ensure_future(handle.settle("resubmit"))
        await asyncio.sleep(0.001)
        settling.cancel()
        with pytest.raises(asyncio.CancelledError):
            await settling
        await asyncio.sleep(1.0)
        assert (await handle).id == "1"


@pytest.mark.parametrize("word", ["absent", "resubmit"])
@virtual_time
async def test_a_word_holds_although_the_server_cannot_be_looked_at(word: Word) -> None:
    """A person may have looked elsewhere."""
    server = Listing()
    server.on("imagine", LOST, accepted("1"))
    server.every_task(DONE)
    async with listed(server) as client:
        handle = client.imagine("a cat")
        start = now()
        await outcome(handle)
        server.failures = [NoReply("silence")]
        await handle.settle(word)
        end = await outcome(handle)
        assert isinstance(end, NotSubmitted) == (word == "absent")
        assert isinstance(end, MjflowError) == (word == "absent")
        assert now() - start < 200.0
