"""Keys and pictures out of texts."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mjflow.transport.redact import redact, scrub

KEY = "sk-0123456789abcdefSECRET"
KEYS = st.text(string.ascii_letters + string.digits + "-_", min_size=8, max_size=60)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nothing to hide", "nothing to hide"),
        (f"Bearer {KEY} was refused", "Bearer *** was refused"),
        ("no such key: 0123456789abcdefSECRET.", "no such key: ***."),
        ("data:image/png;base64,iVBORw0KGgo= end", "data:image/png;base64,…(8 bytes) end"),
        (
            "data:image/svg+xml;charset=utf-8;base64,AAAA",
            "data:image/svg+xml;charset=utf-8;base64,…(3 bytes)",
        ),
        ("x" * 400 + " end", "…(300 bytes) end"),
        ("1768464763141701", "1768464763141701"),
        ("MJ::JOB::upsample::2::0123abcd-89ab-cdef-0123-456789abcdef",) * 2,
    ],
)
def test_redact(text: str, expected: str) -> None:
    """The key becomes stars and base64 its size; ids and words stay."""
    assert redact(text, KEY) == expected


@pytest.mark.parametrize("key", ["", "test", "sk-cat"])
def test_short_keys_are_words(key: str) -> None:
    """A key as short as a word is not hunted for in texts."""
    assert redact("a test of sk-cat", key) == "a test of sk-cat"


@given(st.text(), KEYS, st.text())
def test_no_key_survives(before: str, key: str, after: str) -> None:
    """Wherever a key stands, with or without its `sk-`, it is gone afterwards."""
    for text in (before + key + after, before + "sk-" + key + after):
        assert key not in redact(text, "sk-" + key)


def test_scrub_takes_the_key_out_of_bytes() -> None:
    """A body keeps everything but the key."""
    assert scrub(b'{"error":"bad key ' + KEY.encode() + b'"}', KEY) == b'{"error":"bad key ***"}'
