"""Paying requests: sent once, and their fate told without wishful thinking."""

from __future__ import annotations

import asyncio
import socket
import ssl
from typing import Any

import aiohttp
import pytest

from mjflow.protocol.verdicts import NotSent, Reply, Unanswered
from mjflow.transport.base import Timeouts
from mjflow.transport.trail import SentTwice, Stage, Trail

from .conftest import Connect
from .servers import PEM, Request, answers, breaks_off, http, listen, resets, serve, silent

PATH = "/mj-fast/mj/submit/imagine"
BODY = b'{"prompt":"a cat"}'


def _free_port() -> int:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port: int = unused.getsockname()[1]
        return port


async def test_answer_comes_back_as_it_is(connect: Connect) -> None:
    """Status, body and `Retry-After` of an answer are the reply."""
    async with serve(answers(http(429, b'{"code":30}', Retry_After="7"))) as peer:
        outcome = await connect(peer.url).submit(PATH, BODY)
    assert outcome == Reply(429, b'{"code":30}', 7.0)


async def test_request_is_json_on_a_connection_of_its_own(connect: Connect) -> None:
    """Every paying request opens a connection, posts JSON and asks for the connection's end."""
    async with serve(answers(http())) as peer:
        transport = connect(peer.url)
        await transport.submit(PATH, BODY)
        await transport.submit(PATH, BODY)
        first = peer.requests[0]
        assert (first.method, first.path, first.body) == ("POST", PATH, BODY)
        assert first.headers["content-type"] == "application/json"
        assert first.headers["connection"] == "close"
        assert (len(peer.requests), peer.connections) == (2, 2)


async def test_large_body_is_sent_whole(connect: Connect) -> None:
    """A body of several megabytes arrives as it is, without a warning."""
    body = b"x" * 3_000_000
    async with serve(answers(http())) as peer:
        outcome = await connect(peer.url).submit(PATH, body)
        assert (outcome, peer.requests[0].body == body) == (Reply(200, b"{}"), True)


async def test_refused_connection_is_not_sent(connect: Connect) -> None:
    """Where nobody listens, nothing was sent."""
    port = _free_port()
    outcome = await connect(f"http://127.0.0.1:{port}").submit(PATH, BODY)
    assert outcome == NotSent(f"cannot connect to 127.0.0.1:{port}: Connection refused")


async def test_unknown_host_is_not_sent(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that does not resolve is proof that nothing was sent."""

    async def unknown(*_: Any, **__: Any) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", unknown)
    outcome = await connect("http://no-such-host.invalid").submit(PATH, BODY)
    assert outcome == NotSent("there is no host no-such-host.invalid: Name or service not known")


async def test_connecting_for_too_long_is_not_sent(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limit for connecting covers the name's resolution, and its end proves nothing left."""

    async def endless(*_: Any, **__: Any) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", endless)
    transport = connect("http://slow.invalid", timeouts=Timeouts(connect=0.02))
    assert await transport.submit(PATH, BODY) == NotSent("slow.invalid took too long to connect")


async def test_garbage_instead_of_tls_is_not_sent(connect: Connect) -> None:
    """A server that does not speak TLS has not been told anything."""

    async def garbage(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(b"this is not TLS at all\r\n\r\n")
        await writer.drain()

    async with listen(garbage) as peer:
        outcome = await connect(peer.url.replace("http:", "https:")).submit(PATH, BODY)
    assert type(outcome) is NotSent


async def test_closing_during_the_tls_handshake_is_not_sent(connect: Connect) -> None:
    """A connection that ends before TLS stands has carried nothing."""

    async def close(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with listen(close) as peer:
        outcome = await connect(peer.url.replace("http:", "https:")).submit(PATH, BODY)
    assert type(outcome) is NotSent


async def test_untrusted_certificate_is_not_sent(connect: Connect) -> None:
    """A certificate that nobody vouches for stops the request before it is sent."""
    async with serve(answers(http()), tls=True) as peer:
        outcome = await connect(peer.url).submit(PATH, BODY)
        assert (type(outcome), peer.requests) == (NotSent, [])
    assert "is not trusted" in getattr(outcome, "reason", "")


async def test_trusted_certificate_is_answered(connect: Connect) -> None:
    """A certificate can be made known by an SSL context."""
    context = ssl.create_default_context(cafile=PEM)
    async with serve(answers(http()), tls=True) as peer:
        transport = connect(peer.url, ssl_context=context)
        assert await transport.submit(PATH, BODY) == Reply(200, b"{}")


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"HTTP/1.1 20", id="half a status line"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Le", id="half a header"),
        pytest.param(http(200, b'{"code":1', length=100), id="shorter than announced"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n", id="no end"
        ),
        pytest.param(b"SSH-2.0-OpenSSH_9.6\r\n", id="another protocol"),
    ],
)
async def test_anything_but_a_whole_answer_is_unanswered(connect: Connect, reply: bytes) -> None:
    """Once the request was read, only a whole answer counts; it is not sent a second time."""
    async with serve(breaks_off(reply)) as peer:
        outcome = await connect(peer.url).submit(PATH, BODY)
        assert (type(outcome), len(peer.requests)) == (Unanswered, 1)


async def test_reset_after_reading_is_unanswered(connect: Connect) -> None:
    """A reset after the request was read is doubt, in the system's words."""
    async with serve(resets) as peer:
        outcome = await connect(peer.url).submit(PATH, BODY)
        place = peer.url.removeprefix("http://")
        assert outcome == Unanswered(f"the connection to {place} broke: Connection reset by peer")
        assert len(peer.requests) == 1


async def test_closing_before_reading_is_unanswered(connect: Connect) -> None:
    """A server that accepts and hangs up may have read the request: that is doubt."""

    async def close(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with listen(close) as peer:
        outcome = await connect(peer.url).submit(PATH, BODY)
        assert (type(outcome), peer.connections) == (Unanswered, 1)


async def test_reset_while_the_body_is_sent_is_unanswered(connect: Connect) -> None:
    """A connection reset in the middle of a large body is doubt."""

    async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)
        writer.transport.abort()

    async with listen(reset) as peer:
        outcome = await connect(peer.url).submit(PATH, b"x" * 5_000_000)
    assert type(outcome) is Unanswered


async def test_silent_server_is_unanswered_in_time(connect: Connect) -> None:
    """A server that reads and keeps silent leaves doubt when the limit is over."""
    async with serve(silent) as peer:
        transport = connect(peer.url, timeouts=Timeouts(submit=0.03))
        outcome = await transport.submit(PATH, BODY)
        assert (type(outcome), len(peer.requests)) == (Unanswered, 1)


async def test_redirect_is_an_answer(connect: Connect) -> None:
    """A redirect of a paying request is not followed."""
    async with serve(answers(http(302, b"", Location="/elsewhere"))) as peer:
        outcome = await connect(peer.url).submit(PATH, BODY)
        assert (outcome, len(peer.requests)) == (Reply(302, b""), 1)


async def test_library_that_repeats_posts_is_stopped(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Were aiohttp to repeat a broken POST by itself, the second would never leave."""
    monkeypatch.setattr(aiohttp.client, "IDEMPOTENT_METHODS", frozenset({"POST"}))
    async with serve(breaks_off(b"")) as peer:
        outcome = await connect(peer.url).submit(PATH, BODY)
        assert (type(outcome), len(peer.requests)) == (Unanswered, 1)


async def test_cancellation_passes(connect: Connect) -> None:
    """A cancelled submit raises the cancellation and closes its connection."""
    read = asyncio.Event()

    async def hold(_request: Request, _writer: asyncio.StreamWriter) -> None:
        read.set()

    async with serve(hold) as peer:
        task = asyncio.ensure_future(connect(peer.url).submit(PATH, BODY))
        await read.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await peer.left.wait()


async def test_closed_transport_sends_nothing(connect: Connect) -> None:
    """After `aclose` a submit is not sent."""
    async with serve(answers(http())) as peer:
        transport = connect(peer.url)
        await transport.aclose()
        outcome = await transport.submit(PATH, BODY)
        assert (outcome, peer.connections) == (NotSent("the client is closed"), 0)


async def test_closing_tears_a_request_into_doubt(connect: Connect) -> None:
    """A request that is on the wire when the transport is closed is unanswered."""
    read = asyncio.Event()

    async def hold(_request: Request, _writer: asyncio.StreamWriter) -> None:
        read.set()

    async with serve(hold) as peer:
        transport = connect(peer.url)
        task = asyncio.ensure_future(transport.submit(PATH, BODY))
        await read.wait()
        await transport.aclose()
        assert type(await task) is Unanswered


@pytest.mark.parametrize("stage", Stage)
def test_only_an_unfinished_connection_proves_that_nothing_left(stage: Stage) -> None:
    """Every other stage is doubt."""
    assert Trail(stage).nothing_left is (stage is Stage.CONNECTING)


def test_second_sending_is_refused() -> None:
    """A trail can be sent along once."""
    trail = Trail()
    trail.send()
    with pytest.raises(SentTwice):
        trail.send()
