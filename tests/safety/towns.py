"""Servers that mean no good, on real sockets, and a client of theirs."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from mjflow import Client
from tests.scripted import GRID
from tests.transport.servers import Peer, Request, http, serve

#: Looks like no word and no number.
KEY = "sk-c4n4rya1b2c3d4e5f6g7h8i9"
BARE = KEY.removeprefix("sk-")

Reply = bytes | dict[str, Any]


def said(content: Any, status: int = 200, **headers: str) -> bytes:
    """Return an answer in JSON."""
    return http(status, json.dumps(content).encode(), length=None, **headers)


def row(task_id: str, status: str = "SUCCESS", **more: Any) -> dict[str, Any]:
    """Return a task as a look shows it, with the buttons of a grid when it is done."""
    buttons = [{"customId": custom_id, "label": label} for custom_id, label in GRID]
    return {
        "id": task_id,
        "status": status,
        "progress": "100%" if status == "SUCCESS" else "",
        "action": "IMAGINE",
        "prompt": "a cat",
        "imageUrl": f"/mj/image/{task_id}",
        "failReason": "",
        "buttons": buttons if status == "SUCCESS" else [],
        "properties": {},
        **more,
    }


class Town:
    """A server that gives what is lined up for each path, the last one for ever."""

    def __init__(self) -> None:
        self._lined_up: defaultdict[str, deque[bytes]] = defaultdict(deque)
        #: Once it runs.
        self.peer: Peer

    def gives(self, path: str, *replies: Reply) -> None:
        """Line up answers; a dict is an answer in JSON."""
        self._lined_up[path] = deque(
            reply if isinstance(reply, bytes) else said(reply) for reply in replies
        )

    def accepts(self, route: str, task_id: object) -> None:
        """Take a submit, and give the task this id."""
        answer = {"code": 1, "description": "ok", "result": task_id, "properties": {}}
        self.gives(f"/mj/submit/{route}", answer)

    def shows(self, task_id: str, *replies: Reply) -> None:
        """Line up what looks at a task show."""
        self.gives(f"/mj/task/{task_id}/fetch", *replies)

    async def act(self, request: Request, writer: asyncio.StreamWriter) -> None:
        """Answer a request."""
        replies = self._lined_up[request.path.partition("?")[0]]
        reply = replies.popleft() if len(replies) > 1 else (replies or [http(404, b"")])[0]
        writer.write(reply)
        await writer.drain()

    @property
    def url(self) -> str:
        return self.peer.url

    @property
    def paths(self) -> list[str]:
        """The paths asked for, in order."""
        return [request.path for request in self.peer.requests]


@asynccontextmanager
async def town(it: Town | None = None) -> AsyncIterator[Town]:
    """Run a server; one that knows nothing yet, if none is given."""
    it = it or Town()
    async with serve(it.act) as it.peer:
        yield it


@asynccontextmanager
async def client_of(url: str, **settings: Any) -> AsyncIterator[Client]:
    """Open a client that needs not find out what kind of server it has to do with."""
    async with Client(url, KEY, **{"dialect": "gateway", "max_in_flight": None, **settings}) as one:
        yield one
