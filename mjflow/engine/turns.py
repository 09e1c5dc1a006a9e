"""A bounded number of turns, given to the most urgent first."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from heapq import heappop, heappush
from itertools import count


class Turns:
    """Like a semaphore whose queue is in order of urgency instead of arrival."""

    def __init__(self, free: int) -> None:
        self._free = free
        self._order = count()
        self._waiting: list[tuple[datetime, int, asyncio.Future[None]]] = []

    @asynccontextmanager
    async def turn(self, until: datetime) -> AsyncIterator[None]:
        """Hold a turn; the earlier `until`, when it must be over, the sooner it comes."""
        if self._free:
            self._free -= 1
        else:
            await self._wait(until)
        try:
            yield
        finally:
            self._give()

    async def _wait(self, until: datetime) -> None:
        mine = asyncio.get_running_loop().create_future()
        heappush(self._waiting, (until, next(self._order), mine))
        try:
            await mine
        except asyncio.CancelledError:
            if not mine.cancelled():
                self._give()  # it was given in the very moment we were cancelled
            raise

    def _give(self) -> None:
        while self._waiting:
            _, _, waiting = heappop(self._waiting)
            if not waiting.done():
                waiting.set_result(None)
                return
        self._free += 1
