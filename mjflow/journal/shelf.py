"""Things in memory by namespace and key, to be found again by how their keys begin."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")

_Place = tuple[str, str]


class Shelf(Generic[T]):
    """Several things under each key, in the order in which they were put there."""

    def __init__(self) -> None:
        self._added = 0
        self._kept: dict[_Place, list[tuple[int, T]]] = {}
        self._sorted: list[_Place] = []

    def get(self, namespace: str, key: str) -> Sequence[T]:
        """Return what is under a key, oldest first."""
        return [thing for _, thing in self._kept.get((namespace, key), ())]

    def add(self, namespace: str, key: str, thing: T) -> None:
        """Put a thing behind those that are there."""
        place = namespace, key
        if place not in self._kept:
            self._kept[place] = []
            insort(self._sorted, place)
        self._kept[place].append((self._added, thing))
        self._added += 1

    def drop(self, namespace: str, key: str) -> Sequence[T]:
        """Take away all that is under a key, and return it."""
        place = namespace, key
        if place not in self._kept:
            return []
        del self._sorted[bisect_left(self._sorted, place)]
        return [thing for _, thing in self._kept.pop(place)]

    def beginning(self, namespace: str, prefix: str = "") -> Sequence[T]:
        """Return what is under the keys that begin so, oldest first."""
        found = [numbered for place in self._from(namespace, prefix) for numbered in place]
        return [thing for _, thing in sorted(found, key=lambda numbered: numbered[0])]

    def _from(self, namespace: str, prefix: str) -> Iterator[list[tuple[int, T]]]:
        for index in range(bisect_left(self._sorted, (namespace, prefix)), len(self._sorted)):
            place = self._sorted[index]
            if place[0] != namespace or not place[1].startswith(prefix):
                return
            yield self._kept[place]
