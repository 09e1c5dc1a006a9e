"""
A server out of a script: a transport in memory that speaks literal wire JSON.

Paying requests are answered by what the test has lined up for their route, looks by the rows it
has lined up for their id.  Everything that is sent is kept, with the time at which it left.
"""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Any

from attrs import Factory, define, frozen

from mjflow.client import Client
from mjflow.errors import MjflowError, WaitTimeout
from mjflow.handle import TaskHandle
from mjflow.journal.memory import MemoryStore
from mjflow.journal.store import Intent, Note
from mjflow.media.masks import Mask
from mjflow.protocol.dialect import Auth
from mjflow.protocol.task import Task
from mjflow.protocol.verdicts import Outcome, Reply
from mjflow.transport.base import Stream, Target

from .wires import (
    BUTTONS,
    DESCRIBED,
    DONE,
    FAILED,
    GRID,
    LOST,
    OPEN,
    PICTURE,
    RUNNING,
    UNREACHABLE,
    UNREAD,
    UUID,
    WAITING,
    Json,
    accepted,
    answered,
    asking,
    bad_gateway,
    banned,
    blocked,
    code_3,
    code_5,
    existing,
    failed_9,
    gateway_error,
    invalid,
    key_refused,
    no_channel,
    parent_stale,
    queue_full,
    queue_full_9,
    queued,
    quota_empty,
    remix,
    reply,
    row,
    saturated,
    shape_a,
    task,
    task_not_found,
    web_page,
)

__all__ = [
    "BASE",
    "BUTTONS",
    "DESCRIBED",
    "DONE",
    "FAILED",
    "GRID",
    "LOST",
    "OPEN",
    "PICTURE",
    "RUNNING",
    "UNREACHABLE",
    "UNREAD",
    "UUID",
    "WAITING",
    "Answer",
    "Held",
    "Json",
    "Later",
    "Ledger",
    "Scripted",
    "Sent",
    "accepted",
    "answered",
    "asking",
    "bad_gateway",
    "banned",
    "blocked",
    "code_3",
    "code_5",
    "events",
    "existing",
    "failed_9",
    "gateway_error",
    "invalid",
    "key_refused",
    "no_channel",
    "opened",
    "outcome",
    "parent_stale",
    "queue_full",
    "queue_full_9",
    "queued",
    "quota_empty",
    "remix",
    "reply",
    "row",
    "saturated",
    "shape_a",
    "task",
    "task_not_found",
    "web_page",
]

BASE = "https://mj.example"


@frozen
class Sent:
    """A paying request as it left."""

    #: The last word of the path: `imagine`, `action`, `change` or `modal`.
    route: str
    path: str
    body: Json
    #: Seconds on the loop's clock.
    at: float

    @property
    def token(self) -> str:
        """What the request's `state` carries behind `mj1.`."""
        return str(self.body["state"]).removeprefix("mj1.").partition(":")[0]


@define(eq=False)
class Held:
    """An answer that is kept back: the request stays on the wire until `release`."""

    #: Set when the request has arrived.
    arrived: asyncio.Event = Factory(asyncio.Event)
    #: Whether it was cancelled while it was on the wire.
    torn: bool = False
    _answer: asyncio.Future[Outcome] | None = None

    async def outcome(self) -> Outcome:
        self._answer = asyncio.get_running_loop().create_future()
        self.arrived.set()
        try:
            return await self._answer
        except asyncio.CancelledError:
            self.torn = True
            raise

    def release(self, outcome: Outcome) -> None:
        assert self._answer is not None
        self._answer.set_result(outcome)


@frozen
class Later:
    """An answer that takes a while."""

    seconds: float
    answer: Outcome | Callable[[Sent], Outcome]


Answer = Outcome | Held | Later | Callable[[Sent], Outcome]


def of_its_own(shown: Json | Reply, task_id: str) -> Json | Reply:
    """Return a row with a job of its own: no two tasks show the same one."""
    if isinstance(shown, Reply):
        return shown
    job = f"{UUID[:-12]}{int(task_id) if task_id.isdecimal() else 0:012}"[-36:]
    buttons = [
        {**button, "customId": button["customId"].replace(UUID, job)}
        for button in shown.get("buttons") or ()
    ]
    return {**shown, "buttons": buttons}


class Scripted:
    """The server; a `Transport`."""

    def __init__(self) -> None:
        self.sent: list[Sent] = []
        #: What happened, in order: requests here, and journal entries of a `Ledger` beside it.
        self.log: list[str] = []
        #: Ids looked at, in order.
        self.looks: list[str] = []
        #: Links whose first bytes were fetched.
        self.measured: list[str] = []
        self.on_the_wire = 0
        #: How many paying requests there were at once.
        self.most_on_the_wire = 0
        self.closed = False
        self._answers: defaultdict[str, deque[Answer]] = defaultdict(deque)
        self._always: dict[str, Answer] = {}
        self._rows: dict[str, deque[Json | Reply]] = {}
        self._every: tuple[Json | Reply, ...] = ()
        self._numbers = 0

    # --- the script -----------------------------------------------------------------------

    def on(self, route: str, *answers: Answer) -> None:
        """Line up answers to a route's next requests."""
        self._answers[route].extend(answers)

    def always(self, route: str, answer: Answer) -> None:
        """Answer all of a route's requests for which nothing is lined up."""
        self._always[route] = answer

    def shows(self, task_id: str, *rows: Json | Reply) -> None:
        """Line up what looks at an id show; the last one stays."""
        self._rows[task_id] = deque(rows)

    def every_task(self, *rows: Json | Reply) -> None:
        """Line up what looks at any other id show."""
        self._every = rows

    def answers_dialogs(self, *rows: Json | Reply) -> Callable[[Sent], Outcome]:
        """Make an answer to a modal, from which on its task shows these rows."""

        def answer(request: Sent) -> Outcome:
            self.shows(request.body["taskId"], *(rows or (RUNNING, DONE)))
            return accepted(request.body["taskId"])

        return answer

    def takes_all(self, route: str = "imagine") -> None:
        """Accept all that comes, under ids counted from 1001."""
        self.always(route, lambda _: accepted(self.next_id()))

    def next_id(self) -> str:
        self._numbers += 1
        return str(1000 + self._numbers)

    # --- what was sent --------------------------------------------------------------------

    @property
    def routes(self) -> list[str]:
        return [request.route for request in self.sent]

    def to(self, route: str) -> list[Sent]:
        return [request for request in self.sent if request.route == route]

    # --- the transport --------------------------------------------------------------------

    async def authenticate(self, auth: Auth) -> None:
        """Take any key."""

    async def submit(self, path: str, body: bytes) -> Outcome:
        at = asyncio.get_running_loop().time()
        request = Sent(path.rpartition("/")[2], path, json.loads(body), at)
        self.sent.append(request)
        self.log.append(f"sent {request.route}")
        self.on_the_wire += 1
        self.most_on_the_wire = max(self.most_on_the_wire, self.on_the_wire)
        try:
            return await self._outcome(request)
        finally:
            self.on_the_wire -= 1

    async def _outcome(self, request: Sent) -> Outcome:
        waiting = self._answers[request.route]
        answer = waiting.popleft() if waiting else self._always[request.route]
        if isinstance(answer, Held):
            return await answer.outcome()
        if not isinstance(answer, Later):
            answer = Later(0.01, answer)
        await asyncio.sleep(answer.seconds)
        return answer.answer(request) if callable(answer.answer) else answer.answer

    def target(self, path: str) -> Target:
        return Target(path.split("/")[3])

    async def look(self, target: Target, body: bytes = b"") -> Reply:
        await asyncio.sleep(0.01)
        if body:
            return self._list(json.loads(body)["ids"])
        self.looks.append(str(target))
        return self._look(str(target))

    async def read(self, method: str, path: str, body: bytes = b"", *, slow: bool = False) -> Reply:
        await asyncio.sleep(0.01)
        if method == "GET":
            return self._look(path.split("/")[3])
        return self._list(json.loads(body)["ids"])

    def _list(self, ids: Sequence[str]) -> Reply:
        shown = [self._look(task_id) for task_id in ids]
        return reply([json.loads(one.body) for one in shown if one.status == 200])

    def _look(self, task_id: str) -> Reply:
        rows = self._rows.get(task_id)
        if rows is None and self._every:
            rows = self._rows[task_id] = deque(of_its_own(row, task_id) for row in self._every)
        if not rows:
            return task_not_found()
        shown = rows.popleft() if len(rows) > 1 else rows[0]
        return shown if isinstance(shown, Reply) else reply({**shown, "id": task_id})

    def download(self, url: str) -> AbstractAsyncContextManager[Stream]:
        """Give the first bytes of a picture of 8 by 8: all that the engine wants here."""
        self.measured.append(url)
        return nullcontext(Picture(Mask.rect(0, 0, 0.5, 1).png(8, 8)))

    async def aclose(self) -> None:
        self.closed = True


@frozen
class Picture:
    """A picture that is fetched."""

    body: bytes
    status: int = 200
    content_type: str = "image/png"
    length: int | None = None
    retry_after: float | None = None

    async def chunks(self) -> AsyncIterator[bytes]:
        yield self.body


class Ledger(MemoryStore):
    """A journal in memory that writes into a log what it is given to keep."""

    def __init__(self, log: list[str]) -> None:
        super().__init__()
        self.log = log

    async def intend(self, intent: Intent) -> None:
        await super().intend(intent)
        self.log.append(f"intent {intent.attempt}")

    async def note(self, token: str, note: Note) -> None:
        await super().note(token, note)
        self.log.append(note.event.name)


async def events(store: MemoryStore, key: str) -> list[list[str]]:
    """Return the events noted behind each attempt of a key."""
    attempts = await store.attempts(BASE, key)
    return [[note.event.name for note in attempt.notes] for attempt in attempts]


@asynccontextmanager
async def opened(server: Scripted, **settings: Any) -> AsyncIterator[Client]:
    """Open a client of a scripted server: no bound on what is in flight, and single looks."""
    settings = {"max_in_flight": None, "dialect": "gateway", **settings}
    async with Client(BASE, "sk-test", transport=server, **settings) as client:
        client._engine.poller.chunks.most = 1
        client._engine.poller.chunks.failed(1, 0.0)
        yield client


async def outcome(handle: TaskHandle) -> Task | MjflowError:
    """Wait for what becomes of a handle; for a day at most."""
    try:
        return await handle.wait(timeout=86400.0)
    except MjflowError as error:
        assert not isinstance(error, WaitTimeout)
        return error
