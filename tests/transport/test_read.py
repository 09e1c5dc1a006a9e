"""Reads: free of charge, and tried again while it may help."""

from __future__ import annotations

import asyncio
import importlib
import random
import warnings
from collections.abc import Awaitable, Callable

import backoff
import pytest

from mjflow.errors import NoReply, ReplyUnreadable, TransportError, Unreachable
from mjflow.protocol.verdicts import Reply
from mjflow.transport import retry
from mjflow.transport.base import Timeouts
from mjflow.transport.retry import TRIES, passing, persist

from .conftest import Connect
from .servers import answers, breaks_off, http, serve, silent

PATH = "/mj/task/list-by-condition"


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Replace sleeping by a list of the seconds that would have been slept."""
    slept: list[float] = []

    async def nap(seconds: float) -> None:
        if seconds:
            slept.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", nap)
    return slept


def _script(*results: Reply | TransportError) -> Callable[[], Awaitable[Reply]]:
    """Return an attempt that gives these results, one after the other."""
    left = list(results)

    async def attempt() -> Reply:
        result = left.pop(0)
        if isinstance(result, TransportError):
            raise result
        return result

    return attempt


async def test_first_good_answer_is_returned(naps: list[float]) -> None:
    """A good answer at once costs no wait."""
    assert await persist(_script(Reply(200, b"[]"))) == Reply(200, b"[]")
    assert naps == []


async def test_waits_grow_between_tries(naps: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    """Without advice from the server the bound of the wait doubles from half a second."""
    monkeypatch.setattr(random, "uniform", lambda _low, high: high)
    script = _script(NoReply("a"), Reply(502, b""), Unreachable("b"), NoReply("c"), Reply(200, b""))
    assert await persist(script) == Reply(200, b"")
    assert naps == [0.5, 1.0, 2.0, 4.0]


async def test_waits_are_random_below_the_bound(naps: list[float]) -> None:
    """Jitter spreads the tries of many clients."""
    await persist(_script(NoReply("a"), NoReply("b"), Reply(200, b"")))
    assert all(0 <= slept <= bound for slept, bound in zip(naps, (0.5, 1.0), strict=True))


@pytest.mark.parametrize(("asked", "least"), [(7.0, 7.0), (0.0, 0.0), (3600.0, 120.0)])
async def test_server_says_when_to_come_again(
    naps: list[float], asked: float, least: float
) -> None:
    """`Retry-After` is waited out, at most two minutes, and up to a second more."""
    await persist(_script(Reply(429, b"", asked), Reply(200, b"")))
    assert all(least <= slept <= least + 1 for slept in naps)


async def test_last_bad_answer_is_returned(naps: list[float]) -> None:
    """When all tries are used up, the answer is the caller's to judge."""
    script = _script(*[Reply(503, str(n).encode()) for n in range(TRIES)])
    assert await persist(script) == Reply(503, b"4")
    assert len(naps) == TRIES - 1


async def test_last_error_is_raised(naps: list[float]) -> None:
    """When all tries are used up, the last error is raised."""
    with pytest.raises(NoReply, match="try 4"):
        await persist(_script(*[NoReply(f"try {n}") for n in range(TRIES)]))


@pytest.mark.parametrize(
    ("result", "again"),
    [
        *[(Reply(status, b""), True) for status in (429, 502, 503, 504, 520, 523, 526)],
        *[(Reply(status, b""), False) for status in (200, 204, 302, 400, 401, 404, 500, 501, 527)],
        (Unreachable("refused"), True),
        (NoReply("timed out"), True),
        (ReplyUnreadable("not HTTP"), False),
    ],
)
def test_what_may_pass(result: Reply | TransportError, again: bool) -> None:
    """Busy servers and broken connections may pass; everything else stays."""
    assert passing(result) is again


async def test_read_over_a_bad_line(connect: Connect, naps: list[float]) -> None:
    """A read gets through 503 and 520, with the same body each time."""
    replies = http(503, b"", Retry_After="1"), http(520, b"<html>"), http(200, b"[]")
    async with serve(answers(*replies)) as peer:
        reply = await connect(peer.url).read("POST", PATH, b'{"ids":["1"]}')
        assert reply == Reply(200, b"[]")
        assert [request.body for request in peer.requests] == [b'{"ids":["1"]}'] * 3
        assert peer.requests[0].headers["content-type"] == "application/json"
    assert len(naps) == 2


async def test_read_of_a_cut_answer_is_tried_again(connect: Connect, naps: list[float]) -> None:
    """An answer that always breaks off is an error after the last try."""
    async with serve(breaks_off(http(200, b"[", length=9))) as peer:
        with pytest.raises(NoReply, match="broke off"):
            await connect(peer.url).read("GET", PATH)
        assert len(peer.requests) == TRIES


async def test_read_ends_in_time(connect: Connect, naps: list[float]) -> None:
    """Each try has its limit; a slow read has its own."""
    timeouts = Timeouts(read=60.0, seed=0.02)
    async with serve(silent) as peer:
        with pytest.raises(NoReply, match="did not answer in time"):
            await connect(peer.url, timeouts=timeouts).read("GET", PATH, slow=True)
        assert len(peer.requests) == TRIES


async def test_read_on_a_closed_transport_fails_at_once(
    connect: Connect, naps: list[float]
) -> None:
    """After `aclose` a read is not tried again and again."""
    transport = connect("http://127.0.0.1:1")
    await transport.aclose()
    with pytest.raises(Unreachable, match="the client is closed"):
        await transport.read("GET", PATH)
    assert naps == []


async def test_get_has_neither_body_nor_type(connect: Connect) -> None:
    """A GET carries nothing."""
    async with serve(answers(http())) as peer:
        await connect(peer.url).read("GET", PATH)
        headers = peer.requests[0].headers
    assert not {"content-type", "content-length", "transfer-encoding"} & headers.keys()


def test_module_loads_where_backoff_is_deprecated(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one warning that `backoff` raises on newer Pythons does not get out."""
    whether = asyncio.iscoroutinefunction

    def deprecated(function: object) -> bool:
        warnings.warn(
            "'asyncio.iscoroutinefunction' is deprecated and slated for removal in Python 3.16; "
            "use inspect.iscoroutinefunction() instead",
            DeprecationWarning,
            stacklevel=2,
        )
        return whether(function)

    with monkeypatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("error")
        patch.setattr(asyncio, "iscoroutinefunction", deprecated)
        with pytest.raises(DeprecationWarning):
            backoff.on_predicate(backoff.expo)(_script())
        importlib.reload(retry)
