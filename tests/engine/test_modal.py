"""`handle.modal` and `client.modal`: a person answers, before or after the dialog opens."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from mjflow.errors import (
    ModalRequired,
)

from .. import scripted
from ..scripted import (
    DONE,
    LOST,
    OPEN,
    RUNNING,
    Scripted,
    accepted,
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

# --- handle.modal -------------------------------------------------------------------------


@virtual_time
async def test_modal_answers_a_dialog_that_is_open() -> None:
    """`handle.modal` answers what ModalRequired told of, and gives the same handle back."""
    server = zooming(accepted("2"))
    async with opened(server) as client:
        handle = client.click(task(), "Vary (Region)")
        assert isinstance(await outcome(handle), ModalRequired)
        assert handle.modal("a crown", MASK) is handle
        assert (await handle).id == "2"
    assert server.to("modal")[0].body["prompt"] == "a crown"


@virtual_time
async def test_modal_may_come_before_the_dialog_opens() -> None:
    """An answer given early is sent when the dialog opens, instead of the offered prompt."""
    server = zooming(accepted("2"))
    async with opened(server) as client:
        assert (await client.click(task(), "Custom Zoom").modal(ZOOM)).id == "2"
    assert [sent.body["prompt"] for sent in server.to("modal")] == [ZOOM]


@virtual_time
async def test_modal_on_an_answered_dialog_does_nothing() -> None:
    """A dialog is answered once, however often somebody asks for it."""
    server = zooming(accepted("2"))
    async with opened(server) as client:
        handle = client.click(task(), "Custom Zoom", prompt=ZOOM)
        await handle.submitted()
        while len(server.sent) < 2:
            await asyncio.sleep(0)
        handle.modal("another")
        handle.modal("and another")
        assert (await handle).id == "2"
        handle.modal("too late")
    assert server.routes == ["action", "modal"]


@virtual_time
async def test_two_answers_at_once_are_one() -> None:
    """Who answers twice in one breath pays once, for the second."""
    server = zooming(accepted("2"))
    async with opened(server, on_dialog="raise") as client:
        handle = client.click(task(), "Custom Zoom")
        await outcome(handle)
        handle.modal("one")
        handle.modal("two")
        assert (await handle).id == "2"
    assert len(server.to("modal")) == 1


@virtual_time
async def test_a_better_answer_takes_the_place_of_one_that_waits_to_be_sent_again() -> None:
    """While a rejected answer backs off, a new one replaces it; there is only one on its way."""
    server = zooming(scripted.saturated(retry_after=60.0), accepted("2"))
    server.shows("2", *[OPEN] * 20, RUNNING, DONE)
    async with opened(server) as client:
        handle = client.click(task(), "Custom Zoom", prompt="one --zoom 2")
        await asyncio.sleep(5.0)
        handle.modal("two --zoom 2")
        assert (await handle).id == "2"
    assert [sent.body["prompt"] for sent in server.to("modal")] == ["one --zoom 2", "two --zoom 2"]


@virtual_time
async def test_modal_on_a_task_without_a_dialog_harms_nobody() -> None:
    """A handle that was refused, or is in doubt, keeps its error and its waiters theirs."""
    server = Scripted()
    server.on("imagine", scripted.invalid(), LOST, accepted("3"))
    server.shows("3", DONE)
    async with opened(server) as client:
        for _ in range(2):
            handle = client.imagine("a cat")
            before = await outcome(handle)
            handle.modal("a dog")
            await asyncio.sleep(1.0)
            assert await outcome(handle) is before
        assert (await client.imagine("a cat")).id == "3"


# --- attached tasks -----------------------------------------------------------------------


@virtual_time
async def test_an_attached_task_answers_nothing_by_itself() -> None:
    """Somebody else opened it: its dialog is told, with what it wants and offers."""
    server = Scripted()
    server.shows("2", row("MODAL", prompt="", action="INPAINT"))
    async with opened(server, on_dialog=plain) as client:
        error = await outcome(client.attach("2"))
    assert isinstance(error, ModalRequired)
    assert error.wants == "mask and prompt"
    assert server.sent == []


@pytest.mark.parametrize("policy", ["auto", "raise", plain], ids=["auto", "raise", "callable"])
@virtual_time
async def test_client_modal_answers_an_attached_id(policy: Any) -> None:
    """`client.modal(id, prompt)` is an answer by somebody who knows, whatever the policy."""
    server = Scripted()
    server.on("modal", accepted("2"))
    server.shows("2", OPEN, OPEN, RUNNING, DONE)
    async with opened(server, on_dialog=policy) as client:
        assert (await client.modal("2", ZOOM)).id == "2"
    (modal,) = server.sent
    assert (modal.body["taskId"], modal.body["prompt"]) == ("2", ZOOM)


@virtual_time
async def test_client_modal_twice_pays_once() -> None:
    """Two handles of one id answer its dialog once."""
    server = Scripted()
    server.on("modal", accepted("2"))
    server.shows("2", OPEN, OPEN, OPEN, OPEN, RUNNING, RUNNING, DONE)
    async with opened(server) as client:
        first, second = client.modal("2", ZOOM), client.modal("2", ZOOM)
        assert {(await first).id, (await second).id} == {"2"}
    assert server.routes == ["modal"]


@virtual_time
async def test_client_modal_without_the_mask_it_wants_sends_nothing() -> None:
    """The server's word for the task tells that a mask is missing, before anything is paid."""
    server = Scripted()
    server.shows("2", row("MODAL", action="INPAINT"))
    async with opened(server) as client:
        error = await outcome(client.modal("2", "a crown"))
    assert isinstance(error, ModalRequired)
    assert server.sent == []
