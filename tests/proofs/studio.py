"""A small server in memory that does all as it should, and keeps books of its own."""

from __future__ import annotations

import asyncio
import json
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from itertools import count

from attrs import frozen

from mjflow.protocol.dialect import Auth
from mjflow.protocol.verdicts import Outcome, Reply
from mjflow.transport.base import Stream, Target

from ..media.pictures import PNG
from ..wires import (
    DONE,
    OPEN,
    RUNNING,
    WAITING,
    Json,
    accepted,
    asking,
    reply,
    task_not_found,
)

#: Stands for the token of an upload, which has none.
UPLOAD = "upload"
#: What looks at a task show, one after the other; the last one stays.
LIFE = (WAITING, RUNNING, DONE)
#: Seconds that a request is under way, there and back.
WAY = 0.01


@frozen
class Charge:
    """What is paid for: a task, or an upload."""

    #: The request's, or `UPLOAD`.
    token: str
    route: str
    #: `""` for an upload.
    task_id: str


@frozen
class Shot:
    """The one picture this server has, in two chunks; a `Stream` while it is open."""

    status: int = 200
    content_type: str = "image/png"
    retry_after: float | None = None
    length: int | None = len(PNG)

    async def chunks(self) -> AsyncIterator[bytes]:
        half = len(PNG) // 2
        for part in (PNG[:half], PNG[half:]):
            await asyncio.sleep(WAY)
            yield part


def token_of(fields: Json) -> str:
    """Return the token of a request."""
    return str(fields.get("state", UPLOAD)).removeprefix("mj1.").partition(":")[0] or UPLOAD


class Studio:
    """The server; a `Transport`."""

    def __init__(self) -> None:
        self.charges: list[Charge] = []
        #: Tokens whose request was torn off while it was under way.
        self.torn: list[str] = []
        self.answers: Counter[str] = Counter()
        self.streams = 0
        self.closed = False
        self._rows: dict[str, deque[Json]] = {}
        self._ids = count(1001)

    async def authenticate(self, auth: Auth) -> None:
        """Take any key."""

    # --- paying requests ------------------------------------------------------------------

    async def submit(self, path: str, body: bytes) -> Outcome:
        fields: Json = json.loads(body)
        token = token_of(fields)
        try:
            await asyncio.sleep(WAY)
            outcome = self._taken(path.rpartition("/")[2], token, fields)
            await asyncio.sleep(WAY)
        except asyncio.CancelledError:
            self.torn.append(token)
            raise
        return outcome

    def _taken(self, route: str, token: str, fields: Json) -> Outcome:
        if route == "modal":
            return self._answered(token, fields["taskId"])
        if token == UPLOAD:
            self.charges.append(Charge(token, route, ""))
            return reply({"code": 1, "description": "ok", "result": ["https://cdn/up.png"]})
        task_id = str(next(self._ids))
        if "Inpaint" in fields.get("customId", "") or "CustomZoom" in fields.get("customId", ""):
            self._rows[task_id] = deque([OPEN])
            return asking(task_id, "offered")
        self._rows[task_id] = deque(LIFE)
        self.charges.append(Charge(token, route, task_id))
        return accepted(task_id)

    def _answered(self, token: str, task_id: str) -> Outcome:
        self.answers[task_id] += 1
        self._rows[task_id] = deque([OPEN, *LIFE])
        self.charges.append(Charge(token, "modal", task_id))
        return accepted(task_id)

    # --- looks ----------------------------------------------------------------------------

    def target(self, path: str) -> Target:
        return Target(path.split("/")[3])

    async def look(self, target: Target, body: bytes = b"") -> Reply:
        await asyncio.sleep(WAY)
        if body:
            return reply([json.loads(self._look(one).body) for one in json.loads(body)["ids"]])
        return self._look(str(target))

    async def read(self, method: str, path: str, body: bytes = b"", *, slow: bool = False) -> Reply:
        await asyncio.sleep(WAY)
        return self._look(path.split("/")[3])

    def _look(self, task_id: str) -> Reply:
        rows = self._rows.get(task_id)
        if rows is None:
            return task_not_found()
        shown = rows.popleft() if len(rows) > 1 else rows[0]
        return reply({**shown, "id": task_id})

    # --- pictures -------------------------------------------------------------------------

    def download(self, url: str) -> AbstractAsyncContextManager[Stream]:
        return self._download()

    @asynccontextmanager
    async def _download(self) -> AsyncIterator[Stream]:
        self.streams += 1
        try:
            await asyncio.sleep(WAY)
            yield Shot()
        finally:
            self.streams -= 1

    async def aclose(self) -> None:
        await asyncio.sleep(WAY)
        self.closed = True
