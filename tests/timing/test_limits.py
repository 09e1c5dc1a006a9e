"""The request budget and the in-flight window."""

from __future__ import annotations

from fractions import Fraction
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from mjflow.errors import InvalidInput
from mjflow.timing.limits import RequestBudget, Window

# Steps of 1/64 s and such rates keep the model's arithmetic exact.
steps = st.integers(0, 640).map(lambda n: n / 64)


def test_a_burst_is_free_and_the_rest_waits_its_turn() -> None:
    """Past the burst, each reservation waits one period longer than the one before."""
    budget = RequestBudget(4.0, burst=2)

    assert [budget.reserve(100.0) for _ in range(5)] == [0.0, 0.0, 0.25, 0.5, 0.75]


def test_a_quiet_time_gives_the_burst_back() -> None:
    """After enough idle seconds the bucket is full again, and no fuller."""
    budget = RequestBudget(4.0, burst=2)
    for _ in range(4):
        budget.reserve(100.0)

    assert [budget.reserve(200.0) for _ in range(3)] == [0.0, 0.0, 0.25]


@pytest.mark.parametrize("rate", [None, inf])
def test_no_limit_never_waits(rate: float | None) -> None:
    """`None` and infinity both mean unlimited."""
    budget = RequestBudget(rate)

    assert {budget.reserve(5.0) for _ in range(1000)} == {0.0}


def test_the_default_burst_keeps_any_second_below_thirty_requests() -> None:
    """At the client's default of 20/s, no second has the 30 requests that get addresses banned."""
    budget, now, sent = RequestBudget(20.0), 1e6, []
    for _ in range(200):
        now += budget.reserve(now)
        sent.append(now)

    assert max(sum(start <= at < start + 1.0 for at in sent) for start in sent) <= 25


def test_a_million_reservations_do_not_drift() -> None:
    """A bucket that is never full for a million requests still keeps its rate to the microsecond.

    A sum of a million periods of 1/30 s would be off by more than that at this uptime.
    """
    budget, start = RequestBudget(30.0, burst=1), 1e7
    for _ in range(1_000_000):
        wait = budget.reserve(start)

    assert wait == pytest.approx(999_999 / 30.0, abs=1e-6)


@pytest.mark.parametrize("rate", [0.0, -1.0, float("nan")])
def test_a_rate_must_be_above_zero(rate: float) -> None:
    """A rate at which nothing is ever sent is refused."""
    with pytest.raises(InvalidInput, match="a rate must be"):
        RequestBudget(rate)


def test_a_burst_must_let_one_request_through() -> None:
    """A burst of none is refused."""
    with pytest.raises(InvalidInput, match="a burst must be"):
        RequestBudget(1.0, burst=0)


@given(
    rate=st.sampled_from([0.5, 1.0, 4.0, 32.0]),
    burst=st.integers(1, 8),
    gaps=st.lists(steps, max_size=60),
)
def test_the_budget_equals_a_bucket_of_exact_tokens(
    rate: float, burst: int, gaps: list[float]
) -> None:
    """Each wait is what a token bucket counted in fractions says."""
    budget, now = RequestBudget(rate, burst), Fraction(0)
    tokens = Fraction(burst)
    for gap in gaps:
        now += Fraction(gap)
        tokens = min(Fraction(burst), tokens + Fraction(gap) * Fraction(rate)) - 1
        expected = max(Fraction(0), -tokens / Fraction(rate))
        assert budget.reserve(float(now)) == pytest.approx(float(expected), abs=1e-9)


@given(
    rate=st.floats(0.1, 1000.0),
    burst=st.integers(1, 20),
    start=st.floats(0.0, 1e8),
    gaps=st.lists(st.floats(0.0, 10.0), max_size=40),
)
def test_no_span_of_time_has_more_than_its_share(
    rate: float, burst: int, start: float, gaps: list[float]
) -> None:
    """Between any two requests there are at most `burst + rate * seconds`, at any uptime."""
    budget, now, sent = RequestBudget(rate, burst), start, []
    for gap in gaps:
        now += gap
        sent.append(now + budget.reserve(now))

    assert sent == sorted(sent)
    for i, first in enumerate(sent):
        for j, last in enumerate(sent[i:], start=1):
            assert j <= burst + rate * (last - first) + 1e-3


def take(window: Window, times: int) -> Window:
    """Take several places."""
    for _ in range(times):
        window.take()
    return window


def test_a_fixed_window_has_its_size_whatever_it_learns() -> None:
    """Acceptance and refusal do not move a fixed window."""
    window = take(Window.fixed(3), 3)
    window.accepted(1.0)
    window.crowded(2.0)

    assert (window.limit, window.has_room, window.taken) == (3.0, False, 3)


def test_an_unbounded_window_always_has_room() -> None:
    """Acceptance and refusal do not bound an unbounded window."""
    window = take(Window.unbounded(), 10_000)
    window.accepted(1.0)
    window.crowded(2.0)

    assert (window.limit, window.has_room) == (inf, True)


def test_a_freed_place_can_be_taken_again() -> None:
    """A full window has room after one task ended."""
    window = take(Window.fixed(2), 2)
    window.free()

    assert (window.has_room, window.taken) == (True, 1)


def test_places_are_taken_without_room_by_tasks_that_run_anyway() -> None:
    """After a restart more tasks may be in flight than the window admits."""
    window = take(Window.fixed(2), 5)

    assert (window.taken, window.has_room) == (5, False)


def test_freeing_what_was_never_taken_is_a_bug() -> None:
    """The count never goes below zero."""
    with pytest.raises(RuntimeError, match="never entered"):
        Window.fixed(2).free()


def test_an_adaptive_window_grows_only_while_full() -> None:
    """An unused limit teaches nothing."""
    window = take(Window.adaptive(start=4), 3)
    window.accepted(1.0)
    assert window.limit == 4.0

    window.take()
    window.accepted(2.0)
    assert window.limit == 5.0


def test_a_refusal_halves_what_was_in_flight() -> None:
    """Twenty in flight were too many, though thirty were allowed."""
    window = take(Window.adaptive(start=30), 20)
    window.crowded(1.0)

    assert window.limit == 10.0


def test_refusals_of_one_round_trip_halve_once() -> None:
    """Sixteen submits on the wire, all refused, are one piece of news."""
    window = take(Window.adaptive(start=16, cooldown=5.0), 16)
    for n in range(16):
        window.crowded(1.0 + n / 10)
    assert window.limit == 8.0

    window.crowded(6.0)
    assert window.limit == 4.0


def test_after_the_first_refusal_it_grows_by_one_per_windowful() -> None:
    """Eight acceptances in a full window of eight make it nine."""
    window = take(Window.adaptive(start=16, cooldown=5.0), 16)
    window.crowded(0.0)
    for _ in range(8):
        window.free()
    for _ in range(8):
        window.accepted(10.0)

    assert window.limit == pytest.approx(9.0, abs=0.07)


def test_what_is_accepted_within_the_cooldown_does_not_grow_it() -> None:
    """Acceptances that were on the wire beside a refusal are old news."""
    window = take(Window.adaptive(start=8, cooldown=5.0), 8)
    window.crowded(0.0)
    window.accepted(4.9)

    assert window.limit == 4.0


def test_an_adaptive_window_keeps_between_one_and_its_ceiling() -> None:
    """It never closes altogether and never exceeds the ceiling."""
    window = take(Window.adaptive(start=2, ceiling=3, cooldown=0.0), 3)
    window.accepted(0.0)
    window.accepted(0.0)
    assert window.limit == 3.0

    for n in range(10):
        window.crowded(float(n))
    assert window.limit == 1.0


@pytest.mark.parametrize(
    "build",
    [
        lambda: Window.fixed(0),
        lambda: Window.adaptive(start=0),
        lambda: Window.adaptive(start=10, ceiling=9),
    ],
)
def test_a_window_without_room_for_anything_is_refused(build: object) -> None:
    """A window must hold one task, and its ceiling its start."""
    assert callable(build)
    with pytest.raises(InvalidInput, match="must be at least"):
        build()


class AdaptiveWindow(RuleBasedStateMachine):
    """An adaptive window under a server that accepts and refuses as it likes."""

    def __init__(self) -> None:
        super().__init__()
        self.window = Window.adaptive(start=10, ceiling=40, cooldown=5.0)
        self.now = 0.0
        self.in_flight = 0
        self.halvings: list[float] = []

    @rule(seconds=st.floats(0.0, 20.0))
    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds

    @precondition(lambda self: self.window.has_room)
    @rule()
    def submit_accepted(self) -> None:
        """The server takes a task."""
        before = self.window.limit
        self.window.take()
        self.in_flight += 1
        self.window.accepted(self.now)
        assert before <= self.window.limit <= before + 1.0

    @precondition(lambda self: self.window.has_room)
    @rule()
    def submit_refused(self) -> None:
        """The server's queue is full."""
        before = self.window.limit
        self.window.take()
        self.window.crowded(self.now)
        self.window.free()
        if self.window.limit < before:
            self.halvings.append(self.now)

    @precondition(lambda self: self.in_flight > 0)
    @rule()
    def end(self) -> None:
        """A task ends."""
        self.window.free()
        self.in_flight -= 1

    @invariant()
    def counts(self) -> None:
        """The count is right, the limit is in bounds, room means a place is left."""
        assert self.window.taken == self.in_flight
        assert 1.0 <= self.window.limit <= 40.0
        assert self.window.has_room == (self.in_flight + 1 <= self.window.limit)

    @invariant()
    def never_closes(self) -> None:
        """An empty window always has room, or nothing would ever be tried again."""
        assert self.window.has_room or self.in_flight > 0

    @invariant()
    def halves_once_in_a_cooldown(self) -> None:
        """Two halvings are a cooldown apart."""
        pairs = zip(self.halvings, self.halvings[1:], strict=False)
        assert all(later - earlier >= 5.0 - 1e-9 for earlier, later in pairs)


TestAdaptiveWindow = AdaptiveWindow.TestCase
