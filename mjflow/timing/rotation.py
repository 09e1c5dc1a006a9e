"""Who comes next: callers take turns, and each one's own come in order; every step is O(1)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

T = TypeVar("T", bound=Hashable)


class Rotation(Generic[T]):
    """
    Those who wait, each for a caller.

    The callers come one after the other, round and round, with one of theirs each time: so who has
    one waits for one of everybody else's, not for all of them.  A caller that is new, or has come
    back, takes its place behind the others.
    """

    __slots__ = ("_callers",)

    def __init__(self) -> None:
        # Ordered dictionaries give the first, and forget any, in the same time at any size.
        self._callers: OrderedDict[str, OrderedDict[T, None]] = OrderedDict()

    def __bool__(self) -> bool:
        return bool(self._callers)

    def __len__(self) -> int:
        return sum(map(len, self._callers.values()))

    def add(self, caller: str, one: T, *, first: bool = False) -> None:
        """Line one up behind all others of its caller, or before them."""
        line = self._callers.setdefault(caller, OrderedDict())
        line[one] = None
        if first:
            line.move_to_end(one, last=False)

    def discard(self, caller: str, one: T) -> None:
        """Take one out again, wherever it stands; harmless when it is not there."""
        line = self._callers.get(caller)
        if line is None:
            return
        line.pop(one, None)
        if not line:
            del self._callers[caller]

    def peek(self) -> T:
        """
        Tell whose turn it is.

        Raises:
            IndexError: Nobody waits.
        """
        _, line = self._first()
        return next(iter(line))

    def pop(self) -> T:
        """
        Take out whose turn it is.

        Raises:
            IndexError: Nobody waits.
        """
        caller, line = self._first()
        one, _ = line.popitem(last=False)
        if line:
            self._callers.move_to_end(caller)
        else:
            del self._callers[caller]
        return one

    def _first(self) -> tuple[str, OrderedDict[T, None]]:
        if not self._callers:
            raise IndexError("nobody waits")
        return next(iter(self._callers.items()))
