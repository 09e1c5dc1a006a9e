"""One server as the transport sees it."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from io import BytesIO

from aiohttp.abc import AbstractResolver
from attrs import define, field
from yarl import URL

from mjflow.errors import InvalidInput, Unreachable
from mjflow.protocol.dialect import Auth
from mjflow.transport.base import Timeouts
from mjflow.transport.connections import Connector
from mjflow.transport.links import place
from mjflow.transport.redact import redact

#: What is said of a request after `aclose`.
CLOSED = "the client is closed"
#: Gateways read nothing from a POST without it (P§1).
JSON: Mapping[str, str] = {"Content-Type": "application/json"}


@define(kw_only=True)
class Server:
    """Where requests go, what they carry and how long they may take."""

    base: URL
    key: str = field(repr=False)
    #: The header that carries the key; may change until the first request that needs it.
    credentials: Mapping[str, str] = field(repr=False)
    timeouts: Timeouts
    #: Whose certificates are trusted; `None` for the system's choice.
    context: ssl.SSLContext | None = None

    @property
    def place(self) -> str:
        """The host and, where it is not the usual one, the port."""
        return place(self.base)

    def redact(self, text: str) -> str:
        """Return a text fit for messages and logs."""
        return redact(text, self.key)

    def connector(
        self, *, keep_alive: float | None, resolver: AbstractResolver | None = None
    ) -> Connector:
        """Return a pool of connections; see `Connector`."""
        return Connector(keep_alive=keep_alive, context=self.context, resolver=resolver)


def credentials(key: str, auth: Auth) -> dict[str, str]:
    """
    Return the header that carries the key (P§1); none without a key.

    Raises:
        InvalidInput: No header can carry this key.
    """
    if not key:
        return {}
    if not (key.isascii() and key.isprintable()):
        raise InvalidInput(
            "the key has characters that no HTTP header can carry",
            advice="Copy it once more: a line break or a typographic character came along.",
        )
    name, value = auth.header(key)
    return {name: value}


def closed() -> Unreachable:
    """Return the error of a request after `aclose`."""
    return Unreachable(CLOSED, advice="Nothing was sent: keep the client open (async with).")


def upload(body: bytes) -> BytesIO | None:
    """Return a body as a file: aiohttp warns of large ones that are given as bytes."""
    return BytesIO(body) if body else None
