"""
Masks for Vary (Region): which part of a picture is to be painted anew.

On the wire a mask is a PNG in a data URL, of the same size in pixels as the picture; black keeps,
white repaints (P§11.3).
"""

from __future__ import annotations

import os
from base64 import b64encode
from io import BytesIO
from pathlib import Path

from attrs import field, frozen

from mjflow.errors import InvalidInput, NotAPicture, PictureBroken
from mjflow.media.kinds import PNG
from mjflow.media.whole import Whole, check

# The only prefix that every server takes off correctly (P§11.3).
_DATA_URL = "data:image/png;base64,"

# Bytes.  A request must stay below 30 MB (P§11.3), and base64 adds a third.
_LARGEST = 20_000_000

_BLACK = (0, 0, 0, 255)


@frozen
class Mask:
    """
    A mask: black keeps, white repaints.

    It must be as large, in pixels, as the picture it is laid over; the server checks that only
    after the task was paid.
    """

    #: The PNG file that is sent.
    png: bytes = field(repr=False)
    #: Pixels.
    width: int
    height: int

    @classmethod
    def file(cls, path: str | os.PathLike[str]) -> Mask:
        """
        Read a mask from a picture file, now.

        A PNG is sent as it is; another kind is converted, which takes Pillow (extra `images`).

        Raises:
            InvalidInput: The file is missing, unreadable, too large, or no whole picture.
        """
        return load_mask(path)

    def data_url(self) -> str:
        """Give the text that goes over the wire."""
        return _DATA_URL + b64encode(self.png).decode("ascii")


def load_mask(source: str | os.PathLike[str] | bytes) -> Mask:
    """
    Make a mask of a picture file's path, or of such a file's bytes; blocking for a path.

    Raises:
        InvalidInput: As of `Mask.file`.
    """
    if isinstance(source, bytes):
        return _mask(source, "the mask")
    name = f"the mask {os.fspath(source)!r}"
    return _mask(_read(Path(source), name), name)


def _read(path: Path, name: str) -> bytes:
    """Read a file that may be anything, and not more of it than can be sent."""
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST + 1)
    except (OSError, ValueError) as error:  # ValueError: a path with a null character
        reason = error.strerror if isinstance(error, OSError) else error
        raise InvalidInput(
            f"{name} can't be read: {reason}",
            advice="Give the path of a picture file that you may read.",
        ) from error


def _mask(data: bytes, name: str) -> Mask:
    if len(data) > _LARGEST:
        raise _too_large(name)
    whole = _checked(data, name)
    png = data if whole.kind == PNG else _as_png(data, whole, name)
    if len(png) > _LARGEST:
        raise _too_large(name)
    width, height = int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")
    return Mask(png, width, height)


def _too_large(name: str) -> InvalidInput:
    return InvalidInput(
        f"{name} is larger than {_LARGEST // 1_000_000} MB, which no server takes",
        advice="Save it as a PNG of two colours, without metadata: that takes a few kilobytes.",
    )


def _checked(data: bytes, name: str) -> Whole:
    try:
        whole = check(data)
    except (NotAPicture, PictureBroken) as error:
        raise InvalidInput(f"{name} can't be used: {error.message}", advice=_WANTED) from error
    if whole.kind.moving:
        raise InvalidInput(f"{name} is a video", advice=_WANTED)
    return whole


_WANTED = "Give a PNG as large as the picture, black where it stays and white where it changes."


def _as_png(data: bytes, whole: Whole, name: str) -> bytes:
    """Convert with Pillow; what is transparent keeps, as black does."""
    try:
        from PIL import Image
    except ImportError as error:
        raise InvalidInput(
            f"{name} is a {whole.kind.name}, and servers take only PNG",
            advice="Save it as PNG, or let mjflow convert it: pip install 'mjflow[images]'.",
        ) from error
    try:
        with Image.open(BytesIO(data)) as picture:
            colours = picture.convert("RGBA")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise InvalidInput(
            f"{name} can't be converted to PNG: {error}", advice="Save it as PNG."
        ) from error
    ground = Image.new("RGBA", colours.size, _BLACK)
    target = BytesIO()
    Image.alpha_composite(ground, colours).convert("L").save(target, "PNG")
    return target.getvalue()
