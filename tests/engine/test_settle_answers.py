"""The answer to a dialog in doubt: settled by looking, or by a person's word."""

from __future__ import annotations

import asyncio

import pytest

from mjflow.engine.settle import Word
from mjflow.errors import AnswerInDoubt, CannotWrite, InvalidInput, ModalRequired, TaskNotFound
from mjflow.fsm.events import Event
from mjflow.fsm.states import State
from mjflow.handle import TaskHandle
from mjflow.journal.memory import MemoryStore
from mjflow.journal.store import Note

from .. import scripted
from ..scripted import (
    DONE,
    LOST,
    OPEN,
    RUNNING,
    Scripted,
    accepted,
    asking,
    events,
    opened,
    outcome,
    task,
)
from ..virtual import virtual_time
from .listing import Listing, listed
from .paying import ZOOM


def losing(*answers: scripted.Answer) -> Scripted:
    """Make a server that loses the first answer to dialog 2, and goes on showing it."""
    server = Scripted()
    server.on("action", asking("2", "a cat --zoom 2"))
    server.on("modal", LOST, *answers)
    server.shows("2", OPEN)
    return server


async def told(handle: TaskHandle) -> None:
    """Wait until an answer is told in doubt."""
    assert type(await outcome(handle)) is AnswerInDoubt
    assert handle.state is State.ANSWER_IN_DOUBT


# --- look ---------------------------------------------------------------------------------


@virtual_time
async def test_a_lone_dialog_proves_nothing() -> None:
    """The server shows it whether the answer arrived or not: the doubt stays."""
    server = losing()
    async with opened(server, poll_interval=3600.0) as client:
        handle = client.click(task(), "Custom Zoom", prompt=ZOOM)
        await told(handle)
        assert await handle.settle() is State.ANSWER_IN_DOUBT
        assert [one.id for one in await client.doubts()] == ["2"]
    assert server.routes == ["action", "modal"]


@virtual_time
async def test_a_look_sees_that_the_task_has_gone_on() -> None:
    """A status other than MODAL proves that the answer was taken."""
    server = losing()
    async with opened(server, poll_interval=3600.0) as client:
        handle = client.click(task(), "Custom Zoom", prompt=ZOOM)
        await told(handle)
        server.shows("2", RUNNING)
        assert await handle.settle() is State.IN_PROGRESS
        assert handle.outcome is None


@virtual_time
async def test_an_answer_that_runs_under_an_id_of_its_own_is_found_by_its_token() -> None:
    """The dialog stays as it is for ever, and the list shows what was drawn."""
    server = Listing()
    server.on("action", asking("2", "a cat --zoom 2"))
    server.on("modal", LOST)
    server.shows("2", OPEN)
    server.shows("3", RUNNING, DONE)
    async with listed(server, poll_interval=60.0) as client:
        handle = client.click(task(), "Custom Zoom", prompt=ZOOM)
        await told(handle)
        server.has("2", server.sent[0], status="MODAL")
        assert await handle.settle() is State.ANSWER_IN_DOUBT
        server.has("3", server.sent[0])
        assert await handle.settle() is State.ANSWERING
        assert (await handle).id == "3"
        assert handle.ids == ("3", "2")
    assert server.routes == ["action", "modal"]


# --- words --------------------------------------------------------------------------------


@virtual_time
async def test_a_person_names_what_was_drawn() -> None:
    """It is read, and then it is the handle's own; the dialog's id stays beside it."""
    server, store = losing(), MemoryStore()
    server.shows("3", RUNNING, DONE)
    async with opened(server, journal=store) as client:
        handle = client.click(task(), "Custom Zoom", prompt=ZOOM, key="k")
        await told(handle)
        with pytest.raises(TaskNotFound):
            await handle.settle(task_id="4")
        assert await handle.settle(task_id="3") is State.ANSWERING
        assert (await handle).id == "3"
        assert client.statistics().spent.in_doubt == 0.0
    (noted,) = await events(store, "k")
    assert noted[:4] == ["DIALOG", "ANSWER_INTENT", "ANSWER_UNANSWERED", "ANSWER_ACCEPTED"]


@virtual_time
async def test_a_person_says_that_the_answer_never_arrived() -> None:
    """The dialog is open again and wants an answer, which the handle may give."""
    server, store = losing(), MemoryStore()
    server.on("modal", server.answers_dialogs())
    async with opened(server, journal=store) as client:
        handle = client.click(task(), "Custom Zoom", prompt=ZOOM, key="k")
        await told(handle)
        assert await handle.settle("absent") is State.MODAL
        assert type(await outcome(handle)) is ModalRequired
        await asyncio.sleep(600.0)
        assert server.routes == ["action", "modal"]
        assert (await handle.modal("a dog --zoom 1.5")).id == "2"
    assert [sent.body["prompt"] for sent in server.to("modal")] == [ZOOM, "a dog --zoom 1.5"]
    (noted,) = await events(store, "k")
    assert noted[2:5] == ["ANSWER_UNANSWERED", "ANSWER_ABSENT", "ANSWER_INTENT"]


@virtual_time
async def test_a_person_has_the_same_answer_sent_once_more() -> None:
    """The same data goes out again, once; waits go on with what comes of it."""
    server, store = losing(), MemoryStore()
    server.on("modal", server.answers_dialogs())
    async with opened(server, journal=store) as client:
        handle = client.click(task(), "Custom Zoom", prompt=ZOOM, key="k")
        child = handle.click("U1")
        await told(handle)
        server.on("action", accepted("5"))
        server.shows("5", DONE)
        assert await handle.settle("resubmit") is State.MODAL
        assert (await handle).id == "2"
        assert (await child).id == "5"
    first, second = server.to("modal")
    assert first.body == second.body
    (noted,) = await events(store, "k")
    assert noted[2:5] == ["ANSWER_UNANSWERED", "ANSWER_FORCED", "ANSWER_INTENT"]


@pytest.mark.parametrize("word", ["absent", "resubmit"])
@virtual_time
async def test_what_a_look_shows_to_run_is_not_answered_again(word: Word) -> None:
    """Presence proves, against a person's word."""
    server = losing()
    async with opened(server, poll_interval=3600.0) as client:
        handle = client.click(task(), "Custom Zoom", prompt=ZOOM)
        await told(handle)
        server.shows("2", RUNNING)
        assert await handle.settle(word) is State.IN_PROGRESS
        await asyncio.sleep(600.0)
    assert server.routes == ["action", "modal"]


@virtual_time
async def test_two_words_at_once_do_not_answer_twice() -> None:
    """The second finds the doubt given up."""
    server = losing()
    server.on("modal", server.answers_dialogs(), scripted.invalid())
    async with opened(server) as client:
        handle = client.click(task(), "Custom Zoom", prompt=ZOOM)
        await told(handle)
        await asyncio.gather(handle.settle("resubmit"), handle.settle("resubmit"))
        assert (await handle).id == "2"
    assert server.routes == ["action", "modal", "modal"]


@virtual_time
async def test_an_answer_that_comes_into_doubt_again_is_told_again() -> None:
    """Every answer is settled for itself."""
    server = losing(LOST)
    async with opened(server) as client:
        handle = client.click(task(), "Custom Zoom", prompt=ZOOM)
        await told(handle)
        await handle.settle("resubmit")
        await told(handle)
        await handle.settle("absent")
        assert type(await outcome(handle)) is ModalRequired
    assert server.routes == ["action", "modal", "modal"]


@virtual_time
async def test_an_answer_that_was_given_up_is_said_to_be_missing_for_that() -> None:
    """Something was given, and is to be given again."""
    server = losing(accepted("2"))
    async with opened(server) as client:
        handle = client.click(task(), "Custom Zoom", prompt=ZOOM)
        await told(handle)
        await handle.settle("absent")
        error = await outcome(handle)
        assert isinstance(error, ModalRequired)
        assert "settled as absent: it is to be given again" in error.message
        server.shows("2", DONE)
        assert (await handle.modal(ZOOM)).id == "2"


@virtual_time
async def test_a_dialog_that_waits_for_its_first_answer_is_no_doubt() -> None:
    """It wants data, not a word."""
    server = losing()
    async with opened(server, on_dialog="raise") as client:
        handle = client.click(task(), "Custom Zoom")
        assert type(await outcome(handle)) is ModalRequired
        assert await handle.settle() is State.MODAL
        with pytest.raises(InvalidInput, match="MODAL"):
            await handle.settle("absent")
        assert await client.doubts() == ()


class Full(MemoryStore):
    """A journal that takes no person's word."""

    async def note(self, token: str, note: Note) -> None:
        if note.event in (Event.ANSWER_ABSENT, Event.ANSWER_FORCED):
            raise CannotWrite("the disk is full")
        await super().note(token, note)


@pytest.mark.parametrize("word", ["absent", "resubmit"])
@virtual_time
async def test_a_word_that_cannot_be_written_changes_nothing(word: Word) -> None:
    """Else another life would not know that the dialog may be answered again."""
    server = losing()
    async with opened(server, journal=Full()) as client:
        handle = client.click(task(), "Custom Zoom", prompt=ZOOM, key="k")
        await told(handle)
        with pytest.raises(CannotWrite):
            await handle.settle(word)
        await told(handle)
    assert server.routes == ["action", "modal"]


class Seeing(MemoryStore):
    """A journal that takes long over a person's word."""

    async def note(self, token: str, note: Note) -> None:
        if note.event is Event.ANSWER_ABSENT:
            await asyncio.sleep(60.0)
        await super().note(token, note)


@virtual_time
async def test_a_look_that_is_quicker_than_a_word_is_not_undone_by_it() -> None:
    """In this life the task runs; in the next one its dialog is not answered again."""
    server, store = losing(), Seeing()
    async with opened(server, journal=store, poll_interval=5.0) as client:
        handle = client.click(task(), "Custom Zoom", prompt=ZOOM, key="k")
        await told(handle)
        settling = asyncio.ensure_future(handle.settle("absent"))
        await asyncio.sleep(1.0)
        server.shows("2", RUNNING)
        assert await settling is State.IN_PROGRESS
    server.shows("2", OPEN)
    async with opened(server, journal=store) as client:
        client.click(task(), "Custom Zoom", prompt=ZOOM, key="k")
        await asyncio.sleep(600.0)
    assert server.routes == ["action", "modal"]
