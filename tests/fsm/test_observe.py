"""What looks mean."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mjflow.fsm.events import LOOKS, Event
from mjflow.fsm.observe import further, observe
from mjflow.fsm.states import State
from mjflow.protocol.status import Status

statuses = st.lists(st.sampled_from(Status))
NOTHING_NEW = (Status.UNREAD, Status.MODAL)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize(
    ("status", "event"),
    [
        (Status.UNREAD, Event.UNREAD),
        (Status.NOT_START, Event.QUEUED),
        (Status.SUBMITTED, Event.QUEUED),
        (Status.MODAL, Event.DIALOG_SEEN),
        (Status.IN_PROGRESS, Event.RUNNING),
        (Status.SUCCESS, Event.SUCCEEDED),
        (Status.FAILURE, Event.FAILED),
        (Status.CANCEL, Event.CANCELLED),
    ],
)
def test_a_look_is_an_event(state: State, status: Status, event: Event) -> None:
    """Before an answer was sent, a status means the same in every state."""
    assert observe(state, status, answered=False) is event


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("status", [s for s in Status if s not in NOTHING_NEW])
def test_an_answer_changes_nothing_for_a_task_that_runs(state: State, status: Status) -> None:
    """A status that left the dialog behind means the same before and after the answer."""
    for rows in (1, 2):
        expected = observe(state, status, answered=False)
        assert observe(state, status, answered=True, rows=rows) is expected


@pytest.mark.parametrize("status", NOTHING_NEW)
def test_an_answered_dialog_is_no_news(status: Status) -> None:
    """A dialog that is still shown after its answer says nothing new."""
    for state in State:
        assert observe(state, status, answered=True) is Event.UNREAD


@pytest.mark.parametrize("status", NOTHING_NEW)
@pytest.mark.parametrize("state", [State.ANSWER_IN_DOUBT, State.MODAL])
def test_a_second_row_proves_the_answer(state: State, status: Status) -> None:
    """A second row for the id proves an answer that is in doubt, or was given up."""
    assert observe(state, status, answered=True, rows=2) is Event.ANSWER_ACCEPTED


@pytest.mark.parametrize("status", Status)
def test_a_second_row_proves_nothing_where_no_answer_was_sent(status: Status) -> None:
    """Without an answer of ours, the number of rows means nothing."""
    for state in State:
        expected = observe(state, status, answered=False)
        assert observe(state, status, answered=False, rows=2) is expected


@given(st.sampled_from(State), statuses, st.integers(0, 3))
@settings(deadline=None)
def test_an_answered_dialog_is_never_reported_again(
    state: State, shown: list[Status], rows: int
) -> None:
    """No sequence of looks reports a dialog while an answer to it is out."""
    seen = {observe(state, status, answered=True, rows=rows) for status in shown}
    assert Event.DIALOG_SEEN not in seen
    assert seen <= {*LOOKS, Event.ANSWER_ACCEPTED}


NEAREST_FIRST = [
    Status.UNREAD,
    Status.MODAL,
    Status.CANCEL,
    Status.FAILURE,
    Status.NOT_START,
    Status.SUBMITTED,
    Status.IN_PROGRESS,
    Status.SUCCESS,
]


@pytest.mark.parametrize(("nearer", "farther"), [*itertools.combinations(NEAREST_FIRST, 2)])
def test_the_further_row_counts(nearer: Status, farther: Status) -> None:
    """Of two rows the further one counts, whichever comes first."""
    assert further([nearer, farther]) is farther
    assert further([farther, nearer]) is farther


def test_no_row_tells_nothing() -> None:
    """Without any row nothing has been told."""
    assert further([]) is Status.UNREAD


@given(statuses, statuses)
@settings(deadline=None)
def test_rows_can_be_joined_in_any_order(some: list[Status], others: list[Status]) -> None:
    """It does not matter how rows are ordered, repeated, or split over several looks."""
    together = further(some + others)
    assert further([further(some), further(others)]) is together
    assert further(others + some + some) is together
