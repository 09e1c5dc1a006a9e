"""Readers' views of what happens: ordered, and bounded however slow the reader."""

from __future__ import annotations

import asyncio

from attrs import evolve

from mjflow.observers import Update

#: Of these only the newest counts: a reader that falls behind misses the ones between.
_COALESCED = frozenset({"progress", "preview", "retry"})
#: Updates that wait for one reader at most, however many tasks there are.
MOST_WAITING = 10_000


class Feed:
    """One task's updates, in which looks are coalesced and steps are kept."""

    def __init__(self) -> None:
        self._updates: list[Update] = []
        self._rung = asyncio.Event()

    def push(self, update: Update) -> None:
        """Add an update; it takes the place of one of its kind that nobody has read yet."""
        if update.kind in _COALESCED:
            self._updates = [old for old in self._updates if old.kind != update.kind]
        self._updates.append(update)
        self._rung.set()

    async def pull(self) -> Update:
        """Wait for the next update and take it."""
        while not self._updates:
            self._rung.clear()
            await self._rung.wait()
        return self._updates.pop(0)


class CrowdFeed:
    """
    All tasks' updates, of which a slow reader gets the newest of each kind for each task.

    What waits is bounded: beyond `most` the oldest are dropped, and the next update that is read
    says how many were.
    """

    def __init__(self, most: int = MOST_WAITING) -> None:
        self._most = most
        #: The newest update for each task and kind, the longest waiting first.
        self._updates: dict[tuple[str, str], Update] = {}
        self._missed = 0
        self._rung = asyncio.Event()

    def __len__(self) -> int:
        return len(self._updates)

    def push(self, update: Update) -> None:
        """Add an update, behind all that wait."""
        place = update.key, update.kind
        self._updates.pop(place, None)
        self._updates[place] = update
        if len(self._updates) > self._most:
            del self._updates[next(iter(self._updates))]
            self._missed += 1
        self._rung.set()

    async def pull(self) -> Update:
        """Wait for the next update and take it."""
        while not self._updates:
            self._rung.clear()
            await self._rung.wait()
        update = self._updates.pop(next(iter(self._updates)))
        if self._missed:
            update = evolve(update, missed=self._missed)
            self._missed = 0
        return update
