"""How connections are opened, and closed without a trace."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from weakref import WeakSet

import aiohttp
from aiohttp.abc import AbstractResolver

from mjflow._version import __version__

# Answers are small: to compress them costs both sides more than it saves.
_COMMON: Mapping[str, str] = {
    "User-Agent": f"mjflow/{__version__}",
    "Accept-Encoding": "identity",
}


class Connector(aiohttp.TCPConnector):
    """
    A pool without a bound that can be closed to the last socket.

    How much goes on at once is decided above.  A TLS connection that is closed says goodbye to its
    peer and waits for the answer; aiohttp forgets such connections at once, and asyncio complains
    of them when the loop ends first.

    Args:
        keep_alive: Seconds that an idle connection is kept; `None` to use each only once.
        context: Whose certificates are trusted; `None` for the system's choice.
        resolver: Who knows the addresses of names, to be closed by whoever made it; `None` for
            the system.
    """

    def __init__(
        self,
        *,
        keep_alive: float | None,
        context: ssl.SSLContext | None,
        resolver: AbstractResolver | None = None,
    ) -> None:
        once: dict[str, Any] = {"force_close": True}
        reuse = once if keep_alive is None else {"keepalive_timeout": keep_alive}
        super().__init__(limit=0, ssl=context or True, resolver=resolver, **reuse)
        self._opened: WeakSet[asyncio.BaseTransport] = WeakSet()

    async def _create_connection(self, *args: Any, **kwargs: Any) -> Any:
        # aiohttp repeats a GET whose connection broke, even if it was closing that broke it.
        self._require_open()
        protocol = await super()._create_connection(*args, **kwargs)
        transport: Any = protocol.transport
        if self.closed:
            transport.abort()
        self._require_open()
        # Some event loops have transports that cannot be remembered so.
        with suppress(TypeError):
            self._opened.add(transport)
        return protocol

    def _require_open(self) -> None:
        if self.closed:
            raise aiohttp.ClientConnectionError("the pool is closed")

    async def abort(self) -> None:
        """Drop what is left of connections that were closed before."""
        left = [transport for transport in self._opened if transport.get_extra_info("sslcontext")]
        for transport in left:
            if isinstance(transport, asyncio.WriteTransport):
                transport.abort()
        if left:
            # The sockets are closed in the loop's next turn.
            await asyncio.sleep(0)


def open_session(
    connector: Connector,
    headers: Mapping[str, str],
    timeout: aiohttp.ClientTimeout,
    *traces: aiohttp.TraceConfig,
) -> aiohttp.ClientSession:
    """Open a session without cookies, proxies or any other memory of its own."""
    return aiohttp.ClientSession(
        connector=connector,
        headers={**_COMMON, **headers},
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=timeout,
        trace_configs=list(traces),
    )


async def close_session(session: aiohttp.ClientSession | None) -> None:
    """Close a session, if there is one, and all connections that it ever had."""
    if session is None:
        return
    connector = session.connector
    try:
        await session.close()
    finally:
        if isinstance(connector, Connector):
            await connector.abort()
