"""How far a paying request has come, learned from aiohttp's tracing (design §4)."""

from __future__ import annotations

from enum import Enum, auto
from types import SimpleNamespace

import aiohttp
from attrs import define


class Stage(Enum):
    """How far one request has come."""

    #: Nothing was begun.
    NEW = auto()
    #: A connection is being made: name, socket, TLS.  No byte of the request can have left.
    CONNECTING = auto()
    #: The connection stands.
    CONNECTED = auto()
    #: The request was handed over; any part of it may have left.
    SENT = auto()


class SentTwice(RuntimeError):
    """The library was about to send a paying request a second time, and was stopped."""


@define
class Trail:
    """The progress of one paying request, given to aiohttp as `trace_request_ctx`."""

    stage: Stage = Stage.NEW

    @property
    def nothing_left(self) -> bool:
        """Whether it is proven that no byte left; everything else is doubt."""
        return self.stage is Stage.CONNECTING

    def send(self) -> None:
        """Note that the request is handed over, which may happen once."""
        if self.stage is Stage.SENT:
            raise SentTwice("a paying request is sent once only")
        self.stage = Stage.SENT


def tracing() -> aiohttp.TraceConfig:
    """Return the hooks that move a request's `Trail` along."""
    config = aiohttp.TraceConfig()
    config.on_connection_create_start.append(_connecting)
    config.on_connection_create_end.append(_connected)
    config.on_request_headers_sent.append(_sending)
    return config


def _trail(context: SimpleNamespace) -> Trail:
    trail: Trail = context.trace_request_ctx
    return trail


async def _connecting(_session: object, context: SimpleNamespace, _params: object) -> None:
    trail = _trail(context)
    # A second connection for a request that may have left proves nothing any more.
    if trail.stage is Stage.NEW:
        trail.stage = Stage.CONNECTING


async def _connected(_session: object, context: SimpleNamespace, _params: object) -> None:
    trail = _trail(context)
    if trail.stage is Stage.CONNECTING:
        trail.stage = Stage.CONNECTED


async def _sending(_session: object, context: SimpleNamespace, _params: object) -> None:
    # aiohttp calls this just before it writes the headers.
    _trail(context).send()
