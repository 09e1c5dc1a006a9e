"""Dialogs that only a look shows, and words that come too late to open one again."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from mjflow.engine.act import Answer, OpenDialog
from mjflow.errors import ModalRequired
from mjflow.fsm.states import State
from mjflow.journal.memory import MemoryStore
from mjflow.protocol.task import Task
from mjflow.protocol.verdicts import Outcome

from .. import scripted
from ..scripted import (
    DONE,
    OPEN,
    RUNNING,
    UNREAD,
    Held,
    Scripted,
    accepted,
    events,
    opened,
    outcome,
    task,
)
from ..virtual import virtual_time
from .paying import ZOOM, zooming

OFFERED = {**OPEN, "properties": {"finalPrompt": "a quiet valley"}}


def hiding(shown: dict[str, Any] = OFFERED) -> Scripted:
    """Make a gateway whose answer to a click says nothing of the dialog that it opened."""
    server = Scripted()
    server.on("action", accepted("2"))
    server.on("modal", server.answers_dialogs())
    server.shows("2", UNREAD, shown)
    return server


def plain(dialog: OpenDialog) -> Answer:
    return Answer(prompt=f"{dialog.button}: {dialog.suggested}")


async def slow(dialog: OpenDialog) -> Answer:
    await asyncio.sleep(60.0)
    return plain(dialog)


def fails(dialog: OpenDialog) -> Answer:
    raise LookupError("no such thing")


def misspells(dialog: OpenDialog) -> Answer:
    return Answer(prompt=None, mask="rectangle")  # type: ignore[arg-type]


# --- seen by a look -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("policy", "sent"),
    [("auto", "a quiet valley"), (plain, "V1: a quiet valley"), (slow, "V1: a quiet valley")],
    ids=["auto", "plain", "slow"],
)
@virtual_time
async def test_it_is_answered_as_any_other(policy: Any, sent: str) -> None:
    """What it offers is read off the task, for no reply told of it (P§3.4)."""
    server = hiding()
    async with opened(server, on_dialog=policy) as client:
        assert isinstance(await client.click(task(), "V1"), Task)
    assert [one.body["prompt"] for one in server.to("modal")] == [sent]


@pytest.mark.parametrize("policy", ["raise", fails, misspells, lambda _: None, lambda _: 5])
@virtual_time
async def test_it_is_left_open_as_any_other(policy: Any) -> None:
    """Its waiters are told what it offers, and nothing is sent."""
    server = hiding()
    async with opened(server, on_dialog=policy) as client:
        handle = client.click(task(), "V1")
        error = await outcome(handle)
        assert isinstance(error, ModalRequired)
        assert (error.suggested, error.wants) == ("a quiet valley", "prompt")
        assert handle.state is State.MODAL
    assert server.routes == ["action"]


@pytest.mark.parametrize(("button", "text"), [("1", "a quiet valley"), ("2", "a lake --ar 3:2")])
@virtual_time
async def test_without_an_offer_the_text_of_the_button_is_drawn(button: str, text: str) -> None:
    """A describe ends with all its texts in one (P§2.8); each number stands for its own."""
    server = hiding(OPEN)
    texts = "1️⃣ a quiet valley\n\n2️⃣ a lake --ar 3:2"
    buttons = [{"customId": f"MJ::Job::PicReader::{n}"} for n in range(1, 5)]
    async with opened(server) as client:
        await client.click(task(prompt=texts, buttons=buttons), button)
    assert [one.body["prompt"] for one in server.to("modal")] == [text]


@virtual_time
async def test_a_number_without_a_text_is_asked_about() -> None:
    """Nobody has said what to draw: not all texts at once, to be sure."""
    server = hiding(OPEN)
    buttons = [{"customId": "MJ::Job::PicReader::3"}]
    async with opened(server) as client:
        handle = client.click(task(prompt="1️⃣ a quiet valley", buttons=buttons), "3")
        assert isinstance(await outcome(handle), ModalRequired)
    assert server.routes == ["action"]


# --- asked for, or not --------------------------------------------------------------------


@virtual_time
async def test_a_remix_dialog_may_be_asked_for_without_data() -> None:
    """`enable_remix=True` opens it, and what it offers is sent back."""
    server = Scripted()
    server.on("action", scripted.remix("2", "a cat --v 6.1"))
    server.on("modal", server.answers_dialogs())
    async with opened(server) as client:
        await client.click(task(), "V1", enable_remix=True)
    assert server.sent[0].body["enableRemix"] is True
    assert server.to("modal")[0].body["prompt"] == "a cat --v 6.1"


@virtual_time
async def test_a_remix_dialog_may_be_declined_with_data() -> None:
    """`enable_remix=False` asks for none; the data serves an account that asks by itself."""
    server = Scripted()
    server.on("action", accepted("2"))
    server.shows("2", DONE)
    async with opened(server) as client:
        handle = client.click(task(), "V1", prompt="a dog", enable_remix=False)
        await handle
        assert handle.dialog_data_unused
    assert server.sent[0].body["enableRemix"] is False


# --- too late -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "late",
    [scripted.queue_full(), scripted.banned("gore"), scripted.saturated()],
    ids=["rejected", "refused", "saturated"],
)
@virtual_time
async def test_a_no_to_the_answer_of_a_task_that_runs_opens_nothing(late: Outcome) -> None:
    """Looks proved the answer while its reply was on the way; a stale look changes nothing."""
    held = Held()
    server, store = zooming(held), MemoryStore()
    server.shows("2", OPEN, RUNNING, OPEN)
    async with opened(server, journal=store) as client:
        handle = client.click(task(), "Custom Zoom", prompt=ZOOM, key="k")
        while handle.state is not State.IN_PROGRESS:
            await asyncio.sleep(1.0)
        held.release(late)
        await asyncio.sleep(120.0)
        assert (handle.state, handle.outcome) == (State.IN_PROGRESS, None)
        server.shows("2", DONE)
        assert (await handle).id == "2"
    assert server.routes == ["action", "modal"]
    assert await events(store, "k") == [["DIALOG", "ANSWER_INTENT", "SUCCEEDED"]]
