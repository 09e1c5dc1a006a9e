"""Answering dialogs from a handle, before they open, while they are open, and too late."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from mjflow import (
    ModalRequired,
    TaskFailed,
    TaskLost,
)
from tests.client.worlds import mask
from tests.engine.watched import Watched
from tests.scripted import (
    DESCRIBED,
    DONE,
    FAILED,
    OPEN,
    PICTURE,
    RUNNING,
    accepted,
    asking,
    opened,
)
from tests.virtual import virtual_time

SINGLE = {**DONE, "buttons": [{"customId": c, "label": b} for c, b in (*PICTURE, *DESCRIBED)]}


def server_of(*rows: dict[str, Any]) -> Watched:
    server = Watched()
    server.takes_all()
    server.every_task(*rows)
    return server


def dialogs() -> Watched:
    """Make a server at which a click on Custom Zoom opens the dialog 9."""
    server = server_of(SINGLE)
    server.on("action", asking("9"))
    server.shows("9", OPEN)
    return server


@virtual_time
async def test_an_answer_may_be_given_before_its_dialog_opens() -> None:
    """It waits for the dialog, and nobody is told that anything is missing."""
    server = dialogs()
    server.on("modal", accepted("9"))
    async with opened(server, on_dialog="raise") as client:
        click = client.imagine("a cat").click("Vary (Region)")
        assert click.modal("a golden crown", mask(8)) is click
        wait = asyncio.ensure_future(click.wait())
        await asyncio.sleep(60)
        server.shows("9", DONE)
        assert (await wait).ended
        assert client._engine._dialogs._kept == {}
    (sent,) = server.to("modal")
    assert sent.body["prompt"] == "a golden crown"
    assert sent.body["maskBase64"].startswith("data:image/png;base64,")


@virtual_time
async def test_a_dialog_that_was_left_open_can_be_answered() -> None:
    """Who was told what it wants gives it, and waits on the same handle."""
    server = dialogs()
    server.on("modal", accepted("9"))
    async with opened(server, on_dialog="raise") as client:
        click = client.imagine("a cat").click("Custom Zoom")
        with pytest.raises(ModalRequired):
            await click
        server.shows("9", DONE)
        assert (await click.modal("a cat --zoom 1.5")).ended
    assert len(server.to("modal")) == 1


@virtual_time
async def test_a_dialog_is_answered_by_the_id_of_its_task() -> None:
    """An attached task is never answered by itself; the client's `modal` does it."""
    server = dialogs()
    server.on("modal", accepted("9"))
    async with opened(server) as client:
        with pytest.raises(ModalRequired):
            await client.attach("9")
        handle = client.modal("9", "a cat --zoom 1.5")
        await asyncio.sleep(10)
        server.shows("9", DONE)
        assert (await handle).ended
    assert [sent.body["taskId"] for sent in server.to("modal")] == ["9"]


@pytest.mark.parametrize("policy", ["auto", "raise"])
@virtual_time
async def test_modal_on_an_id_answers_whatever_the_policy(policy: str) -> None:
    """To call it is to give the answer."""
    server = dialogs()
    server.on("modal", accepted("9"))
    async with opened(server, on_dialog=policy) as client:
        handle = client.modal("9", "a cat --zoom 1.5")
        await asyncio.sleep(10)
        server.shows("9", DONE)
        assert (await handle.wait(timeout=60)).ended


@virtual_time
async def test_an_answer_for_a_dialog_that_never_opens_is_dropped() -> None:
    """The task ends as it would have."""
    server = server_of(RUNNING, DONE)
    async with opened(server) as client:
        handle = client.imagine("a cat")
        handle.modal("a golden crown")
        assert (await handle).ended
        assert client._engine._dialogs._kept == {}
    assert server.to("modal") == []


@pytest.mark.parametrize(
    ("row", "error"), [(FAILED, TaskFailed), (RUNNING, TaskLost)], ids=["failed", "lost"]
)
@virtual_time
async def test_to_answer_what_has_ended_changes_nothing(
    row: dict[str, Any], error: type[Exception]
) -> None:
    """Above all it takes no outcome back that somebody would then wait for in vain."""
    async with opened(server_of(row), deadline=30.0) as client:
        handle = client.imagine("a cat")
        with pytest.raises(error):
            await handle
        with pytest.raises(error):
            await handle.modal("a golden crown").wait(timeout=60)
        assert client._engine._dialogs._kept == {}


@virtual_time
async def test_a_dialog_that_was_answered_is_not_answered_again() -> None:
    """A second answer would start, and charge, a second task."""
    server = dialogs()
    server.on("modal", accepted("9"))
    async with opened(server) as client:
        click = client.imagine("a cat").click("Custom Zoom", prompt="a cat --zoom 1.5")
        await click.submitted()
        await asyncio.sleep(30)
        click.modal("a cat --zoom 1.8")
        assert client._engine._dialogs._kept == {}
        await asyncio.sleep(30)
        server.shows("9", DONE)
        assert (await click).ended
    assert [sent.body["prompt"] for sent in server.to("modal")] == ["a cat --zoom 1.5"]
