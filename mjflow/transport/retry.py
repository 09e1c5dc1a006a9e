"""Reads are free and may be tried again; the only place where `backoff` is used."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Awaitable, Callable, Generator
from typing import Any

import backoff

from mjflow.errors import NoReply, TransportError, Unreachable
from mjflow.protocol.verdicts import Reply

log = logging.getLogger("mjflow.transport")

#: Tries in all.
TRIES = 5
#: Seconds; the longest wait that a server's `Retry-After` is granted.
LONGEST_WAIT = 120.0
#: Busy, or a front proxy without a server behind it; 520-526 are a CDN's (P§8.1).
PASSING = frozenset({429, 502, 503, 504, *range(520, 527)})

Result = Reply | TransportError


async def persist(attempt: Callable[[], Awaitable[Reply]]) -> Reply:
    """
    Make one attempt, and up to four more while what comes of it may pass.

    Waits up to 0.5, 1, 2 and 4 s between them, at random, or as long as the server asks.

    Raises:
        TransportError: What the last attempt raised.
    """
    result = await _tried(attempt)
    if isinstance(result, TransportError):
        raise result
    return result


def passing(result: Result) -> bool:
    """Return whether the same read may well succeed in a moment."""
    if isinstance(result, Reply):
        return result.status in PASSING
    return isinstance(result, (Unreachable, NoReply))


def waits() -> Generator[float, Any, None]:
    """Yield the seconds to wait after each result that is sent in; the first yield is idle."""
    own = backoff.expo(factor=0.5)
    next(own)
    # backoff primes a wait generator with an empty send.
    result: Result = yield 0.0
    for bound in own:
        asked = result.retry_after if isinstance(result, Reply) else None
        if asked is None:
            result = yield backoff.full_jitter(bound)
        else:
            # Never earlier than asked for, and not all at the same moment.
            result = yield backoff.random_jitter(min(asked, LONGEST_WAIT))


def _tell(details: Any) -> None:
    result = details["value"]
    what = result.message if isinstance(result, TransportError) else f"HTTP {result.status}"
    log.info("try %d: %s; again in %.1f s", details["tries"], what, details["wait"])


async def _result(attempt: Callable[[], Awaitable[Reply]]) -> Result:
    try:
        return await attempt()
    except TransportError as error:
        return error


with warnings.catch_warnings():
    # backoff asks asyncio whether a function is a coroutine function, which Python 3.14 deprecates.
    warnings.filterwarnings(
        "ignore", "'asyncio.iscoroutinefunction' is deprecated", DeprecationWarning
    )
    _tried = backoff.on_predicate(
        waits, passing, max_tries=TRIES, jitter=None, on_backoff=_tell, logger=None
    )(_result)
