"""A file of a million prompts needs no million objects, whoever reads along."""

from __future__ import annotations

import asyncio
import gc
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing
from typing import Any

import pytest

from mjflow import Client, MemoryStore, Task, TaskHandle, Update
from mjflow.engine.feed import MOST_OF_ALL, MOST_OF_ONE, CrowdFeed
from mjflow.engine.record import Record
from mjflow.protocol.verdicts import Outcome
from tests.engine.watched import Watched
from tests.scripted import DONE, FAILED, GRID, opened, queue_full
from tests.virtual import virtual_time

PROMPTS, LIMIT = 2_500, 50
ROW = {**DONE, "buttons": [{"customId": c, "label": b} for c, b in GRID]}
#: What one task in flight consists of, and one that has ended must not leave behind.
KINDS = (Record, TaskHandle, Task, Update, asyncio.Task, asyncio.Future)


class Forgetful(Watched):
    """A server that keeps nothing of what it was sent; its tasks end at the first look."""

    def __init__(self, *rows: Any) -> None:
        super().__init__()
        self.takes_all()
        self.takes_all("action")
        self.every_task(*rows)

    async def submit(self, path: str, body: bytes) -> Outcome:
        try:
            return await super().submit(path, body)
        finally:
            for kept in (self.looked, self.looks, self.sent, self.log):
                kept.clear()
            if len(self._rows) > 10 * LIMIT:  # nobody asks for the older ones any more
                for task_id in list(self._rows)[:LIMIT]:
                    del self._rows[task_id], self.most_at_once[task_id], self._under_way[task_id]


def alive() -> Counter[str]:
    """Count the objects that there are."""
    gc.collect()
    found = (type(one) for one in gc.get_objects())
    return Counter(kind.__name__ for kind in found if issubclass(kind, KINDS))


async def most_alive(arrivals: AsyncIterator[TaskHandle]) -> Counter[str]:
    """Take all, and count from time to time; return the largest counts."""
    most, number = Counter[str](), 0
    async for _ in arrivals:
        number += 1
        if number % 500 == 0:
            most |= alive()
    assert number == PROMPTS
    return most


def prompts() -> Iterator[str]:
    return (f"cat number {number}" for number in range(PROMPTS))


def upscale(grid: TaskHandle) -> TaskHandle:
    return grid.click("U1")


#: A batch of 5,000, of which 50 may be open at once; `map` is `as_completed` underneath.
BATCHES: dict[str, Callable[[Client], AsyncIterator[TaskHandle]]] = {
    "map": lambda client: client.map(prompts(), limit=LIMIT),
    "chains": lambda client: client.map(prompts(), then=upscale, limit=LIMIT),
}


@pytest.mark.parametrize("watched", [False, True], ids=["alone", "watched"])
@pytest.mark.parametrize("batch", BATCHES.values(), ids=BATCHES)
@virtual_time
async def test_only_what_is_open_is_alive(
    batch: Callable[[Client], AsyncIterator[TaskHandle]], watched: bool
) -> None:
    """Counted every 500 arrivals, with and without somebody who reads along."""
    asyncio.get_running_loop().set_debug(False)  # it keeps a traceback with every Future
    store, seen = MemoryStore(), Counter[str]()
    observers = [lambda update: seen.update([update.kind])] if watched else []
    settings: dict[str, Any] = {"request_budget": None, "journal": store, "observers": observers}
    async with opened(Forgetful(ROW), **settings) as client:
        before = alive()
        most = await most_alive(batch(client)) - before
        assert (len(client._engine.tracker), len(client._engine.stalls)) == (0, 0)
    assert repr(store) == "<MemoryStore: 0 attempts>"
    assert most["Record"] <= 3 * LIMIT  # a chain has two
    assert most["TaskHandle"] <= 2 * LIMIT
    assert sum(most.values()) <= 10 * LIMIT
    assert (seen["state"] > 2 * PROMPTS) is watched


@virtual_time
async def test_failures_leave_no_more_than_successes() -> None:
    """An error holds its traceback, and that what it stands in."""
    asyncio.get_running_loop().set_debug(False)
    async with opened(Forgetful(FAILED), request_budget=None) as client:
        before = alive()
        most = await most_alive(client.map(prompts(), limit=LIMIT)) - before
    assert most["Record"] <= 3 * LIMIT
    assert sum(most.values()) <= 10 * LIMIT


@virtual_time
async def test_a_reader_who_never_comes_back_costs_no_more_than_what_may_wait() -> None:
    """His generator is held, and nobody asks it for anything."""
    async with opened(Forgetful(ROW), request_budget=None) as client:
        async with aclosing(client.events()) as updates:  # type: ignore[type-var]
            first = client.imagine("the first")
            await anext(updates)
            await first
            async for _ in client.map(prompts(), limit=LIMIT):
                pass
            feed = next(iter(client._engine.observers._observers))
            assert isinstance(feed, CrowdFeed)
            assert len(feed) <= MOST_OF_ALL
        assert not client._engine.observers


@virtual_time
async def test_one_task_that_is_turned_away_for_days_fills_no_readers_memory() -> None:
    """It makes two steps for each try, and the newest thousand wait; the end is among them."""
    server = Forgetful(ROW)
    server.on("imagine", *[queue_full()] * 2000)
    async with opened(server, admission_timeout=None) as client:
        handle = client.imagine("a cat")
        updates = handle.events()
        first = await anext(updates)
        await handle
        assert [len(feed) for feed in handle._record.feeds or ()] == [MOST_OF_ONE]
        rest = [update async for update in updates]
    assert (first.state, rest[-1].state) == ("NEW", "SUCCESS")
    assert len(rest) == MOST_OF_ONE
    assert rest[0].missed > 2000
