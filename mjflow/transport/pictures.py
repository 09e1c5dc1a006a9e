"""Pictures, from whichever host has them: the key goes to the base URL's origin alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from time import monotonic

import aiohttp
from yarl import URL

from mjflow.errors import DownloadFailed, MjflowError, NoReply
from mjflow.transport.bodies import retry_after
from mjflow.transport.connections import close_session, open_session
from mjflow.transport.faults import fault
from mjflow.transport.guard import Guard
from mjflow.transport.links import place, redirected, resolve, same_origin
from mjflow.transport.notes import note
from mjflow.transport.pace import Pace
from mjflow.transport.redact import blot, carries
from mjflow.transport.server import CLOSED, Server, closed

#: Redirects that are followed for one picture.
MOST_REDIRECTS = 5
# Seconds that an idle connection is kept.
_KEEP_ALIVE = 15.0
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class Pictures:
    """The connections to hosts of pictures; their session does not know the key."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._session: aiohttp.ClientSession | None = None
        self._guard: Guard | None = None
        self._closed = False

    @asynccontextmanager
    async def open(self, link: str) -> AsyncIterator[Picture]:
        """Open a picture: one attempt, redirects followed by hand."""
        response = await self._follow(resolve(link, self._server.base, self._server.key))
        try:
            yield Picture(response, self._server.key)
        finally:
            response.close()

    async def aclose(self) -> None:
        """Close the connections."""
        self._closed = True
        try:
            await close_session(self._session)
        finally:
            if self._guard is not None:
                await self._guard.close()

    async def _follow(self, url: URL) -> aiohttp.ClientResponse:
        for _ in range(1 + MOST_REDIRECTS):
            response = await self._get(url)
            location = response.headers.get("Location")
            if response.status not in _REDIRECTS or location is None:
                return response
            response.close()
            url = redirected(location, url, self._server.key)
        raise DownloadFailed(f"the picture's link was redirected over {MOST_REDIRECTS} times")

    async def _get(self, url: URL) -> aiohttp.ClientResponse:
        headers = self._headers(url)
        session, guard = self._open()
        timeouts = self._server.timeouts
        started = monotonic()
        failed: MjflowError
        try:
            # A host that sends its headers one by one must come to an end with them, too.
            async with asyncio.timeout(timeouts.connect + timeouts.idle):
                await guard.check(url)
                response = await session.get(url, headers=headers, allow_redirects=False)
        except Exception as error:
            failed = NoReply(CLOSED) if self._closed else fault(error, place(url))
        else:
            path = self._server.redact(url.raw_path)
            note("GET", f"{place(url)}{path}", response.status, started)
            return response
        raise failed

    def _headers(self, url: URL) -> Mapping[str, str]:
        """Return the header with the key, for the base URL's own origin only."""
        if same_origin(url, self._server.base):
            return self._server.credentials
        if carries(str(url), self._server.key):
            host = self._server.redact(place(url))
            raise DownloadFailed(
                f"the link to the picture has your key in it, and leads to {host}",
                advice="It was not followed. Tell your provider: keys do not belong into links.",
            )
        return {}

    def _open(self) -> tuple[aiohttp.ClientSession, Guard]:
        if self._closed:
            raise closed()
        if self._session is None or self._guard is None:
            timeouts = self._server.timeouts
            limits = aiohttp.ClientTimeout(
                total=None, connect=timeouts.connect, sock_read=timeouts.idle
            )
            self._guard = Guard(self._server.base)
            connector = self._server.connector(keep_alive=_KEEP_ALIVE, resolver=self._guard)
            self._session = open_session(connector, {}, limits)
        return self._session, self._guard


class Picture:
    """An open answer with a picture in it (`base.Stream`)."""

    def __init__(self, response: aiohttp.ClientResponse, key: str) -> None:
        self._response = response
        self._key = key

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self._response.status

    @property
    def content_type(self) -> str:
        """The media type in lower case, without parameters; `""` if none was sent."""
        return self._response.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    @property
    def length(self) -> int | None:
        """Bytes announced; `None` if unknown, or if they come compressed all the same."""
        if "Content-Encoding" in self._response.headers:
            return None
        return self._response.content_length

    @property
    def retry_after(self) -> float | None:
        """Seconds, from a `Retry-After` header."""
        return retry_after(self._response)

    async def chunks(self) -> AsyncIterator[bytes]:
        """
        Yield the bytes as they come.

        Raises:
            NoReply: It broke off, nothing came for `Timeouts.idle` seconds, or next to nothing
                for a minute.
        """
        pace = Pace()
        clock = asyncio.get_running_loop().time
        began = clock()
        while chunk := await self._next():
            if not pace.holds(len(chunk), clock() - began):
                raise NoReply(f"{place(self._response.url)} sends the picture too slowly")
            # A page that came instead is quoted in the error, and may say the key back.
            yield blot(chunk, self._key)
            began = clock()

    async def _next(self) -> bytes:
        broken: MjflowError
        try:
            return await self._response.content.readany()
        except Exception as error:
            broken = fault(error, place(self._response.url))
        raise broken
