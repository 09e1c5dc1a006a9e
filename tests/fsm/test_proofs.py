"""
What holds for every order of events.

The automaton with its one flag (an answer is out) has a few dozen positions, so most proofs walk
all of them; the others let hypothesis look for a sequence that breaks the promise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mjflow.errors import IllegalTransition
from mjflow.fsm.events import LOOKS, Event
from mjflow.fsm.observe import observe
from mjflow.fsm.replay import answered_after
from mjflow.fsm.states import ENDED, LOOKED_AT, SETTLED, State
from mjflow.fsm.transitions import TABLE, Mark, advance
from mjflow.protocol.status import Status

#: The server's word that ends a task, and the state it ends in.
LAST_WORDS = [
    (Status.SUCCESS, State.SUCCESS),
    (Status.FAILURE, State.FAILURE),
    (Status.CANCEL, State.CANCEL),
]


class Position(NamedTuple):
    """Where a record is, and whether an answer is out."""

    state: State
    answered: bool = False


#: A new record, and an attached one.
BEGINNINGS = (Position(State.NEW), Position(State.SUBMITTED))


def _after(position: Position, event: Event, *, ours: bool) -> Position:
    state = advance(position.state, event, answered=position.answered, ours=ours)
    moved = state is not position.state
    return Position(state, answered_after(event, answered=position.answered, moved=moved))


def _steps(position: Position) -> Iterator[tuple[Event, Position]]:
    for event in Event:
        if TABLE[position.state][event] is not Mark.IMPOSSIBLE:
            for ours in (False, True):
                yield event, _after(position, event, ours=ours)


def _reached(
    *beginnings: Position, unless: Callable[[Event], bool] = lambda _: False
) -> set[Position]:
    """Return all positions that some sequence of events leads to."""
    reached, open_ends = set(beginnings), list(beginnings)
    while open_ends:
        for event, position in _steps(open_ends.pop()):
            if position not in reached and not unless(event):
                reached.add(position)
                open_ends.append(position)
    return reached


POSITIONS = sorted(_reached(*BEGINNINGS))


def test_every_state_can_be_reached() -> None:
    """No state is there for nothing."""
    assert {position.state for position in POSITIONS} == set(State)


@pytest.mark.parametrize("position", POSITIONS, ids=str)
def test_every_state_can_end(position: Position) -> None:
    """From wherever a record can get to, it can settle, and end in every way."""
    reached = {position.state for position in _reached(position)}
    expected = {position.state} if position.state in ENDED else ENDED
    assert reached & ENDED == expected
    assert reached & SETTLED >= expected


@pytest.mark.parametrize("state", sorted(LOOKED_AT))
@pytest.mark.parametrize(("status", "end"), LAST_WORDS)
@pytest.mark.parametrize("answered", [False, True])
def test_a_last_word_ends_whatever_is_looked_at(
    state: State, status: Status, end: State, answered: bool
) -> None:
    """One look at the server's last word ends a record that is polled."""
    assert advance(state, observe(state, status, answered=answered), answered=answered) == end


@pytest.mark.parametrize("state", sorted(LOOKED_AT))
def test_whatever_is_looked_at_can_be_lost(state: State) -> None:
    """A task that the server denies does not stay open."""
    assert advance(state, Event.FORGOTTEN) == State.LOST


@given(st.sampled_from(sorted(ENDED)), st.lists(st.sampled_from(Event)), st.booleans())
@settings(deadline=None)
def test_an_ended_record_stays_ended(end: State, events: list[Event], ours: bool) -> None:
    """After the server's last word, no look, reply or answer moves the record again."""
    position = Position(end)
    for event in events:
        if TABLE[end][event] is not Mark.IMPOSSIBLE:
            position = _after(position, event, ours=ours)
    assert position.state == end


looks = st.tuples(st.sampled_from(Status), st.integers(0, 3), st.booleans())


@given(
    st.sampled_from([position for position in POSITIONS if position.state is not State.NEW]),
    st.lists(looks),
)
@settings(deadline=None)
def test_no_order_of_looks_breaks_it(
    position: Position, shown: list[tuple[Status, int, bool]]
) -> None:
    """Whatever the server shows, in whatever order, is legal once a request has left."""
    for status, rows, ours in shown:
        event = observe(position.state, status, answered=position.answered, rows=rows)
        position = _after(position, event, ours=ours)
    assert position in POSITIONS


@pytest.mark.parametrize("clock", [Event.DEADLINE, Event.FORGOTTEN])
def test_the_clock_is_always_legal_once_a_request_has_left(clock: Event) -> None:
    """Time may run out in every state but NEW, which is never asked about at the server."""
    for position in POSITIONS:
        if position.state is not State.NEW:
            assert _after(position, clock, ours=True) in POSITIONS


@pytest.mark.parametrize("event", LOOKS, ids=str)
def test_nothing_is_seen_of_a_record_that_was_never_sent(event: Event) -> None:
    """A look at a new record is a bug; only its wait for admission can end."""
    if event is Event.DEADLINE:
        assert advance(State.NEW, event) == State.WITHDRAWN
    else:
        with pytest.raises(IllegalTransition):
            advance(State.NEW, event)


@pytest.mark.parametrize("answered", [False, True])
def test_a_status_that_runs_backwards_moves_nothing(answered: bool) -> None:
    """A task that was seen running goes on, ends or is lost, whatever comes late or is stale."""
    running = Position(State.IN_PROGRESS, answered)
    after = {position.state for _, position in _steps(running)}
    assert after == {State.IN_PROGRESS, State.LOST, *ENDED}


@pytest.mark.parametrize("state", [s for s in State if s not in LOOKED_AT | ENDED | {State.NEW}])
@pytest.mark.parametrize("event", [e for e in LOOKS if e is not Event.UNREAD], ids=str)
def test_a_look_with_our_token_is_a_find_and_a_look(state: State, event: Event) -> None:
    """Where a record has no id, or was lost, a look that is ours finds it first."""
    if event in (Event.DEADLINE, Event.FORGOTTEN):
        assert advance(state, event) == state
    else:
        assert advance(state, event) == advance(advance(state, Event.FOUND), event)


@pytest.mark.parametrize("event", LOOKS, ids=str)
def test_a_foreign_look_moves_nothing_without_an_id(event: Event) -> None:
    """A look that does not carry our token says nothing about a record without an id."""
    for state in (State.SUBMITTING, State.IN_DOUBT, State.REFUSED, State.WITHDRAWN):
        assert advance(state, event, ours=False) == state


# --- money ------------------------------------------------------------------------------------


def test_a_request_leaves_only_from_new() -> None:
    """There is one state in which a paying submit may start, and one for a paying answer."""
    legal = {
        event: [state for state in State if TABLE[state][event] is not Mark.IMPOSSIBLE]
        for event in (Event.INTENT, Event.ANSWER_INTENT)
    }
    assert legal == {Event.INTENT: [State.NEW], Event.ANSWER_INTENT: [State.MODAL]}


def test_only_a_definite_no_leads_back_to_new() -> None:
    """A record may be sent again after a no, or when not a byte had left; for no other reason."""
    back = {
        (before.state, event)
        for before in POSITIONS
        for event, after in _steps(before)
        if after.state is State.NEW is not before.state
    }
    assert back == {
        (State.SUBMITTING, Event.REJECTED),
        (State.SUBMITTING, Event.WITHDRAWN),
        (State.IN_DOUBT, Event.REJECTED),
    }


def test_a_found_task_is_never_sent_again() -> None:
    """Once the server was seen to have the task, no event leads back to NEW."""
    beginnings = [Position(state, out) for state in LOOKED_AT for out in (False, True)]
    assert State.NEW not in {position.state for position in _reached(*beginnings)}


def test_only_a_no_or_a_person_lets_an_answer_be_sent_again() -> None:
    """While an answer is out, no event but a no to it, or a person's word, reopens the dialog."""
    no = {Event.ANSWER_REJECTED, Event.ANSWER_REFUSED, Event.ANSWER_ABSENT, Event.ANSWER_FORCED}
    answering = Position(State.ANSWERING, answered=True)
    reached = _reached(answering, unless=no.__contains__)
    assert Event.ANSWER_ABSENT in {event for p in reached for event, _ in _steps(p)}
    assert State.MODAL not in {position.state for position in reached}


def test_an_answer_on_the_wire_is_known_to_be_out() -> None:
    """In the states of an answer, the flag says that one is out."""
    answering = {State.ANSWERING, State.ANSWER_IN_DOUBT}
    assert {p.answered for p in POSITIONS if p.state in answering} == {True}
