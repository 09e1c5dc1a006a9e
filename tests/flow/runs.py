"""What tests of runs have in common: a server, its journal, and small flows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import mjflow
from mjflow import Client, MemoryStore
from mjflow.simulator import Ledger, Simulator

ANIMALS = [{"id": name, "animal": name} for name in ("cat", "dog", "owl")]
#: Two tasks and a picture for each animal.
UPSCALED = mjflow.Flow(
    name="upscaled",
    steps=[{"imagine": "a {animal}"}, {"click": "U1"}, {"download": "{animal}/{button}"}],
)


class Place:
    """A server and a journal, for one client after the other."""

    def __init__(self, server: Simulator, store: Any) -> None:
        self.server = server
        self.store = store

    def client(self, **settings: Any) -> Client:
        settings = {"max_in_flight": None, "journal": self.store, **settings}
        return Client(self.server.base_url, "sk-test", **settings)

    @property
    def ledger(self) -> Ledger:
        return self.server.ledger

    @property
    def paid(self) -> int:
        """How many requests were charged."""
        return sum(submit.charged > 0 for submit in self.ledger.submits)


@asynccontextmanager
async def place(store: Any = None, **simulator: Any) -> AsyncIterator[Place]:
    """Run a simulator on this loop."""
    async with Simulator(threads=False, seed=7, **simulator) as server:
        yield Place(server, store or MemoryStore())


def runs_under_way() -> list[str]:
    """Name the tasks of runs that there are."""
    names = [getattr(task.get_coro(), "__qualname__", "") for task in asyncio.all_tasks()]
    return [name for name in names if name.startswith(("Run", "Holding", "Passage"))]


def pictures(folder: Path) -> list[str]:
    """List the pictures below a folder, relative to it."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".json")
    return sorted(path.relative_to(folder).as_posix() for path in files)
