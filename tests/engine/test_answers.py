"""A dialog is answered at most once, whatever the server goes on showing."""

from __future__ import annotations

import asyncio

import pytest

from mjflow.engine.act import Answer
from mjflow.errors import (
    CannotWrite,
    InvalidInput,
    MjflowError,
    NotSubmitted,
    PromptRefused,
    QueueFull,
    TaskNotFound,
)
from mjflow.fsm.states import State
from mjflow.journal.memory import MemoryStore
from mjflow.journal.store import Note
from mjflow.media.masks import Mask
from mjflow.protocol.verdicts import Outcome

from .. import scripted
from ..scripted import (
    DONE,
    OPEN,
    RUNNING,
    UNREACHABLE,
    Held,
    Ledger,
    Scripted,
    accepted,
    asking,
    opened,
    outcome,
    task,
)
from ..virtual import virtual_time
from .paying import (
    MASK,
    ZOOM,
    zooming,
)

# --- never twice --------------------------------------------------------------------------


@virtual_time
async def test_a_dialog_that_is_still_shown_is_not_answered_again() -> None:
    """An answered dialog may be shown for an hour more (P§5.4): one answer, one payment."""
    server = zooming(accepted("2"))
    server.shows("2", *[OPEN] * 60, RUNNING, DONE)
    async with opened(server, poll_interval=60.0) as client:
        assert (await client.click(task(), "Custom Zoom", prompt=ZOOM)).id == "2"
    assert server.routes == ["action", "modal"]


TURNED_AWAY: list[Outcome] = [
    scripted.queue_full(),
    scripted.queue_full_9(),
    scripted.saturated(),
    scripted.no_channel(),
    scripted.parent_stale(),
    UNREACHABLE,
]


@pytest.mark.parametrize("answer", TURNED_AWAY, ids=repr)
@virtual_time
async def test_a_rejected_answer_is_sent_again(answer: Outcome) -> None:
    """No room for the answer: it is sent again after a while, each time with its intent."""
    server = zooming(answer, accepted("2"))
    store = Ledger(server.log)
    async with opened(server, journal=store) as client:
        assert (await client.click(task(), "Custom Zoom", prompt=ZOOM)).id == "2"
    assert server.log == [
        *("intent 1", "sent action", "DIALOG"),
        *("ANSWER_INTENT", "sent modal", "ANSWER_REJECTED"),
        *("ANSWER_INTENT", "sent modal", "ANSWER_ACCEPTED", "SUCCEEDED"),
    ]


@virtual_time
async def test_an_answer_that_finds_no_room_for_too_long_is_an_error() -> None:
    """The admission timeout holds for answers, too; the dialog stays open for the caller."""
    server = zooming()
    server.always("modal", scripted.queue_full())
    server.shows("2", OPEN)
    async with opened(server, admission_timeout=30.0) as client:
        handle = client.click(task(), "Custom Zoom", prompt=ZOOM)
        assert type(await outcome(handle)) is QueueFull
        assert handle.state is State.MODAL
        server.on("modal", accepted("2"))
        server.shows("2", DONE)
        assert (await handle.modal(ZOOM)).id == "2"


@pytest.mark.parametrize(
    ("answer", "kind"),
    [(scripted.banned("gore"), PromptRefused), (scripted.code_3(), TaskNotFound)],
    ids=["banned word", "unknown task"],
)
@virtual_time
async def test_a_refused_answer_is_told_and_only_the_caller_answers_again(
    answer: Outcome, kind: type[MjflowError]
) -> None:
    """`auto` does not repeat what was refused; `handle.modal` with better data may."""
    server = zooming(answer)
    server.shows("2", OPEN)
    async with opened(server, poll_interval=60.0) as client:
        handle = client.click(task(), "Custom Zoom", prompt="gore --zoom 2")
        error = await outcome(handle)
        assert type(error) is kind
        await asyncio.sleep(3600.0)
        assert (server.routes, handle.state) == (["action", "modal"], State.MODAL)
        server.on("modal", accepted("2"))
        server.shows("2", RUNNING, DONE)
        assert (await handle.modal(ZOOM)).id == "2"
    assert [sent.body["prompt"] for sent in server.to("modal")] == ["gore --zoom 2", ZOOM]


@pytest.mark.parametrize("button", ["V1", "Vary (Region)"])
@pytest.mark.parametrize("answer", [scripted.invalid(), scripted.queue_full()], ids=["4", "23"])
@virtual_time
async def test_a_refused_answer_says_what_becomes_of_a_paid_click(
    answer: Outcome, button: str
) -> None:
    """Nothing was paid for the answer; for the click before it only where clicks are free."""
    server = zooming()
    server.always("modal", answer)
    server.shows("2", OPEN)
    async with opened(server, admission_timeout=30.0) as client:
        error = await outcome(client.click(task(), button, prompt="a dog", mask=_mask(button)))
    assert isinstance(error, NotSubmitted)
    charged = button == "V1"
    assert ("gives back when it drops a dialog" in error.advice) is charged
    assert ("Nothing was paid for the answer." in error.advice) is charged
    assert ("Nothing was paid. " in error.advice) is not charged


def _mask(button: str) -> Mask | None:
    return MASK if button == "Vary (Region)" else None


@virtual_time
async def test_without_its_intent_an_answer_does_not_leave() -> None:
    """A full disk before the answer: it is told, the dialog stays open, nothing is paid."""

    class Full(MemoryStore):
        async def note(self, token: str, note: Note) -> None:
            if note.event.name == "ANSWER_INTENT":
                raise CannotWrite("the disk is full")
            await super().note(token, note)

    server = zooming()
    async with opened(server, journal=Full()) as client:
        handle = client.click(task(), "Custom Zoom", prompt=ZOOM)
        assert type(await outcome(handle)) is CannotWrite
        assert handle.state is State.MODAL
    assert server.routes == ["action"]


@virtual_time
async def test_an_answer_that_is_no_text_is_refused_before_it_is_sent() -> None:
    """Half a surrogate pair cannot be sent: known at once or, later, the dialog stays open."""
    server = zooming()
    async with opened(server) as client:
        with pytest.raises(InvalidInput):
            client.click(task(), "Custom Zoom", prompt="a cat \ud83d")
        broken = Answer(prompt="a cat \ud83d")
        handle = client.click(task(), "Custom Zoom", on_dialog=lambda _: broken)
        assert isinstance(await outcome(handle), MjflowError)
        assert handle.state is State.MODAL
    assert server.routes == ["action"]


@virtual_time
async def test_two_clicks_that_lead_to_one_dialog_answer_it_once() -> None:
    """One id may belong to several acts: whichever answers first answers for all."""
    server = Scripted()
    server.on("action", asking("2", "p"), asking("2", "p"))
    server.on("modal", server.answers_dialogs())
    server.shows("2", OPEN)
    async with opened(server) as client:
        first, second = (client.click(task(), "Custom Zoom") for _ in range(2))
        assert {(await first).id, (await second).id} == {"2"}
    assert server.routes == ["action", "action", "modal"]


@virtual_time
async def test_an_answer_that_waited_for_the_wire_too_long_is_not_sent() -> None:
    """Somebody else answered while sixteen others were on the wire: ours is not needed."""
    server, held = Scripted(), [Held() for _ in range(16)]
    server.on("imagine", *held)
    server.shows("2", OPEN, OPEN, RUNNING, DONE)
    server.every_task(DONE)
    async with opened(server) as client:
        others = [client.imagine(f"cat {n}") for n in range(16)]
        await held[-1].arrived.wait()
        attached = client.modal("2", "p")
        assert (await attached).id == "2"
        for number, one in enumerate(held):
            one.release(accepted(f"1{number}"))
        await asyncio.gather(*others)
    assert "modal" not in server.routes


# --- ids ----------------------------------------------------------------------------------


@virtual_time
async def test_a_new_id_in_the_reply_is_the_one_looked_at() -> None:
    """A modal may be answered with another id (P§5.4): the old one stays as an alias."""
    server = zooming(accepted("3"))
    server.shows("2", OPEN)
    server.shows("3", RUNNING, DONE)
    async with opened(server) as client:
        handle = client.click(task(), "Custom Zoom", prompt=ZOOM)
        assert (await handle).id == "3"
        assert handle.ids == ("3", "2")
    assert server.looks == ["3", "3"]


@virtual_time
async def test_a_reply_without_an_id_goes_on_with_the_dialogs() -> None:
    """An accepted answer that names no task is about the one that was asked."""
    server = zooming(scripted.answered(1, None))
    async with opened(server) as client:
        handle = client.click(task(), "Custom Zoom", prompt=ZOOM)
        assert (await handle).id == "2"
        assert handle.ids == ("2",)
