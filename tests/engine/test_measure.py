"""A mask is drawn in the size of the picture it is for, or nothing is paid."""

from __future__ import annotations

import base64

import pytest

from mjflow.client import Client
from mjflow.errors import InvalidInput
from mjflow.media.masks import Mask
from mjflow.media.sizes import size_from_header
from mjflow.simulator import Simulator

from ..scripted import Scripted, opened
from ..virtual import virtual_time
from ..wires import DONE, accepted, asking, task


def asking_for_a_mask() -> Scripted:
    server = Scripted()
    server.on("action", asking("2"))
    server.on("modal", accepted("2"))
    server.shows("2", DONE)
    return server


def sent_mask(server: Scripted) -> bytes:
    body = next(sent.body for sent in server.sent if sent.route == "modal")
    return base64.b64decode(body["maskBase64"].partition(",")[2])


@virtual_time
async def test_a_shape_is_drawn_in_the_size_of_its_picture() -> None:
    """The picture's header is fetched, and the mask that leaves has its size."""
    server = asking_for_a_mask()
    async with opened(server) as client:
        click = client.click(task(), "Vary (Region)", prompt="x", mask=Mask.rect(0, 0, 0.5, 0.5))
        await click
    assert len(server.measured) == 1
    assert size_from_header(sent_mask(server)) == (8, 8)


@virtual_time
async def test_a_mask_of_another_size_is_refused_before_it_is_paid() -> None:
    """A file that does not fit the picture leaves the dialog open, and no answer is sent."""
    server = asking_for_a_mask()
    async with opened(server) as client:
        wrong = Mask.file(Mask.rect(0, 0, 0.5, 1).png(16, 8))
        with pytest.raises(InvalidInput, match="16"):
            await client.click(task(), "Vary (Region)", prompt="x", mask=wrong)
    assert "modal" not in server.routes


@virtual_time
async def test_a_better_mask_may_follow_one_that_did_not_fit() -> None:
    """The click was free and its dialog is still open: `modal` answers it."""
    server = asking_for_a_mask()
    async with opened(server) as client:
        wrong = Mask.file(Mask.rect(0, 0, 0.5, 1).png(16, 8))
        click = client.click(task(), "Vary (Region)", prompt="x", mask=wrong)
        with pytest.raises(InvalidInput):
            await click
        assert (await click.modal("x", Mask.rect(0, 0, 0.5, 1))).id == "2"
    assert server.routes == ["action", "modal"]


@virtual_time
async def test_a_shape_is_taken_by_the_simulator() -> None:
    """Against a server that checks the size, a drawn mask ends in success."""
    async with (
        Simulator(threads=False) as simulator,
        Client(simulator.base_url, max_in_flight=None) as client,
    ):
        single = client.imagine("a fox --v 6.1 --ar 3:2").click("U1")
        shape = ~Mask.ellipse(0.5, 0.5, 0.2, 0.2)
        crown = await single.click("Vary (Region)", prompt="golden crown", mask=shape)
        assert crown.status == "SUCCESS"
