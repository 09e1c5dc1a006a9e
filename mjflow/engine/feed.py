"""Readers' views of what happens: ordered, and bounded however slow the reader."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from itertools import count

from attrs import evolve

from mjflow.observers import Update

#: Of these only the newest counts: a reader that falls behind misses the ones between.
_COALESCED = frozenset({"progress", "preview", "retry", "stalled"})
#: Updates that wait for one reader at most: of one task, which is hundreds of tries to send it,
#: and of all tasks.
MOST_OF_ONE, MOST_OF_ALL = 1_000, 10_000


class _Queue:
    """
    Updates that wait for a reader, each in a place of its own, the longest waiting first.

    What waits is bounded: beyond `most` the oldest are dropped, and the next update that is read
    says how many were.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._updates: OrderedDict[object, Update] = OrderedDict()
        self._missed = 0
        self._closed = False
        self._rung = asyncio.Event()

    def __len__(self) -> int:
        return len(self._updates)

    def close(self) -> None:
        """Let the reader go when it has read what waits: there will be no more."""
        self._closed = True
        self._rung.set()

    async def pull(self) -> Update | None:
        """Wait for the next update and take it; `None` when there will be none."""
        while not self._updates:
            if self._closed:
                return None
            self._rung.clear()
            await self._rung.wait()
        return self._next()

    def _put(self, place: object, update: Update) -> None:
        self._updates.pop(place, None)
        self._updates[place] = update
        if len(self._updates) > self._most:
            self._updates.popitem(last=False)
            self._missed += 1
        self._rung.set()

    def _next(self) -> Update:
        _, update = self._updates.popitem(last=False)
        if self._missed:
            update = evolve(update, missed=self._missed)
            self._missed = 0
        return update


class Feed(_Queue):
    """One task's updates, in which looks are coalesced and steps are kept."""

    def __init__(self, most: int = MOST_OF_ONE) -> None:
        super().__init__(most)
        self._numbers = count()

    def __call__(self, update: Update) -> None:
        """Add an update; it takes the place of one of its kind that nobody has read yet."""
        coalesced = update.kind in _COALESCED
        self._put(update.kind if coalesced else next(self._numbers), update)


class CrowdFeed(_Queue):
    """All tasks' updates, of which a slow reader gets the newest of each kind for each task."""

    def __init__(self, most: int = MOST_OF_ALL) -> None:
        super().__init__(most)

    def __call__(self, update: Update) -> None:
        """Add an update, behind all that wait."""
        self._put((update.key, update.kind), update)
