"""One timer for any number of equal time limits."""

from __future__ import annotations

import asyncio
from typing import Any

Task = asyncio.Task[Any]


class Watch:
    """
    Cancels asyncio tasks that stay inside for longer than `limit` seconds.

    A timer of its own costs each look a ninth of its CPU time.  Here entries have the same limit,
    hence leave in the order they came in, and one timer for the eldest is enough.  Use it so:

        task = watch.enter()
        try:
            ...
        except asyncio.CancelledError:
            if watch.took(task):
                ...  # the limit, not the caller
            raise
        finally:
            watch.leave(task)
    """

    __slots__ = ("_expired", "_limit", "_loop", "_since", "_timer")

    def __init__(self, limit: float) -> None:
        self._limit = limit
        self._loop = asyncio.get_running_loop()
        self._since: dict[Task, float] = {}
        self._expired: set[Task] = set()
        self._timer: asyncio.TimerHandle | None = None

    def enter(self) -> Task:
        """Start the limit of the running asyncio task."""
        task = asyncio.current_task()
        assert task is not None, "a look needs an asyncio task to run in"
        now = self._loop.time()
        self._since[task] = now
        if self._timer is None:
            self._timer = self._loop.call_at(now + self._limit, self._ring)
        return task

    def leave(self, task: Task) -> None:
        """End the limit; harmless when it has struck."""
        if self._since.pop(task, None) is None and task in self._expired:
            # It struck, and another error came out instead of the cancellation.
            self._expired.discard(task)
            task.uncancel()

    def took(self, task: Task) -> bool:
        """Return whether a cancellation was ours alone, and take it back if so."""
        if task not in self._expired:
            return False
        self._expired.discard(task)
        return task.uncancel() == 0

    def close(self) -> None:
        """Stop the timer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _ring(self) -> None:
        self._timer = None
        now = self._loop.time()
        while self._since:
            eldest = next(iter(self._since))
            due = self._since[eldest] + self._limit
            if due > now:
                self._timer = self._loop.call_at(due, self._ring)
                return
            del self._since[eldest]
            self._expired.add(eldest)
            eldest.cancel()
