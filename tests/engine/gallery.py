"""A scripted server that has pictures, at hosts that may misbehave."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from attrs import frozen

from mjflow import Client, TaskHandle
from mjflow.errors import MjflowError, NoReply
from mjflow.transport.base import Stream
from tests.engine.watched import Watched
from tests.media.pictures import PNG
from tests.scripted import DONE, accepted

CDN = "https://cdn.example/1.png"


@frozen
class Shot:
    """What a host answers, in two chunks; a `Stream` while it is open."""

    body: bytes = PNG
    status: int = 200
    retry_after: float | None = None
    content_type: str = "image/png"
    #: Raised after the first chunk.
    breaks: MjflowError | None = None
    #: Seconds before each chunk.
    slowness: float = 0.0

    @property
    def length(self) -> int | None:
        return len(self.body)

    async def chunks(self) -> AsyncIterator[bytes]:
        half = len(self.body) // 2
        await asyncio.sleep(self.slowness)
        yield self.body[:half]
        await asyncio.sleep(self.slowness)
        if self.breaks is not None:
            raise self.breaks
        yield self.body[half:]


NOT_FOUND, FORBIDDEN, BUSY = Shot(b"", 404), Shot(b"", 403), Shot(b"", 503)
PAGE = Shot(b"<!doctype html><html>sorry</html>", content_type="text/html")
CUT = Shot(PNG[:-20])
TORN = Shot(breaks=NoReply("the answer broke off"))


class Gallery(Watched):
    """The server; links that nothing is lined up for are not found."""

    def __init__(self) -> None:
        super().__init__()
        self.takes_all()
        self.every_task(DONE)
        #: Links asked for, in order.
        self.fetched: list[str] = []
        self._shots: dict[str, deque[Shot | MjflowError]] = {}

    def has(self, link: str, *shots: Shot | MjflowError) -> None:
        """Line up what a link leads to; the last one stays."""
        self._shots[link] = deque(shots or [Shot()])

    def download(self, url: str) -> AbstractAsyncContextManager[Stream]:
        return self._download(url)

    @asynccontextmanager
    async def _download(self, url: str) -> AsyncIterator[Stream]:
        self.fetched.append(url)
        await asyncio.sleep(0.01)
        shots = self._shots.get(url, deque([NOT_FOUND]))
        shot = shots.popleft() if len(shots) > 1 else shots[0]
        if isinstance(shot, MjflowError):
            raise shot
        yield shot


async def grid(client: Client, server: Gallery, **row: Any) -> TaskHandle:
    """Return the handle of a finished task; `row` is what its last look shows."""
    task_id = server.next_id()
    server.on("imagine", accepted(task_id))
    server.shows(task_id, {**DONE, **row})
    handle = client.imagine(f"cat {task_id}")
    await handle
    return handle


def names(folder: Path) -> list[str]:
    """Name all that is in a folder, hidden files included."""
    return sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )


def discord(expires: datetime) -> str:
    """Build a link as Discord does, with its expiry in hexadecimal."""
    return f"https://cdn.discordapp.com/1.png?ex={int(expires.timestamp()):x}&is=1&hm=2"
