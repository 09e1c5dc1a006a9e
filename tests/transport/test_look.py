"""Looks: one attempt, every ending told, every connection given back."""

from __future__ import annotations

import asyncio
import gzip
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from mjflow.errors import NoReply, ReplyUnreadable, TransportError, Unreachable
from mjflow.protocol.dialect import Auth
from mjflow.protocol.verdicts import Reply
from mjflow.transport import bodies
from mjflow.transport.base import Timeouts

from .conftest import KEY, Connect, Elapse
from .servers import Request, answers, breaks_off, http, serve, silent

PATH = "/mj/task/17/fetch"


async def test_looks_share_a_connection(connect: Connect) -> None:
    """Looks one after the other use one connection."""
    async with serve(answers(http(200, b'{"id":"17"}'))) as peer:
        transport = connect(peer.url)
        target = transport.target(PATH)
        replies = [await transport.look(target) for _ in range(3)]
        assert replies == [Reply(200, b'{"id":"17"}')] * 3
        assert ([r.path for r in peer.requests], peer.connections) == ([PATH] * 3, 1)


@pytest.mark.parametrize(
    ("auth", "header", "value"),
    [
        (Auth.BEARER, "authorization", f"Bearer {KEY}"),
        (Auth.RAW, "authorization", KEY),
        (Auth.SECRET, "mj-api-secret", KEY),
    ],
)
async def test_key_travels_as_the_server_wants_it(
    connect: Connect, auth: Auth, header: str, value: str
) -> None:
    """Each way of authentication has its header, and mjflow names itself."""
    async with serve(answers(http())) as peer:
        transport = connect(peer.url, auth=auth)
        await transport.look(transport.target(PATH))
        headers = peer.requests[0].headers
    assert headers[header] == value
    assert headers["user-agent"].startswith("mjflow/")
    assert headers["accept-encoding"] == "identity"
    assert len({"authorization", "mj-api-secret"} & headers.keys()) == 1


async def test_without_a_key_no_header_is_sent(connect: Connect) -> None:
    """An empty key sends no header at all."""
    async with serve(answers(http())) as peer:
        transport = connect(peer.url, key="")
        await transport.look(transport.target(PATH))
        assert not {"authorization", "mj-api-secret"} & peer.requests[0].headers.keys()


@pytest.mark.parametrize("path", ["/mj/task/a%2Fb%20c/fetch", "/mj/task/1?x=%3D&y=1+2"])
async def test_path_is_sent_as_it_is(connect: Connect, path: str) -> None:
    """What is percent-encoded stays so, byte for byte."""
    async with serve(answers(http())) as peer:
        transport = connect(peer.url + "/proxy/")
        await transport.look(transport.target(path))
        assert peer.requests[0].path == "/proxy" + path


async def test_forced_compression_is_undone(connect: Connect) -> None:
    """A server that compresses without being asked is still understood."""
    body = b'{"id":"17"}' * 100
    packed = http(200, gzip.compress(body), Content_Encoding="gzip")
    async with serve(answers(packed)) as peer:
        transport = connect(peer.url)
        assert await transport.look(transport.target(PATH)) == Reply(200, body)


async def test_long_answer_is_read_whole(connect: Connect) -> None:
    """An answer of many blocks comes back in one piece."""
    body = bytes(range(256)) * 4000
    async with serve(answers(http(200, body))) as peer:
        transport = connect(peer.url)
        reply = await transport.look(transport.target(PATH))
        assert reply.body == body
        await transport.look(transport.target(PATH))
        assert peer.connections == 1


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(http(200, b" " * (5 << 20)), id="plain"),
        pytest.param(
            http(200, gzip.compress(b" " * (5 << 20)), Content_Encoding="gzip"), id="gzip"
        ),
    ],
)
async def test_endless_answer_is_given_up(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, reply: bytes
) -> None:
    """An answer beyond the limit is unreadable, compressed or not."""
    monkeypatch.setattr(bodies, "LARGEST", 1 << 20)
    async with serve(answers(reply)) as peer:
        transport = connect(peer.url)
        with pytest.raises(ReplyUnreadable, match="larger than 1 MB"):
            await transport.look(transport.target(PATH))


async def test_redirect_is_a_reply(connect: Connect) -> None:
    """A redirect of a look is not followed."""
    async with serve(answers(http(301, b"", Location="/elsewhere"))) as peer:
        transport = connect(peer.url)
        reply = await transport.look(transport.target(PATH))
        assert (reply, len(peer.requests)) == (Reply(301, b""), 1)


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        pytest.param(b"", NoReply, id="nothing"),
        pytest.param(b"HTTP/1.1 200 OK\r\nConte", NoReply, id="half a header"),
        pytest.param(http(200, b'{"id":', length=50), NoReply, id="cut short"),
        pytest.param(b"220 mail.example.com ESMTP\r\n", ReplyUnreadable, id="another protocol"),
        pytest.param(
            http(200, b"abc", Content_Encoding="gzip"), (NoReply, ReplyUnreadable), id="no gzip"
        ),
    ],
)
async def test_broken_answer_is_an_error(
    connect: Connect, reply: bytes, error: type[TransportError]
) -> None:
    """What is not a whole answer raises, and closes the connection."""
    async with serve(breaks_off(reply)) as peer:
        transport = connect(peer.url)
        with pytest.raises(error):
            await transport.look(transport.target(PATH))
        await peer.left.wait()


async def test_nobody_there_is_unreachable(connect: Connect) -> None:
    """A refused connection is `Unreachable`, and says where."""
    async with serve(silent) as peer:
        url = peer.url
    transport = connect(url)
    place = url.removeprefix("http://")
    with pytest.raises(Unreachable, match=f"cannot connect to {place}: Connection refused"):
        await transport.look(transport.target(PATH))


async def test_dropped_idle_connection_is_no_trouble(connect: Connect) -> None:
    """A connection that the server dropped while idle costs nothing but a new one."""

    async def once(_request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(http())
        writer.close()

    async with serve(once) as peer:
        transport = connect(peer.url)
        for _ in range(3):
            assert await transport.look(transport.target(PATH)) == Reply(200, b"{}")
        assert peer.connections == 3


async def test_silent_server_is_no_reply(connect: Connect) -> None:
    """A look ends after its limit, and the asyncio task that made it is not cancelled."""
    async with serve(silent) as peer:
        transport = connect(peer.url, timeouts=Timeouts(look=0.03))
        with pytest.raises(NoReply, match="did not answer in time"):
            await transport.look(transport.target(PATH))
        task = asyncio.current_task()
        assert task is not None
        assert task.cancelling() == 0
        await peer.left.wait()


async def test_limit_ends_with_the_look(connect: Connect, elapse: Elapse) -> None:
    """The limit of a look that was answered, or that failed, strikes nobody later."""
    task = asyncio.current_task()
    assert task is not None
    for act in (answers(http()), breaks_off(b"")):
        async with serve(act) as peer:
            transport = connect(peer.url, timeouts=Timeouts(look=30.0))
            with suppress(NoReply):
                await transport.look(transport.target(PATH))
            elapse(31.0)
            await asyncio.sleep(0)
            assert task.cancelling() == 0


async def test_cancellation_passes_and_closes(connect: Connect) -> None:
    """A cancelled look raises the cancellation, and its connection is closed."""
    read = asyncio.Event()

    async def hold(_request: Request, _writer: asyncio.StreamWriter) -> None:
        read.set()

    async with serve(hold) as peer:
        transport = connect(peer.url)
        task = asyncio.ensure_future(transport.look(transport.target(PATH)))
        await read.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await peer.left.wait()


@pytest.mark.parametrize(
    "request_of",
    [
        pytest.param(lambda t: t.look(t.target(PATH)), id="look"),
        pytest.param(lambda t: t.download("/mj/image/17").__aenter__(), id="download"),
    ],
)
async def test_closed_transport_is_unreachable(
    connect: Connect, request_of: Callable[[object], Awaitable[object]]
) -> None:
    """After `aclose` nothing is sent any more."""
    async with serve(answers(http())) as peer:
        transport = connect(peer.url)
        await transport.look(transport.target(PATH))
        await transport.aclose()
        await transport.aclose()
        with pytest.raises(Unreachable, match="the client is closed"):
            await request_of(transport)
        assert len(peer.requests) == 1


async def test_one_line_of_log_for_each_request(
    connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    """At debug level each request leaves method, path, status and milliseconds."""
    async with serve(answers(http(404))) as peer:
        transport = connect(peer.url)
        await transport.look(transport.target(PATH))
        assert caplog.messages == []
        with caplog.at_level(logging.DEBUG, "mjflow.transport"):
            await transport.look(transport.target(PATH))
            await transport.read("GET", PATH)
            await transport.submit("/mj/submit/imagine", b"{}")
    heads = [message.rpartition(" in ")[0] for message in caplog.messages]
    assert heads == [f"GET {PATH}: 404", f"GET {PATH}: 404", "POST /mj/submit/imagine: 404"]
