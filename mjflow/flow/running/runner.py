"""
Takes all items of a run through one life of it, a bounded number at a time.

Items are drawn as there is room, and what has become of one is handed out before another is drawn
in its place: a reader who is slow, or has gone, is not run away from.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterator, Mapping

from attrs import define

from mjflow.engine.threads import in_thread
from mjflow.errors import RunStopped
from mjflow.flow.items import Item
from mjflow.flow.machine.commands import Event, Failed
from mjflow.flow.machine.layout import Layout
from mjflow.flow.machine.machine import Machine
from mjflow.flow.machine.results import ItemResult
from mjflow.flow.running.carrying import Hands
from mjflow.flow.running.header import Header
from mjflow.flow.running.logbook import Past
from mjflow.flow.running.passage import Passage, charged
from mjflow.flow.running.progress import Tally

#: An item's place in the order of the inputs, and what became of it.
Arrival = tuple[int, ItemResult]


class Arrivals:
    """
    Hands out what becomes of items, and tells whether there is room for more.

    Args:
        limit: Items that may be under way at once, those included that nobody has taken yet.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._out = 0
        self._arrived: deque[Arrival] = deque()
        #: Rung when one has arrived, or all are through.
        self._news = asyncio.Event()
        #: Rung when there is room for one more.
        self._room = asyncio.Event()

    async def enter(self) -> None:
        """Wait for room, and take it."""
        while self._out >= self._limit:
            self._room.clear()
            await self._room.wait()
        self._out += 1

    def put(self, arrival: Arrival) -> None:
        """Hand out what became of one that has entered."""
        self._arrived.append(arrival)
        self._news.set()

    async def until(self, life: asyncio.Task[None]) -> AsyncIterator[Arrival]:
        """Yield what arrives until a life is over."""
        life.add_done_callback(lambda _: self._news.set())
        while self._arrived or not life.done():
            if self._arrived:
                yield self._arrived.popleft()
                self._out -= 1
                self._room.set()
            else:
                self._news.clear()
                await self._news.wait()


@define(eq=False)
class Runner:
    """
    One life of a run.

    Args:
        resumed: Whether there was a life before this one.
    """

    run: str
    header: Header
    hands: Hands
    tally: Tally
    arrivals: Arrivals
    resumed: bool

    async def live(self) -> None:
        """Take all items through; raises what makes it impossible to go on."""
        layout = Layout.of(self.header.flow)
        opened = await self._opened() if self.resumed else {}
        if self.resumed and self.hands.purse.limited:
            await self._count_past()
        async with asyncio.TaskGroup() as group:
            for place, item in self._in_order(opened):
                await self.arrivals.enter()
                self.tally.open += 1
                group.create_task(self._pass(place, item, layout))

    async def _count_past(self) -> None:
        """Count what earlier lives have cost, before anything more is paid."""
        for item in self.header.items():
            past = await self.hands.logbook.past(item.key)
            for key in past.attempts:
                counted = charged(past, key, self.hands.prices)
                self.hands.purse.remember(self.hands.logbook.key(item.key, key), *counted)
        self.hands.counted = True

    async def _opened(self) -> Mapping[int, Item]:
        """Find the items of which something is at the server, or may be, by their places."""
        keys = await self.hands.logbook.open_items()
        if not keys:
            return {}
        return await in_thread(
            lambda: {at: one for at, one in enumerate(self.header.items()) if one.key in keys}
        )

    def _in_order(self, opened: Mapping[int, Item]) -> Iterator[tuple[int, Item]]:
        """Give the opened items first, then the others."""
        yield from opened.items()
        for place, item in enumerate(self.header.items()):
            if place not in opened:
                yield place, item

    async def _pass(self, place: int, item: Item, layout: Layout) -> None:
        past = await self.hands.logbook.past(item.key) if self.resumed else Past()
        passage = Passage(self.hands, layout, item, past, self.run, self._told)
        result = await passage.run()
        self.tally.finished(result, worked=passage.worked)
        self.arrivals.put((place, result))

    def _told(self, machine: Machine, event: Event, *, anew: bool) -> None:
        self.tally.applied(event)
        fatal = machine.fatal
        # What has stopped an earlier life does not stop this one: somebody wants it to go on.
        if anew and isinstance(event, Failed) and event.error is fatal:
            message = f"the run {self.run!r} has stopped with the item {machine.item.key!r}"
            self.hands.halt(RunStopped(f"{message}: {fatal.message}"))
