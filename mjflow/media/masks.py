"""
Masks for Vary (Region): which part of a picture is to be painted anew.

On the wire a mask is a PNG in a data URL, of the same size in pixels as the picture; black keeps,
white repaints (P§11.3).  Servers look at it only after the task was paid, so all that can be wrong
with a mask is found out here.
"""

from __future__ import annotations

import hashlib
import os
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

from attrs import frozen

from mjflow.errors import InvalidInput
from mjflow.media import greys, outlines, rasters, shapes, spelling
from mjflow.media.given import PictureLike
from mjflow.media.rasters import Raster
from mjflow.media.shapes import Shape
from mjflow.media.whole import MOST_PIXELS

# The only prefix that every server takes off correctly (P§11.3).
_DATA_URL = "data:image/png;base64,"


@frozen(repr=False)
class Mask:
    """
    What Vary (Region) paints anew: shapes in shares of the picture, or a black and white file.

    A mask of shapes fits a picture of any size.  Join masks with `one | other`, turn one round with
    `~mask`, soften its edge with `mask.feathered(0.02)`.  Equal masks are equal, whoever made them.
    """

    _shape: Shape
    #: Width of the soft edge, as a share of the picture's shorter side; 0 for a sharp one.
    feather: float = 0.0

    def __repr__(self) -> str:
        return f"Mask({shapes.shortened(self.text)})"

    # --- shapes ---------------------------------------------------------------------------

    @classmethod
    def rect(cls, left: float, top: float, right: float, bottom: float) -> Self:
        """
        Make a rectangle, in shares of width and height: `Mask.rect(0.3, 0, 0.7, 0.35)`.

        Raises:
            InvalidInput: A number is not from 0 to 1, or it has no area, or it is the whole
                picture.
        """
        return cls(outlines.rectangle((left, top, right, bottom)))

    @classmethod
    def ellipse(cls, x: float, y: float, radius_x: float, radius_y: float) -> Self:
        """
        Make an ellipse of its centre and its radii, in shares of width and height.

        On a picture that is not square, a circle has two different radii.

        Raises:
            InvalidInput: A number is not from 0 to 1, or it has no area, or it does not lie
                within the picture.
        """
        return cls(outlines.ellipse((x, y, radius_x, radius_y)))

    @classmethod
    def polygon(cls, points: Iterable[tuple[float, float]]) -> Self:
        """
        Make a polygon of its corners in order, each `(x, y)` in shares of width and height.

        Raises:
            InvalidInput: There are fewer than three, a number is not from 0 to 1, or it has no
                area, or it is the whole picture.
        """
        return cls(outlines.polygon(points))

    # --- pictures -------------------------------------------------------------------------

    @classmethod
    def file(cls, source: PictureLike, *, resized: bool = False) -> Self:
        """
        Read a mask from a picture in black and white, now; blocking for a path.

        A PNG without transparency is sent as it is; another kind is converted, which takes Pillow
        (extra `images`).  What is transparent is kept, as black is.

        Args:
            source: A path, or the bytes of such a file.
            resized: Scale it to the size of the picture it is laid over, to the nearest pixels,
                which takes Pillow.  Otherwise it must be as large as that.

        Raises:
            InvalidInput: It is missing, unreadable, too large, no whole picture, or of one colour.
        """
        return cls(rasters.from_file(source, resized=resized))

    @classmethod
    def alpha(cls, source: PictureLike, *, resized: bool = False) -> Self:
        """
        Read a mask from a picture's transparency: what is transparent is painted anew.

        Takes Pillow (extra `images`).

        Args:
            source, resized: As of `file`.

        Raises:
            InvalidInput: As of `file`; or nothing is transparent in it, or all of it is.
        """
        return cls(rasters.from_alpha(source, resized=resized))

    # --- written forms --------------------------------------------------------------------

    @classmethod
    def parse(cls, text: str, *, folder: str | os.PathLike[str] = "") -> Self:
        """
        Read a mask from one line, such as `"rect:0.3,0,0.7,0.35"`; blocking where it names files.

        Parts are `rect:LEFT,TOP,RIGHT,BOTTOM`, `ellipse:X,Y,RADIUS_X,RADIUS_Y`,
        `polygon:X,Y X,Y X,Y`, `file:PATH`, `alpha:PATH`, or a path.  `+` joins several; `not:` or
        `!` in front turns the whole mask round; `+feather=SHARE` and `+resized` stand at the end.
        It opens whatever file it names, so it is not for text that comes from strangers.

        Args:
            folder: Where relative paths begin.

        Raises:
            InvalidInput: It is malformed, or a shape or picture can't be used.
        """
        return cls.found(text, Path(folder).__truediv__)

    @classmethod
    def found(cls, text: str, find: spelling.Find) -> Self:
        """
        Read a mask as `parse` does, with somebody to find the files that it names.

        Args:
            find: Gives the path or the bytes of a file for a path as it is written.

        Raises:
            InvalidInput: As of `parse`.
        """
        return cls._spelled(spelling.parse(text, find))

    @classmethod
    def build(
        cls, given: Mapping[str, Any] | Iterable[Any], *, folder: str | os.PathLike[str] = ""
    ) -> Self:
        """
        Make a mask of what stands in a flow, such as `{"rect": [0.3, 0, 0.7, 0.35]}`.

        A mapping has one of `rect`, `ellipse`, `polygon`, `file`, `alpha` and `union`, and may have
        `invert`, `feather` and `resized`.  A list is a union; a text is read as by `parse`.

        Args:
            folder: Where relative paths begin.

        Raises:
            InvalidInput: It is malformed, or a shape or picture can't be used.
        """
        return cls._spelled(spelling.build(given, Path(folder)))

    @classmethod
    def _spelled(cls, spelled: spelling.Spelled) -> Self:
        mask = cls(spelled.shape)
        return mask.feathered(spelled.feather) if spelled.feather else mask

    # --- masks made of masks --------------------------------------------------------------

    def __or__(self, other: Mask) -> Self:
        """Join two masks: what either repaints."""
        if not isinstance(other, Mask):
            return NotImplemented
        if self.feather or other.feather:
            raise InvalidInput(
                "masks with soft edges can't be joined",
                advice="Join first, then soften: (one | other).feathered(0.02).",
            )
        return type(self)(shapes.union([self._shape, other._shape]))

    def __invert__(self) -> Self:
        """Turn the mask round: what it kept is repainted."""
        return type(self)(shapes.inverse(self._shape), feather=self.feather)

    def feathered(self, share: float) -> Self:
        """
        Give it a soft edge, half of it inside and half outside.

        Args:
            share: Width of the edge, as a share of the picture's shorter side, 0 to 0.5.

        Raises:
            InvalidInput: The share is out of range, or it is a file's mask and there is no Pillow.
        """
        return type(self)(self._shape.drawable(), feather=outlines.feather(share))

    # --- what it is -----------------------------------------------------------------------

    @property
    def width(self) -> int | None:
        """The only width in pixels that it has; `None` if it fits any picture."""
        return self._shape.own_size[0] if self._shape.own_size else None

    @property
    def height(self) -> int | None:
        """The only height in pixels that it has; `None` if it fits any picture."""
        return self._shape.own_size[1] if self._shape.own_size else None

    @property
    def digest(self) -> str:
        """64 hexadecimal digits that are the same for equal masks, today and tomorrow."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def text(self) -> str:
        """It in one line, as `parse` reads it; where it has pixels of a file, their digest."""
        shape = self._shape
        text = f"not:{shape.of.text}" if isinstance(shape, shapes.Inverse) else shape.text
        return f"{text}+feather={self.feather!r}" if self.feather else text

    # --- what is sent ---------------------------------------------------------------------

    def png(self, width: int | None = None, height: int | None = None) -> bytes:
        """
        Draw it for a picture of this size: a PNG, black keeps and white repaints (P§11.3).

        Milliseconds for shapes; a tenth of a second with a feather on 4 megapixels.

        Args:
            width, height: Pixels; a mask from a file has a size of its own.

        Raises:
            InvalidInput: It has another size, or at this one nothing would change, or all would.
        """
        size = self._size(width, height)
        if isinstance(self._shape, Raster) and not self.feather:
            sent = self._shape.sent_as(*size)
            if sent is not None:
                return sent
        return _drawn(self, *size)

    def data_url(self, width: int | None = None, height: int | None = None) -> str:
        """Give the text that goes over the wire; arguments and errors as of `png`."""
        return _DATA_URL + b64encode(self.png(width, height)).decode("ascii")

    def _size(self, width: int | None, height: int | None) -> tuple[int, int]:
        if width is None and height is None and self._shape.own_size:
            return self._shape.own_size
        if width is None or height is None:
            raise InvalidInput(
                "this mask has no size of its own",
                advice="Give the width and height in pixels of the picture it is for.",
            )
        if not (width > 0 and height > 0 and width * height <= MOST_PIXELS):
            raise InvalidInput(f"no mask can be drawn for {width} x {height} pixels")
        return width, height


# A batch answers thousands of dialogs with one mask; what is drawn is some kilobytes.
@lru_cache(maxsize=8)
def _drawn(mask: Mask, width: int, height: int) -> bytes:
    rows = list(mask._shape.rows(width, height))
    radius = round(mask.feather * min(width, height) / 2)
    if radius:
        rows = list(greys.soften(rows, radius))
    for there, what in ((greys.has_light(rows), "change"), (greys.has_dark(rows), "stay")):
        if not there:
            raise InvalidInput(
                f"in a picture of {width} x {height} pixels, nothing would {what}: {mask!r}",
                advice="White changes and black stays; a feather wider than a shape wipes it out.",
            )
    drawn = greys.png(rows, width, height)
    if len(drawn) > rasters.MOST_SENT:
        raise InvalidInput(
            f"drawn for {width} x {height} pixels, the mask has {len(drawn) / 1e6:.0f} MB",
            advice="No server takes that: use fewer shades of grey.",
        )
    return drawn


#: All that a mask can be made of: its text, a picture's path or bytes, a flow's mapping or list.
MaskLike = Mask | str | os.PathLike[str] | bytes | Mapping[str, Any] | Sequence[Any]


def load_mask(source: MaskLike, *, folder: str | os.PathLike[str] = "") -> Mask:
    """
    Make a mask of whatever describes one; blocking where it names files.

    A text is read as by `Mask.parse`, so the path of a picture will do; an `os.PathLike` is always
    a path, and a mapping or list is read as by `Mask.build`.  Not for what comes from strangers.

    Raises:
        InvalidInput: As of `Mask.parse`, `Mask.build` and `Mask.file`.
    """
    match source:
        case Mask():
            return source
        case str():
            return Mask.parse(source, folder=folder)
        case os.PathLike():
            return Mask.file(Path(folder) / source)
        case bytes():
            return Mask.file(source)
        case _:
            return Mask.build(source, folder=folder)
