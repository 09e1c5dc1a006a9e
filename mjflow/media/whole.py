"""Whether a picture or video came as a whole, told from its structure without decoding it."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from attrs import frozen

from mjflow.errors import NotAPicture, PictureBroken, PictureTooLarge
from mjflow.media.formats import MEASURES
from mjflow.media.kinds import HEAD_SIZE, Kind, first_words, may_begin, sniff
from mjflow.media.reading import Flaw, InMemory, OnDisk, Reader
from mjflow.media.sizes import size_from_header

__all__ = [
    "MOST_BYTES",
    "MOST_PIXELS",
    "Kind",
    "Whole",
    "check",
    "check_bytes",
    "check_head",
    "check_pixels",
    "sniff",
]

#: Bytes and pixels that a picture may have.  The largest that Midjourney makes has 17 megapixels
#: and 30 MB; what is far beyond is no mistake but an attack on memory and disk.
MOST_BYTES = 256_000_000
MOST_PIXELS = 200_000_000


@frozen
class Whole:
    """A picture or video that is all there."""

    kind: Kind
    #: Bytes.
    size: int
    #: Pixels; `None` where only a decoder could tell (AVIF, HEIC, videos).
    width: int | None
    height: int | None


def check(source: bytes | bytearray | memoryview | str | PathLike[str]) -> Whole:
    """
    Make sure that bytes, or the file at a path, are a whole picture or video.

    A file is read in small pieces where its format says where to look: 200 MB of video cost a
    few kilobytes of memory.  Blocking: run it in a thread for a file.

    Raises:
        PictureBroken: It is a picture, cut short or damaged; empty bytes count as cut short.
        NotAPicture: It is something else, such as a web page; the message quotes its first words.
        PictureTooLarge: It has more than 256 MB, or more than 200 megapixels.
        OSError: The file can't be read.
    """
    if isinstance(source, bytes | bytearray | memoryview):
        return _check(InMemory(source))
    with Path(source).open("rb") as file:
        return _check(OnDisk(file))


def _check(reader: Reader) -> Whole:
    check_bytes(reader.size)
    head = reader.head(HEAD_SIZE)
    kind = sniff(head)
    if kind is None:
        raise _no_kind(head)
    try:
        extent = MEASURES[kind](reader)
    except Flaw as flaw:
        raise PictureBroken(f"the {kind.name} is {flaw}") from None
    if extent is None:
        return Whole(kind, reader.size, None, None)
    check_pixels(*extent)
    return Whole(kind, reader.size, *extent)


def check_bytes(size: int) -> None:
    """
    Make sure that a picture, or as much of it as has come, is not too large in bytes.

    Raises:
        PictureTooLarge: It is.
    """
    if size > MOST_BYTES:
        raise PictureTooLarge(
            f"the picture has {-(-size // 1_000_000)} MB, "
            f"and more than {MOST_BYTES // 1_000_000} MB are not taken"
        )


def check_head(head: bytes) -> None:
    """
    Make sure that a picture does not claim too many pixels, from as much of it as there is.

    Raises:
        PictureTooLarge: It does.
    """
    size = size_from_header(head)
    if size is not None:
        check_pixels(*size)


def check_pixels(width: int, height: int) -> None:
    """
    Make sure that a picture is not too large in pixels.

    Raises:
        PictureTooLarge: It is.
    """
    if width * height > MOST_PIXELS:
        raise PictureTooLarge(
            f"the picture claims {width} x {height} pixels, "
            f"and more than {MOST_PIXELS // 1_000_000} megapixels are not taken"
        )


def _no_kind(head: bytes) -> NotAPicture | PictureBroken:
    if may_begin(head):
        return PictureBroken(f"the picture is cut short: {len(head)} bytes came")
    return NotAPicture(f"this is no picture; it begins with {first_words(head)}")
