"""Where the programs run: a server in memory, or the simulator over real sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Protocol

from mjflow import Client
from mjflow.journal.memory import MemoryStore
from mjflow.simulator import Simulator

from .studio import UPLOAD, Charge, Studio


class Stage(Protocol):
    """A server, and the journal of its clients."""

    store: MemoryStore
    #: What the keys are unique in.
    namespace: str

    def client(self, **settings: Any) -> Client:
        """Make a client, to be opened."""

    @property
    def charges(self) -> list[Charge]:
        """Return what the server has charged, in order."""

    @property
    def torn(self) -> list[str] | None:
        """Return the tokens of requests that were torn; `None` where nobody can tell."""


class InMemory:
    """The studio: all that happens is in one process, and takes no time."""

    def __init__(self) -> None:
        self.server = Studio()
        self.store = MemoryStore()
        self.namespace = "https://mj.example"

    def client(self, **settings: Any) -> Client:
        settings = {"journal": self.store, "dialect": "gateway", **settings}
        return Client(self.namespace, "sk-test", transport=self.server, **settings)

    @property
    def charges(self) -> list[Charge]:
        return self.server.charges

    @property
    def torn(self) -> list[str] | None:
        return self.server.torn


class OverSockets:
    """The simulator."""

    def __init__(self, server: Simulator) -> None:
        self.server = server
        self.store = MemoryStore()
        self.namespace = server.base_url

    def client(self, **settings: Any) -> Client:
        settings = {"journal": self.store, "dialect": "gateway", **settings}
        return Client(self.namespace, "sk-test", **settings)

    @property
    def charges(self) -> list[Charge]:
        return [
            Charge(submit.token.removeprefix("mj1.") or UPLOAD, submit.act, submit.task_id or "")
            for submit in self.server.ledger.submits
            if submit.charged > 0
        ]

    @property
    def torn(self) -> list[str] | None:
        return None


@asynccontextmanager
async def in_memory() -> AsyncIterator[Stage]:
    """Set the studio up."""
    stage = InMemory()
    yield stage
    assert stage.server.streams == 0


@asynccontextmanager
async def over_sockets() -> AsyncIterator[Stage]:
    """Set the simulator up."""
    async with Simulator(threads=False, seed=7) as server:
        yield OverSockets(server)
