"""
Decoded pictures brought to what a PNG of ours has: eight bits a channel, grey or red-green-blue.

Pillow's own conversions are not enough: they clip sixteen bits of grey instead of scaling them,
and keep a colour profile that is of no use to the new colours.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

# Modes of a decoder whose colours are not those that a profile of an RGB picture is about.
_GREYS = frozenset({"1", "L", "LA", "La"})
_NO_RGB = frozenset({"CMYK", "YCbCr", "LAB", "HSV"})
# Sixteen bits of grey; as `I` with older releases of Pillow.
_DEEP = ("I;16", "I")


def to_grey(picture: Image) -> Image:
    """Give it in shades of grey, without transparency."""
    return _converted(picture, "L")


def to_rgba(picture: Image) -> Image:
    """Give it in colours with transparency."""
    return _converted(picture, "RGBA")


def for_png(picture: Image) -> Image:
    """Give it as it is, unless its colours are some that a PNG has not."""
    return _converted(picture, "RGB") if picture.mode in _NO_RGB else picture


def encoded(picture: Image) -> bytes:
    """Write it as a PNG file, with its colour profile and no other metadata."""
    target = BytesIO()
    picture.save(target, "PNG")
    return target.getvalue()


def _converted(picture: Image, mode: str) -> Image:
    before = picture.mode
    if before.startswith(_DEEP):
        picture = picture.point(lambda value: value * (1 / 257))  # 65,535 is white
    made = picture.convert(mode)
    if _family(before) != _family(mode):
        made.info.pop("icc_profile", None)
    return made


def _family(mode: str) -> str:
    """Name the colours that a profile would be about."""
    if mode in _GREYS or mode.startswith(_DEEP):
        return "grey"
    return mode if mode in _NO_RGB else "rgb"
