"""The transport over aiohttp: three sets of connections, and no exceptions but ours."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from time import monotonic
from typing import Any

import aiohttp
from yarl import URL

from mjflow.errors import MjflowError, NoReply
from mjflow.protocol.dialect import Auth
from mjflow.protocol.verdicts import Outcome, Reply
from mjflow.transport.base import Stream, Target, Timeouts
from mjflow.transport.bodies import reply, whole
from mjflow.transport.connections import close_session, open_session
from mjflow.transport.faults import fault
from mjflow.transport.links import on_base
from mjflow.transport.notes import listening, note
from mjflow.transport.paying import Paying
from mjflow.transport.pictures import Pictures
from mjflow.transport.retry import persist
from mjflow.transport.server import CLOSED, JSON, Server, closed, credentials, upload
from mjflow.transport.watch import Watch

# Seconds that an idle connection is kept: longer than the time between two looks.
_KEEP_ALIVE = 60.0
_DEFAULT_TIMEOUTS = Timeouts()


class AiohttpTransport:
    """
    Requests to one base URL with one key (`base.Transport`).

    May be made outside of an event loop: connections are opened at the first request, and belong
    to the loop of that moment.

    Args:
        base_url: As `config.load` gives it.
        key: `""` for a server that wants none; no header is sent then.
        auth: How the key travels (P§1).
        ssl_context: Whose certificates are trusted; `None` for the system's choice.

    Raises:
        InvalidInput: No HTTP header can carry this key.
    """

    def __init__(
        self,
        base_url: str,
        key: str,
        *,
        auth: Auth = Auth.BEARER,
        timeouts: Timeouts = _DEFAULT_TIMEOUTS,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self._server = Server(
            base=URL(base_url),
            key=key,
            credentials=credentials(key, auth),
            timeouts=timeouts,
            context=ssl_context,
        )
        self._paying = Paying(self._server)
        self._pictures = Pictures(self._server)
        self._reading: aiohttp.ClientSession | None = None
        self._watch: Watch | None = None
        self._closed = False

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self._server.base)!r})"

    def redact(self, text: str) -> str:
        """Return a text fit for messages and logs: without the key, and with base64 cut down."""
        return self._server.redact(text)

    async def authenticate(self, auth: Auth) -> None:
        """Let the key travel in another way from now on; nothing may be on the wire meanwhile."""
        self._server.credentials = credentials(self._server.key, auth)
        reading, self._reading = self._reading, None
        await close_session(reading)

    async def submit(self, path: str, body: bytes) -> Outcome:
        """Send one paying POST, exactly once, and say what became of it."""
        return await self._paying.post(path, body)

    def target(self, path: str) -> Target:
        """Build an address once, for looks that repeat."""
        return Target(on_base(self._server.base, path))

    async def look(self, target: Target, body: bytes = b"") -> Reply:
        """GET a target, or POST to it if there is a body: one attempt, as cheap as can be."""
        address: Any = target
        reading = self._reading or self._open()
        watch = self._watch or self._open_watch()
        started = monotonic() if listening() else None
        task = watch.enter()
        failed: MjflowError
        try:
            if body:
                response = await reading.post(
                    address, data=body, headers=JSON, allow_redirects=False
                )
            else:
                response = await reading.get(address, allow_redirects=False)
            answer = reply(response, await whole(response), self._server.key)
        except asyncio.CancelledError:
            if not watch.took(task):
                raise
            failed = NoReply(f"{self._server.place} did not answer in time")
        except Exception as error:
            failed = self._failure(error)
        else:
            if started is not None:
                note("POST" if body else "GET", address.raw_path, answer.status, started)
            return answer
        finally:
            watch.leave(task)
        raise failed

    async def read(self, method: str, path: str, body: bytes = b"", *, slow: bool = False) -> Reply:
        """Send a request that costs nothing; try a few times before giving up."""
        self._open()
        timeouts = self._server.timeouts
        limits = aiohttp.ClientTimeout(
            total=timeouts.seed if slow else timeouts.read, connect=timeouts.connect
        )
        return await persist(lambda: self._attempt(method, path, body, limits))

    def download(self, url: str) -> AbstractAsyncContextManager[Stream]:
        """Open a picture; the key goes to the base URL's origin only."""
        return self._pictures.open(url)

    async def aclose(self) -> None:
        """Close all connections; harmless when done before."""
        self._closed = True
        if self._watch is not None:
            self._watch.close()
        reading, self._reading = self._reading, None
        # All three are closed, even if a second Ctrl-C comes in the middle.
        async with AsyncExitStack() as closing:
            closing.push_async_callback(self._paying.aclose)
            closing.push_async_callback(self._pictures.aclose)
            closing.push_async_callback(close_session, reading)

    async def _attempt(
        self, method: str, path: str, body: bytes, limits: aiohttp.ClientTimeout
    ) -> Reply:
        reading = self._reading or self._open()
        started = monotonic()
        failed: MjflowError
        try:
            response = await reading.request(
                method,
                on_base(self._server.base, path),
                data=upload(body),
                headers=JSON if method == "POST" else None,
                allow_redirects=False,
                timeout=limits,
            )
            answer = reply(response, await whole(response), self._server.key)
        except Exception as error:
            failed = self._failure(error)
        else:
            note(method, path, answer.status, started)
            return answer
        raise failed

    def _failure(self, error: Exception) -> MjflowError:
        # Closing tears what is under way, and aiohttp then stumbles in ways of its own.
        return NoReply(CLOSED) if self._closed else fault(error, self._server.place)

    def _open(self) -> aiohttp.ClientSession:
        if self._closed:
            raise closed()
        if self._reading is None:
            # A look's own limit is kept by the watch, which costs less than aiohttp's.
            limits = aiohttp.ClientTimeout(total=None, connect=self._server.timeouts.connect)
            self._reading = open_session(
                self._server.connector(keep_alive=_KEEP_ALIVE), self._server.credentials, limits
            )
        return self._reading

    def _open_watch(self) -> Watch:
        self._watch = Watch(self._server.timeouts.look)
        return self._watch
