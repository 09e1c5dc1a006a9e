"""Keys and pictures out of texts: for everything that ends in a message or a log."""

from __future__ import annotations

import re

#: Stands where a key was.
HIDDEN = "***"
# A shorter key is a word that may well stand in a text by itself.
_SHORTEST_KEY = 8
_DATA_URL = re.compile(r"(data:[^,\s]{0,80};base64,)([A-Za-z0-9+/_=-]+)")
# Longer than any id, hash or token of this family.
_BARE_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{160,}={0,2}")


def redact(text: str, key: str = "") -> str:
    """Return the text without the key, and with base64 cut down to its size."""
    for spelling in spellings(key):
        text = text.replace(spelling, HIDDEN)
    text = _DATA_URL.sub(lambda match: f"{match[1]}…({_size(match[2])} bytes)", text)
    return _BARE_BASE64.sub(lambda match: f"…({_size(match[0])} bytes)", text)


def scrub(body: bytes, key: str) -> bytes:
    """Return an answer without the key, in case a server says it back."""
    for spelling in spellings(key):
        body = body.replace(spelling.encode(), HIDDEN.encode())
    return body


def spellings(key: str) -> tuple[str, ...]:
    """Return the ways a server may spell the key: gateways cut the `sk-` off (P§1)."""
    ways = dict.fromkeys((key, key.removeprefix("sk-")))
    return tuple(way for way in ways if len(way) >= _SHORTEST_KEY)


def _size(base64: str) -> int:
    return len(base64.rstrip("=")) * 3 // 4
