"""The table, held against a second copy of it, and the one function that walks it."""

from __future__ import annotations

import itertools
import re

import pytest

from mjflow.errors import IllegalTransition, MjflowError
from mjflow.fsm.events import ACTS, ANSWERS, LOOKS, Event
from mjflow.fsm.states import State
from mjflow.fsm.transitions import TABLE, Cell, Guard, Guarded, advance

# `·` stays, `x` raises, `MODAL?` moves unless an answer was sent, `MODAL!` moves if the look
# carries our token.  Whoever changes the table changes it here as well, on purpose.
COPY = """
                 Intent      Rejected  Refused  Accepted   Dialog  Unanswered
NEW              SUBMITTING  x         x        x          x       ·
SUBMITTING       x           NEW       REFUSED  SUBMITTED  MODAL   IN_DOUBT
IN_DOUBT         x           NEW       REFUSED  SUBMITTED  MODAL   ·
SUBMITTED        x           ·         ·        ·          MODAL?  ·
IN_PROGRESS      x           ·         ·        ·          ·       ·
MODAL            x           ·         ·        ·          ·       ·
ANSWERING        x           ·         ·        ·          ·       ·
ANSWER_IN_DOUBT  x           ·         ·        ·          ·       ·
SUCCESS          x           ·         ·        ·          ·       ·
FAILURE          x           ·         ·        ·          ·       ·
CANCEL           x           ·         ·        ·          ·       ·
REFUSED          x           x         x        SUBMITTED  MODAL   ·
WITHDRAWN        x           ·         ·        SUBMITTED  MODAL   ·
LOST             x           ·         ·        SUBMITTED  MODAL?  ·

                 Found       Absent     Forced  AnswerIntent  Withdrawn
NEW              x           x          x       x             WITHDRAWN
SUBMITTING       SUBMITTED   x          x       x             NEW
IN_DOUBT         SUBMITTED   WITHDRAWN  ·       x             ·
SUBMITTED        ·           x          x       x             ·
IN_PROGRESS      ·           x          x       x             ·
MODAL            ·           x          x       ANSWERING     ·
ANSWERING        ·           x          x       x             ·
ANSWER_IN_DOUBT  ·           x          x       x             ·
SUCCESS          ·           x          x       x             ·
FAILURE          ·           x          x       x             ·
CANCEL           ·           x          x       x             ·
REFUSED          SUBMITTED   x          x       x             ·
WITHDRAWN        SUBMITTED   x          x       x             ·
LOST             SUBMITTED   x          x       x             ·

             AnswerAccepted AnswerRejected AnswerRefused AnswerUnanswered AnswerAbsent AnswerForced
NEW              x          x              x             x                x            x
SUBMITTING       x          x              x             x                x            x
IN_DOUBT         x          x              x             x                x            x
SUBMITTED        ·          ·              ·             ·                ·            ·
IN_PROGRESS      ·          ·              ·             ·                ·            ·
MODAL            ANSWERING  ·              ·             ·                ·            ·
ANSWERING        ·          MODAL          MODAL         ANSWER_IN_DOUBT  x            x
ANSWER_IN_DOUBT  ANSWERING  MODAL          MODAL         ·                MODAL        MODAL
SUCCESS          ·          ·              ·             ·                ·            ·
FAILURE          ·          ·              ·             ·                ·            ·
CANCEL           ·          ·              ·             ·                ·            ·
REFUSED          x          x              x             x                x            x
WITHDRAWN        x          x              x             x                x            x
LOST             ·          ·              ·             ·                ·            ·

                 Unread      Queued      Running       DialogSeen  Deadline   Forgotten
NEW              x           x           x             x           WITHDRAWN  x
SUBMITTING       SUBMITTED!  SUBMITTED!  IN_PROGRESS!  MODAL!      ·          ·
IN_DOUBT         SUBMITTED!  SUBMITTED!  IN_PROGRESS!  MODAL!      ·          ·
SUBMITTED        ·           ·           IN_PROGRESS   MODAL?      LOST       LOST
IN_PROGRESS      ·           ·           ·             ·           LOST       LOST
MODAL            ·           SUBMITTED   IN_PROGRESS   ·           LOST       LOST
ANSWERING        ·           SUBMITTED   IN_PROGRESS   ·           LOST       LOST
ANSWER_IN_DOUBT  ·           SUBMITTED   IN_PROGRESS   ·           ·          LOST
SUCCESS          ·           ·           ·             ·           ·          ·
FAILURE          ·           ·           ·             ·           ·          ·
CANCEL           ·           ·           ·             ·           ·          ·
REFUSED          SUBMITTED!  SUBMITTED!  IN_PROGRESS!  MODAL!      ·          ·
WITHDRAWN        SUBMITTED!  SUBMITTED!  IN_PROGRESS!  MODAL!      ·          ·
LOST             ·           SUBMITTED   IN_PROGRESS   MODAL?      ·          ·

                 Succeeded  Failed    Cancelled
NEW              x          x         x
SUBMITTING       SUCCESS!   FAILURE!  CANCEL!
IN_DOUBT         SUCCESS!   FAILURE!  CANCEL!
SUBMITTED        SUCCESS    FAILURE   CANCEL
IN_PROGRESS      SUCCESS    FAILURE   CANCEL
MODAL            SUCCESS    FAILURE   CANCEL
ANSWERING        SUCCESS    FAILURE   CANCEL
ANSWER_IN_DOUBT  SUCCESS    FAILURE   CANCEL
SUCCESS          ·          ·         ·
FAILURE          ·          ·         ·
CANCEL           ·          ·         ·
REFUSED          SUCCESS!   FAILURE!  CANCEL!
WITHDRAWN        SUCCESS!   FAILURE!  CANCEL!
LOST             SUCCESS    FAILURE   CANCEL
"""


def _event(heading: str) -> Event:
    return Event[re.sub(r"(?<=[a-z])(?=[A-Z])", "_", heading).upper()]


def _read(copy: str) -> dict[tuple[State, Event], str]:
    cells: dict[tuple[State, Event], str] = {}
    for grid in copy.strip().split("\n\n"):
        head, *rows = (line.split() for line in grid.splitlines())
        for state, *row in rows:
            for heading, cell in zip(head, row, strict=True):
                assert cells.setdefault((State(state), _event(heading)), cell) is cell
    return cells


def _written(cell: Cell) -> str:
    if isinstance(cell, Guarded):
        return cell.target + {Guard.NOT_ANSWERED: "?", Guard.OURS: "!"}[cell.guard]
    return cell.value


CELLS = _read(COPY)
EVERY_PAIR = list(itertools.product(State, Event))


def _expected(state: State, event: Event, *, answered: bool, ours: bool) -> State | None:
    cell = CELLS[state, event]
    holds = {"?": not answered, "!": ours}.get(cell[-1], True)
    if cell == "x":
        return None
    return state if cell == "·" or not holds else State(cell.rstrip("?!"))


def test_the_copy_is_complete() -> None:
    """The copy in this file has a cell for every state and every event."""
    assert set(CELLS) == set(EVERY_PAIR)


@pytest.mark.parametrize("state", State)
def test_every_row_is_the_copy(state: State) -> None:
    """The table is, cell by cell, what its copy says."""
    expected = {event: CELLS[state, event] for event in Event}
    assert {event: _written(cell) for event, cell in TABLE[state].items()} == expected


@pytest.mark.parametrize("ours", [False, True], ids=["foreign", "ours"])
@pytest.mark.parametrize("answered", [False, True], ids=["unanswered", "answered"])
@pytest.mark.parametrize("state", State)
def test_advance_walks_the_copy(state: State, answered: bool, ours: bool) -> None:
    """A legal event leads where the copy says; an impossible one leads nowhere."""

    def walked(event: Event) -> State | None:
        try:
            return advance(state, event, answered=answered, ours=ours)
        except IllegalTransition:
            return None

    expected = {e: _expected(state, e, answered=answered, ours=ours) for e in Event}
    assert {event: walked(event) for event in Event} == expected


@pytest.mark.parametrize(
    ("state", "event"), [pair for pair in EVERY_PAIR if CELLS[pair] == "x"], ids=str
)
def test_an_impossible_event_names_itself(state: State, event: Event) -> None:
    """The error of an impossible event carries the state and the event, and says both."""
    with pytest.raises(IllegalTransition, match=f"{event.name}.*{state.name}") as caught:
        advance(state, event)
    assert (caught.value.state, caught.value.event) == (state, event)
    assert isinstance(caught.value, MjflowError)
    assert caught.value.__cause__ is None


def test_guards_default_to_unanswered_and_ours() -> None:
    """Without a word about guards, no answer was sent and the look is ours."""
    assert advance(State.SUBMITTED, Event.DIALOG) == State.MODAL
    assert advance(State.IN_DOUBT, Event.RUNNING) == State.IN_PROGRESS


def test_groups_of_events_are_all_events() -> None:
    """Acts, answers and looks are all events, none of them twice."""
    assert tuple(Event) == ACTS + ANSWERS + LOOKS
    assert (ACTS[0], ACTS[-1]) == (Event.INTENT, Event.WITHDRAWN)
    assert (ANSWERS[0], ANSWERS[-1]) == (Event.ANSWER_ACCEPTED, Event.ANSWER_FORCED)
    assert (LOOKS[0], LOOKS[-1]) == (Event.UNREAD, Event.FORGOTTEN)


def test_no_cell_says_stay_in_two_ways() -> None:
    """A cell that stays is marked as such, never written as a move to its own state."""
    loops = [
        (state, event)
        for state, row in TABLE.items()
        for event, cell in row.items()
        if cell is state or (isinstance(cell, Guarded) and cell.target is state)
    ]
    assert loops == []
