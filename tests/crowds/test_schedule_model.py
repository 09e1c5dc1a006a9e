"""The wheel, the schedule and the request budget, against plain books of who is due when."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from math import inf
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from mjflow.engine.act import ATTACH, Act
from mjflow.engine.clock import Clock
from mjflow.engine.record import Record
from mjflow.engine.schedule import Chunk, Schedule
from mjflow.fsm.states import LOOKED_AT, State
from mjflow.testing.clock import VirtualLoop
from mjflow.timing.cadence import FixedTick
from mjflow.timing.chunks import Chunks
from mjflow.timing.limits import RequestBudget

from .door import check_budget

T = TypeVar("T")

INTERVAL, SLOT = 5.0, 0.05
#: Few at most in a chunk, and few requests at once, so that both bounds are met often.
MOST, RATE, BURST = 4, 2.0, 3
#: Records at most, and ids that they have.
CROWD, IDS = 14, 8
#: Sums of floats may differ by so much.
HAIR = 1e-6

numbers = st.integers(0, CROWD - 1)
deadlines = st.sampled_from([None, None, 0.01, 3.0, 12.0])
#: What may become of a look at one task.
fates = st.lists(
    st.sampled_from(["same", "same", "same", "missed", "again", "left out", "ended"]),
    min_size=MOST,
    max_size=MOST,
)


class Timetable(RuleBasedStateMachine):
    """
    Puts records in and takes them out in any order, beside plain books.

    What a poller does by itself, to take from the wheel what is due whenever the bell rings, goes
    on in the background.
    """

    def __init__(self) -> None:
        super().__init__()
        self.loop = VirtualLoop(horizon=None)
        self.clock = Clock()
        self.chunks = Chunks(most=MOST)
        self.schedule = Schedule(self.clock, FixedTick(INTERVAL), self.chunks, self.give_up)
        self.budget = RequestBudget(RATE, burst=BURST)
        #: When requests were sent.
        self.sent: list[float] = []
        self.records: list[Record] = []
        #: When each record is due that is in the wheel, and when its turn is if not then.
        self.dues: dict[Record, float] = {}
        self.turns: dict[Record, float] = {}
        #: Those that the next look must show by themselves.
        self.alone: set[Record] = set()
        #: What is on the wire.
        self.wire: list[Chunk] = []
        self.poller = self.do(lambda: self.loop.create_task(self.poll()))

    async def poll(self) -> None:
        while True:
            self.schedule.ripen()
            await self.schedule.until_due()

    def do(self, act: Callable[[], T]) -> T:
        async def done() -> T:
            return act()

        return self.loop.run_until_complete(done())

    @property
    def now(self) -> float:
        return self.loop.time()

    @property
    def on_the_wire(self) -> set[Record]:
        return {record for chunk in self.wire for record, _ in chunk.values()}

    # --- putting in -----------------------------------------------------------------------

    @initialize(waiting=st.lists(st.integers(0, IDS - 1), min_size=4, max_size=8))
    def begin(self, waiting: list[int]) -> None:
        """Watch some, and let the interval pass in which all of them come due."""
        for number in waiting:
            self.accept(number, None, stubborn=False)
        self.let_time_pass(INTERVAL)

    @precondition(lambda self: len(self.records) < CROWD)
    @rule(number=st.integers(0, IDS - 1), patience=deadlines, stubborn=st.booleans())
    def accept(self, number: int, patience: float | None, stubborn: bool) -> None:
        """Watch a new record; two may have one id, and a deadline does not end all of them."""
        state = State.ANSWER_IN_DOUBT if stubborn else State.SUBMITTED
        record = Record(act=Act(what=ATTACH), key="", ids=(str(number),), state=state)
        record.deadline = None if patience is None else self.now + patience
        self.records.append(record)
        self.do(lambda: self.schedule.watch(record))
        self.is_put(record, self.now, self.now + INTERVAL)

    @precondition(lambda self: self.records)
    @rule(number=numbers, find=st.booleans())
    def hurry(self, number: int, find: bool) -> None:
        """Look at a record at once; one that has ended may be found to run."""
        record = self.records[number % len(self.records)]
        if find and record.state is State.LOST:
            record.state = State.SUBMITTED
        if record.state not in LOOKED_AT:
            return
        self.do(lambda: self.schedule.hurry(record))
        if record not in self.on_the_wire:
            self.turns.setdefault(record, self.dues.get(record, self.now))
            self.dues[record] = self.now

    @precondition(lambda self: self.records)
    @rule(number=numbers, state=st.sampled_from([State.SUCCESS, State.LOST]))
    def end(self, number: int, state: State) -> None:
        """End a record wherever it is: somebody else has seen it."""
        self.records[number % len(self.records)].state = state

    def give_up(self, record: Record) -> None:
        """Hear that a deadline has passed."""
        assert record.deadline is not None
        assert record.deadline <= self.now
        record.deadline = None
        if record.state is not State.ANSWER_IN_DOUBT:
            record.state = State.LOST

    # --- time, and what the server can do ---------------------------------------------------

    @rule(seconds=st.sampled_from([0.0, 0.01, SLOT, 1.3, INTERVAL, 7.77, 61.0, 700.0]))
    def let_time_pass(self, seconds: float) -> None:
        self.loop.run_until_complete(asyncio.sleep(seconds))

    @rule(size=st.sampled_from([1, MOST, MOST]), vanish=st.sampled_from([False, False, True]))
    def a_chunk_fails(self, size: int, vanish: bool) -> None:
        """Halve chunks, or do without them for ten minutes if it is the second time."""
        if vanish:
            self.chunks.unknown(self.now)
        else:
            self.chunks.failed(size, self.now)

    @rule()
    def chunks_work(self) -> None:
        self.chunks.worked_alone()
        self.chunks.worked()
        self.chunks.worked()

    @rule(interval=st.sampled_from([INTERVAL, INTERVAL / 2]))
    def the_server_is_recognised(self, interval: float) -> None:
        """Look as often as its dialect says from now on."""
        self.schedule.cadence = FixedTick(interval)

    # --- looking --------------------------------------------------------------------------

    @rule(hands=st.integers(1, 4))
    def look(self, hands: int) -> None:
        """Take some chunks, and send them as soon as the budget allows."""
        for _ in range(hands):
            self.take()

    def take(self) -> None:
        chunk = self.do(self.schedule.next_chunk)
        for record in [one for one in self.dues if one.due == -inf]:
            assert record.state not in LOOKED_AT
            self.is_out(record)
        self.is_due(chunk)
        self.nobody_is_forgotten(chunk)
        if chunk:
            self.wire.append(chunk)
            self.sent.append(self.now + self.budget.reserve(self.now))

    def is_due(self, chunk: Chunk) -> None:
        """Check that all of a chunk are due, and of the size that the server bears."""
        assert len(chunk) <= self.chunks.size(self.now)
        for task_id, (record, turn) in chunk.items():
            assert record.ids == (task_id,)
            assert record.state in LOOKED_AT
            assert record not in self.on_the_wire
            due = self.dues.pop(record)
            assert due <= self.now
            assert turn == self.turns.pop(record, due)
            assert len(chunk) == 1 or record not in self.alone

    def nobody_is_forgotten(self, chunk: Chunk) -> None:
        """Check that who is due beside a chunk that is not full has a reason to wait."""
        if len(chunk) == self.chunks.size(self.now):
            return
        if any(record in self.alone for record, _ in chunk.values()):
            return
        for record, due in self.dues.items():
            if due + SLOT + HAIR < self.now and record.state in LOOKED_AT:
                assert chunk
                assert record in self.alone or record.ids[0] in chunk

    @precondition(lambda self: self.wire)
    @rule(number=numbers, told=fates, late=st.booleans())
    def answer(self, number: int, told: list[str], late: bool = False) -> None:
        """Answer a request, with a fate for each task; some may have ended since it was sent."""
        chunk = self.wire.pop(number % len(self.wire))
        if not late:
            self.leave_out(chunk)
        turns = list(chunk.values())
        same = [turn for turn, fate in zip(turns, told, strict=False) if fate == "same"]
        self.alone -= {record for record, _ in turns}
        self.do(lambda: [self.schedule.is_alone(record) for record, _ in turns])
        self.do(lambda: self.schedule.next_turn(same))
        for record, turn in same:
            self.is_put_back(record, *self.next_turn(turn))
        for (record, _), fate in zip(turns, told, strict=False):
            if fate != "same":
                self.told(record, fate)

    def next_turn(self, turn: float) -> tuple[float, float]:
        """Say when a task is due again, at the earliest and at the latest."""
        return (turn, turn) if turn > self.now else (self.now, self.now + INTERVAL)

    def told(self, record: Record, fate: str) -> None:
        delay = 2.0 if fate == "missed" else 0.0
        if fate == "left out":
            self.schedule.leave_alone(record)
            self.alone.add(record)
        elif fate == "ended":
            record.state = State.SUCCESS
        due = self.now + delay
        self.do(lambda: self.schedule.put_back(record, due))
        self.is_put_back(record, due, due)

    @precondition(lambda self: self.wire)
    @rule(number=numbers, seconds=st.sampled_from([0.0, 60.0]))
    def put_off(self, number: int, seconds: float) -> None:
        """Put a chunk off: the key is refused just now."""
        chunk, due = self.wire.pop(number % len(self.wire)), self.now + seconds
        self.do(lambda: self.schedule.put_off(chunk, due))
        for record, turn in chunk.values():
            self.turns[record] = turn
            self.is_put_back(record, due, due)

    def leave_out(self, chunk: Chunk) -> None:
        """Leave out who has ended while the request waited for the budget."""
        ended = [record for record, _ in chunk.values() if record.state not in LOOKED_AT]
        self.do(lambda: self.schedule.leave_out(chunk))
        for record in ended:
            assert (record, record.due) not in chunk.values()
            self.is_out(record)

    # --- the books ------------------------------------------------------------------------

    def is_put(self, record: Record, earliest: float, latest: float) -> None:
        """Book where a record was put; its deadline may be before that, and the present."""
        if record.deadline is not None:
            bound = max(record.deadline, self.now)
            earliest, latest = min(earliest, bound), min(latest, bound)
        assert earliest <= record.due <= latest + HAIR
        self.dues[record] = record.due

    def is_put_back(self, record: Record, earliest: float, latest: float) -> None:
        """Book where a record was put that was looked at, if it is to be looked at again."""
        if record.state in LOOKED_AT:
            assert record.deadline is None or record.deadline > self.now
            self.is_put(record, earliest, latest)
        else:
            self.is_out(record)

    def is_out(self, record: Record) -> None:
        """Book that a record is watched no more."""
        assert record.due == -inf
        self.dues.pop(record, None)
        self.turns.pop(record, None)
        self.alone.discard(record)

    # --- what always holds ----------------------------------------------------------------

    @invariant()
    def counts_who_is_watched(self) -> None:
        assert self.schedule.watched == len(self.dues) + len(self.on_the_wire)

    @invariant()
    def each_is_due_when_the_books_say(self) -> None:
        assert {record: record.due for record in self.dues} == self.dues
        assert {record.due for record in self.on_the_wire} <= {inf}

    @invariant()
    def keeps_nothing_of_those_that_have_left(self) -> None:
        known = self.dues.keys() | self.on_the_wire
        assert self.schedule._turns.keys() | self.schedule._alone <= known

    @invariant()
    def keeps_the_budget(self) -> None:
        assert self.sent == sorted(self.sent)
        check_budget(self.sent, RATE, BURST)

    def teardown(self) -> None:
        try:
            self.finish()
        finally:
            self.poller.cancel()
            self.loop.run_until_complete(asyncio.wait([self.poller]))
            self.loop.close()

    def finish(self) -> None:
        """Answer all, and see that everybody who still runs is looked at."""
        while self.wire:
            self.answer(0, ["same"] * MOST)
        running = {record for record in self.dues if record.state in LOOKED_AT}
        seen: set[Record] = set()
        self.let_time_pass(100.0)
        for _ in range(2 * CROWD):
            self.take()
            seen |= self.on_the_wire
            while self.wire:
                self.answer(0, ["same"] * MOST)
        assert running <= seen
        self.counts_who_is_watched()


def tried(examples: int) -> settings:
    return settings(
        max_examples=examples,
        stateful_step_count=60,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


class TestTimetable(Timetable.TestCase):  # type: ignore[misc,valid-type]
    """Nobody is lost, looked at twice at once, or late without a reason."""

    settings = tried(100)


@pytest.mark.soak
class TestLongTimetable(Timetable.TestCase):  # type: ignore[misc,valid-type]
    """The same, for as long as one can wait."""

    settings = tried(2000)
