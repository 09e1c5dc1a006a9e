"""What a look means: a server's status, as an event of the automaton."""

from __future__ import annotations

from collections.abc import Iterable

from mjflow.fsm.events import Event
from mjflow.fsm.states import State
from mjflow.protocol.status import Status

_EVENTS = {
    Status.UNREAD: Event.UNREAD,
    Status.NOT_START: Event.QUEUED,
    Status.SUBMITTED: Event.QUEUED,
    Status.IN_PROGRESS: Event.RUNNING,
    Status.MODAL: Event.DIALOG_SEEN,
    Status.SUCCESS: Event.SUCCEEDED,
    Status.FAILURE: Event.FAILED,
    Status.CANCEL: Event.CANCELLED,
}

# A gateway keeps a row for the click and a second one, with the same id, for the answer; only
# one of them is refreshed (P§5.4).  So a dialog that failed may be the stale half of a task that
# runs, and a dialog still shown says least of all.
_NEAREST_FIRST = (
    Status.UNREAD,
    Status.MODAL,
    Status.CANCEL,
    Status.FAILURE,
    Status.NOT_START,
    Status.SUBMITTED,
    Status.IN_PROGRESS,
    Status.SUCCESS,
)
_HOW_FAR = {status: place for place, status in enumerate(_NEAREST_FIRST)}

#: What a look says of a dialog once it was answered: nothing new.
_SAYS_NOTHING = frozenset({Status.UNREAD, Status.MODAL})
#: Here an answer was sent and nobody knows what became of it (MODAL: given up by a person).
_UNCONFIRMED = frozenset({State.ANSWER_IN_DOUBT, State.MODAL})


def further(statuses: Iterable[Status]) -> Status:
    """Return the status that counts when one id has several rows; `UNREAD` for no row at all."""
    return max(statuses, key=_HOW_FAR.__getitem__, default=Status.UNREAD)


def observe(state: State, status: Status, *, answered: bool, rows: int = 1) -> Event:
    """
    Return the event that a look at a task amounts to.

    A dialog that was answered is never reported again, however long the server goes on showing
    it; a second row beside it proves that the answer arrived (P§5.4).

    Args:
        status: The `further` one, when the id has several rows.
        answered: Whether an answer to the dialog was sent and no definite no came to it.
        rows: How many rows the server shows for this id.
    """
    if not answered or status not in _SAYS_NOTHING:
        return _EVENTS[status]
    if rows > 1 and state in _UNCONFIRMED:
        return Event.ANSWER_ACCEPTED
    return Event.UNREAD


def proves_answer(state: State, event: Event, *, answered: bool) -> bool:
    """Tell whether a look proves that an answer of which nothing was heard has arrived."""
    unconfirmed = answered and state in _UNCONFIRMED
    return unconfirmed and event in (Event.ANSWER_ACCEPTED, Event.QUEUED, Event.RUNNING)
