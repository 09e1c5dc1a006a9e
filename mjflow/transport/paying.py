"""Requests that cost money: each is sent once, and its fate is told without wishful thinking."""

from __future__ import annotations

from time import monotonic

import aiohttp

from mjflow.protocol.verdicts import NotSent, Outcome, Reply, Unanswered
from mjflow.transport.bodies import reply, whole
from mjflow.transport.connections import close_session, open_session
from mjflow.transport.faults import fault
from mjflow.transport.links import on_base
from mjflow.transport.notes import note
from mjflow.transport.server import CLOSED, JSON, Server, upload
from mjflow.transport.trail import Trail, tracing

# Bytes a second; an upload that is slower is stuck.
_SLOWEST_UPLOAD = 32 * 1024


class Paying:
    """
    The connections of paying requests.

    Each request has one of its own: a server that drops an idle connection at the moment it is
    used again would leave the request in doubt.  aiohttp repeats only idempotent requests by
    itself; `Trail` stops it should that ever change.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        self._session: aiohttp.ClientSession | None = None
        self._closed = False

    async def post(self, path: str, body: bytes) -> Outcome:
        """Send a POST, exactly once, and return what became of it."""
        if self._closed:
            return NotSent(CLOSED)
        trail = Trail()
        started = monotonic()
        try:
            answer = await self._send(path, body, trail)
        except Exception as error:
            return self._unanswered(error, trail, path, started)
        note("POST", path, answer.status, started)
        return answer

    async def aclose(self) -> None:
        """Close the connections, torn or not."""
        self._closed = True
        await close_session(self._session)

    async def _send(self, path: str, body: bytes, trail: Trail) -> Reply:
        response = await self._open().post(
            on_base(self._server.base, path),
            data=upload(body),
            allow_redirects=False,
            timeout=self._limits(len(body)),
            trace_request_ctx=trail,
        )
        return reply(response, await whole(response), self._server.key)

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = open_session(
                self._server.connector(keep_alive=None),
                {**JSON, **self._server.credentials},
                self._limits(0),
                tracing(),
            )
        return self._session

    def _limits(self, size: int) -> aiohttp.ClientTimeout:
        """Return the limits for a body of so many bytes; the answer's starts when it has left."""
        timeouts = self._server.timeouts
        return aiohttp.ClientTimeout(
            total=timeouts.connect + size / _SLOWEST_UPLOAD + timeouts.submit,
            connect=timeouts.connect,
            sock_read=timeouts.submit,
        )

    def _unanswered(self, error: Exception, trail: Trail, path: str, started: float) -> Outcome:
        reason = self._server.redact(fault(error, self._server.place).message)
        note("POST", path, reason, started)
        return NotSent(reason) if trail.nothing_left else Unanswered(reason)
