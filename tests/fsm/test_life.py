"""
Whole lives of a record, with a crash and a replay at every point.

Two records live side by side: the one in memory, and the one that a replay of the journal would
make at this moment.  The journal is kept as `mjflow.fsm.replay` says.  The world does anything
that is not plainly impossible, which is: what the table forbids, a reply to an answer before one
was sent, and settling a doubt about it where there is none.  Both records together have so few
positions that all of them are visited.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mjflow.fsm.events import ACTS, ANSWERS, Event
from mjflow.fsm.observe import observe, proves_answer
from mjflow.fsm.replay import answered_after, replay
from mjflow.fsm.states import LOOKED_AT, State
from mjflow.fsm.transitions import TABLE, Mark, advance
from mjflow.protocol.status import Status

#: The server has the task and has not said its last word, whatever we know beyond that.
OPEN = LOOKED_AT | {State.LOST}
#: A look finds a record here by its token.
WITHOUT_ID = {State.SUBMITTING, State.IN_DOUBT, State.REFUSED, State.WITHDRAWN}
#: After these, the last answer is not in doubt.
SETTLING = {Event.ANSWER_INTENT, *ANSWERS} - {Event.ANSWER_UNANSWERED}
#: Kept in the journal only if they moved the record.
NOES = {Event.ANSWER_REJECTED, Event.ANSWER_REFUSED, Event.ANSWER_ABSENT}
RUNS_OR_ENDS = {Status.IN_PROGRESS, Status.SUCCESS, Status.FAILURE, Status.CANCEL}


class Record(NamedTuple):
    """Where a record is, and whether an answer is out."""

    state: State
    answered: bool = False

    def after(self, *events: Event, ours: bool = True) -> Record:
        """Return the record after some events."""
        state, answered = self
        for event in events:
            before, state = state, advance(state, event, answered=answered, ours=ours)
            answered = answered_after(event, answered=answered, moved=state is not before)
        return Record(state, answered)

    def look(self, status: Status) -> Record:
        """Return the record after a look."""
        return self.after(observe(self.state, status, answered=self.answered))


class Life(NamedTuple):
    """A record in memory, and what the journal alone says of it."""

    live: Record
    replayed: Record
    #: An answer was sent at some time.
    sent: bool = False
    #: The last answer is in doubt.
    doubted: bool = False

    @classmethod
    def begin(cls, state: State) -> Life:
        """Return a life in which nothing has happened yet."""
        return cls(Record(state), Record(state))


class Step(NamedTuple):
    """One thing that happens, what of it is journaled, and where it leads."""

    journaled: tuple[Event, ...]
    life: Life


def steps(life: Life) -> Iterator[Step]:
    """List all that can happen next."""
    yield from _acts(life)
    if life.live.state is State.NEW:
        yield _step(life, Event.DEADLINE, journaled=(Event.WITHDRAWN,))
    else:
        yield _step(life, Event.DEADLINE)
        yield _step(life, Event.FORGOTTEN)
        yield from _looks(life)


def _step(
    life: Life, event: Event, *, journaled: tuple[Event, ...] = (), ours: bool = True
) -> Step:
    settled = event in SETTLING or Event.ANSWER_ACCEPTED in journaled
    doubted = event is Event.ANSWER_UNANSWERED or (life.doubted and not settled)
    return Step(
        journaled,
        Life(
            life.live.after(event, ours=ours),
            life.replayed.after(*journaled),
            life.sent or event is Event.ANSWER_INTENT,
            doubted,
        ),
    )


def _acts(life: Life) -> Iterator[Step]:
    for event in ACTS + ANSWERS:
        if _possible(life, event):
            dialog = (Event.DIALOG,) if event is Event.ANSWER_INTENT else ()
            late = event in NOES and life.live.after(event).state is life.live.state
            yield _step(life, event, journaled=() if late else (*dialog, event))


def _possible(life: Life, event: Event) -> bool:
    if event in ANSWERS and not life.sent:
        return False
    if event in (Event.ANSWER_ABSENT, Event.ANSWER_FORCED) and not life.doubted:
        return False
    return TABLE[life.live.state][event] is not Mark.IMPOSSIBLE


def _looks(life: Life) -> Iterator[Step]:
    state, answered = life.live
    for status in Status:
        for rows in (1, 2):
            event = observe(state, status, answered=answered, rows=rows)
            said = _noted(life.live, event, status)
            if state in WITHOUT_ID:
                yield _step(life, event, journaled=(Event.FOUND, *said))
                yield _step(life, event, ours=False)
            else:
                yield _step(life, event, journaled=said)


def _noted(live: Record, event: Event, status: Status) -> tuple[Event, ...]:
    if proves_answer(live.state, event, answered=live.answered):
        return (Event.ANSWER_ACCEPTED,)
    return (event,) if status.ended and live.after(event) != live else ()


@functools.cache
def every_life() -> list[Life]:
    """Visit all that can become of a new record, and of an attached one."""
    visited = {Life.begin(state): None for state in (State.NEW, State.SUBMITTED)}
    ahead = list(visited)
    while ahead:
        for _, life in steps(ahead.pop()):
            if life not in visited:
                visited[life] = None
                ahead.append(life)
    return list(visited)


def kind(record: Record) -> tuple[object, bool]:
    """Say what a record is but for how far an open task was seen to be."""
    return (OPEN if record.state in OPEN else record.state), record.answered


def tells(live: Record, status: Status) -> bool:
    """Tell whether a look shows news that is not behind what was seen before."""
    if observe(live.state, status, answered=live.answered) is Event.UNREAD:
        return False
    return live.state is not State.IN_PROGRESS or status in RUNS_OR_ENDS


def test_all_states_are_lived_in() -> None:
    """The lives of this test lead through every state."""
    assert {life.live.state for life in every_life()} == set(State)


def test_a_replay_is_where_we_were() -> None:
    """The journal alone tells all but how far an open task was seen to be."""
    assert [life for life in every_life() if kind(life.replayed) != kind(life.live)] == []


@pytest.mark.parametrize("status", Status)
def test_a_replay_and_one_look_are_where_we_were(status: Status) -> None:
    """After one more look that tells something, a crash has left no difference at all."""
    told = [x for x in every_life() if x.live.state is not State.NEW and tells(x.live, status)]
    assert [x for x in told if x.replayed.look(status) != x.live.look(status)] == []


@given(st.sampled_from([State.NEW, State.SUBMITTED]), st.lists(st.integers(0)))
@settings(deadline=None)
def test_a_journal_replays_to_the_same_record(began: State, choices: Iterable[int]) -> None:
    """Reading a whole journal back is the same as having followed it line by line."""
    journal: list[Event] = []
    life = Life.begin(began)
    for choice in choices:
        possible = list(steps(life))
        journaled, life = possible[choice % len(possible)]
        journal += journaled
    state, answered = replay(journal, state=began)
    assert Record(state, answered) == life.replayed
    assert kind(life.replayed) == kind(life.live)
    for status in Status:
        if state is not State.NEW and tells(life.live, status):
            assert life.replayed.look(status) == life.live.look(status)
