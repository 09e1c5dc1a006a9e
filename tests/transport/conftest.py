"""A transport that is closed when its test ends."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from mjflow.transport.aiohttp import AiohttpTransport

from .names import Names, name_server

KEY = "sk-0123456789abcdefSECRET"

Elapse = Callable[[float], None]
Connect = Callable[..., AiohttpTransport]


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    """Return a function that makes a transport to a URL."""
    made: list[AiohttpTransport] = []

    def make(url: str, key: str = KEY, **options: Any) -> AiohttpTransport:
        made.append(AiohttpTransport(url, key, **options))
        return made[-1]

    yield make
    for transport in made:
        await transport.aclose()


@pytest.fixture
async def elapse(monkeypatch: pytest.MonkeyPatch) -> Elapse:
    """Return a function that lets seconds pass on the loop's clock."""
    loop = asyncio.get_running_loop()
    real, passed = loop.time, [0.0]
    monkeypatch.setattr(loop, "time", lambda: real() + passed[0])

    def elapse(seconds: float) -> None:
        passed[0] += seconds

    return elapse


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    """Return the table of all names there are."""
    known: Names = {}
    monkeypatch.setattr(socket, "getaddrinfo", name_server(known))
    return known
