"""Masks of shapes for property tests, and the slow way to tell what they should look like."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from mjflow.errors import InvalidInput
from mjflow.media.masks import Mask

#: Whether a place is inside; `None` so near to an edge that either will do.
Verdict = bool | None
Inside = Callable[[float, float], Verdict]
#: A mask, and the slow way.
Drawn = tuple[Mask, Inside]

NEAR = 1e-9

# With a prime below, no edge of a rectangle meets the centre of a pixel of a small picture.
share = st.integers(0, 97).map(lambda n: n / 97)


def _rect(numbers: tuple[float, ...]) -> Drawn:
    left, top, right, bottom = numbers
    return Mask.rect(*numbers), lambda x, y: left <= x < right and top <= y < bottom


def _ellipse(numbers: tuple[float, ...]) -> Drawn:
    cx, cy, rx, ry = numbers

    def inside(x: float, y: float) -> Verdict:
        distance = math.hypot((x - cx) / rx, (y - cy) / ry)
        return None if abs(distance - 1) < NEAR else distance < 1

    return Mask.ellipse(*numbers), inside


def _polygon(points: list[tuple[float, float]]) -> Drawn:
    def inside(x: float, y: float) -> Verdict:
        """Add up the angles under which the edges are seen: whole turns, or none."""
        turned = 0.0
        for (x0, y0), (x1, y1) in pairwise([*points, points[0]]):
            if _distance(x, y, x0, y0, x1, y1) < NEAR:
                return None
            ax, ay, bx, by = x0 - x, y0 - y, x1 - x, y1 - y
            turned += math.atan2(ax * by - ay * bx, ax * bx + ay * by)
        return round(turned / math.tau) != 0

    return Mask.polygon(points), inside


def _distance(x: float, y: float, x0: float, y0: float, x1: float, y1: float) -> float:
    along_x, along_y = x1 - x0, y1 - y0
    length = along_x**2 + along_y**2
    at = ((x - x0) * along_x + (y - y0) * along_y) / length if length else 0.0
    at = min(max(at, 0.0), 1.0)
    return math.hypot(x0 + at * along_x - x, y0 + at * along_y - y)


def _join(pair: tuple[Drawn, Drawn]) -> Drawn:
    (one, in_one), (other, in_other) = pair

    def inside(x: float, y: float) -> Verdict:
        verdicts = {in_one(x, y), in_other(x, y)}
        return True if True in verdicts else None if None in verdicts else False

    return one | other, inside


def _turn(drawn: Drawn) -> Drawn:
    mask, inside = drawn

    def outside(x: float, y: float) -> Verdict:
        verdict = inside(x, y)
        return None if verdict is None else not verdict

    return ~mask, outside


def _possible(make: Callable[[Any], Drawn], arguments: st.SearchStrategy[Any]) -> Any:
    """Draw what is no InvalidInput."""

    def attempt(argument: Any) -> Drawn | None:
        try:
            return make(argument)
        except InvalidInput:
            return None

    return arguments.map(attempt).filter(bool)


_four = st.tuples(share, share, share, share)
_corners = st.lists(st.tuples(share, share), min_size=3, max_size=6)


@st.composite
def _sides(draw: st.DrawFn) -> tuple[float, ...]:
    left, right = sorted(draw(st.lists(share, min_size=2, max_size=2, unique=True)))
    top, bottom = sorted(draw(st.lists(share, min_size=2, max_size=2, unique=True)))
    return left, top, right, bottom


@st.composite
def _round(draw: st.DrawFn) -> tuple[float, ...]:
    left, top, right, bottom = draw(_sides())
    return (left + right) / 2, (top + bottom) / 2, (right - left) / 2, (bottom - top) / 2


#: Single shapes, with the slow way to draw them.
outlines: st.SearchStrategy[Drawn] = st.one_of(
    _possible(_rect, _sides()), _possible(_ellipse, _round()), _possible(_polygon, _corners)
)

#: Shapes, and what joining and turning round make of them.
masks: st.SearchStrategy[Drawn] = st.recursive(
    outlines,
    lambda parts: st.one_of(_possible(_join, st.tuples(parts, parts)), parts.map(_turn)),
    max_leaves=4,
)
