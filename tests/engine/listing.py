"""A scripted server that lists its tasks, as those without a gateway do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from mjflow.client import Client
from mjflow.errors import MjflowError
from mjflow.protocol.verdicts import Outcome, Reply

from ..scripted import DONE, LOST, RUNNING, Json, Scripted, Sent, opened, reply


class Listing(Scripted):
    """What is in `rows` is what `GET /mj/task/list` shows, the newest first."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[Json] = []
        #: When the list was read, in seconds on the loop's clock.
        self.reads: list[float] = []
        #: What the next reads come to instead.
        self.failures: list[Reply | MjflowError] = []

    def has(self, task_id: str, request: Sent, **more: Any) -> None:
        """Let the list show a task that a request has started."""
        self.rows.insert(0, {**RUNNING, "id": task_id, "state": request.body["state"], **more})

    async def read(self, method: str, path: str, body: bytes = b"", *, slow: bool = False) -> Reply:
        if path != "/mj/task/list":
            return await super().read(method, path, body, slow=slow)
        await asyncio.sleep(0.01)
        self.reads.append(asyncio.get_running_loop().time())
        if not self.failures:
            return reply(self.rows)
        failure = self.failures.pop(0) if len(self.failures) > 1 else self.failures[0]
        if isinstance(failure, MjflowError):
            raise failure
        return failure


def takes_and_is_lost(
    server: Listing, task_id: str = "1", **more: object
) -> Callable[[Sent], Outcome]:
    """Make an answer to a submit that starts a task and is lost on its way back."""

    def answer(request: Sent) -> Outcome:
        server.has(task_id, request, **more)
        return LOST

    return answer


def taking(*ids: str) -> Listing:
    """Make a server that takes imagines, lists them, and loses its answers."""
    server = Listing()
    server.on("imagine", *(takes_and_is_lost(server, task_id) for task_id in ids))
    server.every_task(RUNNING, DONE)
    return server


@asynccontextmanager
async def listed(server: Scripted, **settings: Any) -> AsyncIterator[Client]:
    """Open a client that takes a scripted server for one of trueai's."""
    async with opened(server, **{"dialect": "trueai", **settings}) as client:
        yield client
