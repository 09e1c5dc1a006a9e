"""The key goes to its server and nowhere else."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress

import backoff
import pytest

from mjflow.errors import InvalidInput, MjflowError
from mjflow.protocol.verdicts import Reply
from mjflow.transport.aiohttp import AiohttpTransport
from mjflow.transport.base import Timeouts

from .conftest import KEY, Connect
from .servers import Act, answers, breaks_off, http, resets, serve, silent

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
