"""Keys and pictures out of texts: for everything that ends in a message, a log or a file."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import quote

#: Stands where a key was.
HIDDEN = "***"
# A shorter key is a word that may well stand in a text by itself.
_SHORTEST_KEY = 8
_SHORTEST_SURE_KEY = 16
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


def blot(data: bytes, key: str) -> bytes:
    """Return a part of a picture without the key, if it can't be chance, and not a byte shorter."""
    for spelling in spellings(key) if unmistakable(key) else ():
        data = data.replace(spelling.encode(), b"*" * len(spelling))
    return data


def carries(text: str, key: str) -> bool:
    """Return whether the key stands in a text, and not by chance."""
    return unmistakable(key) and any(spelling in text for spelling in spellings(key))


@lru_cache(maxsize=16)
def unmistakable(key: str) -> bool:
    """
    Return whether a key is no word or number that may well stand in an answer for its own sake.

    Who runs a server may have made the name of a cat its key; the tasks of that name are to be
    read all the same.
    """
    long = len(key) >= _SHORTEST_SURE_KEY
    return long and any(map(str.isdigit, key)) and any(map(str.isalpha, key))


@lru_cache(maxsize=16)
def spellings(key: str) -> tuple[str, ...]:
    """Return the ways a server may spell the key: gateways cut the `sk-` off (P§1)."""
    bare = key.removeprefix("sk-")
    # In a link, and in the JSON of servers that escape every slash.
    ways = dict.fromkeys((key, bare, quote(bare, safe=""), bare.replace("/", "\\/")))
    return tuple(way for way in ways if len(way) >= _SHORTEST_KEY)


def _size(base64: str) -> int:
    return len(base64.rstrip("=")) * 3 // 4
