"""Pictures that users give: read once, found whole, and decoded where that is needed."""

from __future__ import annotations

import os
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import field, frozen

from mjflow.errors import DownloadFailed, InvalidInput
from mjflow.media.whole import MOST_BYTES, MOST_PIXELS, Whole, check

if TYPE_CHECKING:
    from PIL.Image import Image

#: The path of a picture file, or such a file's bytes.
PictureLike = str | os.PathLike[str] | bytes


@frozen
class Given:
    """A whole picture, and what to call it when something is wrong with it."""

    name: str
    data: bytes = field(repr=False)
    whole: Whole


def read(
    source: PictureLike, what: str, *, most: int = MOST_BYTES, wanted: str = "", missing: str = ""
) -> Given:
    """
    Read a picture that may be anything, and not more of it than is of use; blocking for a path.

    Args:
        what: What it is for the user, such as `"mask"`.
        most: Bytes that it may have.
        wanted: What to do about one that can't be used.
        missing: What to do about one that can't be read.

    Raises:
        InvalidInput: It is missing, unreadable, too large, a video, or no whole picture.
    """
    if isinstance(source, bytes):
        name, data = f"the {what}", source
    else:
        name = f"the {what} {os.fspath(source)!r}"
        data = _content(Path(source), name, most, missing)
    if len(data) > most:
        raise InvalidInput(f"{name} is larger than {most // 1_000_000} MB", advice=wanted)
    try:
        whole = check(data)
    except DownloadFailed as error:
        raise InvalidInput(f"{name} can't be used: {error.message}", advice=wanted) from error
    if whole.kind.moving:
        raise InvalidInput(f"{name} is a video", advice=wanted)
    return Given(name, data, whole)


def _content(path: Path, name: str, most: int, missing: str) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(most + 1)
    except (OSError, ValueError) as error:  # ValueError: a path with a null character
        reason = error.strerror if isinstance(error, OSError) else error
        raise InvalidInput(
            f"{name} can't be read: {reason}",
            advice=missing or "Give the path of a picture file that you may read.",
        ) from error


def can_decode() -> bool:
    """Whether Pillow is there."""
    return find_spec("PIL") is not None


def decode(given: Given, purpose: str) -> Image:
    """
    Decode a picture with Pillow, upright; of a moving one, the first frame.

    Args:
        purpose: What for: `"converting it to PNG"`.

    Raises:
        InvalidInput: Pillow is not installed, finds it too large, or can't decode it.
    """
    try:
        from PIL import Image, ImageOps
    except ImportError as error:
        raise InvalidInput(
            f"{given.name} is a {given.whole.kind.name}, and {purpose} takes Pillow",
            advice="Install it: pip install 'mjflow[images]'.",
        ) from error
    most = min(Image.MAX_IMAGE_PIXELS or MOST_PIXELS, MOST_PIXELS)
    _check_pixels(given, given.whole.width or 0, given.whole.height or 0, most)
    try:
        with Image.open(BytesIO(given.data)) as picture:
            width, height = picture.size
            _check_pixels(given, width, height, most)
            return ImageOps.exif_transpose(picture)
    except InvalidInput:
        raise
    except Exception as error:  # of a damaged file a decoder may raise anything
        raise InvalidInput(
            f"{given.name} can't be decoded: {error}", advice="Save it anew, as PNG."
        ) from error


def _check_pixels(given: Given, width: int, height: int, most: int) -> None:
    if width * height > most:
        raise InvalidInput(
            f"{given.name} is {width} x {height} pixels large, "
            f"and more than {most / 1e6:.0f} megapixels are not decoded",
            advice="Save it smaller.",
        )
