"""The timer wheel, against a sorted list."""

from __future__ import annotations

from itertools import count
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from mjflow.errors import InvalidInput
from mjflow.timing.wheel import Wheel

SLOT = 0.05

# From just booted to years of uptime; and before zero, which a monotonic clock may start at.
instants = st.floats(-1e3, 1e8, allow_nan=False, allow_infinity=False)
slots = st.floats(1e-3, 1e3)


def drain(wheel: Wheel[int]) -> list[tuple[float, int]]:
    """Pop at each instant that the wheel names, until it is empty."""
    popped = []
    while (due := wheel.next_due()) is not None:
        items = wheel.pop(due)
        assert items, "the wheel names only instants at which something comes"
        popped += [(due, item) for item in items]
    return popped


def test_an_empty_wheel_has_nothing_due() -> None:
    """An empty wheel gives no items and names no instant."""
    wheel = Wheel[str]()

    assert (wheel.pop(1e9), wheel.next_due(), len(wheel), bool(wheel)) == ([], None, 0, False)


def test_an_item_on_a_slots_instant_comes_exactly_then() -> None:
    """A due that is a whole number of slots is kept to the instant."""
    wheel = Wheel[str](slot=0.5)
    wheel.add("a", 10.5)

    assert (wheel.next_due(), wheel.pop(10.49), wheel.pop(10.5)) == (10.5, [], ["a"])


def test_an_item_within_a_slot_comes_at_its_end() -> None:
    """A due within a slot is rounded up, never down."""
    wheel = Wheel[str](slot=0.5)
    wheel.add("a", 10.1)

    assert (wheel.pop(10.1), wheel.pop(10.5)) == ([], ["a"])


def test_one_pop_after_a_stall_gives_everything_in_order() -> None:
    """Overdue slots come together: the earliest first, within a slot as they were added."""
    wheel = Wheel[str](slot=1.0)
    for item, due in [("c", 3.0), ("a1", 1.0), ("b", 2.0), ("a2", 0.5), ("later", 100.0)]:
        wheel.add(item, due)

    assert wheel.pop(50.0) == ["a1", "a2", "b", "c"]
    assert (len(wheel), wheel.next_due()) == (1, 100.0)


def test_an_item_due_in_the_past_comes_at_the_next_pop() -> None:
    """Adding an overdue item is no special case."""
    wheel = Wheel[str]()
    wheel.add("late", 3.0)

    assert wheel.pop(1000.0) == ["late"]


def test_a_popped_list_is_the_callers_own() -> None:
    """Adding to the slot just popped does not reach into the list that was given out."""
    wheel = Wheel[str](slot=1.0)
    wheel.add("a", 1.0)
    popped = wheel.pop(1.0)
    wheel.add("b", 1.0)

    assert (popped, wheel.pop(1.0)) == (["a"], ["b"])


@pytest.mark.parametrize("slot", [0.0, -1.0, float("inf"), float("nan")])
def test_a_slot_must_have_a_width(slot: float) -> None:
    """Widths that cut time into nothing are refused."""
    with pytest.raises(InvalidInput, match="a slot must be"):
        Wheel[str](slot=slot)


def test_a_due_whose_division_rounds_down_is_not_early() -> None:
    """At some uptimes due / slot comes out a hair too low; the item comes a slot later then."""
    wheel, due = Wheel[str](SLOT), 13900487.150000002
    wheel.add("a", due)

    assert ceil(due / SLOT) * SLOT < due
    assert (wheel.pop(ceil(due / SLOT) * SLOT), wheel.pop(due + SLOT)) == ([], ["a"])


@given(
    slot=st.sampled_from([0.05, 0.5, 1.0]),
    slots=st.sampled_from([1, 2, 4, 20, 40, 60, 100, 300]),
    rounds=st.integers(-1000, 10**7),
)
def test_what_is_due_a_whole_number_of_slots_later_comes_that_much_later(
    slot: float, slots: int, rounds: int
) -> None:
    """However the division rounds: a slot more would be a quarter of a short interval."""
    wheel, interval = Wheel[int](slot), slots * slot
    for item in range(3):
        wheel.add(item, (rounds + item) * interval)
    assert drain(wheel) == [((rounds + item) * interval, item) for item in range(3)]


@given(slot=slots, dues=st.lists(instants, max_size=50))
def test_items_come_never_early_and_at_most_a_slot_late(slot: float, dues: list[float]) -> None:
    """Every item comes once, between its due and one slot later, whatever the slot's width."""
    wheel = Wheel[int](slot)
    for item, due in enumerate(dues):
        wheel.add(item, due)

    popped = drain(wheel)

    assert sorted(item for _, item in popped) == list(range(len(dues)))
    for at, item in popped:
        assert dues[item] <= at
        # The division may round up by one part in 2**52, at the size of the instant itself.
        assert at - dues[item] <= slot + abs(at) * 2**-51
    assert [at for at, _ in popped] == sorted(at for at, _ in popped)


@given(start=instants, rounds=st.integers(1, 300))
def test_an_item_added_again_and_again_does_not_drift(start: float, rounds: int) -> None:
    """A due that moves on by whole intervals is met within a slot each time."""
    wheel = Wheel[int](SLOT)
    for n in range(rounds):
        due = start + n * 0.7
        wheel.add(n, due)
        at = wheel.next_due()
        assert at is not None
        assert 0.0 <= at - due <= SLOT + abs(at) * 2**-51
        assert wheel.pop(at) == [n]


class AgainstASortedList(RuleBasedStateMachine):
    """Adds and pops in any order, beside a plain list of (due, item)."""

    def __init__(self) -> None:
        super().__init__()
        self.wheel = Wheel[int](SLOT)
        self.model: list[tuple[float, int]] = []
        self.numbers = count()
        self.now = 0.0

    @rule(delay=st.floats(-10.0, 100.0))
    def add(self, delay: float) -> None:
        """Add an item, overdue or not."""
        item = next(self.numbers)
        self.wheel.add(item, self.now + delay)
        self.model.append((self.now + delay, item))

    @rule(passed=st.floats(0.0, 50.0))
    def pop(self, passed: float) -> None:
        """Let time pass; all that is due by a slot comes, and nothing that is not due."""
        self.now += passed
        self._take(self.wheel.pop(self.now))
        assert all(due > self.now - SLOT - 1e-9 for due, _ in self.model)

    @rule()
    def pop_next(self) -> None:
        """Jump to the instant that the wheel names."""
        due = self.wheel.next_due()
        if due is not None:
            self.now = max(self.now, due)
            popped = self.wheel.pop(self.now)
            assert popped
            self._take(popped)

    def _take(self, popped: list[int]) -> None:
        dues = {item: due for due, item in self.model}
        assert all(dues[item] <= self.now for item in popped)
        assert len(set(popped)) == len(popped)
        self.model = [(due, item) for due, item in self.model if item not in set(popped)]

    @invariant()
    def counts(self) -> None:
        """Nothing is lost, nothing comes twice."""
        assert len(self.wheel) == len(self.model)
        assert bool(self.wheel) == bool(self.model)

    @invariant()
    def names_an_instant_for_the_earliest(self) -> None:
        """The instant named is the earliest item's, or at most a slot later."""
        due = self.wheel.next_due()
        if self.model:
            assert due is not None
            assert 0.0 <= due - min(self.model)[0] <= SLOT + 1e-9
        else:
            assert due is None


TestAgainstASortedList = AgainstASortedList.TestCase
