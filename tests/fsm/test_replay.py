"""What a journal's events amount to."""

from __future__ import annotations

import pytest

from mjflow.errors import IllegalTransition
from mjflow.fsm.events import Event
from mjflow.fsm.replay import answered_after, replay
from mjflow.fsm.states import State


def test_nothing_journaled_is_a_new_record() -> None:
    """A record of which nothing was written is where it began."""
    assert replay([]) == (State.NEW, False)
    assert replay([], state=State.SUBMITTED) == (State.SUBMITTED, False)


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ("INTENT", (State.SUBMITTING, False)),
        ("INTENT UNANSWERED", (State.IN_DOUBT, False)),
        ("INTENT REJECTED INTENT ACCEPTED", (State.SUBMITTED, False)),
        ("INTENT UNANSWERED FOUND", (State.SUBMITTED, False)),
        ("INTENT UNANSWERED FOUND REJECTED", (State.SUBMITTED, False)),
        ("INTENT UNANSWERED ABSENT REFUSED", (State.WITHDRAWN, False)),
        ("INTENT UNANSWERED FORCED ACCEPTED", (State.SUBMITTED, False)),
        ("INTENT DIALOG ANSWER_INTENT", (State.ANSWERING, True)),
        ("INTENT ACCEPTED DIALOG ANSWER_INTENT ANSWER_ACCEPTED", (State.ANSWERING, True)),
        ("INTENT DIALOG ANSWER_INTENT ANSWER_REFUSED", (State.MODAL, False)),
        ("INTENT DIALOG ANSWER_INTENT ANSWER_UNANSWERED", (State.ANSWER_IN_DOUBT, True)),
        ("INTENT DIALOG ANSWER_INTENT ANSWER_UNANSWERED ANSWER_FORCED", (State.MODAL, True)),
        ("INTENT DIALOG ANSWER_INTENT ANSWER_UNANSWERED ANSWER_ABSENT", (State.MODAL, False)),
        ("INTENT ACCEPTED SUCCEEDED", (State.SUCCESS, False)),
        ("INTENT WITHDRAWN WITHDRAWN", (State.WITHDRAWN, False)),
    ],
)
def test_a_journal_is_a_state(events: str, expected: tuple[State, bool]) -> None:
    """The events that were journaled lead to the state that the record was in."""
    assert replay(map(Event.__getitem__, events.split())) == expected


def test_an_answer_without_its_dialog_cannot_be_replayed() -> None:
    """A dialog that was only seen has to be journaled ahead of its answer."""
    with pytest.raises(IllegalTransition):
        replay([Event.INTENT, Event.ACCEPTED, Event.ANSWER_INTENT])


@pytest.mark.parametrize("event", Event)
def test_only_the_fate_of_an_answer_changes_the_flag(event: Event) -> None:
    """Sent or taken, an answer is out; a no to it, or its proven absence, takes it back."""
    out = {Event.ANSWER_INTENT, Event.ANSWER_ACCEPTED}
    back = {Event.ANSWER_REJECTED, Event.ANSWER_REFUSED, Event.ANSWER_ABSENT}
    for answered in (False, True):
        expected = event in out or (answered and event not in back)
        assert answered_after(event, answered=answered, moved=True) is expected


@pytest.mark.parametrize("event", Event)
def test_a_no_that_moves_nothing_takes_no_answer_back(event: Event) -> None:
    """It is late, and about another answer than the one that is out."""
    assert answered_after(event, answered=True, moved=False) is True


@pytest.mark.parametrize("late", ["ANSWER_REJECTED", "ANSWER_REFUSED"])
@pytest.mark.parametrize("state", [State.SUBMITTED, State.IN_PROGRESS, State.LOST])
def test_after_a_late_no_the_dialog_is_not_open_again(state: State, late: str) -> None:
    """A task that was seen to go on is answered, whatever the answer's own reply says."""
    before = "INTENT DIALOG ANSWER_INTENT"
    seen = {State.SUBMITTED: "QUEUED", State.IN_PROGRESS: "RUNNING", State.LOST: "DEADLINE"}[state]
    events = [Event[name] for name in (*before.split(), seen, late, "DIALOG_SEEN")]
    assert replay(events) == (state, True)
