"""The key goes to its server and nowhere else."""

from __future__ import annotations

import asyncio
import logging
import ssl
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress

import backoff
import pytest

from mjflow.errors import DownloadFailed, InvalidInput, MjflowError
from mjflow.protocol.verdicts import Reply
from mjflow.transport.aiohttp import AiohttpTransport
from mjflow.transport.base import Timeouts

from .conftest import KEY, Connect
from .servers import (
    PEM,
    Act,
    Request,
    answers,
    breaks_off,
    http,
    resets,
    serve,
    serve_both,
    silent,
)

PATH = "/mj/task/17/fetch"
BARE = KEY.removeprefix("sk-")


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and everything it came from."""
    if error is not None:
        yield error
        yield from _chain(error.__cause__)
        yield from _chain(error.__context__)


async def _everything(transport: AiohttpTransport) -> list[BaseException]:
    """Make one request of each kind, and return what was raised."""
    raised: list[BaseException] = []

    async def picture() -> None:
        async with transport.download("/mj/image/17") as stream:
            [chunk async for chunk in stream.chunks()]

    for request in (
        transport.look(transport.target(PATH)),
        transport.read("GET", PATH),
        transport.read("POST", PATH, b"{}"),
        transport.submit("/mj/submit/imagine", b"{}"),
        picture(),
    ):
        try:
            await request
        except MjflowError as error:
            raised.append(error)
    return raised


FAULTS = [
    pytest.param(answers(http()), id="good"),
    pytest.param(answers(http(401, f"bad key {KEY}, {BARE}".encode())), id="key refused"),
    pytest.param(breaks_off(b""), id="hangs up"),
    pytest.param(breaks_off(http(200, b"x", length=9)), id="cut short"),
    pytest.param(breaks_off(f"junk {KEY}\r\n".encode()), id="not HTTP"),
    pytest.param(breaks_off(b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"), id="bad header"),
    pytest.param(resets, id="resets"),
    pytest.param(silent, id="silent"),
]


@pytest.mark.parametrize("act", FAULTS)
async def test_key_is_in_no_log_and_no_error(
    connect: Connect, act: Act, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever goes wrong, neither messages, causes, tracebacks nor log lines show the key."""
    monkeypatch.setattr(backoff, "full_jitter", lambda _bound: 0.0)
    limits = Timeouts(look=0.02, read=0.02, submit=0.02, idle=0.02)
    with caplog.at_level(logging.DEBUG):
        async with serve(act) as peer:
            raised = await _everything(connect(peer.url, timeouts=limits))
    texts = [record.getMessage() + repr(record.args) for record in caplog.records]
    for error in raised:
        texts += traceback.format_exception(error)
        texts += [repr(each) + str(each) + repr(vars(each)) for each in _chain(error)]
    assert texts
    assert not [text for text in texts if BARE in text]


@pytest.mark.parametrize("act", FAULTS)
async def test_errors_hold_no_frames_of_the_library(connect: Connect, act: Act) -> None:
    """Crash reporters that collect variables find none of aiohttp's, which include the headers."""
    async with serve(act) as peer:
        transport = connect(peer.url, timeouts=Timeouts(look=0.02))
        raised: BaseException | None = None
        try:
            await transport.look(transport.target(PATH))
        except MjflowError as error:
            raised = error
    files = [
        frame.f_code.co_filename
        for error in _chain(raised)
        for frame, _ in traceback.walk_tb(error.__traceback__)
    ]
    assert not [file for file in files if "aiohttp/client" in file]


async def test_answers_that_repeat_the_key_are_scrubbed(connect: Connect) -> None:
    """A server that complains of the key by name does not bring it into our errors."""
    async with serve(answers(http(401, f"bad key {KEY} or {BARE}".encode()))) as peer:
        transport = connect(peer.url)
        scrubbed = Reply(401, b"bad key *** or ***")
        assert await transport.look(transport.target(PATH)) == scrubbed
        assert await transport.read("GET", PATH) == scrubbed
        assert await transport.submit("/mj/submit/imagine", b"{}") == scrubbed


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_no_redirect_carries_the_key_elsewhere(connect: Connect, status: int) -> None:
    """Looks, reads and submits stay at home; a picture's redirect is followed without the key."""
    async with serve(answers(http())) as other:
        moved = http(status, b"", Location=other.url)
        async with serve(answers(moved)) as own:
            assert await _everything(connect(own.url)) == []
            assert len(own.requests) == 5
        assert len(other.requests) == 1
        assert BARE not in str(other.requests)


async def test_good_answers_that_repeat_the_key_are_scrubbed(connect: Connect) -> None:
    """What comes with status 200 is stored and followed: no key in it, in any spelling."""
    body = f'{{"imageUrl":"https://cdn.example/a.png?key={KEY}","x":"{BARE}"}}'.encode()
    async with serve(answers(http(200, body))) as peer:
        transport = connect(peer.url)
        scrubbed = Reply(200, b'{"imageUrl":"https://cdn.example/a.png?key=***","x":"***"}')
        assert await transport.look(transport.target(PATH)) == scrubbed
        assert await transport.read("GET", PATH) == scrubbed
        assert await transport.submit("/mj/submit/imagine", b"{}") == scrubbed


async def test_key_that_is_a_word_is_left_in_good_answers(connect: Connect) -> None:
    """A server of one's own may have a word for a key; its tasks and links are read as they are."""
    body = b'{"imageUrl":"https://cdn.midjourney.com/a.png"}'
    async with serve(answers(http(200, body))) as peer:
        transport = connect(peer.url, "midjourney")
        assert await transport.look(transport.target(PATH)) == Reply(200, body)


async def test_page_that_repeats_the_key_is_blotted(connect: Connect) -> None:
    """Errors quote a page that came instead of a picture; the length is kept, for pictures."""
    async with (
        serve(answers(http(200, f"bad {KEY}, {BARE}!".encode()))) as peer,
        connect(peer.url).download("/mj/image/17") as stream,
    ):
        seen = b"".join([chunk async for chunk in stream.chunks()])
    assert seen == b"bad " + b"*" * len(KEY) + b", " + b"*" * len(BARE) + b"!"


@pytest.mark.parametrize("spelling", [KEY, BARE])
async def test_link_with_the_key_in_it_is_not_followed_elsewhere(
    connect: Connect, spelling: str
) -> None:
    """Neither a link nor a redirect carries the key to another host, whoever wrote it there."""
    async with serve(answers(http())) as other:
        link = f"{other.url}/a.png?key={spelling}"
        async with serve(answers(http(302, b"", Location=link))) as own:
            for first in (link, "/mj/image/17"):
                with pytest.raises(DownloadFailed, match="has your key in it") as caught:
                    async with connect(own.url).download(first):
                        pass
                assert BARE not in str(caught.value)
        assert other.connections == 0


async def test_link_with_the_key_in_it_may_lead_home(connect: Connect) -> None:
    """The base URL's own origin has the key anyway; the log leaves it out."""
    async with serve(answers(http())) as own:
        async with connect(own.url).download(f"/image?key={KEY}"):
            pass
        assert own.requests[0].path == f"/image?key={KEY}"


async def test_key_does_not_follow_a_redirect_out_of_tls(connect: Connect) -> None:
    """The same host and port without TLS is another origin: who listens there could read along."""

    async def act(request: Request, writer: asyncio.StreamWriter) -> None:
        host = request.headers["host"]
        moved = http(302, b"", Location=f"http://{host}/a.png")
        await answers(http() if request.path == "/a.png" else moved)(request, writer)

    async with serve_both(act) as peer:
        context = ssl.create_default_context(cafile=PEM)
        async with connect(peer.url, ssl_context=context).download("/mj/image/17"):
            pass
        secure, open_ = peer.requests
        assert secure.headers["authorization"] == f"Bearer {KEY}"
        assert (open_.path, BARE in str(open_)) == ("/a.png", False)


async def test_no_request_says_where_it_came_from(connect: Connect) -> None:
    """No referrer and no origin is sent, not even after a redirect."""
    async with serve(answers(http(302, b"", Location="/b"), http())) as peer:
        await _everything(connect(peer.url))
        names = {name for request in peer.requests for name in request.headers}
        assert names & {"referer", "origin"} == set()


@pytest.mark.parametrize("show", [repr, str, lambda transport: repr(vars(transport))])
def test_representations_hide_the_key(show: Callable[[object], str]) -> None:
    """A transport can be printed."""
    text = show(AiohttpTransport("https://api.example.com", KEY))
    assert "api.example.com" in text
    assert BARE not in text


def test_texts_can_be_cleaned() -> None:
    """The transport takes its key, and pictures, out of a text."""
    transport = AiohttpTransport("https://api.example.com", KEY)
    assert transport.redact(f"{KEY} data:image/png;base64,AAAA") == (
        "*** data:image/png;base64,…(3 bytes)"
    )


@pytest.mark.parametrize("key", ["sk-1\r\nX-Other: 1", "sk-1\x00", "sk-é"])
def test_key_cannot_smuggle_headers(key: str) -> None:
    """A key that no header can carry is refused, and not repeated in the error."""
    with pytest.raises(InvalidInput) as caught:
        AiohttpTransport("https://api.example.com", key)
    assert key not in str(caught.value)


async def test_cookies_are_not_kept(connect: Connect) -> None:
    """A cookie that a server sets is not sent back."""
    async with serve(answers(http(200, b"{}", Set_Cookie="a=b"))) as peer:
        transport = connect(peer.url)
        for _ in range(2):
            with suppress(MjflowError):
                await _everything(transport)
        assert not [request for request in peer.requests if "cookie" in request.headers]
