"""
Shapes in shares of a picture, 0 to 1 of its width and height, and how they fall on its pixels.

A pixel belongs to a shape when its centre does, the left and upper edge included.  So two shapes
with a common edge neither overlap nor leave a gap, at any size.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

from attrs import frozen

from mjflow.errors import InvalidInput
from mjflow.media.greys import WHITE
from mjflow.media.shapes import Shape, checked, flaw

Point = tuple[float, float]
#: Where a row is white: begin and end in pixels, the end excluded.
Spans = Sequence[tuple[int, int]]

_SHARES = "Write shares of width and height from 0 to 1: a pixel's place divided by the size."


class Outline(Shape):
    """A shape made of numbers."""

    @abstractmethod
    def _spans(self, y: float, width: int) -> Spans:
        """Tell where it is white on the line at `y`, a share of the height."""

    def rows(self, width: int, height: int) -> Iterator[bytes]:
        """Give the rows; equal neighbours are the same object."""
        drawn: Spans | None = None
        row = b""
        for y in range(height):
            spans = self._spans((y + 0.5) / height, width)
            if spans != drawn:
                drawn, row = spans, _row(spans, width)
            yield row


def _row(spans: Spans, width: int) -> bytes:
    row = bytearray(width)
    for begin, end in spans:
        row[begin:end] = WHITE * (end - begin)
    return bytes(row)


def _span(left: float, right: float, width: int) -> tuple[int, int]:
    """Give the pixels whose centres lie between two shares of the width."""
    return math.ceil(left * width - 0.5), max(math.ceil(right * width - 0.5), 0)


@frozen
class Rectangle(Outline):
    """What lies between two corners."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def text(self) -> str:
        """As `Mask.parse` reads it."""
        return "rect:" + _listed(self.left, self.top, self.right, self.bottom)

    def _spans(self, y: float, width: int) -> Spans:
        return (_span(self.left, self.right, width),) if self.top <= y < self.bottom else ()


@frozen
class Ellipse(Outline):
    """What lies within two radii of a centre, one to the sides and one up and down."""

    x: float
    y: float
    radius_x: float
    radius_y: float

    @property
    def text(self) -> str:
        """As `Mask.parse` reads it."""
        return "ellipse:" + _listed(self.x, self.y, self.radius_x, self.radius_y)

    def _spans(self, y: float, width: int) -> Spans:
        rest = 1 - ((y - self.y) / self.radius_y) ** 2
        if rest <= 0:
            return ()
        half = self.radius_x * math.sqrt(rest)
        return (_span(self.x - half, self.x + half, width),)


@frozen
class Polygon(Outline):
    """All that a closed line goes round, in either direction; it may cross itself."""

    points: tuple[Point, ...]

    @property
    def text(self) -> str:
        """As `Mask.parse` reads it."""
        return "polygon:" + " ".join(_listed(*point) for point in self.points)

    def _spans(self, y: float, width: int) -> Spans:
        spans = []
        turns, begin = 0, 0.0
        for x, turn in sorted(self._crossings(y)):
            if not turns:
                begin = x
            turns += turn
            if not turns:
                spans.append(_span(begin, x, width))
        return spans

    def _crossings(self, y: float) -> Iterator[tuple[float, int]]:
        """Give the places where its line crosses that at `y`, and 1 for down or -1 for up."""
        for (x0, y0), (x1, y1) in pairwise((*self.points, self.points[0])):
            if (y0 <= y) != (y1 <= y):
                yield x0 + (y - y0) / (y1 - y0) * (x1 - x0), 1 if y1 > y0 else -1


# --- from numbers that anybody may have written -------------------------------------------


def rectangle(numbers: Iterable[Any]) -> Rectangle:
    """
    Make a rectangle of left, top, right and bottom.

    Raises:
        InvalidInput: There are not four numbers from 0 to 1, or it has no area, or no outside.
    """
    made = Rectangle(*_shares("rect", numbers, ("left", "top", "right", "bottom")))
    if not (made.left < made.right and made.top < made.bottom):
        raise flaw(made, "has no area", "The order is left, top, right, bottom.")
    return checked(made)


def ellipse(numbers: Iterable[Any]) -> Ellipse:
    """
    Make an ellipse of its centre, x and y, and its radii, x and y.

    Raises:
        InvalidInput: There are not four numbers from 0 to 1, it has no area, or it does not lie
            within the picture.
    """
    made = Ellipse(*_shares("ellipse", numbers, ("x", "y", "radius x", "radius y")))
    if not (made.radius_x and made.radius_y):
        raise flaw(made, "has no area", "The last two numbers are its radii.")
    if not (_within(made.x, made.radius_x) and _within(made.y, made.radius_y)):
        # Four numbers meant as a box are caught here, before they cost anything.
        advice = "The order is centre x, centre y, radius x, radius y; it must lie within."
        raise flaw(made, "reaches over the picture's edge", advice)
    return checked(made)


def _within(centre: float, radius: float) -> bool:
    # Sums of decimal fractions may be off by the last bit.
    return centre - radius >= -1e-9 and centre + radius <= 1 + 1e-9


def polygon(points: Iterable[Any]) -> Polygon:
    """
    Make a polygon of its corners, each x and y, in order.

    Raises:
        InvalidInput: There are fewer than three, one is not two numbers from 0 to 1, or together
            they have no area, or no outside.
    """
    corners = [_shares("polygon", point, ("x", "y")) for point in _items("polygon", points)]
    made = Polygon(tuple((x, y) for x, y in corners))
    if len(corners) < 3:
        raise flaw(made, f"has {len(corners)} corners", "It takes three or more.")
    return checked(made)


def _shares(form: str, numbers: Iterable[Any], names: Sequence[str]) -> list[float]:
    given = _items(form, numbers)
    if len(given) != len(names):
        raise InvalidInput(
            f"the mask's {form} takes {len(names)} numbers ({', '.join(names)}), not {len(given)}",
            advice=_SHARES,
        )
    return [_share(form, name, value) for name, value in zip(names, given, strict=True)]


def _items(form: str, given: Iterable[Any]) -> list[Any]:
    if isinstance(given, str | bytes) or not isinstance(given, Iterable):
        raise InvalidInput(f"the mask's {form} takes numbers, not {given!r}", advice=_SHARES)
    return list(given)


def _share(form: str, name: str, value: Any) -> float:
    share = _number(value)
    if not 0 <= share <= 1:
        raise InvalidInput(f"the mask's {form} has {name} {value!r}", advice=_SHARES)
    return share


def _number(value: Any) -> float:
    """Read a number; what is none becomes NaN, which lies in no range."""
    try:
        return float(value) + 0.0  # no minus in front of a zero
    except (TypeError, ValueError, OverflowError):
        return math.nan


def feather(value: Any) -> float:
    """
    Read the width of a soft edge, as a share of the picture's shorter side.

    Raises:
        InvalidInput: It is no number from 0 to 0.5.
    """
    share = _number(value)
    if not 0 <= share <= 0.5:
        raise InvalidInput(
            f"the mask's feather is {value!r}",
            advice="Write a share of the picture's shorter side from 0 to 0.5, such as 0.02.",
        )
    return share


def _listed(*numbers: float) -> str:
    return ",".join(repr(number).removesuffix(".0") for number in numbers)
