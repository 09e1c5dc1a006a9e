"""How much of a picture is taken in."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from attrs import frozen

from mjflow.engine.bounds import bounded
from mjflow.errors import PictureTooLarge
from mjflow.media import whole
from tests.media.pictures import JPEG, PNG


@frozen
class Pieces:
    """A stream of these chunks."""

    pieces: list[bytes]
    length: int | None = None
    status: int = 200
    content_type: str = ""
    retry_after: float | None = None

    async def chunks(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            yield piece


async def _taken(stream: Pieces) -> list[bytes]:
    """Return the chunks that come through until it is too large."""
    taken: list[bytes] = []
    chunks = bounded(stream)
    with pytest.raises(PictureTooLarge):
        while True:
            taken.append(await anext(chunks))
    return taken


@pytest.mark.parametrize("data", [PNG, JPEG, b"<html>no picture</html>", b""])
@pytest.mark.parametrize("size", [1, 7, 100_000])
async def test_pictures_come_through(data: bytes, size: int) -> None:
    """What is not too large is passed on as it comes, and whatever it is."""
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    assert [chunk async for chunk in bounded(Pieces(pieces, len(data)))] == pieces


async def test_announced_length_is_believed() -> None:
    """Of what is announced as too large not a chunk is asked for."""
    assert await _taken(Pieces([PNG], 256_000_001)) == []


async def test_bytes_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not announced, or as less, is passed on until it is too much."""
    monkeypatch.setattr(whole, "MOST_BYTES", 1000)
    pieces = [bytes(400)] * 3
    assert await _taken(Pieces(pieces)) == pieces[:2]
    assert await _taken(Pieces(pieces, 10)) == pieces[:2]


async def test_pixels_are_told_as_soon_as_the_header_is_there() -> None:
    """A header may come in pieces, too."""
    claim = PNG[:16] + b"\0\1\0\0\0\1\0\0"
    assert await _taken(Pieces([claim[:10], claim[10:20], claim[20:], PNG])) == [
        claim[:10],
        claim[10:20],
    ]
