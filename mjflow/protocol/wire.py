"""
JSON out of bytes, and plain values out of JSON, whatever a server makes of them (P§4.4).

The readers of values take a second argument and ignore it: it is the declared type, which cattrs
passes to its hooks.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from mjflow.errors import NotAnApi, ReplyUnreadable
from mjflow.protocol.checks import is_id

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
#: More digits than Python converts to an int by default (4300) are no number of this API.
_MOST_DIGITS = 4000
#: Levels; tasks have about five.
_DEEPEST = 64
_PERCENTS = {f"{percent}%": percent for percent in range(101)}
_PERCENT = re.compile(r"\s*([0-9]{1,3})(?:\.[0-9]+)?\s*%?\s*")
#: Data URLs, other base64 and API keys: never to be seen in an error or a log.
_UNSPEAKABLE = re.compile(r"data:[\w/+.-]*;base64,\S*|[A-Za-z0-9+/_=-]{80,}|\bsk-[\w-]{6,}")

_decode = msgspec.json.Decoder().decode


def load(body: bytes) -> Any:
    """
    Read a body as JSON; the header that names its type is not to be trusted (P§1).

    Broken UTF-8, lone surrogates and outsized numbers are repaired: they stand in texts that
    nobody depends on, and must not hide a status that somebody waits for.

    Raises:
        NotAnApi: It is a web page.
        ReplyUnreadable: It is empty, cut short, nested without end, or something else than JSON.
    """
    try:
        value = _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        value = _load_broken(body)
    # Nearly every answer has too few brackets to be deep.
    if body.count(b"[") + body.count(b"{") > _DEEPEST and _is_deeper(value, _DEEPEST):
        raise ReplyUnreadable(f"the server's answer is nested more than {_DEEPEST} levels deep")
    return value


def _is_deeper(value: Any, levels: int) -> bool:
    """Whether lists and objects are nested deeper: whoever stores or copies them would stumble."""
    entries = value.values() if isinstance(value, dict) else value
    nested = [entry for entry in entries if type(entry) is dict or type(entry) is list]
    if levels <= 1:
        return bool(nested)
    return any(_is_deeper(entry, levels - 1) for entry in nested)


def _load_broken(body: bytes) -> Any:
    try:
        value = json.loads(body.decode("utf-8-sig", "replace"), parse_int=_integer)
        # Once round: a lone surrogate would break whoever prints or stores the text.
        return json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, RecursionError):
        raise unreadable(body) from None


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) <= _MOST_DIGITS else digits


def unreadable(body: bytes) -> ReplyUnreadable:
    """Return the error that says what a body is instead of JSON."""
    if is_page(body):
        return NotAnApi("the server answered with a web page instead of JSON")
    if is_empty(body):
        return ReplyUnreadable("the server's answer is empty")
    start = clean(body[:200].decode("utf-8", "replace"), limit=60)
    return ReplyUnreadable(f"the server's answer is not JSON, or is cut short: {start}")


def is_empty(body: bytes) -> bool:
    """Whether a body says nothing at all."""
    return not body.removeprefix(_BYTE_ORDER_MARK).strip()


def is_page(body: bytes) -> bool:
    """Whether a body is a web page, or other markup."""
    return body[:256].removeprefix(_BYTE_ORDER_MARK).lstrip()[:1] == b"<"


def clean(words: str, limit: int = 200) -> str:
    """Make one printable line of at most `limit` characters, without base64 and keys."""
    spoken = _UNSPEAKABLE.sub("…", words[:4000])
    line = " ".join("".join(c if c.isprintable() else " " for c in spoken).split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def text(value: object, _: object = None) -> str:
    """Read a text; null and anything that is no text or number become `""`."""
    if isinstance(value, str):
        return value
    return str(value) if _is_number(value) else ""


def optional_text(value: object, _: object = None) -> str | None:
    """Read a text where `""` means that there is none."""
    return text(value) or None


def whole(value: object, _: object = None) -> int | None:
    """Read an integer, also one written as text."""
    if isinstance(value, str):
        fits = value.isascii() and value.isdigit() and len(value) <= _MOST_DIGITS
        return int(value) if fits else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def number(value: object, _: object = None) -> float | None:
    """Read a number, never a truth value."""
    return value if _is_number(value) else None  # type: ignore[return-value]


def flag(value: object, _: object = None) -> bool | None:
    """Read a truth value."""
    return value if isinstance(value, bool) else None


def mapping(value: object) -> Mapping[str, Any]:
    """Read an object; null and other types become an empty one."""
    return value if isinstance(value, dict) else {}


def identifier(value: object) -> str | None:
    """Read an id: an opaque text, or an integer with all its digits (P§3.2); else `None`."""
    whole_number = isinstance(value, int) and not isinstance(value, bool)
    word = str(value) if whole_number else value
    return word if isinstance(word, str) and is_id(word) else None


def instant(value: object, _: object = None) -> datetime | None:
    """Read epoch milliseconds; 0, null and instants outside the calendar become `None`."""
    milliseconds = value if isinstance(value, int) else whole(value)
    if not milliseconds or milliseconds < 0:
        return None
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def percent(value: object, _: object = None) -> int | None:
    """Read a progress such as `"57%"`; other short words and nothing at all become `None`."""
    known = _PERCENTS.get(value) if isinstance(value, str) else None
    if known is not None:
        return known
    match = _PERCENT.fullmatch(text(value))
    share = int(match[1]) if match else None
    return share if share is None or share <= 100 else None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
