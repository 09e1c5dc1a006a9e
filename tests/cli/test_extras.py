"""`--extra KEY=VALUE`."""

from __future__ import annotations

from typing import Any

import pytest

from mjflow.cli.extras import read_extras
from mjflow.errors import InvalidInput


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        ("0.5", 0.5),
        ("true", True),
        ("null", None),
        ('"3"', "3"),
        ('["FAST"]', ["FAST"]),
        ('{"modes": ["FAST"]}', {"modes": ["FAST"]}),
        ("fast", "fast"),
        ("a=b", "a=b"),
        ("", ""),
        ("NaN", "NaN"),
        ("{modes", "{modes"),
        ("[" * 100_000, "[" * 100_000),
    ],
)
def test_values(text: str, value: Any) -> None:
    """A value is JSON if it can be read as such, else the text itself."""
    assert read_extras([f"key={text}"]) == {"key": value}


@pytest.mark.parametrize("texts", [["key"], ["=1"], [" =1"], ["a=1", "a=2"]])
def test_what_is_no_field(texts: list[str]) -> None:
    """A field has a key, a value, and is given once."""
    with pytest.raises(InvalidInput, match="--extra"):
        read_extras(texts)
