"""Pictures that are too large: left before they fill memory, disk or time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from mjflow import InvalidInput, Mask, PictureTooLarge
from mjflow.media import whole
from tests.media.pictures import JPEG, PNG
from tests.transport.servers import Request, http
from tests.virtual import virtual_time

from .towns import Town, client_of, row, town

PICTURE = "/mj/image/1001"


def png_head(width: int, height: int) -> bytes:
    """Return the beginning of a PNG that claims a size."""
    return PNG[:16] + width.to_bytes(4, "big") + height.to_bytes(4, "big") + PNG[24:40]


def jpeg_head(width: int, height: int) -> bytes:
    """Return the beginning of a JPEG that claims a size, behind 40 kB of a camera's remarks."""
    frame = b"\xff\xc0\0\x11\x08" + height.to_bytes(2, "big") + width.to_bytes(2, "big") + b"\3" * 9
    remarks = (b"\xff\xe1" + (20_000).to_bytes(2, "big") + bytes(19_998)) * 2
    return JPEG[:2] + remarks + frame


def webp_head(width: int, height: int) -> bytes:
    """Return the beginning of a WebP that claims a size."""
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"RIFF\xff\xff\xff\x0fWEBPVP8X\x0a\0\0\0" + bytes(4) + sides


def gif_head(width: int, height: int) -> bytes:
    """Return the beginning of a GIF that claims a size."""
    return b"GIF89a" + width.to_bytes(2, "little") + height.to_bytes(2, "little") + bytes(8)


BOMBS = [
    pytest.param(png_head(100_000, 100_000), "100000 x 100000", id="png"),
    pytest.param(jpeg_head(65_000, 65_000), "65000 x 65000", id="jpeg"),
    pytest.param(webp_head(1 << 24, 1 << 24), "16777216 x 16777216", id="webp"),
    pytest.param(gif_head(65_535, 65_535), "65535 x 65535", id="gif"),
]


class Flood(Town):
    """A server whose one picture is the beginning of something, which then goes on or does not."""

    def __init__(self, head: bytes, more: bytes = b"") -> None:
        super().__init__()
        self.head, self.more, self.sent = head, more, 0
        self.accepts("imagine", "1001")
        self.shows("1001", row("1001"))

    async def act(self, request: Request, writer: asyncio.StreamWriter) -> None:
        if request.path != PICTURE:
            await super().act(request, writer)
            return
        writer.write(self.head)
        while self.more:
            writer.write(self.more)
            self.sent += len(self.more)
            await writer.drain()


@virtual_time
async def _download(server: Flood, folder: Path, words: str) -> None:
    async with town(server):
        async with client_of(server.url) as client:
            with pytest.raises(PictureTooLarge, match=words) as caught:
                await client.imagine("a cat").download(folder)
        assert "picture of task 1001" in str(caught.value)
        # No link of the task is tried a second time: the picture would be no smaller.
        assert server.paths.count(PICTURE) == 1
    assert [path.name for path in folder.iterdir()] == []


def test_length_that_is_too_large_is_not_waited_for(tmp_path: Path) -> None:
    """A picture that is announced as too large is not read: here nothing of it ever comes."""
    head = http(200, b"", length=256_000_001)
    _download(Flood(head), tmp_path, "has 257 MB, and more than 256 MB are not taken")


def test_length_that_is_not_told_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A picture that never ends is given up when it has become too large."""
    monkeypatch.setattr(whole, "MOST_BYTES", 2_000_000)
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    flood = Flood(chunked + b"20\r\n" + PNG[:32] + b"\r\n", b"10000\r\n" + bytes(65_536) + b"\r\n")
    _download(flood, tmp_path, "has 3 MB, and more than 2 MB are not taken")
    # What was under way, in the buffers of both sides, comes on top.
    assert flood.sent < 20_000_000


@pytest.mark.parametrize(("head", "size"), BOMBS)
def test_pixels_are_told_by_the_first_bytes(tmp_path: Path, head: bytes, size: str) -> None:
    """A picture that claims too many pixels is left at once: here nothing follows its header."""
    words = f"claims {size} pixels, and more than 200 megapixels are not taken"
    _download(Flood(http(200, head, length=200_000_000)), tmp_path, words)


def _whole(head: bytes) -> bytes:
    """Make a PNG that is whole of the beginning of one: some pixels, and an end."""
    return head[:33] + PNG[33:]


@pytest.fixture
def blind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the means to decode away."""

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a picture was about to be decoded")

    monkeypatch.setattr(Image, "open", refuse)


BOMB = _whole(png_head(100_000, 100_000))
#: Fewer than 200 megapixels, and more than Pillow itself decodes unasked.
LARGE = _whole(png_head(14_000, 14_000))


@pytest.mark.usefixtures("blind")
@pytest.mark.parametrize("data", [BOMB, LARGE], ids=["bomb", "large"])
def test_masks_are_weighed_before_they_are_decoded(data: bytes, tmp_path: Path) -> None:
    """A mask that would fill the memory is refused by its header, from a file as from memory."""
    path = tmp_path / "mask.png"
    path.write_bytes(data)
    for given in (data, path):
        with pytest.raises(InvalidInput, match="megapixels"):
            Mask.file(given)


@pytest.mark.usefixtures("blind")
@pytest.mark.parametrize(
    "ask",
    [
        lambda client: client.imagine("a cat", images=[BOMB]),
        lambda client: client.blend([BOMB, PNG]),
        lambda client: client.describe(BOMB),
        lambda client: client.edits(BOMB, "a hat", mask="rect:0,0,0.5,1"),
        lambda client: client.click("1001", "Vary (Region)", mask=BOMB),
    ],
    ids=["imagine", "blend", "describe", "edits", "click"],
)
async def test_pictures_that_are_given_are_weighed_before_they_are_sent(
    ask: Callable[[Any], object],
) -> None:
    """A picture that would fill the memory is refused at once, and nothing is asked of anybody."""
    async with town() as own, client_of(own.url) as client:
        with pytest.raises(InvalidInput, match="100000 x 100000 pixels"):
            ask(client)
        assert own.paths == []
