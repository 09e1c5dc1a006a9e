"""
A server out of a script: a transport in memory that speaks literal wire JSON.

The simulator is the better server for most tests.  This one is for the answer that only your
server gives, and for tests that want to see each request.
"""

from __future__ import annotations

import json
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from inspect import isawaitable
from typing import Any, TypeAlias

from attrs import frozen

from mjflow.errors import NoReply, Unreachable
from mjflow.protocol.dialect import Auth
from mjflow.protocol.verdicts import NotSent, Outcome, Reply, Unanswered
from mjflow.transport.base import Target

Json: TypeAlias = Mapping[str, Any]

_UNKNOWN_TASK = Reply(400, b'{"code": 4, "description": "task_no_found"}')


@frozen
class Sent:
    """A request as it left; looks at tasks are not among them."""

    #: The last word of the path, such as `imagine` or `modal`.
    route: str
    path: str
    body: Json


#: A JSON object to be answered with status 200, an answer as it comes, or a function of the
#: request, plain or async, that gives one of these.
Answer: TypeAlias = Json | Outcome | Callable[[Sent], "Json | Outcome | Awaitable[Json | Outcome]"]


@frozen
class _Picture:
    body: bytes
    content_type: str
    status: int = 200
    retry_after: float | None = None

    @property
    def length(self) -> int:
        return len(self.body)

    async def chunks(self) -> AsyncIterator[bytes]:
        yield self.body


class ScriptedTransport:
    """
    A server in memory that says what it was told to say; for `mjflow.Client(transport=...)`.

    Script it before use with `on`, `shows` and `has`, and look at `sent` afterwards.
    """

    def __init__(self) -> None:
        #: Every request but looks and downloads, in order.
        self.sent: list[Sent] = []
        self._answers: defaultdict[str, deque[Answer]] = defaultdict(deque)
        self._rows: dict[str, deque[Json | Reply]] = {}
        self._pictures: dict[str, _Picture] = {}

    def on(self, route: str, *answers: Answer) -> None:
        """Line up answers to a route's next requests, such as `imagine`; the last one stays."""
        self._answers[route].extend(answers)

    def shows(self, task_id: str, *rows: Json | Reply) -> None:
        """Line up what looks at a task show, as rows of the wire (P§4); the last one stays."""
        self._rows[task_id] = deque(rows)

    def has(self, url: str, body: bytes, content_type: str = "image/png") -> None:
        """Put a picture at an address."""
        self._pictures[url] = _Picture(body, content_type)

    # --- the transport --------------------------------------------------------------------

    async def authenticate(self, auth: Auth) -> None:
        """Do nothing: every key is good."""

    async def submit(self, path: str, body: bytes) -> Outcome:
        """Give the next answer that is lined up for the route."""
        return await self._answered(path, body)

    def target(self, path: str) -> Target:
        """Keep the path of a look."""
        return Target(path)

    async def look(self, target: Target, body: bytes = b"") -> Reply:
        """Show the next row of a task, or of each of many."""
        return await self.read("POST" if body else "GET", str(target), body)

    async def read(self, method: str, path: str, body: bytes = b"", *, slow: bool = False) -> Reply:
        """Show the next rows of one task or of many, or give what is lined up for the route."""
        match path.split("/"):
            case [_, "mj", "task", task_id, "fetch"]:
                return self._row(task_id)
            case [_, "mj", "task", "list-by-condition"]:
                shown = [self._row(task_id) for task_id in json.loads(body)["ids"]]
                return _reply([json.loads(one.body) for one in shown if one.status == 200])
        match await self._answered(path, body):
            case Reply() as reply:
                return reply
            case NotSent(reason):
                raise Unreachable(reason)
            case Unanswered(reason):
                raise NoReply(reason)

    @asynccontextmanager
    async def download(self, url: str) -> AsyncIterator[_Picture]:
        """Open the picture at an address, if there is one."""
        yield self._pictures.get(url, _Picture(b"", "text/plain", 404))

    async def aclose(self) -> None:
        """Do nothing: there are no connections."""

    async def _answered(self, path: str, body: bytes) -> Outcome:
        request = Sent(path.rpartition("/")[2], path, json.loads(body or b"{}"))
        self.sent.append(request)
        lined_up = self._answers[request.route]
        if not lined_up:
            return _reply({"error": f"nothing is scripted for {request.route!r}"}, 404)
        answer = lined_up.popleft() if len(lined_up) > 1 else lined_up[0]
        said = answer(request) if callable(answer) else answer
        said = await said if isawaitable(said) else said
        return _reply(said) if isinstance(said, Mapping) else said

    def _row(self, task_id: str) -> Reply:
        rows = self._rows.get(task_id)
        if not rows:
            return _UNKNOWN_TASK
        row = rows.popleft() if len(rows) > 1 else rows[0]
        return _reply({"id": task_id, **row}) if isinstance(row, Mapping) else row


def _reply(body: Any, status: int = 200) -> Reply:
    return Reply(status, json.dumps(body, ensure_ascii=False).encode())
