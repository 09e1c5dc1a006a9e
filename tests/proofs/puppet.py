"""A server that waits to be told what it answers, and what its tasks have come to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, nullcontext
from itertools import count

from attrs import Factory, define, frozen

from mjflow.journal.memory import MemoryStore
from mjflow.protocol.dialect import Auth
from mjflow.protocol.verdicts import Outcome, Reply
from mjflow.transport.base import Stream, Target

from ..media.pictures import PNG
from ..wires import (
    BUTTONS,
    LOST,
    UNREACHABLE,
    Json,
    accepted,
    asking,
    invalid,
    queue_full,
    remix,
    reply,
    row,
    task_not_found,
)

#: What a request may be told, and what that means: `yes` was taken, `no` was not, `doubt` either.
FATES = {
    "accept": "yes",
    "ask": "yes",
    "turn away": "no",
    "refuse": "no",
    "unreachable": "no",
    "take and lose": "doubt",
    "lose": "doubt",
}
#: Buttons that open a dialog, and are free.
FREE = ("MJ::Inpaint", "MJ::CustomZoom")


@define(eq=False)
class Request:
    """A paying request, from its arrival on."""

    key: str
    route: str
    token: str
    body: Json
    answer: asyncio.Future[Outcome]
    #: `pending`, one of `FATES`' values, or `given up`, at the risk of paying twice.
    fate: str = "pending"
    #: What exists because of it.
    task_id: str = ""
    #: What it has cost, whoever knows of it.
    cost: float = 0.0

    @property
    def free(self) -> bool:
        return str(self.body.get("customId", "")).startswith(FREE)

    @property
    def price(self) -> float:
        match self.route:
            case "action":
                return 0.0 if self.free else 0.05
            case _:
                return 0.1


@frozen
class Picture:
    """The one picture this server has."""

    status: int = 200
    content_type: str = "image/png"
    retry_after: float | None = None
    length: int | None = None

    async def chunks(self) -> AsyncIterator[bytes]:
        yield PNG


@define(eq=False)
class Puppet:
    """The server; a `Transport`."""

    store: MemoryStore
    #: All paying requests there ever were.
    requests: list[Request] = Factory(list)
    #: What looks at a task show.
    statuses: dict[str, str] = Factory(dict)
    _ids: count[int] = Factory(lambda: count(101))

    @property
    def pending(self) -> list[Request]:
        """Return the requests that wait for an answer."""
        return [one for one in self.requests if one.fate == "pending"]

    # --- the strings ----------------------------------------------------------------------

    def tell(self, request: Request, word: str) -> None:
        """Answer a request."""
        request.fate = FATES[word]
        if request.fate == "yes" or word == "take and lose":
            request.cost = request.price
        request.answer.set_result(self._outcome(request, word))

    def believe(self, token: str, answer: bool, word: str) -> None:
        """Take a person's word for what became of a request, or an answer, in doubt."""
        for request in self.requests:
            same = request.token == token and (request.route == "modal") == answer
            if same and request.fate == "doubt":
                request.fate = word

    def _outcome(self, request: Request, word: str) -> Outcome:
        match word:
            case "accept":
                return accepted(self._task(request, "SUBMITTED"))
            case "ask" if request.free:
                return asking(self._task(request, "MODAL"), "offered")
            case "ask":
                return remix(self._task(request, "MODAL"), "offered")
            case "take and lose":
                self._task(request, "SUBMITTED")
                return LOST
            case "lose":
                return LOST
            case "turn away":
                return queue_full()
            case "refuse":
                return invalid()
        return UNREACHABLE

    def _task(self, request: Request, status: str) -> str:
        task_id = request.body["taskId"] if request.route == "modal" else str(next(self._ids))
        if request.route != "modal":
            self.statuses[task_id] = status
        request.task_id = task_id
        return request.task_id

    # --- the transport --------------------------------------------------------------------

    async def authenticate(self, auth: Auth) -> None:
        pass

    async def submit(self, path: str, body: bytes) -> Outcome:
        fields: Json = json.loads(body)
        token = fields["state"].removeprefix("mj1.").partition(":")[0]
        key = self.store._by_token[token].intent.key
        answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        request = Request(key, path.rpartition("/")[2], token, fields, answer)
        self.requests.append(request)
        try:
            return await answer
        except asyncio.CancelledError:
            request.fate = "doubt"
            raise

    def target(self, path: str) -> Target:
        return Target(path)

    async def look(self, target: Target, body: bytes = b"") -> Reply:
        return await self.read("POST" if body else "GET", str(target), body)

    async def read(self, method: str, path: str, body: bytes = b"", *, slow: bool = False) -> Reply:
        await asyncio.sleep(0.001)
        if method == "POST":
            ids = [task_id for task_id in json.loads(body)["ids"] if task_id in self.statuses]
            return reply([self._row(task_id) for task_id in ids])
        task_id = path.split("/")[3]
        return reply(self._row(task_id)) if task_id in self.statuses else task_not_found()

    def _row(self, task_id: str) -> Json:
        return {**row(self.statuses[task_id], buttons=BUTTONS), "id": task_id}

    def download(self, url: str) -> AbstractAsyncContextManager[Stream]:
        return nullcontext(Picture())

    async def aclose(self) -> None:
        pass
