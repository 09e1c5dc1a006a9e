"""
A timer wheel: which items are due by now, at a cost that does not grow with their number.

Theory of operation.  Time is cut into slots of equal width.  Slot number `n` stands for the
instant `n * slot`; an item goes into the first slot whose instant is not before its due.  A slot
is a plain list in a dict, so that adding is one division, one look-up and one append.  Only the
numbers of *occupied* slots are kept in order, in a small heap: a number enters it once per slot,
not once per item, so the heap stays as small as the time spanned divided by the slot.

Invariant: the heap and the dict hold the same slot numbers, and no slot is empty.

Every instant is computed from a whole slot number, never by adding widths up: nothing drifts.

What is not here: taking an item out.  An item that ended early stays until its slot is popped,
and its owner skips it then (one test per item that ended, instead of a search per item).  An
owner that moves an item to another instant adds it again and tells the stale one from the live
one by the due it keeps itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from heapq import heappop, heappush
from math import ceil
from typing import Generic, TypeVar

from mjflow.errors import InvalidInput

T = TypeVar("T")


class Wheel(Generic[T]):
    """
    Items that wait for their instant, popped in the order of their slots.

    An item never comes early, and at most one `slot` after its due (when `pop` is called at the
    instants that `next_due` names).  Items of one slot come in the order they were added.

    Args:
        slot: Width of a slot in seconds.
    """

    __slots__ = ("_numbers", "_slot", "_slots")

    def __init__(self, slot: float = 0.05) -> None:
        if not 0.0 < slot < float("inf"):
            raise InvalidInput(f"a slot must be a positive number of seconds, not {slot!r}")
        self._slot = slot
        self._slots: dict[int, list[T]] = {}
        self._numbers: list[int] = []

    def __len__(self) -> int:
        """How many items wait; counts slots, so ask for statistics and not in a loop."""
        return sum(map(len, self._slots.values()))

    def __bool__(self) -> bool:
        """Whether any item waits; constant time, unlike `len`."""
        return bool(self._numbers)

    def add(self, item: T, due: float) -> None:
        """Put an item in, to come at `due` (finite seconds, monotonic) or the slot's end after."""
        self._waiting(due).append(item)

    def add_all(self, items: Iterable[T], due: float) -> None:
        """Put items in that are due together, as of `add`."""
        self._waiting(due).extend(items)

    def _waiting(self, due: float) -> list[T]:
        """Return the slot of an instant, occupied from now on."""
        number = ceil(due / self._slot)
        # The division rounds, so the slot can come out one too low or one too high.
        if number * self._slot < due:
            number += 1
        elif (number - 1) * self._slot >= due:
            number -= 1
        waiting = self._slots.get(number)
        if waiting is None:
            waiting = self._slots[number] = []
            heappush(self._numbers, number)
        return waiting

    def pop(self, now: float) -> list[T]:
        """Take out everything that is due at `now`, earliest slot first."""
        numbers, slot = self._numbers, self._slot
        if not numbers or numbers[0] * slot > now:
            return []
        items = self._slots.pop(heappop(numbers))
        while numbers and numbers[0] * slot <= now:
            items += self._slots.pop(heappop(numbers))
        return items

    def next_due(self) -> float | None:
        """Say at which instant `pop` gives something again; `None` when nothing waits."""
        return self._numbers[0] * self._slot if self._numbers else None
