"""How large a picture is, from the task or from as little of the file as possible."""

from __future__ import annotations

from collections.abc import Callable

from mjflow.media.formats import (
    WEBP_SIZES,
    extent,
    is_frame,
    jpeg_extent,
    jpeg_segments,
    webp_extent,
)
from mjflow.media.kinds import GIF, JPEG, PNG, WEBP, Kind, sniff
from mjflow.media.reading import Flaw, InMemory, Reader
from mjflow.protocol.task import Task

#: Width and height in pixels.
Size = tuple[int, int]

#: As many first bytes of a picture as tell its size, whatever metadata a camera put in front.
HEADER_BYTES = 65536


def size_of_task(task: Task) -> Size | None:
    """Tell the size of a task's result, if the server did (P§4.3); `None` if not."""
    if task.details is None:
        return None
    width, height = task.details.image_width or 0, task.details.image_height or 0
    return (width, height) if width > 0 and height > 0 else None


def size_from_header(head: bytes) -> Size | None:
    """
    Tell the size of a PNG, JPEG, WebP or GIF from its first bytes, of which 64 KB will do.

    `None` for other kinds, for what is no picture, and when the bytes do not reach far enough.
    Nothing is said about whether the rest is there.
    """
    kind = sniff(head)
    measure = _MEASURES.get(kind) if kind else None
    try:
        return measure(InMemory(head)) if measure else None
    except Flaw:
        return None


def _png(reader: Reader) -> Size | None:
    return extent(reader.at(16, 8), "big") if reader.at(12, 4) == b"IHDR" else None


def _jpeg(reader: Reader) -> Size | None:
    frames = (offset for offset, marker in jpeg_segments(reader) if is_frame(marker))
    return next((jpeg_extent(reader, offset) for offset in frames), None)


def _webp(reader: Reader) -> Size | None:
    kind = reader.at(12, 4)
    return webp_extent(reader, kind, 20) if kind in WEBP_SIZES else None


def _gif(reader: Reader) -> Size | None:
    return extent(reader.at(6, 4), "little")


_MEASURES: dict[Kind, Callable[[Reader], Size | None]] = {
    PNG: _png,
    JPEG: _jpeg,
    WEBP: _webp,
    GIF: _gif,
}
