"""What a `Retry-After` header asks for."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mjflow.transport.bodies import seconds_of

NOW = datetime(2026, 1, 31, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7", 7.0),
        (" 2.5 ", 2.5),
        ("0", 0.0),
        ("-3", 0.0),
        ("Sat, 31 Jan 2026 12:01:30 GMT", 90.0),
        ("Sat, 31 Jan 2026 13:00:00 +0100", 0.0),
        ("Sat, 31 Jan 2026 12:00:05 -0000", 5.0),
        ("Sat, 31 Jan 2026 11:00:00 GMT", 0.0),
        ("soon", None),
        ("", None),
        ("inf", None),
        ("nan", None),
        ("Sat, 31 Jan 2026 12:00:00 +99999999999", None),
        ("Sat, 99 Foo 2026 12:00:00 GMT", None),
    ],
)
def test_seconds_of(text: str, expected: float | None) -> None:
    """A number counts as seconds, a date from now on, the past as nothing, junk not at all."""
    assert seconds_of(text, NOW) == expected


@given(st.text())
def test_junk_asks_for_nothing_or_for_a_wait(text: str) -> None:
    """Whatever stands there, the wait is never negative and nothing is raised."""
    seconds = seconds_of(text, NOW)
    assert seconds is None or seconds >= 0
