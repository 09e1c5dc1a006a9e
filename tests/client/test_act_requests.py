"""What goes out for each act, and what is refused before anything does."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import pytest

from mjflow import Button, InvalidInput, Status, Task
from tests.media.pictures import JPEG, PNG
from tests.virtual import virtual_time

from .beginnings import ACTS, LINK, Begin, over_acts, scripted

ZOOM = "MJ::CustomZoom::5c2b3a0e-8c5e-4f0c-9d4f-0a1b2c3d4e5f"


@virtual_time
async def test_links_and_pictures_go_where_they_belong() -> None:
    """A link is passed on where a server may fetch it, and has a field of its own at times."""
    async with scripted() as (client, server):
        await client.describe(LINK, language="zh").submitted()
        await client.describe(PNG, bot_type="NIJI_JOURNEY").submitted()
        await client.video(image=LINK, end_image=LINK, loop=True, batch_size=1).submitted()
        await client.edits(LINK, "a — b --v 6").submitted()
        await client.video(extend="7", index=3, video_type="vid_1.1_i2v_720").submitted()
    described, drawn, film, edited, longer = (without(sent.body, "state") for sent in server.sent)
    assert described == {"link": LINK, "language": "zh"}
    assert set(drawn) == {"base64", "botType"}
    assert film == {
        "prompt": "",
        "motion": "low",
        "image": LINK,
        "endImage": LINK,
        "loop": True,
        "batchSize": 1,
    }
    assert edited == {"image": LINK, "prompt": "a — b --v 6"}
    assert longer == {
        "prompt": "",
        "motion": "low",
        "action": "extend",
        "taskId": "7",
        "index": 3,
        "videoType": "vid_1.1_i2v_720",
    }


@virtual_time
async def test_a_mask_goes_out_twice() -> None:
    """As a hole in the picture, and as itself for the servers that read that (P§2.11)."""
    async with scripted() as (client, server):
        await client.edits(JPEG, "a hat", mask="rect:0.5,0,1,1").submitted()
    body = server.sent[0].body
    assert body["image"].startswith("data:image/png;base64,")
    assert body["maskBase64"].startswith("data:image/png;base64,")


@over_acts
@virtual_time
async def test_fields_of_a_vendor_reach_the_wire(act: str) -> None:
    """And so do those that all acts share."""
    more: dict[str, Any] = {
        "extra": {"noStorage": True, "vendor": {"a": [1]}},
        "account_filter": {"modes": ["FAST"]},
        "notify_hook": "https://hook.example/",
        "mode": "fast",
    }
    async with scripted() as (client, server):
        await ACTS[act](client, **more).submitted()
    (sent,) = server.sent
    assert sent.path.startswith("/mj-fast/mj/")
    assert sent.body["noStorage"] is True
    assert sent.body["vendor"] == {"a": [1]}
    assert sent.body["accountFilter"] == {"modes": ["FAST"]}
    assert sent.body["notifyHook"] == "https://hook.example/"


@over_acts
@virtual_time
async def test_fields_of_a_vendor_replace_none_of_ours(act: str) -> None:
    """The field is named, at the call; so is what cannot be written as JSON."""
    async with scripted() as (client, server):
        with pytest.raises(InvalidInput, match=r"extra= cannot replace .*state"):
            ACTS[act](client, extra={"state": "mine", "x": 1})
        with pytest.raises(InvalidInput, match="cannot be written as JSON"):
            ACTS[act](client, extra={"x": object()})
        assert server.sent == []


@virtual_time
async def test_fields_of_a_vendor_go_with_clicks_and_their_answers() -> None:
    """The answer to a dialog is what draws, so it has them as well."""
    more: dict[str, Any] = {"extra": {"noStorage": True}, "notify_hook": "https://hook.example/"}
    async with scripted() as (client, server):
        server.on("action", {"code": 21, "result": "1002", "properties": {"remix": True}})
        server.on("modal", {"code": 1, "result": "1002"})
        server.on("change", {"code": 1, "result": "1003"})
        server.shows("1002", {"status": "MODAL"}, {"status": "SUCCESS", "imageUrl": LINK})
        grid = Task(id="7", status=Status.SUCCESS, buttons=(Button(custom_id=ZOOM),))
        await client.click(grid, "custom zoom", prompt="a cat --zoom 1.5", **more)
        await client.change(grid, "upscale", 2, state="order 17", **more).submitted()
    assert [sent.route for sent in server.sent] == ["action", "modal", "change"]
    for sent in server.sent:
        assert sent.body["noStorage"] is True
        assert sent.body["notifyHook"] == "https://hook.example/"
    assert server.sent[-1].body["state"].endswith(":order 17")


@over_acts
@virtual_time
async def test_an_unknown_option_is_refused(act: str) -> None:
    """Every act takes the options of the client, and no others."""
    async with scripted() as (client, server):
        with pytest.raises(InvalidInput, match="there is no option 'timeout'"):
            ACTS[act](client, timeout=5)
        assert server.sent == []


# --- what cannot be -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("begin", "message"),
    [
        (lambda c: c.imagine("  "), "the prompt is empty"),
        (lambda c: c.imagine("a cat", images=[LINK]), "the reference picture 1 is a link"),
        (lambda c: c.imagine("a cat", images=PNG), "a list of pictures, not one"),
        (lambda c: c.blend([PNG]), "a blend takes 2 to 5 pictures, not 1"),
        (lambda c: c.blend([PNG] * 6), "a blend takes 2 to 5 pictures, not 6"),
        (lambda c: c.blend([PNG, PNG], dimensions="round"), "one of: portrait, square, landscape"),
        (lambda c: c.describe(b"hello"), "the picture to describe can't be used"),
        (lambda c: c.shorten(""), "the prompt is empty"),
        (lambda c: c.edits(PNG, " "), "the prompt is empty"),
        (lambda c: c.edits(LINK, "a hat", mask="rect:0,0,0.5,1"), "the picture to edit is a link"),
        (lambda c: c.edits(PNG, "a hat", mask="rect:0,0,1"), "rect"),
        (lambda c: c.swap_face(PNG, PNG), "are the same"),
        (lambda c: c.swap_face(PNG, LINK), "the picture to put the face into is a link"),
    ],
)
@virtual_time
async def test_what_cannot_work_is_refused_at_the_call(begin: Begin, message: str) -> None:
    """Nothing is sent, and the message says which argument is at fault."""
    async with scripted() as (client, server):
        with pytest.raises(InvalidInput, match=message):
            begin(client)
        assert server.sent == []


@virtual_time
async def test_prompts_of_all_acts_are_mended(caplog: pytest.LogCaptureFixture) -> None:
    """A long dash before a parameter costs a wrong picture, whatever the act."""
    async with scripted() as (client, server):
        with caplog.at_level(logging.WARNING, "mjflow"):
            await client.imagine("a cat —v 6").submitted()
            await client.shorten("a cat —v 6").submitted()
            await client.video("a cat —v 6", image=PNG).submitted()
            await client.edits(PNG, "a cat —v 6").submitted()
    assert [sent.body["prompt"] for sent in server.sent] == ["a cat --v 6"] * 4
    assert caplog.text.count("long dashes were mended") == 4


def without(body: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in body.items() if key != name}
