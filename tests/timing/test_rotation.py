"""Turns between callers, against plain lists."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from mjflow.timing.rotation import Rotation

callers = st.sampled_from(["ann", "bob", "cleo"])


def rotation(waiting: dict[str, list[int]]) -> Rotation[int]:
    """Line them up, one caller after the other."""
    made = Rotation[int]()
    for caller, line in waiting.items():
        for one in line:
            made.add(caller, one)
    return made


def drained(waiting: Rotation[int]) -> list[int]:
    """Take all out, in their order."""
    return [waiting.pop() for _ in range(len(waiting))]


def test_one_caller_is_served_in_order() -> None:
    """First come, first served, as long as there is nobody else."""
    assert drained(rotation({"": [1, 2, 3]})) == [1, 2, 3]


def test_callers_take_turns() -> None:
    """Who has one waits for one of everybody else's, not for all of them."""
    waiting = rotation({"many": [1, 2, 3, 4], "one": [11], "two": [21, 22]})

    assert drained(waiting) == [1, 11, 21, 2, 22, 3, 4]


def test_who_goes_first_does_so_among_its_caller_s() -> None:
    """It takes its caller's next turn, and nobody else's."""
    waiting = rotation({"ann": [1, 2], "bob": [11]})
    waiting.add("ann", 0, first=True)

    assert drained(waiting) == [0, 11, 1, 2]


def test_a_caller_that_comes_back_goes_behind_the_others() -> None:
    """Leaving the line and joining it again gains nothing."""
    waiting = rotation({"ann": [1], "bob": [11, 12]})
    assert waiting.pop() == 1
    waiting.add("ann", 2)

    assert drained(waiting) == [11, 2, 12]


def test_who_gives_up_leaves_no_gap() -> None:
    """Its caller's next one takes the turn; a caller without any takes none."""
    waiting = rotation({"ann": [1, 2], "bob": [11], "cleo": [21]})
    waiting.discard("ann", 1)
    waiting.discard("bob", 11)
    waiting.discard("nobody", 1)

    assert (waiting.peek(), drained(waiting)) == (2, [2, 21])


def test_there_is_nothing_to_take_where_nobody_waits() -> None:
    """An empty one is false, and raises what an empty list would."""
    waiting = Rotation[int]()
    assert (bool(waiting), len(waiting)) == (False, 0)
    for ask in (waiting.peek, waiting.pop):
        with pytest.raises(IndexError, match="nobody waits"):
            ask()


@given(st.lists(callers, min_size=1, max_size=40), st.data())
def test_nobody_waits_for_more_than_its_own_line_and_as_many_rounds(
    joins: list[str], data: st.DataObject
) -> None:
    """With `c` callers, the one in place `p` of its line is the `p * c`-th at the latest."""
    waiting = Rotation[int]()
    for number, caller in enumerate(joins):
        waiting.add(caller, number)
    chosen = data.draw(st.integers(0, len(joins) - 1))
    place = joins[: chosen + 1].count(joins[chosen])

    assert drained(waiting).index(chosen) + 1 <= place * len(Counter(joins))


class Touched:
    """Counts how often any of its kind is touched."""

    times = 0

    def __hash__(self) -> int:
        Touched.times += 1
        return id(self)

    def __eq__(self, other: object) -> bool:
        Touched.times += 1
        return self is other


@pytest.mark.parametrize("size", [10, 10_000])
def test_a_turn_costs_the_same_however_many_wait(size: int) -> None:
    """A turn touches the one whose it is, and none of the others."""
    waiting, many = Rotation[Touched](), [Touched() for _ in range(size)]
    for one in many:
        waiting.add("many", one)

    Touched.times = 0
    waiting.pop()
    waiting.discard("many", many[size // 2])
    waiting.add("many", many[0], first=True)
    assert Touched.times < 20


class Turns(RuleBasedStateMachine):
    """Joining, leaving and going in, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting = Rotation[int]()
        #: Callers in the order of their turns, each with its line.
        self.plain: list[tuple[str, list[int]]] = []
        self.numbers = 0

    def line_of(self, caller: str) -> list[int]:
        return next((line for name, line in self.plain if name == caller), [])

    @rule(caller=callers, first=st.booleans())
    def join(self, caller: str, first: bool) -> None:
        """One more waits."""
        self.numbers += 1
        line = self.line_of(caller)
        if not line:
            self.plain.append((caller, line))
        line.insert(0 if first else len(line), self.numbers)
        self.waiting.add(caller, self.numbers, first=first)

    @precondition(lambda self: self.plain)
    @rule(data=st.data())
    def give_up(self, data: st.DataObject) -> None:
        """One of those who wait gives up."""
        caller, line = data.draw(st.sampled_from(self.plain))
        one = data.draw(st.sampled_from(line))
        line.remove(one)
        self.plain = [pair for pair in self.plain if pair[1]]
        self.waiting.discard(caller, one)

    @precondition(lambda self: self.plain)
    @rule()
    def go_in(self) -> None:
        """The next one has its turn."""
        caller, line = self.plain.pop(0)
        assert self.waiting.peek() == line[0]
        assert self.waiting.pop() == line.pop(0)
        if line:
            self.plain.append((caller, line))

    @invariant()
    def counts(self) -> None:
        """It knows how many wait."""
        assert len(self.waiting) == sum(len(line) for _, line in self.plain)
        assert bool(self.waiting) == bool(self.plain)


TestTurns = Turns.TestCase
