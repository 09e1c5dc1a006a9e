"""A server that says what a script says, whatever it is asked; and remembers what it said."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from itertools import chain, count, repeat
from typing import Any, TypeVar

from attrs import Factory, define, field, frozen

from mjflow.errors import MjflowError, TransportError
from mjflow.protocol.dialect import Auth
from mjflow.protocol.verdicts import Outcome, Reply
from mjflow.transport.base import Stream, Target

from ..strategies import body_of
from ..wires import Json, accepted, asking
from .junk import ASKED_FOR, Shot, Shown, Told

T = TypeVar("T")

#: What is answered in ways of its own: a click that opens a dialog is apart from the others.
ROUTES = ("imagine", "action", "asking", "change", "modal")
#: Buttons that open a dialog.
ASKING = ("MJ::Inpaint", "MJ::CustomZoom")
#: Seconds that answers take, one after the other.
DELAYS = (0.01, 0.01, 40.0, 0.01, 2.0, 94.0)


@frozen(kw_only=True)
class Script:
    """What is said to each kind of request, in order; the last word is repeated."""

    #: By route; any other is answered as the last one is.
    submits: dict[str, list[Told]]
    #: One for each of the tasks, in the order in which they are looked at.
    looks: list[list[Shown]]
    #: What is shown of a task whose click has opened a dialog.
    dialogs: list[Shown]
    lists: list[list[Any] | Reply | TransportError]
    shots: list[Shot | MjflowError]


@frozen
class Asked:
    """A paying request, and what was said to it."""

    #: The user's own part of `state`: which act of the program it is.
    act: str
    route: str
    token: str
    means: str


@define
class Opened:
    """An open picture."""

    shot: Shot
    chunks_read: int = 0

    @property
    def status(self) -> int:
        return self.shot.status

    @property
    def content_type(self) -> str:
        return self.shot.content_type

    @property
    def retry_after(self) -> float | None:
        return self.shot.retry_after

    @property
    def length(self) -> int | None:
        return self.shot.length

    async def chunks(self) -> AsyncIterator[bytes]:
        half = len(self.shot.body) // 2
        yield self.shot.body[:half]
        if self.shot.breaks is not None:
            raise self.shot.breaks
        yield self.shot.body[half:]


@define(eq=False)
class Liar:
    """The server; a `Transport`."""

    script: Script
    sent: list[Asked] = Factory(list)
    _submits: dict[str, Iterator[Told]] = field(init=False)
    _looks: dict[str, Iterator[Shown]] = field(init=False, factory=dict)
    _lives: Iterator[list[Shown]] = field(init=False)
    _lists: Iterator[Any] = field(init=False)
    _shots: Iterator[Shot | MjflowError] = field(init=False)
    _delays: Iterator[float] = field(init=False)
    _ids: Iterator[str] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._submits = {route: _endless(told) for route, told in self.script.submits.items()}
        self._lives = _endless(self.script.looks)
        self._ids = map(str, count(101))
        self._lists = _endless(self.script.lists)
        self._shots = _endless(self.script.shots)
        self._delays = chain.from_iterable(repeat(DELAYS))

    async def authenticate(self, auth: Auth) -> None:
        pass

    async def submit(self, path: str, body: bytes) -> Outcome:
        fields: Json = json.loads(body)
        token, _, act = fields.get("state", "").removeprefix("mj1.").partition(":")
        route = path.rpartition("/")[2]
        asks = fields.get("customId", "").startswith(ASKING)
        told = next(self._submits.get("asking" if asks else route, self._submits["imagine"]))
        self.sent.append(Asked(act, route, token, told.means))
        await asyncio.sleep(next(self._delays))
        return told.outcome or self._good(fields)

    def _good(self, fields: Json) -> Reply:
        """Answer as a good server does."""
        if fields.get("customId", "").startswith(ASKING):
            task_id = next(self._ids)
            self._looks[task_id] = _endless(self.script.dialogs)
            return asking(task_id, "offered")
        answers_dialog = "taskId" in fields and "prompt" in fields
        return accepted(fields["taskId"] if answers_dialog else next(self._ids))

    def target(self, path: str) -> Target:
        return Target(path)

    async def look(self, target: Target, body: bytes = b"") -> Reply:
        return await self.read("POST" if body else "GET", str(target), body)

    async def read(self, method: str, path: str, body: bytes = b"", *, slow: bool = False) -> Reply:
        await asyncio.sleep(0.01)
        if path.endswith("list-by-condition"):
            return _listed(next(self._lists), json.loads(body)["ids"])
        if method == "POST":
            outcome = next(self._submits["imagine"]).outcome
            return outcome if isinstance(outcome, Reply) else Reply(502, b"")
        task_id = path.split("/")[3]
        if task_id not in self._looks:
            self._looks[task_id] = _endless(next(self._lives))
        return _replied(next(self._looks[task_id]), task_id)

    def download(self, url: str) -> AbstractAsyncContextManager[Stream]:
        return self._download()

    @asynccontextmanager
    async def _download(self) -> AsyncIterator[Stream]:
        await asyncio.sleep(0.01)
        shot = next(self._shots)
        if isinstance(shot, MjflowError):
            raise shot
        yield Opened(shot)

    async def aclose(self) -> None:
        pass


def _endless(words: list[T]) -> Iterator[T]:
    return chain(words, repeat(words[-1]))


def _replied(shown: Shown, task_id: str) -> Reply:
    if isinstance(shown, TransportError):
        raise shown
    return shown if isinstance(shown, Reply) else Reply(200, body_of(_asked_for(shown, task_id)))


def _listed(shown: Any, ids: list[str]) -> Reply:
    if isinstance(shown, TransportError):
        raise shown
    if isinstance(shown, Reply):
        return shown
    rows = [_asked_for(row, task_id) for row in shown for task_id in ids]
    return Reply(200, body_of(rows))


def _asked_for(row: Any, task_id: str) -> Any:
    """Put the id that is asked for into a row, as a number where it looks like one."""
    if not isinstance(row, dict) or row.get("id") != ASKED_FOR:
        return row
    as_number = task_id.isdigit() and str(int(task_id)) == task_id and "57%" in row.values()
    return {**row, "id": int(task_id) if as_number else task_id}
