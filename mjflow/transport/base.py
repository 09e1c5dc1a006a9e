"""What the rest of mjflow asks of a transport; no type of an HTTP library appears in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import NewType, Protocol

from attrs import frozen

from mjflow.protocol.dialect import Auth
from mjflow.protocol.verdicts import Outcome, Reply

#: A prebuilt address for looks that repeat; opaque to all but the transport that made it.
Target = NewType("Target", object)


@frozen(kw_only=True)
class Timeouts:
    """How long each kind of request may take, in seconds."""

    #: Until a connection stands: name, socket and TLS.
    connect: float = 10.0
    #: A look, from start to end.
    look: float = 30.0
    #: One try of a read.
    read: float = 30.0
    #: From the last byte of a paying request to its answer.  A gateway gives the server behind
    #: it 60 s (P§10), so a shorter limit would make doubt out of patience.
    submit: float = 95.0
    #: One try of a read over which the server itself may take a minute: `image-seed` (P§2.15).
    seed: float = 65.0
    #: Between two chunks of a picture.
    idle: float = 60.0


class Stream(Protocol):
    """A picture that is being fetched."""

    @property
    def status(self) -> int:
        """The HTTP status."""

    @property
    def content_type(self) -> str:
        """The media type in lower case, without parameters; `""` if none was sent."""

    @property
    def length(self) -> int | None:
        """Bytes announced by the server; `None` if it did not say."""

    @property
    def retry_after(self) -> float | None:
        """Seconds, from a `Retry-After` header."""

    def chunks(self) -> AsyncIterator[bytes]:
        """
        Yield the bytes as they come.

        Raises:
            NoReply: It broke off, or nothing came for `Timeouts.idle` seconds.
        """


class Transport(Protocol):
    """Requests out, replies in; one per base URL and key."""

    async def authenticate(self, auth: Auth) -> None:
        """Let the key travel in another way from now on; nothing may be on the wire meanwhile."""

    async def submit(self, path: str, body: bytes) -> Outcome:
        """
        Send one paying POST, exactly once, and say what became of it.

        Never retries and never raises (but `asyncio.CancelledError`, after which nothing is known
        of the request).  `NotSent` is only returned on proof that no byte left.
        """

    def target(self, path: str) -> Target:
        """Build an address once, for looks that repeat."""

    async def look(self, target: Target, body: bytes = b"") -> Reply:
        """
        GET a target, or POST to it if there is a body: one attempt, as cheap as can be.

        Raises:
            TransportError: `Unreachable`, `NoReply`, or `ReplyUnreadable` for what is not HTTP.
        """

    async def read(self, method: str, path: str, body: bytes = b"", *, slow: bool = False) -> Reply:
        """
        Send a request that costs nothing; try a few times before giving up.

        After the last try a bad answer is returned as it came.

        Args:
            slow: The server itself may take up to a minute over it (`Timeouts.seed`).

        Raises:
            TransportError: As of `look`, after the last try.
        """

    def download(self, url: str) -> AbstractAsyncContextManager[Stream]:
        """
        Open a picture: one attempt, redirects followed; the key goes to the base URL's origin only.

        Args:
            url: Absolute, or a path on the base URL.  A link to `localhost` is taken as one on the
                base URL, unless that is local itself (P§4.1).

        Raises:
            DownloadFailed: The link, or a redirect, leads where pictures may not come from.
            TransportError: As of `look`.
        """

    async def aclose(self) -> None:
        """Close all connections; harmless when done before."""
