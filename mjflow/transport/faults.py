"""What went wrong, in our words: the one place where aiohttp's exceptions are translated."""

from __future__ import annotations

import asyncio
import logging
import os

import aiohttp

from mjflow.errors import MjflowError, NoReply, ReplyUnreadable, TransportError, Unreachable

log = logging.getLogger("mjflow.transport")

# In this order: the library's classes derive from each other, and several from OSError.
_WORDS: tuple[tuple[type[Exception], type[TransportError], str], ...] = (
    (
        aiohttp.ClientConnectorCertificateError,
        Unreachable,
        "the certificate of {place} is not trusted: {detail}",
    ),
    (
        aiohttp.ClientSSLError,
        Unreachable,
        "{place} does not speak TLS as it should (https:// where http:// is meant?): {detail}",
    ),
    (aiohttp.ClientConnectorDNSError, Unreachable, "there is no host {place}: {detail}"),
    (aiohttp.ClientConnectorError, Unreachable, "cannot connect to {place}: {detail}"),
    (aiohttp.ConnectionTimeoutError, Unreachable, "{place} took too long to connect"),
    (asyncio.TimeoutError, NoReply, "{place} did not answer in time"),
    (aiohttp.ClientPayloadError, NoReply, "the answer of {place} broke off before its end"),
    (aiohttp.ClientResponseError, ReplyUnreadable, "what answers at {place} does not speak HTTP"),
    (
        aiohttp.ServerDisconnectedError,
        NoReply,
        "{place} closed the connection without a whole answer",
    ),
    (OSError, NoReply, "the connection to {place} broke: {detail}"),
    # Names that no name server could ever know.
    (aiohttp.InvalidURL, Unreachable, "there can be no host {place}"),
    (UnicodeError, Unreachable, "there can be no host {place}"),
    (aiohttp.ClientConnectionError, NoReply, "the connection to {place} broke"),
)


def fault(error: Exception, place: str) -> MjflowError:
    """
    Return our error for one that came out of a request.

    What aiohttp says of a bad answer carries the request's headers, hence the key, or the answer's
    own bytes: it is no cause that may be shown.  Raise the error outside of the `except` block,
    else all this comes along as the context.

    Args:
        place: The host, for the message.
    """
    if isinstance(error, MjflowError):
        _without_frames(error)
        return error
    kind, words = _translate(error, place)
    ours = kind(words.format(place=place, detail=_detail(error)))
    if isinstance(error, OSError) or not isinstance(error, aiohttp.ClientError):
        ours.__cause__ = _without_frames(error)
    return ours


def _translate(error: Exception, place: str) -> tuple[type[TransportError], str]:
    for kind, ours, words in _WORDS:
        if isinstance(error, kind):
            return ours, words
    log.error("unexpected in a request to %s", place, exc_info=error)
    return NoReply, "the request to {place} failed: {detail}"


def _without_frames(error: Exception) -> Exception:
    """Cut the frames off: aiohttp's hold the key, and crash reporters collect their variables."""
    link: BaseException | None = error
    while link is not None:
        link.__traceback__ = None
        link = link.__cause__ or link.__context__
    return error


def _detail(error: Exception) -> str:
    """Return the operating system's words for it, else the exception's name."""
    error = getattr(error, "certificate_error", None) or getattr(error, "os_error", None) or error
    verify_message = getattr(error, "verify_message", None)
    if verify_message:
        return str(verify_message)
    if not isinstance(error, OSError):
        return type(error).__name__
    strerror = error.strerror or ""
    # asyncio writes "Connect call failed ('127.0.0.1', 1)" there; a negative number is the
    # resolver's, which has its own text.
    if error.errno is not None and error.errno > 0 and "failed" in strerror:
        return os.strerror(error.errno)
    return strerror or type(error).__name__
