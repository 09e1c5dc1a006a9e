"""The acts that start a task, on every kind of server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mjflow import (
    Client,
    InvalidInput,
    KeyConflict,
    NotAnApi,
    RequestRefused,
    TaskNotFound,
)
from mjflow.protocol.verdicts import Reply
from mjflow.testing import ScriptedTransport
from tests.media.pictures import JPEG, PNG
from tests.virtual import virtual_time

from .beginnings import ACTS, BASE, over_acts, scripted
from .worlds import world

#: What the server calls the tasks, where that is not the act's own name.
WORDS = {("trueai", "edits"): "EDIT"}
#: P§2.1; an old gateway is not known to lack anything, and has to be asked.
LACKS = {
    "gateway": (),
    "gateway-2025-04": ("video", "edits"),
    "trueai": (),
    "novicezk": ("shorten", "video", "edits", "swap_face"),
}


@over_acts
@pytest.mark.parametrize("profile", LACKS)
@virtual_time
async def test_an_act_ends_well_or_is_refused_for_free(profile: str, act: str) -> None:
    """Every act of P§2.1 works where it is; where it is not, the error says so and who has it."""
    async with world(simulator={"profile": profile}) as one:
        handle = ACTS[act](one.client, state="order 17")
        if act in LACKS[profile]:
            with pytest.raises(RequestRefused, match=f"does not offer '{act}'") as caught:
                await handle
            assert "paid" in caught.value.advice
            assert one.simulator.ledger.submits == []
            return
        task = await handle
        assert task.action == WORDS.get((profile, act), act.upper())
        assert task.state == "order 17"
        assert one.simulator.ledger.total == one.client.statistics().spent.total > 0


@virtual_time
async def test_a_server_known_to_lack_an_act_is_not_asked() -> None:
    """The refusal names the dialects that have it."""
    async with world(simulator={"profile": "novicezk"}, dialect="novicezk") as one:
        with pytest.raises(RequestRefused, match="'novicezk' does not offer 'shorten'") as caught:
            await one.client.shorten("a b c")
    assert caught.value.advice.endswith("It takes another server: gateway or trueai.")


@virtual_time
async def test_a_first_act_that_a_server_lacks_does_not_blame_the_address() -> None:
    """A free question tells an old gateway from a wrong base URL."""
    async with world(simulator={"profile": "gateway-2025-04"}, dialect="gateway") as one:
        with pytest.raises(RequestRefused, match="does not offer 'video'"):
            await one.client.video("it rains", image=PNG)
    server = ScriptedTransport()
    for route in ("video", "fetch"):
        server.on(route, lambda _: page())
    server.shows("0", page())
    async with Client(BASE, "sk-test", transport=server, dialect="gateway") as client:
        with pytest.raises(NotAnApi, match="no such route"):
            await client.video("it rains", image=PNG)


@virtual_time
async def test_the_same_pictures_are_the_same_act(tmp_path: Path) -> None:
    """By path, by bytes or as a data URL: one key, one task; others under it are a conflict."""
    path = tmp_path / "one.png"
    path.write_bytes(PNG)
    async with world() as one:
        first = one.client.blend([PNG, JPEG], key="mix")
        await first
        again = one.client.blend([path, JPEG], key="mix")
        assert (await again).id == first.id
        with pytest.raises(KeyConflict):
            one.client.blend([JPEG, PNG], key="mix")
    assert len(one.simulator.ledger.submits) == 1


@virtual_time
async def test_texts_are_told_and_not_downloaded(tmp_path: Path) -> None:
    """A describe shows the picture that was given: nobody wants that back."""
    async with world() as one:
        for handle in (one.client.describe(PNG), one.client.shorten("a b c d")):
            assert (await handle).final_prompt.startswith("1️⃣")
            with pytest.raises(InvalidInput, match="ended in texts"):
                await handle.download(tmp_path)
    assert list(tmp_path.iterdir()) == []


@virtual_time
async def test_what_an_act_drew_is_downloaded(tmp_path: Path) -> None:
    """Grids, single pictures and clips alike."""
    async with world() as one:
        assert len(await one.client.blend([PNG, JPEG]).download(tmp_path)) == 1
        assert len(await one.client.swap_face(PNG, JPEG).download(tmp_path)) == 1
        assert len(await one.client.video("rain", image=PNG).download(tmp_path)) == 4


# --- videos -------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", ["gateway", "trueai"])
@virtual_time
async def test_a_clip_is_made_longer(profile: str) -> None:
    """Given the handle, the task or the id of the finished video; clips count from 0."""
    async with world(simulator={"profile": profile}) as one:
        film = one.client.video("rain", image=PNG)
        task = await film
        for parent in (film, task, task.id):
            longer = await one.client.video(extend=parent, index=0, motion="HIGH")
            assert longer.ended
    assert [submit.parent for submit in one.simulator.ledger.submits] == ["", *[task.id] * 3]


@pytest.mark.parametrize("profile", ["gateway", "trueai"])
@virtual_time
async def test_a_video_that_nobody_knows_cannot_be_made_longer(profile: str) -> None:
    """It is told at once, not tried for an hour."""
    async with world(simulator={"profile": profile}) as one:
        with pytest.raises(TaskNotFound, match="does not know the task before it"):
            await one.client.video(extend="17", index=0)
    assert one.simulator.ledger.total == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "there is nothing to set in motion"),
        ({"image": PNG, "index": 0}, "wants extend="),
        ({"image": PNG, "extend": "7", "index": 0}, "takes no image="),
        ({"extend": "7"}, "index is None; it says which"),
        ({"extend": "7", "index": 4}, "index is 4"),
        ({"extend": "7", "index": True}, "index is True"),
        ({"extend": " ", "index": 0}, "the task id is empty"),
        ({"image": PNG, "motion": "fast"}, "motion is one of: low, high; not 'fast'"),
        ({"image": PNG, "batch_size": 3}, "batch_size is 1, 2 or 4, not 3"),
        ({"image": PNG, "end_image": b"x"}, "the last frame can't be used"),
        ({"image": "nowhere.png"}, "the first frame 'nowhere.png' can't be read"),
    ],
)
@virtual_time
async def test_a_video_that_cannot_be_is_refused(arguments: dict[str, Any], message: str) -> None:
    """At the call, before anything is sent."""
    async with scripted() as (client, server):
        with pytest.raises(InvalidInput, match=message):
            client.video("rain", **arguments)
        assert server.sent == []


@virtual_time
async def test_a_video_without_an_id_is_to_be_awaited_first() -> None:
    """There is nothing to name to the server yet."""
    async with scripted() as (client, _):
        film = client.video(image=PNG)
        with pytest.raises(InvalidInput, match=r"has no id yet\. Await it first"):
            client.video(extend=film, index=0)


def page() -> Reply:
    return Reply(200, b"<html><title>Shop</title></html>")
