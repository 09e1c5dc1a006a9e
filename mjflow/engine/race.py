"""Many acts at once, handed out in the order in which they get an outcome."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Iterable
from typing import Generic, TypeVar

from mjflow.engine.record import Record
from mjflow.engine.tracker import Tracker

T = TypeVar("T")


async def each(source: Iterable[T] | AsyncIterable[T]) -> AsyncIterator[T]:
    """Go through an iterable of either kind."""
    if isinstance(source, AsyncIterable):
        async for entrant in source:
            yield entrant
    else:
        for entrant in source:
            yield entrant


class Race(Generic[T]):
    """
    Draws entrants while fewer than `limit` are out, and hands them out as they arrive.

    Lazy on both sides: whoever is drawn counts until the next one is asked for after it, so that
    nothing is drawn ahead of a reader who is slow or has gone.
    """

    def __init__(self, tracker: Tracker, record_of: Callable[[T], Record], limit: int) -> None:
        self._tracker = tracker
        self._record_of = record_of
        self._limit = limit
        self._out = 0
        self._running: dict[asyncio.Future[None], tuple[Record, T]] = {}
        self._arrived: deque[T] = deque()
        #: Rung when one has arrived, or the source has nothing more.
        self._news = asyncio.Event()
        #: Rung when there is room for one more.
        self._room = asyncio.Event()

    async def run(self, source: AsyncIterator[T]) -> AsyncGenerator[T, None]:
        """Yield all that the source gives, in order of arrival; what it raises comes out here."""
        drawing = asyncio.ensure_future(self._draw(source))
        drawing.add_done_callback(lambda _: self._news.set())
        try:
            while self._arrived or self._running or not drawing.done():
                if self._arrived:
                    yield self._arrived.popleft()
                    self._out -= 1
                    self._room.set()
                elif drawing.done() and drawing.exception():
                    break
                else:
                    self._news.clear()
                    await self._news.wait()
            await drawing
        finally:
            drawing.cancel()
            self._stop()
            await asyncio.gather(drawing, return_exceptions=True)

    async def _draw(self, source: AsyncIterator[T]) -> None:
        async for entrant in source:
            self._out += 1
            self._wait_for(entrant)
            while self._out >= self._limit:
                self._room.clear()
                await self._room.wait()

    def _wait_for(self, entrant: T) -> None:
        record = self._record_of(entrant).latest
        if record.outcome is not None:
            self._arrived.append(entrant)
            self._news.set()
            return
        waiter = self._tracker.waiter(record)
        self._running[waiter] = record, entrant
        waiter.add_done_callback(self._rung)

    def _rung(self, waiter: asyncio.Future[None]) -> None:
        running = self._running.pop(waiter, None)
        if running is not None:  # else it has rung in the very moment in which we stopped
            self._wait_for(running[1])

    def _stop(self) -> None:
        for waiter, (record, _) in self._running.items():
            waiter.remove_done_callback(self._rung)
            self._tracker.leave(record, waiter)
        self._running.clear()
