"""Masks that are pictures: read from a file, or made of what is transparent in one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from attrs import field, frozen

from mjflow.errors import InvalidInput
from mjflow.media.formats import has_alpha
from mjflow.media.given import Given, PictureLike, can_decode, decode, read
from mjflow.media.kinds import PNG
from mjflow.media.pixels import encoded, to_grey, to_rgba
from mjflow.media.reading import InMemory
from mjflow.media.shapes import Shape
from mjflow.media.whole import check

if TYPE_CHECKING:
    from PIL.Image import Image

#: Bytes.  A request must stay below 30 MB (P§11.3), and base64 adds a third.
MOST_SENT = 20_000_000

_WANTED = "Give a PNG as large as the picture, black where it stays and white where it changes."
_SMALLER = "Save it as a PNG of two colours, without metadata: that takes a few kilobytes."
_WITH_HOLES = "Give a picture, such as a PNG, in which the part to be changed is transparent."


@frozen
class Raster(Shape):
    """A mask with a size of its own."""

    #: A whole PNG file.
    png: bytes = field(repr=False)
    width: int
    height: int
    #: Whether it may be scaled to another size.
    resized: bool = False

    @property
    def text(self) -> str:
        """Size and content, so that equal texts mean equal masks."""
        digest = hashlib.sha256(self.png).hexdigest()
        option = "+resized" if self.resized else ""
        return f"png:{self.width}x{self.height}:{digest}{option}"

    @property
    def own_size(self) -> tuple[int, int] | None:
        """Its size in pixels; `None` if it may be scaled."""
        return None if self.resized else (self.width, self.height)

    def sent_as(self, width: int, height: int) -> bytes | None:
        """Give the file itself if it serves for a picture of this size; `None` if not."""
        self.check_size(width, height)
        return self.png if (width, height) == (self.width, self.height) else None

    def check_size(self, width: int, height: int) -> None:
        """
        Make sure that it can be laid over a picture of this size.

        Raises:
            InvalidInput: It is of another size, and may not be scaled.
        """
        if self.own_size not in (None, (width, height)):
            raise InvalidInput(
                f"the mask is {self.width} x {self.height} pixels large, "
                f"and the picture {width} x {height}",
                advice="Save the mask at that size, or let mjflow scale it (resized).",
            )

    def rows(self, width: int, height: int) -> Iterator[bytes]:
        """Decode it with Pillow, and scale it to the nearest pixels where it may be scaled."""
        self.check_size(width, height)
        picture = to_grey(self._decoded())
        if picture.size != (width, height):
            picture = picture.resize((width, height), _NEAREST)
        pixels = picture.tobytes()
        return (pixels[at : at + width] for at in range(0, len(pixels), width))

    def drawable(self) -> Raster:
        """
        Return it, having decoded it once.

        Raises:
            InvalidInput: There is no Pillow, or the pixels are damaged.
        """
        self._decoded()
        return self

    def _decoded(self) -> Image:
        given = Given("the mask", self.png, check(self.png))
        return decode(given, "combining, softening or scaling it")


# `Image.Resampling.NEAREST`, which can't be named before Pillow is needed.
_NEAREST = 0


def from_file(source: PictureLike, *, resized: bool = False, missing: str = "") -> Raster:
    """
    Make a mask of a picture in black and white; what is transparent in it is kept, as black is.

    A PNG without transparency is sent as it is; all others are converted, which takes Pillow.

    Args:
        missing: What to do about a file that can't be read.

    Raises:
        InvalidInput: It is missing, unreadable, too large, no whole picture, or of one colour; or
            it needs Pillow, and that is not installed.
    """
    given = read(source, "mask", most=MOST_SENT, wanted=_WANTED, missing=missing)
    plain = given.whole.kind == PNG and not has_alpha(InMemory(given.data))
    if plain and not can_decode():
        return _raster(given, given.data, resized)
    is_png = given.whole.kind == PNG
    picture = decode(given, "filling in its transparency" if is_png else "converting it to PNG")
    grey = to_grey(picture) if plain else _on_black(picture)
    _check_colours(given, grey)
    return _raster(given, given.data if plain else encoded(grey), resized)


def from_alpha(source: PictureLike, *, resized: bool = False, missing: str = "") -> Raster:
    """
    Make a mask of a picture's transparency: what is transparent is painted anew (as P§2.11).

    Raises:
        InvalidInput: As of `from_file`; or nothing is transparent in it, or all of it is.
    """
    given = read(source, "picture", wanted=_WITH_HOLES, missing=missing)
    picture = decode(given, "reading its transparency")
    grey = to_rgba(picture).getchannel("A").point(range(255, -1, -1))
    dark, light = _tones(grey)
    if not (dark and light):
        what = "transparent all over" if light else "not transparent anywhere"
        raise InvalidInput(f"{given.name} is {what}", advice=_WITH_HOLES)
    return _raster(given, encoded(grey), resized)


def _raster(given: Given, png: bytes, resized: bool) -> Raster:
    if len(png) > MOST_SENT:
        size = f"{MOST_SENT // 1_000_000} MB"
        raise InvalidInput(f"{given.name} is larger than {size} as a PNG", advice=_SMALLER)
    width, height = int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")
    made = Raster(png, width, height, resized)
    return made.drawable() if resized else made


def _on_black(picture: Image) -> Image:
    """Fill what is transparent with black, which keeps."""
    from PIL import Image

    colours = to_rgba(picture)
    ground = Image.new("RGBA", colours.size, (0, 0, 0, 255))
    return to_grey(Image.alpha_composite(ground, colours))


def _check_colours(given: Given, grey: Image) -> None:
    dark, light = _tones(grey)
    if not light:
        raise InvalidInput(
            f"{given.name} is black all over: nothing would change",
            advice="White changes. If what is transparent is to change, take alpha instead.",
        )
    if not dark:
        raise InvalidInput(
            f"{given.name} is white all over: nothing would stay", advice="Black stays."
        )


def _tones(grey: Image) -> tuple[bool, bool]:
    """Tell whether any pixel is nearer to black, and whether any is nearer to white."""
    counts = grey.histogram()
    return any(counts[:128]), any(counts[128:])
