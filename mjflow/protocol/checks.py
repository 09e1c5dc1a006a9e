"""
What may stand in an id, a key or an address: none of it is ours, and all of it goes far.

An id becomes part of a path and of a file's name, a key part of a log line, and all of them are
shown on terminals.  Quoting is done where it is due; what no server of this family uses, and
whoever means harm would, is refused before.
"""

from __future__ import annotations

from typing import Any
from unicodedata import category
from urllib.parse import urlsplit

from mjflow.errors import InvalidInput

#: Characters of an id; known ones have 13 to 36 (P§3.2).
LONGEST_ID = 200
#: Characters of an address to notify, of a key of the caller's own.
LONGEST = 2000

# Servers in front of the API take an escaped separator for a real one.
_NEVER_IN_IDS = frozenset(" /\\")


def is_id(word: str) -> bool:
    """Return whether a text can be an id: short, visible, one word, and no part of a path."""
    plain = word.isprintable() and _NEVER_IN_IDS.isdisjoint(word)
    return plain and 0 < len(word) <= LONGEST_ID and word not in (".", "..")


def check_id(task_id: str) -> None:
    """
    Make sure that a text can be the id of a task.

    Raises:
        InvalidInput: It cannot.
    """
    if not task_id.strip():
        raise InvalidInput("the task id is empty")
    if not is_id(task_id):
        raise InvalidInput(
            f"this is no task id: {_shown(task_id)}",
            advice="An id is one word, such as 1768464763141701, without slashes.",
        )


def check_key(key: str) -> None:
    """
    Make sure that a text can be a key of the caller's own.

    Raises:
        InvalidInput: It is empty, endless, or has characters that nobody sees.
    """
    if not key.strip() or not _is_visible(key) or len(key) > LONGEST:
        raise InvalidInput(
            f"this is no key: {_shown(key)}",
            advice="A key is a visible text of your own, such as order-17.",
        )


def check_hook(url: str) -> None:
    """
    Make sure that a text can be the address that a server is to notify.

    Raises:
        InvalidInput: It is no http(s) address.
    """
    if not _is_web_address(url):
        raise InvalidInput(
            f"notify_hook is no web address: {_shown(url)}",
            advice="Write it as https://host/path, without spaces.",
        )


def _is_visible(text: str) -> bool:
    """Whether there are only characters that show, and spaces of whatever width."""
    return text.isprintable() or all(c.isprintable() or category(c) == "Zs" for c in text)


def _is_web_address(url: str) -> bool:
    if not url.isprintable() or " " in url or len(url) > LONGEST:
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _shown(text: str, limit: int = 60) -> str:
    """Quote the beginning of a text, with what cannot be seen spelt out."""
    return repr(text) if len(text) <= limit else f"{text[:limit]!r}…"


# As validators of attrs.


def task_id(_: object, __: object, value: Any) -> None:
    """Check a field that holds an id, unless it is `None`."""
    if value is not None:
        check_id(value)


def hook(_: object, __: object, value: Any) -> None:
    """Check a field that holds an address to notify, unless it is `None`."""
    if value is not None:
        check_hook(value)
