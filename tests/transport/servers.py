"""Servers on real sockets that do exactly what a test tells them to."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from attrs import define, field

PEM = Path(__file__).with_name("localhost.pem")


@define
class Request:
    """What the server was sent; header names in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


Act = Callable[[Request, asyncio.StreamWriter], Awaitable[None]]


@define
class Peer:
    """A running server and what it has seen."""

    url: str
    requests: list[Request] = field(factory=list)
    #: Connections made.
    connections: int = 0
    #: Connections that the client has closed.
    left: asyncio.Event = field(factory=asyncio.Event)


def http(
    status: int = 200, body: bytes = b"{}", *, length: int | None = None, **headers: str
) -> bytes:
    """Return an answer as bytes; `_` in header names stands for `-`."""
    lines = [f"HTTP/1.1 {status} Word"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    lines += [f"Content-Length: {len(body) if length is None else length}", "", ""]
    return "\r\n".join(lines).encode() + body


def answers(*replies: bytes) -> Act:
    """Give these answers one after the other, the last one for ever."""
    left = list(replies)

    async def act(_request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(left.pop(0) if len(left) > 1 else left[0])
        await writer.drain()

    return act


def breaks_off(reply: bytes) -> Act:
    """Give these bytes and close the connection."""

    async def act(_request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(reply)
        await writer.drain()
        writer.close()

    return act


async def resets(_request: Request, writer: asyncio.StreamWriter) -> None:
    """Read the request and reset the connection."""
    # Zero seconds of lingering turn the end into a reset.
    writer.get_extra_info("socket").setsockopt(
        socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
    )
    writer.transport.abort()


async def silent(_request: Request, _writer: asyncio.StreamWriter) -> None:
    """Read the request and never answer."""


@asynccontextmanager
async def serve(act: Act, *, tls: bool = False) -> AsyncIterator[Peer]:
    """Run a server that reads whole requests and lets `act` answer them."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (request := await _request(reader)) is not None and not writer.is_closing():
                peer.requests.append(request)
                await act(request, writer)
        finally:
            peer.left.set()

    async with listen(handle, tls=tls) as peer:
        yield peer


@asynccontextmanager
async def listen(
    handle: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
    *,
    tls: bool = False,
) -> AsyncIterator[Peer]:
    """Run a server that does what it likes with its connections."""
    tasks: set[asyncio.Task[None]] = set()
    peer = Peer("")

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        peer.connections += 1
        try:
            with suppress(OSError, asyncio.CancelledError):
                await handle(reader, writer)
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=_context() if tls else None)
    port = server.sockets[0].getsockname()[1]
    peer.url = f"{'https' if tls else 'http'}://127.0.0.1:{port}"
    try:
        yield peer
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def serve_both(act: Act) -> AsyncIterator[Peer]:
    """Run a server that speaks with TLS and without on one port; its URL has https."""
    loop = asyncio.get_running_loop()
    peer = Peer("")
    writers: list[asyncio.StreamWriter] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer.connections += 1
        writers.append(writer)
        while (request := await _request(reader)) is not None:
            peer.requests.append(request)
            await act(request, writer)

    def protocol() -> asyncio.StreamReaderProtocol:
        return asyncio.StreamReaderProtocol(asyncio.StreamReader(), handle)

    async def accept(listener: socket.socket) -> None:
        while True:
            client, _ = await loop.sock_accept(listener)
            await _readable(client)
            # The first byte of a TLS handshake is no letter.
            secure = client.recv(1, socket.MSG_PEEK) == b"\x16"
            context = _context() if secure else None
            await loop.connect_accepted_socket(protocol, client, ssl=context)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        peer.url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        accepting = loop.create_task(accept(listener))
        try:
            yield peer
        finally:
            accepting.cancel()
            await asyncio.gather(accepting, return_exceptions=True)
            for writer in writers:
                writer.transport.abort()


async def _readable(client: socket.socket) -> None:
    loop, there = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(client, there.set)
    try:
        await there.wait()
    finally:
        loop.remove_reader(client)


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(PEM)
    return context


async def _request(reader: asyncio.StreamReader) -> Request | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except (asyncio.IncompleteReadError, OSError):
        return None
    first, *lines = head.strip().split("\r\n")
    method, path, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(method, path, headers, body)
