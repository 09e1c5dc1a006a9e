"""Delays between attempts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mjflow.timing.delays import backoff_delay

attempts = st.integers(1, 10**6)
rands = st.floats(0.0, 1.0, exclude_max=True)


@pytest.mark.parametrize(
    ("attempt", "least", "most"),
    [
        (1, 1.0, 2.0),
        (2, 2.0, 4.0),
        (3, 4.0, 8.0),
        (5, 16.0, 32.0),
        (6, 30.0, 60.0),
        (99, 30.0, 60.0),
    ],
)
def test_the_bound_doubles_up_to_a_minute(attempt: int, least: float, most: float) -> None:
    """Half the bound is always waited, the other half at random."""
    assert backoff_delay(attempt, 0.0) == least
    assert backoff_delay(attempt, 1.0) == most


@pytest.mark.parametrize(
    ("asked", "expected"),
    [(0.0, 1.0), (0.5, 1.0), (30.0, 30.0), (120.0, 120.0), (3600.0, 120.0), (-5.0, 1.0)],
)
def test_the_servers_own_word_is_honoured_up_to_two_minutes(asked: float, expected: float) -> None:
    """Never sooner than asked, never sooner than without asking, never for hours."""
    assert backoff_delay(1, 0.0, retry_after=asked) == expected


def test_what_was_told_to_all_is_not_done_by_all_at_once() -> None:
    """A tenth of the asked time spreads those who were told the same."""
    assert backoff_delay(1, 0.5, retry_after=100.0) == pytest.approx(105.0)


def test_base_factor_and_cap_can_be_chosen() -> None:
    """The numbers are arguments."""
    assert backoff_delay(3, 1.0, base=1.0, factor=3.0, cap=100.0) == 9.0
    assert backoff_delay(9, 1.0, base=1.0, factor=3.0, cap=100.0) == 100.0


@given(attempt=attempts, rand=rands)
def test_any_attempt_waits_between_one_second_and_a_minute(attempt: int, rand: float) -> None:
    """No attempt number overflows, and none knocks at once."""
    assert 1.0 <= backoff_delay(attempt, rand) <= 60.0


@given(attempt=attempts, rand=rands, asked=st.floats(0.0, 1e9))
def test_a_word_of_the_server_only_lengthens(attempt: int, rand: float, asked: float) -> None:
    """With `Retry-After` it waits at least as long as without, and at most 132 s."""
    delay = backoff_delay(attempt, rand, retry_after=asked)

    assert delay >= backoff_delay(attempt, rand)
    assert delay >= min(asked, 120.0)
    assert delay <= 132.0


@given(attempt=st.integers(1, 100), rand=rands)
def test_later_attempts_never_wait_less(attempt: int, rand: float) -> None:
    """For equal luck the delay never shrinks."""
    assert backoff_delay(attempt + 1, rand) >= backoff_delay(attempt, rand)
