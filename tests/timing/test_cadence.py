"""When a task is looked at."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mjflow.errors import InvalidInput
from mjflow.timing.cadence import Cadence, FixedTick

instants = st.floats(0.0, 1e8)
intervals = st.floats(0.1, 600.0)
rands = st.floats(0.0, 1.0, exclude_max=True)


def test_a_fixed_tick_is_a_cadence() -> None:
    """The policy fits the protocol that the poller asks for."""
    policy: Cadence = FixedTick(15.0)

    assert policy.next_look(100.0, looked_at=100.0) == 115.0


def test_looks_keep_their_grid_however_late_the_replies() -> None:
    """A reply that took 0.4 s does not stretch the interval."""
    tick, due = FixedTick(2.0), 10.0
    for _ in range(5):
        due = tick.next_look(due + 0.4, looked_at=due)

    assert due == 20.0


def test_an_overdue_look_returns_to_its_grid() -> None:
    """After a stall the instants that passed are skipped, not made up for."""
    assert FixedTick(2.0).next_look(17.5, looked_at=10.0) == 18.0


def test_a_thousand_tasks_accepted_at_once_are_spread_evenly() -> None:
    """Of 1,000 first looks, each tenth of the interval gets its share."""
    tick, random = FixedTick(15.0), Random(7)
    looks = [tick.first_look(100.0, random.random()) for _ in range(1000)]
    tenths = [sum(100.0 + 1.5 * n < look <= 101.5 + 1.5 * n for look in looks) for n in range(10)]

    assert sum(tenths) == 1000
    assert max(tenths) < 140


def test_tasks_stay_spread_after_a_stall() -> None:
    """A thousand looks, all overdue and all done in one instant, part again as they were."""
    tick, random = FixedTick(15.0), Random(7)
    dues = [tick.first_look(100.0, random.random()) for _ in range(1000)]
    later = [tick.next_look(745.0, looked_at=due) for due in dues]
    tenths = [sum(745.0 + 1.5 * n < look <= 746.5 + 1.5 * n for look in later) for n in range(10)]

    assert sum(tenths) == 1000
    assert max(tenths) < 140


def test_without_spread_the_first_look_is_one_interval_away() -> None:
    """Spread 0 puts all first looks on one instant."""
    assert FixedTick(15.0, spread=0.0).first_look(100.0, 0.9) == 115.0


def test_half_a_spread_uses_the_later_half_of_the_interval() -> None:
    """Spread 0.5 leaves the first half of the interval, where nothing ends, alone."""
    tick = FixedTick(10.0, spread=0.5)

    assert (tick.first_look(100.0, 0.0), tick.first_look(100.0, 0.999)) == (110.0, 105.005)


@given(now=instants, interval=intervals, spread=st.floats(0.0, 1.0), rand=rands)
def test_the_first_look_is_within_one_interval(
    now: float, interval: float, spread: float, rand: float
) -> None:
    """No task waits for its first look longer than for any other."""
    due = FixedTick(interval, spread=spread).first_look(now, rand)

    assert now <= due <= now + interval


@given(looked_at=instants, interval=intervals, late=st.floats(-600.0, 1e6))
def test_the_next_look_is_to_come_and_on_the_grid(
    looked_at: float, interval: float, late: float
) -> None:
    """It is after now, a whole number of intervals after the last, and never one too many."""
    now = looked_at + late
    due = FixedTick(interval).next_look(now, looked_at=looked_at)
    ticks = round((due - looked_at) / interval)

    assert due > now
    assert ticks >= 1
    assert due == pytest.approx(looked_at + ticks * interval, rel=1e-12)
    assert due <= max(looked_at, now) + interval * (1 + 1e-6)


@pytest.mark.parametrize("interval", [0.0, -1.0, float("inf"), float("nan")])
def test_an_interval_must_be_positive_seconds(interval: float) -> None:
    """Intervals that would poll without pause, or never, are refused."""
    with pytest.raises(InvalidInput, match="a poll interval must be"):
        FixedTick(interval)


@pytest.mark.parametrize("spread", [-0.1, 1.1, float("nan")])
def test_a_spread_is_a_share(spread: float) -> None:
    """A spread beyond the interval is refused."""
    with pytest.raises(InvalidInput, match="a spread is a share"):
        FixedTick(1.0, spread=spread)


# --- a crowd ------------------------------------------------------------------------------

crowds = st.integers(1, 1_000_000)


@given(st.floats(0.05, 600), st.floats(0, 1e7), st.floats(0, 1, exclude_max=True), crowds)
def test_a_crowd_is_looked_at_first_within_one_interval(
    interval: float, now: float, rand: float, crowd: int
) -> None:
    """Nobody waits longer for being one of many."""
    due = FixedTick(interval).first_look(now, rand, crowd=crowd)
    assert now < due <= now + interval * (1 + 1e-6)


@given(st.floats(0.05, 600), st.floats(0, 1e7), st.floats(0, 1, exclude_max=True), crowds, crowds)
def test_a_crowd_that_grows_or_dwindles_is_looked_at_once_in_an_interval(
    interval: float, now: float, rand: float, before: int, after: int
) -> None:
    """The next look is never sooner than the present one, and never an interval too late."""
    tick = FixedTick(interval)
    first = tick.first_look(now, rand, crowd=before)
    due = tick.next_look(first, looked_at=first, crowd=after)
    assert first < due <= first + interval * (1 + 1e-6)


@pytest.mark.parametrize(
    ("crowd", "instants"),
    [(1, 1), (100, 1), (799, 1), (800, 2), (1600, 4), (10_000, 16), (100_000, 128)],
)
def test_a_crowd_is_due_at_few_common_instants(crowd: int, instants: int) -> None:
    """Some hundred tasks share each, so that chunks are full."""
    tick, random = FixedTick(15.0), Random(7)
    dues = {tick.first_look(3.0, random.random(), crowd=crowd) for _ in range(20 * instants)}
    assert len(dues) == instants


def test_a_crowd_that_dwindles_closes_its_ranks() -> None:
    """Within one interval the many instants become one."""
    tick, random = FixedTick(16.0), Random(7)
    dues = [tick.first_look(3.0, random.random(), crowd=100_000) for _ in range(1000)]
    later = {tick.next_look(due, looked_at=due, crowd=100) for due in dues}
    assert len(set(dues)) > 100
    assert later <= {16.0, 32.0}


def test_a_crowd_that_is_late_keeps_to_its_instants() -> None:
    """What passed meanwhile is skipped."""
    assert FixedTick(5.0).next_look(23.1, looked_at=10.0, crowd=50) == 25.0


def test_a_crowd_that_is_late_does_not_fall_into_step() -> None:
    """Ten thousand looks that are all overdue go back to the sixteen instants they came from."""
    tick, random = FixedTick(16.0), Random(7)
    dues = [tick.first_look(2.5, random.random(), crowd=10_000) for _ in range(10_000)]
    later = [tick.next_look(645.3, looked_at=due, crowd=10_000) for due in dues]
    assert {due % 16.0 for due in later} == {float(instant) for instant in range(16)}
    assert {(after - due) % 16.0 for due, after in zip(dues, later, strict=True)} == {0.0}
