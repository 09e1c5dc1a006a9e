"""Dialogs: what opens them, and what they are answered with."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from mjflow.engine.act import Answer, OpenDialog
from mjflow.errors import (
    ModalRequired,
)
from mjflow.fsm.states import State
from mjflow.journal.memory import MemoryStore
from mjflow.protocol.task import Task

from .. import scripted
from ..scripted import (
    DONE,
    LOST,
    OPEN,
    RUNNING,
    UNREAD,
    Scripted,
    accepted,
    asking,
    events,
    opened,
    outcome,
    row,
    task,
)
from ..virtual import virtual_time
from .paying import (
    MASK,
    ZOOM,
    plain,
    zooming,
)

# --- what it is answered with -------------------------------------------------------------


@virtual_time
async def test_a_dialog_is_answered_at_once_with_what_the_click_brought() -> None:
    """Prompt and mask of the click go out as the answer, before any look."""
    server = zooming(accepted("2"))
    async with opened(server) as client:
        done = await client.click(task(), "Vary (Region)", prompt="a crown", mask=MASK)
        assert done.id == "2"
    click, modal = server.sent
    assert modal.at - click.at < 0.1
    assert modal.body == {
        "taskId": "2",
        "prompt": "a crown",
        "maskBase64": MASK.data_url(),
        "state": click.body["state"],
    }


@pytest.mark.parametrize(
    ("given", "offered", "sent"),
    [
        (ZOOM, "a cat --zoom 2", ZOOM),
        ("", "a cat --zoom 2", "a cat --zoom 2"),
        ("a barn", "a cat --zoom 2", "a barn --zoom 2"),
        ("", "", "the parent's --zoom 2"),
    ],
    ids=["the click's", "the offered one", "the click's without a zoom", "the parent's"],
)
@virtual_time
async def test_the_prompt_is_the_clicks_else_the_offered_one_else_the_parents(
    given: str, offered: str, sent: str
) -> None:
    """A blank prompt lets the offered one stand, and a blank one of these the parent's; Custom
    Zoom is always told how far (P§6.4)."""
    server = zooming(accepted("2"), offered=offered)
    async with opened(server) as client:
        await client.click(task(prompt="the parent's"), "Custom Zoom", prompt=given)
    assert server.to("modal")[0].body["prompt"] == sent


@virtual_time
async def test_a_parent_in_a_chain_gives_its_prompt_too() -> None:
    """The parent's prompt is at hand when the parent was a click that was sent again."""
    server = Scripted()
    server.on("action", LOST, asking("2", "p"), asking("3"))
    server.on("modal", accepted("2"), accepted("3"))
    server.shows("2", row("SUCCESS", buttons=scripted.PICTURE, prompt="the parent's"))
    server.shows("3", DONE)
    async with opened(server) as client:
        await client.click(task(), "Custom Zoom").click("Custom Zoom")
    assert server.to("modal")[1].body["prompt"] == "the parent's --zoom 2"


@virtual_time
async def test_without_a_mask_the_waiters_are_told_at_once() -> None:
    """Vary (Region) without a mask raises ModalRequired, which says what it wants."""
    server = zooming()
    async with opened(server) as client:
        handle = client.click(task(), "Vary (Region)", prompt="a crown")
        error = await outcome(handle)
        assert isinstance(error, ModalRequired)
        assert (error.task_id, error.wants) == ("2", "mask and prompt")
        assert error.suggested == "a cat --zoom 2"
        assert handle.state is State.MODAL
    assert server.routes == ["action"]


@virtual_time
async def test_a_dialog_left_to_a_person_holds_no_place() -> None:
    """While nobody answers, the next act takes the place in flight."""
    server = zooming()
    server.takes_all()
    server.every_task(DONE)
    async with opened(server, max_in_flight=1) as client:
        assert isinstance(await outcome(client.click(task(), "Vary (Region)")), ModalRequired)
        assert isinstance(await client.imagine("a dog"), Task)


@virtual_time
async def test_data_that_no_dialog_asked_for_is_told() -> None:
    """A click whose prompt was never asked for ends well, and says that it was not used."""
    server = Scripted()
    server.on("action", accepted("2"))
    server.shows("2", DONE)
    async with opened(server) as client:
        handle = client.click(task(), "V1", prompt="a dog")
        await handle
        assert handle.dialog_data_unused
    assert server.routes == ["action"]


# --- on_dialog ----------------------------------------------------------------------------


@virtual_time
async def test_raise_leaves_the_dialog_to_the_caller() -> None:
    """With `on_dialog="raise"` nothing is answered by itself, though all is at hand."""
    server = zooming()
    async with opened(server, on_dialog="raise") as client:
        error = await outcome(client.click(task(), "Custom Zoom", prompt=ZOOM))
        assert isinstance(error, ModalRequired)
        await asyncio.sleep(3600.0)
    assert server.routes == ["action"]


async def slow(dialog: OpenDialog) -> Answer:
    await asyncio.sleep(60.0)
    return plain(dialog)


@pytest.mark.parametrize("asked", [plain, slow])
@virtual_time
async def test_a_callable_is_asked_and_its_answer_sent(
    asked: Callable[[OpenDialog], Any],
) -> None:
    """`on_dialog` may be a plain or an async callable; it sees button and offered prompt."""
    server = zooming(accepted("2"))
    server.shows("2", *[OPEN] * 30, RUNNING, DONE)
    async with opened(server, on_dialog=asked) as client:
        await client.click(task(), "Custom Zoom")
    assert [sent.body["prompt"] for sent in server.to("modal")] == ["custom_zoom: a cat --zoom 2"]


def fails(dialog: OpenDialog) -> Answer:
    raise LookupError("no such thing")


async def fails_later(dialog: OpenDialog) -> Answer:
    await asyncio.sleep(1.0)
    raise LookupError("no such thing")


@pytest.mark.parametrize("asked", [fails, fails_later])
@virtual_time
async def test_a_callable_that_fails_is_told_to_the_waiters(
    asked: Callable[[OpenDialog], Any],
) -> None:
    """Its exception becomes a ModalRequired that names it; the client goes on."""
    server = zooming()
    async with opened(server, on_dialog=asked) as client:
        error = await outcome(client.click(task(), "Custom Zoom"))
    assert isinstance(error, ModalRequired)
    assert "no such thing" in error.message
    assert isinstance(error.__cause__, LookupError)
    assert server.routes == ["action"]


@pytest.mark.parametrize("given", [None, "a prompt"], ids=repr)
@virtual_time
async def test_a_callable_without_an_answer_leaves_the_dialog_open(given: Any) -> None:
    """None, and what is no Answer, raise ModalRequired; nothing is sent."""
    server = zooming()
    async with opened(server, on_dialog=lambda _: given) as client:
        handle = client.click(task(), "Custom Zoom")
        assert isinstance(await outcome(handle), ModalRequired)
        assert handle.state is State.MODAL
    assert server.routes == ["action"]


# --- dialogs that open only in remix mode -------------------------------------------------


@virtual_time
async def test_a_click_with_a_prompt_asks_for_a_remix_dialog() -> None:
    """`enableRemix` goes with data for a button that opens a dialog only in remix mode (P§5.3)."""
    server = Scripted()
    server.on("action", scripted.remix("2", "a cat"))
    server.on("modal", accepted("2"))
    server.shows("2", DONE)
    async with opened(server) as client:
        handle = client.click(task(), "V1", prompt="a dog")
        await handle
        assert not handle.dialog_data_unused
    assert server.sent[0].body["enableRemix"] is True
    assert server.to("modal")[0].body["prompt"] == "a dog"


@virtual_time
async def test_a_plain_click_asks_for_no_dialog() -> None:
    """Without data the click is just a click."""
    server = Scripted()
    server.on("action", accepted("2"))
    server.shows("2", DONE)
    async with opened(server) as client:
        await client.click(task(), "V1")
    assert "enableRemix" not in server.sent[0].body


@virtual_time
async def test_a_dialog_that_only_a_look_shows_is_answered() -> None:
    """A gateway that turns 21 into 1 leaves the dialog to the first look (P§3.4)."""
    server, store = Scripted(), MemoryStore()
    server.on("action", accepted("2"))
    server.on("modal", accepted("2"))
    server.shows("2", UNREAD, OPEN, OPEN, RUNNING, DONE)
    async with opened(server, journal=store) as client:
        assert (await client.click(task(), "V1", prompt="a dog", key="k")).id == "2"
    assert server.routes == ["action", "modal"]
    assert await events(store, "k") == [
        ["ACCEPTED", "DIALOG", "ANSWER_INTENT", "ANSWER_ACCEPTED", "SUCCEEDED"]
    ]
