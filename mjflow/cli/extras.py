"""`--extra KEY=VALUE`: fields that only one server knows."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from mjflow.errors import InvalidInput


def read_extras(texts: Iterable[str]) -> dict[str, Any]:
    """
    Read fields as they are typed; a value is JSON if it can be read as such, else text.

    Raises:
        InvalidInput: One is no KEY=VALUE, or a key comes twice.
    """
    extras: dict[str, Any] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        key = key.strip()
        if not (key and equals):
            raise InvalidInput(
                f"--extra {text!r} is no KEY=VALUE",
                advice="Such as --extra noStorage=true; quote it for the shell.",
            )
        if key in extras:
            raise InvalidInput(f"--extra {key} is given twice")
        extras[key] = _value(value)
    return extras


def _value(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return text


def _no_constant(word: str) -> Any:
    """NaN and Infinity are words of Python's, not of JSON."""
    raise ValueError(word)
