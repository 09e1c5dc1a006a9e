"""What is found wrong with a flow, once for all the items that share it."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import define, field, frozen

from mjflow.errors import Complaint
from mjflow.flow.items import Item
from mjflow.flow.planning.parameters import Flaw
from mjflow.flow.steps import Place

#: Things wrong with one place that are told; of the others only the number.
MOST = 10


@frozen
class Where:
    """Where in a flow something is wrong."""

    #: The file, or of a flow made in Python where in it.
    file: str
    place: Place | None = None


@define
class _Found:
    """One kind of wrong, and whom it was found with."""

    first: str
    count: int


_Key = tuple[Where, str, str]


@define
class Findings:
    """Collects complaints and warnings; the same one of many items becomes one that names them."""

    _fatal: dict[_Key, _Found] = field(factory=dict)
    _others: dict[_Key, _Found] = field(factory=dict)

    def complain(
        self, where: Where, message: str, advice: str, item: Item | None, count: int = 1
    ) -> None:
        """Note what makes the flow impossible, for an item or for so many with this one first."""
        _note(self._fatal, (where, message, advice), item, count)

    def warn(
        self, where: Where, message: str, advice: str, item: Item | None, count: int = 1
    ) -> None:
        """Note what a person should know."""
        _note(self._others, (where, message, advice), item, count)

    def add(self, where: Where, flaw: Flaw, item: Item, count: int = 1) -> None:
        """Note what is wrong with a text."""
        tell = self.complain if flaw.fatal else self.warn
        tell(where, flaw.message, flaw.advice, item, count)

    def complaints(self, items: int) -> tuple[Complaint, ...]:
        """Return what makes the flow impossible, in the order of its lines."""
        return tuple(sorted(_told(self._fatal, items), key=_position))

    def warnings(self, items: int) -> tuple[Complaint, ...]:
        """Return what a person should know, in the order of its lines."""
        return tuple(sorted(_told(self._others, items), key=_position))


def called(item: Item) -> str:
    """Name an item for people: by where its row stands, if it has one."""
    return item.origin or f"item {item.key!r}"


def _note(found: dict[_Key, _Found], key: _Key, item: Item | None, count: int) -> None:
    known = found.get(key)
    if known is None:
        found[key] = _Found(called(item) if item else "", count)
    else:
        known.count += count


def _told(found: dict[_Key, _Found], items: int) -> Iterator[Complaint]:
    """Yield what was found, of each place only so much as anybody would read."""
    places: dict[Where, int] = {}
    for (where, message, advice), who in found.items():
        place = places[where] = places.get(where, 0) + 1
        if place <= MOST:
            text = message if who.count >= items else f"{message} ({_items(who)})"
            yield _complaint(where, text, advice)
    for where, number in places.items():
        if number > MOST:
            yield _complaint(where, f"and {number - MOST:,} more like these", "")


def _complaint(where: Where, message: str, advice: str) -> Complaint:
    line, column = (where.place.line, where.place.column) if where.place else (None, None)
    return Complaint(where.file, line, column, message, advice)


def _items(who: _Found) -> str:
    return f"{who.first} and {who.count - 1:,} more" if who.count > 1 else who.first


def _position(complaint: Complaint) -> tuple[int, int]:
    return complaint.line or 0, complaint.column or 0
