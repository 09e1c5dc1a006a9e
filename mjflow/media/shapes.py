"""
What a mask repaints, as shapes that can be joined and turned inside out.

A shape knows no pixels until it is asked for its rows at a certain size.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import TypeVar

from attrs import frozen

from mjflow.errors import InvalidInput
from mjflow.media.greys import BLACK, WHITE, lighter, negative

AnyShape = TypeVar("AnyShape", bound="Shape")

# Sizes at which a shape is looked at to see that it has an inside and an outside: the first shows
# it of nearly all, and of what the last does not show no picture could.
_TRIALS = (64, 2048)


class Shape(ABC):
    """What is to be painted anew, whatever the size of the picture."""

    @property
    @abstractmethod
    def text(self) -> str:
        """The shape in writing: equal texts mean equal shapes."""

    @property
    def own_size(self) -> tuple[int, int] | None:
        """The only size in pixels at which it can be had; `None` for any."""
        return None

    def drawable(self) -> Shape:
        """
        Return it, having made sure that its rows can be had.

        Raises:
            InvalidInput: They can't.
        """
        return self

    @abstractmethod
    def rows(self, width: int, height: int) -> Iterator[bytes]:
        """
        Give the rows of the picture from the top, white inside and black outside.

        Raises:
            InvalidInput: It can't be had at this size.
        """


@frozen
class Union(Shape):
    """All that is in any of its parts."""

    parts: tuple[Shape, ...]

    @property
    def text(self) -> str:
        """Its parts, joined by plus signs."""
        return "+".join(part.text for part in self.parts)

    @property
    def own_size(self) -> tuple[int, int] | None:
        """The size of the first part that has one; the others agree with it."""
        return next((part.own_size for part in self.parts if part.own_size), None)

    def rows(self, width: int, height: int) -> Iterator[bytes]:
        """Give the lighter of its parts' rows."""
        return _joined([part.rows(width, height) for part in self.parts])


def _joined(parts: Iterable[Iterator[bytes]]) -> Iterator[bytes]:
    drawn: tuple[bytes, ...] = ()
    row = b""
    for rows in zip(*parts, strict=True):
        if rows != drawn:
            drawn, row = rows, rows[0]
            for other in rows[1:]:
                row = lighter(row, other)
        yield row


@frozen
class Inverse(Shape):
    """All that is not in a shape."""

    of: Shape

    @property
    def text(self) -> str:
        """What it is not, with `not:` in front."""
        inner = self.of.text
        return f"not:({inner})" if isinstance(self.of, Union) else f"not:{inner}"

    @property
    def own_size(self) -> tuple[int, int] | None:
        """The size of the shape it is not."""
        return self.of.own_size

    def rows(self, width: int, height: int) -> Iterator[bytes]:
        """Give the negatives of that shape's rows."""
        seen = row = b""
        for positive in self.of.rows(width, height):
            if positive is not seen:
                seen, row = positive, negative(positive)
            yield row


def union(shapes: Iterable[Shape]) -> Shape:
    """
    Join shapes; in which order, and how often each, makes no difference.

    Raises:
        InvalidInput: Two have different sizes of their own, one can't be drawn, or nothing is left
            outside.
    """
    given = list(shapes)
    flat = {part for shape in given for part in _parts(shape)}
    if len(flat) == 1:
        return flat.pop()
    sizes = sorted({part.own_size for part in flat if part.own_size})
    if len(sizes) > 1:
        raise InvalidInput(
            "masks of different sizes can't be joined: "
            + ", ".join(f"{w} x {h}" for w, h in sizes),
            advice="Save the pictures at one size, or let mjflow scale them (resized).",
        )
    for shape in given:
        shape.drawable()
    return checked(Union(tuple(sorted(flat, key=lambda part: part.text))))


def _parts(shape: Shape) -> tuple[Shape, ...]:
    return shape.parts if isinstance(shape, Union) else (shape,)


def inverse(shape: Shape) -> Shape:
    """
    Turn a shape inside out.

    Raises:
        InvalidInput: It can't be drawn.
    """
    return shape.of if isinstance(shape, Inverse) else Inverse(shape.drawable())


def checked(shape: AnyShape) -> AnyShape:
    """
    Return a shape that has an inside and an outside.

    One that has a size of its own is let pass: it is looked at when it is drawn.

    Raises:
        InvalidInput: It is empty, or the whole picture.
    """
    if shape.own_size:
        return shape
    for side in _TRIALS:
        seen = set()
        for row in shape.rows(side, side):
            seen |= {mark for mark in (BLACK, WHITE) if mark in row}
            if len(seen) > 1:
                return shape
    advice = "A mask must have something to change and something to keep."
    raise flaw(shape, "is the whole picture" if WHITE in seen else "covers nothing", advice)


def flaw(shape: Shape, what: str, advice: str) -> InvalidInput:
    """Make the error for a shape that is no good as a mask."""
    return InvalidInput(f"the mask {shortened(shape.text)!r} {what}", advice=advice)


def shortened(text: str, limit: int = 80) -> str:
    """Cut a text that would fill a screen."""
    return text if len(text) <= limit else text[: limit - 1] + "…"
