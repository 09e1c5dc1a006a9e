"""Where pictures are fetched: links that die, run out, or lead nowhere."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mjflow import DownloadFailed, NotAPicture
from mjflow.errors import Unreachable
from tests.engine.gallery import (
    CDN,
    FORBIDDEN,
    NOT_FOUND,
    PAGE,
    Gallery,
    Shot,
    discord,
    grid,
    names,
)
from tests.scripted import DONE, bad_gateway, opened
from tests.virtual import virtual_time

OTHER = "https://other.example/1.png"


SOON = datetime.now(UTC) + timedelta(hours=1)
PAST = datetime.now(UTC) - timedelta(hours=1)

OWN = "/mj/image/1001"


@pytest.mark.parametrize("refusal", [NOT_FOUND, FORBIDDEN, PAGE], ids=["404", "403", "page"])
@virtual_time
async def test_a_dead_link_is_replaced_by_a_fresh_one(tmp_path: Path, refusal: Shot) -> None:
    """The task is read again, and its new link is tried at once."""
    server = Gallery()
    server.has(CDN, refusal)
    server.has(OTHER)
    async with opened(server) as client:
        handle = await grid(client, server)
        server.shows("1001", {**DONE, "imageUrl": OTHER})
        before = server.now
        await handle.download(tmp_path)
        assert server.now - before < 1.0
    assert server.fetched == [CDN, OTHER]


@virtual_time
async def test_an_expired_link_is_not_even_tried(tmp_path: Path) -> None:
    """Its own parameter says that it has run out."""
    server = Gallery()
    server.has(discord(SOON))
    async with opened(server) as client:
        handle = await grid(client, server, imageUrl=discord(PAST))
        server.shows("1001", {**DONE, "imageUrl": discord(SOON)})
        await handle.download(tmp_path)
    assert server.fetched == [discord(SOON)]


@pytest.mark.parametrize("link", ["http://[junk", "https://cdn.example/1.png?ex=zz", OTHER])
@virtual_time
async def test_the_gateway_itself_is_the_last_resort(tmp_path: Path, link: str) -> None:
    """When neither link leads anywhere, `/mj/image/{id}` may."""
    server = Gallery()
    server.has(OWN)
    async with opened(server) as client:
        handle = await grid(client, server, imageUrl=link)
        await handle.download(tmp_path)
    assert server.fetched == [link, OWN]


@virtual_time
async def test_a_picture_never_stands_for_a_clip(tmp_path: Path) -> None:
    """Of a video whose link is dead, the gateway itself has only the first frame."""
    server = Gallery()
    server.has(OWN)
    async with opened(server) as client:
        handle = await grid(client, server, videoUrl="https://cdn.example/1.mp4")
        with pytest.raises(DownloadFailed, match="its host answers 404"):
            await handle.download(tmp_path)
    assert server.fetched == ["https://cdn.example/1.mp4"] * 2
    assert names(tmp_path) == []


@virtual_time
async def test_a_host_out_of_reach_is_passed_over_without_a_wait(tmp_path: Path) -> None:
    """Some networks block the picture host: the gateway's own link is tried at once."""
    server = Gallery()
    server.has(CDN, Unreachable("cdn.example took too long to connect"))
    server.has(OWN)
    async with opened(server) as client:
        handle = await grid(client, server)
        before = server.now
        await handle.download(tmp_path)
        assert server.now - before < 1.0


@virtual_time
async def test_a_task_without_a_link_is_fetched_from_the_gateway(tmp_path: Path) -> None:
    """Even if the task cannot be read again just now."""
    server = Gallery()
    server.has(OWN)
    async with opened(server) as client:
        handle = await grid(client, server, imageUrl="")
        server.shows("1001", bad_gateway())
        await handle.download(tmp_path)
    assert server.fetched == [OWN]


@virtual_time
async def test_without_any_link_the_error_says_so(tmp_path: Path) -> None:
    """A server that serves no pictures itself must name one."""
    server = Gallery()
    async with opened(server, dialect="trueai") as client:
        handle = await grid(client, server, imageUrl="")
        with pytest.raises(DownloadFailed, match="the server names no picture"):
            await handle.download(tmp_path)


@virtual_time
async def test_the_first_link_is_the_one_the_error_tells_of(tmp_path: Path) -> None:
    """All links led to web pages: that is what happened, and it is told once."""
    server = Gallery()
    server.has(CDN, PAGE)
    async with opened(server) as client:
        handle = await grid(client, server)
        with pytest.raises(DownloadFailed, match="the picture of task 1001") as raised:
            await handle.download(tmp_path)
    assert isinstance(raised.value.__cause__, NotAPicture)
    assert server.fetched == [CDN, OWN] * 2
    assert names(tmp_path) == []
