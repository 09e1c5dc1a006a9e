"""Pictures on disk: whole, once, under the right name, whatever their hosts do."""

from __future__ import annotations

import asyncio
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from mjflow import DownloadFailed, InvalidInput
from mjflow.errors import MjflowError, NoReply, ReplyUnreadable
from tests.engine.gallery import (
    BUSY,
    CDN,
    CUT,
    TORN,
    Gallery,
    Shot,
    grid,
    names,
)
from tests.media.pictures import JPEG, MP4, PNG
from tests.scripted import DONE, accepted, opened
from tests.virtual import virtual_time

OTHER = "https://other.example/1.png"


# --- what is saved ------------------------------------------------------------------------


@virtual_time
async def test_a_picture_is_saved_with_a_sidecar_that_knows_its_hash(tmp_path: Path) -> None:
    """The file has the bytes that came, and the JSON beside it says so."""
    server = Gallery()
    server.has(CDN)
    async with opened(server) as client:
        handle = await grid(client, server)
        (saved,) = await handle.download(tmp_path)
    content = json.loads((tmp_path / "imagine-1001.png.json").read_text())
    assert saved.path == tmp_path / "imagine-1001.png"
    assert saved.path.read_bytes() == PNG
    assert content["sha256"] == saved.sha256 == hashlib.sha256(PNG).hexdigest()
    assert (content["task_id"], content["file"]) == ("1001", "imagine-1001.png")
    assert names(tmp_path) == ["imagine-1001.png", "imagine-1001.png.json"]


@virtual_time
async def test_a_sidecar_names_the_parents_from_the_root_on(tmp_path: Path) -> None:
    """Each with its id, action and the button that made it."""
    server = Gallery()
    server.has(CDN)
    server.on("action", accepted("2001"), accepted("2002"))
    async with opened(server) as client:
        last = (await grid(client, server)).click("U1").click("Zoom Out 2x")
        (saved,) = await last.download(tmp_path)
    content = json.loads(Path(f"{saved.path}.json").read_text())
    assert content["button"] == "zoom_2x"
    assert content["parents"] == [
        {"id": "1001", "action": "IMAGINE", "button": None},
        {"id": "2001", "action": "IMAGINE", "button": "U1"},
    ]


@virtual_time
async def test_the_content_says_which_extension_a_picture_has(tmp_path: Path) -> None:
    """Neither the link nor the header is believed."""
    server = Gallery()
    server.has(CDN, Shot(JPEG, content_type="image/png"))
    async with opened(server) as client:
        (saved,) = await (await grid(client, server)).download(tmp_path)
    assert saved.path.name == "imagine-1001.jpg"


@virtual_time
async def test_every_clip_of_a_video_is_saved(tmp_path: Path) -> None:
    """Four clips, four files with a sidecar each; a second time they are found."""
    server = Gallery()
    links = [f"https://cdn.example/{n}.mp4" for n in range(4)]
    for number, link in enumerate(links):
        server.has(link, Shot(MP4 + bytes([0, 0, 0, 9]) + b"free" + bytes([number])))
    async with opened(server) as client:
        row = {"videoUrls": [{"url": link} for link in links]}
        handle = await grid(client, server, **row)
        clips = await handle.download(tmp_path, name="clip")
        again = await handle.download(tmp_path, name="clip")
    assert [saved.path.name for saved in clips] == [
        "clip.mp4",
        "clip-2.mp4",
        "clip-3.mp4",
        "clip-4.mp4",
    ]
    assert [(one.path, one.reused) for one in again] == [(one.path, True) for one in clips]
    assert len(names(tmp_path)) == 8


@virtual_time
async def test_all_pictures_of_one_button_are_saved(tmp_path: Path) -> None:
    """ "Imagine all" starts several tasks: each one's picture, under its own id."""
    server = Gallery()
    server.has(CDN)
    server.on("action", accepted("21,22,23,24"))
    async with opened(server) as client:
        handle = (await grid(client, server)).click("Imagine all")
        saved = await handle.download(tmp_path)
    assert [one.path.name for one in saved] == [f"imagine_all-{n}.png" for n in (21, 22, 23, 24)]
    contents = [json.loads(Path(f"{one.path}.json").read_text()) for one in saved]
    assert [content["task_id"] for content in contents] == ["21", "22", "23", "24"]
    assert [content["parents"][0]["id"] for content in contents] == ["1001"] * 4


# --- what has no picture ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            {"action": "DESCRIBE", "properties": {"finalPrompt": "1. a cat"}},
            "task 1001 is a describe: it ended in texts.* They are in task.final_prompt.",
        ),
        ({"action": "DESCRIBE", "prompt": "1. a cat"}, "They are in task.prompt."),
        ({"action": "SHORTEN", "imageUrl": ""}, "task 1001 is a shorten: it ended in texts"),
        (
            {"action": "ACTION", "buttons": [{"customId": "MJ::Job::PicReader::all"}]},
            "task 1001 is a describe",
        ),
    ],
)
@virtual_time
async def test_a_task_that_ended_in_texts_has_nothing_to_download(
    tmp_path: Path, row: dict[str, Any], message: str
) -> None:
    """That is told at once, with the place of the texts: nothing is fetched, no folder made."""
    server = Gallery()
    server.has(CDN)
    async with opened(server) as client:
        handle = await grid(client, server, **{"buttons": [], **row})
        before = server.now
        with pytest.raises(InvalidInput, match=message):
            await handle.download(tmp_path / "out")
        assert server.now == before
    assert server.fetched == []
    assert list(tmp_path.iterdir()) == []


# --- names --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("template", "path"),
    [
        ("{id}", "1001.png"),
        ("{action}/{button}-{id}.jpg", "imagine/imagine-1001.png"),
        ("{prompt}", "cat 1001.png"),
        ("a/b/{key}", "a/b/order-17.png"),
        ("{parent}x", "x.png"),
    ],
)
@virtual_time
async def test_a_template_names_the_file(tmp_path: Path, template: str, path: str) -> None:
    """Fields of the task, folders by slashes, the extension by the content."""
    server = Gallery()
    server.has(CDN)
    server.shows("1001", {**DONE, "prompt": "cat 1001"})
    async with opened(server) as client:
        await client.imagine("a cat", key="order-17").download(tmp_path, name=template)
    assert path in names(tmp_path)


@pytest.mark.parametrize("template", ["{colour}", "{id", "../{id}", ""])
@virtual_time
async def test_a_wrong_template_is_told_before_the_wait(tmp_path: Path, template: str) -> None:
    """Nobody waits an hour for a typo."""
    server = Gallery()
    server.every_task(DONE)
    async with opened(server) as client:
        handle = client.imagine("a cat")
        with pytest.raises(InvalidInput):
            await handle.download(tmp_path, name=template)
        assert handle.outcome is None
        await handle


@virtual_time
async def test_the_same_picture_twice_is_one_file(tmp_path: Path) -> None:
    """What is there already is found by its bytes, even when both arrive at once."""
    server = Gallery()
    server.has(CDN)
    async with opened(server) as client:
        handle = await grid(client, server)
        saved = await asyncio.gather(*(handle.download(tmp_path) for _ in range(5)))
        (again,) = await handle.download(tmp_path)
    assert len({one.path for (one,) in saved}) == 1
    assert sorted(one.reused for (one,) in saved) == [False, True, True, True, True]
    assert again.reused
    assert names(tmp_path) == ["imagine-1001.png", "imagine-1001.png.json"]


@virtual_time
async def test_a_picture_that_was_deleted_or_changed_since_is_saved_again(tmp_path: Path) -> None:
    """Under its name where that is free; what somebody made of it is left alone."""
    server = Gallery()
    server.has(CDN)
    async with opened(server) as client:
        handle = await grid(client, server)
        (first,) = await handle.download(tmp_path)
        first.path.unlink()
        (deleted,) = await handle.download(tmp_path)
        first.path.write_bytes(b"mine")
        (changed,) = await handle.download(tmp_path)
        (again,) = await handle.download(tmp_path)
    assert (deleted.path, deleted.reused) == (first.path, False)
    assert (changed.path.name, changed.reused) == ("imagine-1001-2.png", False)
    assert (again.path, again.reused) == (changed.path, True)
    assert first.path.read_bytes() == b"mine"
    assert changed.path.read_bytes() == PNG


@virtual_time
async def test_two_pictures_that_want_one_name_get_two(tmp_path: Path) -> None:
    """Neither overwrites the other, and each has its own sidecar."""
    server = Gallery()
    server.has(CDN, Shot(PNG))
    server.has(OTHER, Shot(PNG + b"\n"))
    async with opened(server) as client:
        one = await grid(client, server)
        other = await grid(client, server, imageUrl=OTHER)
        await asyncio.gather(*(h.download(tmp_path, name="cat") for h in (one, other)))
    assert names(tmp_path) == ["cat-2.png", "cat-2.png.json", "cat.png", "cat.png.json"]
    for name in ("cat.png", "cat-2.png"):
        content = json.loads((tmp_path / f"{name}.json").read_text())
        digest = hashlib.sha256((tmp_path / name).read_bytes()).hexdigest()
        assert content["sha256"] == digest


# --- what breaks on the way ---------------------------------------------------------------


@pytest.mark.parametrize(
    "trouble",
    [CUT, TORN, BUSY, Shot(b"", 429), NoReply("silence"), ReplyUnreadable("not HTTP")],
    ids=["cut", "torn", "busy", "saturated", "silent", "junk"],
)
@virtual_time
async def test_what_may_pass_is_tried_again(tmp_path: Path, trouble: Shot | MjflowError) -> None:
    """Four rounds go wrong, the fifth brings the picture."""
    server = Gallery()
    server.has(CDN, trouble, trouble, trouble, trouble, Shot())
    async with opened(server) as client:
        handle = await grid(client, server)
        (saved,) = await handle.download(tmp_path)
    assert saved.path.read_bytes() == PNG
    assert server.fetched.count(CDN) == 5
    assert names(tmp_path) == ["imagine-1001.png", "imagine-1001.png.json"]


@virtual_time
async def test_a_host_that_stays_broken_is_given_up_after_five_rounds(tmp_path: Path) -> None:
    """The wait ends, and nothing is left on disk."""
    server = Gallery()
    server.has(CDN, CUT)
    async with opened(server) as client:
        handle = await grid(client, server)
        before = server.now
        with pytest.raises(DownloadFailed, match="1001"):
            await handle.download(tmp_path)
        assert 15.0 <= server.now - before <= 30.0
    assert server.fetched.count(CDN) == 5
    assert names(tmp_path) == []


@virtual_time
async def test_a_host_that_names_a_wait_is_given_it(tmp_path: Path) -> None:
    """`Retry-After` counts for pictures, too."""
    server = Gallery()
    server.has(CDN, Shot(b"", 429, retry_after=50.0), Shot())
    async with opened(server) as client:
        handle = await grid(client, server)
        before = server.now
        await handle.download(tmp_path)
        assert 50.0 <= server.now - before <= 56.0


# --- the client ---------------------------------------------------------------------------


@virtual_time
async def test_a_picture_can_be_asked_for_by_handle_task_or_id(tmp_path: Path) -> None:
    """The same picture in each case."""
    server = Gallery()
    server.has(CDN)
    async with opened(server) as client:
        handle = await grid(client, server)
        for what in (handle, await handle, "1001"):
            (saved,) = await client.download(what, tmp_path, name="cat")
            assert saved.path == tmp_path / "cat.png"


@virtual_time
async def test_after_closing_a_download_says_that_the_client_is_closed(tmp_path: Path) -> None:
    """There are no connections any more to fetch it with."""
    server = Gallery()
    server.has(CDN)
    async with opened(server) as client:
        handle = await grid(client, server)
    with pytest.raises(InvalidInput, match="the client is closed"):
        await handle.download(tmp_path)
    assert server.fetched == []
