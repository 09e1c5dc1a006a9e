"""Answers as bytes: whole, without the key, and not without bound."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import isfinite, nan

import aiohttp

from mjflow.errors import ReplyUnreadable
from mjflow.protocol.verdicts import Reply
from mjflow.transport.redact import scrub, unmistakable

#: Bytes; a bulk of 100 tasks has about 200 KB.
LARGEST = 64 * 1024 * 1024


async def whole(response: aiohttp.ClientResponse) -> bytes:
    """
    Read an answer to its end, which also gives its connection back.

    Raises:
        ReplyUnreadable: It is larger than `LARGEST`.
        aiohttp.ClientError: It was cut short, or stopped coming.
    """
    content = response.content
    try:
        _check(response.content_length or 0)
        # Nearly every answer is one block; `response.read()` costs a look 6 % more.
        first = await content.readany()
        _check(len(first))
        return first if content.at_eof() else await _gather(content, first)
    except BaseException:
        response.close()
        raise


def reply(response: aiohttp.ClientResponse, body: bytes, key: str) -> Reply:
    """Return what came, as the rest of mjflow sees it."""
    if response.status != 200:
        # A server that complains of the key may say it back.
        return Reply(response.status, scrub(body, key), retry_after(response))
    # Some do so in good answers too, as in the links of pictures: these are stored and followed.
    return Reply(200, scrub(body, key) if unmistakable(key) else body)


def retry_after(response: aiohttp.ClientResponse) -> float | None:
    """Return the seconds of a `Retry-After` header, which may be a number or a date."""
    text = response.headers.get("Retry-After")
    return None if text is None else seconds_of(text, datetime.now(UTC))


def seconds_of(text: str, now: datetime) -> float | None:
    """Return the seconds that a `Retry-After` asks for, never less than 0; `None` for junk."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = _until(text, now)
    return max(0.0, seconds) if isfinite(seconds) else None


async def _gather(content: aiohttp.StreamReader, first: bytes) -> bytes:
    blocks, size = [first], len(first)
    while block := await content.readany():
        size += len(block)
        _check(size)
        blocks.append(block)
    return b"".join(blocks)


def _check(size: int) -> None:
    if size > LARGEST:
        raise ReplyUnreadable(
            f"the answer is larger than {LARGEST >> 20} MB", advice="No server of this API does so."
        )


def _until(text: str, now: datetime) -> float:
    try:
        when = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return nan
    # A date that names no zone counts as UTC.
    aware = when if when.tzinfo else when.replace(tzinfo=UTC)
    return (aware - now).total_seconds()
