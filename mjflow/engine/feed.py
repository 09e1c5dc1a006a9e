"""One reader's view of what happens to a task: ordered, and bounded however slow the reader."""

from __future__ import annotations

import asyncio

from mjflow.observers import Update

#: Of these only the newest counts: a reader that falls behind misses the ones between.
_COALESCED = frozenset({"progress", "preview", "retry"})


class Feed:
    """A queue of updates in which looks are coalesced and steps are kept."""

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
