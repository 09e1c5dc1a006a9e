"""What a waiting task costs."""

from __future__ import annotations

import asyncio
import gc
import tracemalloc
from collections.abc import Sequence

from mjflow import Client, TaskHandle
from mjflow.journal.store import Attempt, Intent, Note, SavedPicture
from mjflow.transport.aiohttp import AiohttpTransport
from mjflow.transport.base import Target
from tests.engine.watched import Watched
from tests.scripted import BASE, RUNNING, opened
from tests.virtual import virtual_time

COUNT = 500


class Elsewhere:
    """A journal that keeps nothing in this process, as one on disk does."""

    async def start(self) -> None: ...

    async def intend(self, intent: Intent) -> None: ...

    async def note(self, token: str, note: Note) -> None: ...

    async def saved(self, saved: SavedPicture) -> None: ...

    async def aclose(self) -> None: ...

    async def attempts(self, namespace: str, key: str) -> Sequence[Attempt]:
        return ()


class Frugal(Watched):
    """A server that keeps nothing of what it was sent, with addresses as real ones are."""

    def __init__(self) -> None:
        super().__init__()
        self._real = AiohttpTransport(BASE, "sk-test")

    def target(self, path: str) -> Target:
        return self._real.target(path)

    def forget(self) -> None:
        for kept in (self.looked, self.looks, self.sent, self.log):
            kept.clear()
        self.most_at_once.clear()
        self._under_way.clear()
        self._rows.clear()


async def in_flight(client: Client, count: int) -> list[TaskHandle]:
    handles = [client.imagine(f"a cat, number {number}") for number in range(count)]
    for handle in handles:
        await handle.submitted()
    # Some looks for everybody.
    await asyncio.sleep(12)
    return handles


@virtual_time
async def test_a_task_in_flight_costs_about_two_kilobytes_with_all_that_belongs_to_it() -> None:
    """The record, the handle, the act, the keys and ids, and the prepared address for looks."""
    server = Frugal()
    server.takes_all()
    server.every_task(RUNNING)
    asyncio.get_running_loop().set_debug(False)  # it keeps a traceback with every Future
    async with opened(server, request_budget=None, journal=Elsewhere()) as client:
        await in_flight(client, 10)
        server.forget()
        gc.collect()
        tracemalloc.start()
        handles = await in_flight(client, COUNT)
        server.forget()
        gc.collect()
        size, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert size / len(handles) < 2200
