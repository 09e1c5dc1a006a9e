"""Answers and pictures without end: given up before they fill the memory or the day."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Awaitable, Callable
from contextlib import suppress

import backoff
import pytest

from mjflow.errors import NoReply, ReplyUnreadable
from mjflow.protocol.verdicts import Unanswered
from mjflow.transport import bodies, pace
from mjflow.transport.aiohttp import AiohttpTransport
from mjflow.transport.base import Timeouts
from mjflow.transport.pace import Pace
from tests.virtual import virtual_time

from .conftest import Connect
from .servers import Act, Request, answers, http, serve

#: Bytes; what an answer may have in these tests.
LIMIT = 300_000
PATH = "/mj/task/17/fetch"
BIG = b'"' + b"x" * LIMIT + b'"'


def chunked(status: int = 200, **headers: str) -> bytes:
    """Return the head of an answer that comes in chunks."""
    lines = [f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items()]
    return f"HTTP/1.1 {status} Word\r\nTransfer-Encoding: chunked\r\n{''.join(lines)}\r\n".encode()


def chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


async def endless(_request: Request, writer: asyncio.StreamWriter) -> None:
    """Answer in chunks, for ever."""
    writer.write(chunked())
    while True:
        writer.write(chunk(b"[" * 65536))
        await writer.drain()


async def announced_and_held_back(_request: Request, writer: asyncio.StreamWriter) -> None:
    """Announce too much and send nothing of it."""
    writer.write(http(200, b"{", length=LIMIT + 1))
    await writer.drain()


BOMB = gzip.compress(bytes(50_000_000))

TOO_LARGE = [
    pytest.param(answers(http(200, BIG)), id="announced and sent"),
    pytest.param(announced_and_held_back, id="announced and held back"),
    pytest.param(endless, id="in chunks without end"),
    pytest.param(answers(chunked() + chunk(BIG) + chunk(b"")), id="in one chunk"),
    pytest.param(answers(http(200, BOMB, Content_Encoding="gzip")), id="compressed"),
    pytest.param(answers(http(500, BIG)), id="with an error"),
]


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "LARGEST", LIMIT)
    monkeypatch.setattr(backoff, "full_jitter", lambda _bound: 0.0)


async def _look(transport: AiohttpTransport) -> object:
    return await transport.look(transport.target(PATH))


async def _read(transport: AiohttpTransport) -> object:
    return await transport.read("POST", PATH, b"{}")


@pytest.mark.parametrize("ask", [_look, _read])
@pytest.mark.parametrize("act", TOO_LARGE)
async def test_answers_that_are_too_large_are_unreadable(
    connect: Connect, act: Act, ask: Callable[[AiohttpTransport], Awaitable[object]]
) -> None:
    """However an answer comes to be too large, it is given up while it is read."""
    async with serve(act) as peer:
        with pytest.raises(ReplyUnreadable, match="the answer is larger than"):
            await ask(connect(peer.url))
        assert len(peer.requests) == 1


@pytest.mark.parametrize("act", [announced_and_held_back, endless])
async def test_answers_that_are_given_up_are_hung_up_on(connect: Connect, act: Act) -> None:
    """The rest of an answer that is too large is not waited for."""
    async with serve(act) as peer:
        with pytest.raises(ReplyUnreadable):
            await _look(connect(peer.url))
        await peer.left.wait()


@pytest.mark.parametrize("act", TOO_LARGE)
async def test_submit_with_an_answer_too_large_is_in_doubt(connect: Connect, act: Act) -> None:
    """Whether a task runs cannot be known then; nothing is raised and nothing is sent again."""
    async with serve(act) as peer:
        outcome = await connect(peer.url).submit("/mj/submit/imagine", b"{}")
        assert outcome == Unanswered("the answer is larger than 0 MB")
        assert len(peer.requests) == 1


async def test_answer_too_large_in_one_block_is_unreadable(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer that comes all at once is measured like any other."""
    monkeypatch.setattr(bodies, "LARGEST", 1000)
    async with serve(answers(chunked() + chunk(bytes(1001)) + chunk(b""))) as peer:
        with pytest.raises(ReplyUnreadable, match="the answer is larger than"):
            await _look(connect(peer.url))


async def test_answer_that_just_fits_is_read(connect: Connect) -> None:
    """The limit itself is let pass, announced or in chunks."""
    body = BIG[:LIMIT]
    replies = http(200, body), chunked() + chunk(body[:9]) + chunk(body[9:]) + chunk(b"")
    async with serve(answers(*replies)) as peer:
        transport = connect(peer.url)
        for _ in replies:
            assert (await transport.look(transport.target(PATH))).body == body


async def test_rest_behind_a_length_that_is_too_short_is_never_read(connect: Connect) -> None:
    """What is sent beyond the announced length may spoil an answer, but is no part of any."""
    async with serve(answers(http(200, b"{}" + BIG, length=2), http(200, b"[]"))) as peer:
        transport = connect(peer.url)
        with suppress(ReplyUnreadable):
            assert (await transport.look(transport.target(PATH))).body == b"{}"
        assert (await transport.look(transport.target(PATH))).body == b"[]"
        assert peer.connections == 2


# --- pictures -------------------------------------------------------------------------------


def drips(seconds: float, data: bytes, head: bytes = b"") -> Act:
    """Give some bytes at once, then others with as many seconds before each, for ever."""

    async def act(_request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while True:
            await asyncio.sleep(seconds)
            writer.write(data)
            await writer.drain()

    return act


async def _fetch(url: str, timeouts: Timeouts | None = None) -> int:
    transport = AiohttpTransport(url, "", timeouts=timeouts or Timeouts())
    try:
        async with transport.download("/mj/image/17") as stream:
            return sum([len(chunk) async for chunk in stream.chunks()])
    finally:
        await transport.aclose()


@virtual_time
async def test_picture_that_only_drips_is_given_up() -> None:
    """A host that sends a byte every ten seconds is left after a minute or two."""
    began = asyncio.get_running_loop().time()
    async with serve(drips(10, chunk(b"x"), chunked())) as peer:
        with pytest.raises(NoReply, match="sends the picture too slowly"):
            await _fetch(peer.url)
    assert asyncio.get_running_loop().time() - began < 121


@virtual_time
async def test_head_that_only_drips_is_given_up() -> None:
    """A host that never comes to the end of its headers is left, too."""
    began = asyncio.get_running_loop().time()
    async with serve(drips(10, b"X-Y: z\r\n", b"HTTP/1.1 200 OK\r\n")) as peer:
        with pytest.raises(NoReply, match="did not answer in time"):
            await _fetch(peer.url, Timeouts(connect=10, idle=60))
    assert asyncio.get_running_loop().time() - began < 71


@virtual_time
async def test_slow_line_is_waited_for() -> None:
    """Two kilobytes a second are slow, and are a picture in the end."""
    size, piece = 300_000, bytes(20_000)

    async def act(_request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(http(200, b"", length=size))
        for _ in range(size // len(piece)):
            await asyncio.sleep(10)
            writer.write(piece)

    async with serve(act) as peer:
        assert await _fetch(peer.url) == size


@virtual_time
async def test_slow_reader_is_not_the_hosts_fault() -> None:
    """Time that we take ourselves, for a slow disk, does not count."""
    async with serve(answers(http(200, bytes(400_000)))) as peer:
        transport = AiohttpTransport(peer.url, "")
        async with transport.download("/mj/image/17") as stream:
            async for _ in stream.chunks():
                await asyncio.sleep(1000)
        await transport.aclose()


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        ([(1, 10.0)] * 6, [True] * 5 + [False]),
        ([(61440, 60.0), (61439, 60.0)], [True, False]),
        # What came fast before does not make up for a minute of nothing.
        ([(10**9, 0.0), (10**9, 60.0), (1, 60.0)], [True, True, False]),
        ([(0, 59.9), (1_000_000, 0.2)], [True, True]),
    ],
)
def test_pace(pieces: list[tuple[int, float]], expected: list[bool]) -> None:
    """A kilobyte a second over a minute of waiting is the least."""
    assert (pace.SLOWEST, pace.SPAN) == (1024, 60.0)
    counted = Pace()
    assert [counted.holds(size, waited) for size, waited in pieces] == expected
