"""The sets of states, held against the table."""

from __future__ import annotations

import pickle

import pytest

from mjflow.fsm.diagram import meanings
from mjflow.fsm.events import Event
from mjflow.fsm.states import ENDED, LOOKED_AT, SETTLED, State
from mjflow.fsm.transitions import TABLE, Mark
from mjflow.protocol.status import Status


def test_a_state_is_its_name() -> None:
    """States and events are written as their own names, so that a journal can hold them."""
    assert [state.value for state in State] == [state.name for state in State]
    assert [event.value for event in Event] == [event.name for event in Event]


def test_ended_states_are_those_without_a_way_out() -> None:
    """A state has ended exactly when no cell of its row leads anywhere."""
    still = {state for state, row in TABLE.items() if set(row.values()) <= set(Mark)}
    assert still == ENDED


def test_ended_states_are_the_servers_last_words() -> None:
    """The states that end a record are named like the statuses that end a task."""
    assert {state.value for state in ENDED} == {status.value for status in Status if status.ended}


def test_looked_at_states_are_those_that_can_be_forgotten() -> None:
    """Exactly the states that are polled can be lost by the server's denials."""
    forgettable = {state for state, row in TABLE.items() if row[Event.FORGOTTEN] is State.LOST}
    assert forgettable == LOOKED_AT


def test_settled_states_wait_for_nothing() -> None:
    """Settled are the states that are not polled, not on the wire and not about to be."""
    sending = {State.NEW, State.SUBMITTING, State.IN_DOUBT}
    assert set(State) - LOOKED_AT - sending == SETTLED


@pytest.mark.parametrize("clock", [Event.DEADLINE, Event.FORGOTTEN])
def test_no_clock_moves_a_settled_state(clock: Event) -> None:
    """Time alone never moves a record that has settled."""
    assert {TABLE[state][clock] for state in SETTLED} == {Mark.STAY}


@pytest.mark.parametrize("kind", [State, Event])
def test_every_member_says_what_it_means(kind: type[State] | type[Event]) -> None:
    """Every state and event has a line that says what it means."""
    said = meanings(kind)
    assert list(said) == list(kind)
    assert [member for member, meaning in said.items() if not meaning.endswith(".")] == []


def test_an_event_survives_pickling_as_a_key() -> None:
    """An event that went through a pickle still finds its cell."""
    event = pickle.loads(pickle.dumps(Event.QUEUED))
    assert TABLE[State.MODAL][event] is State.SUBMITTED
