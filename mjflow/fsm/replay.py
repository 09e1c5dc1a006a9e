"""
What a list of events amounts to: how a journal becomes a state again.

The journal keeps no looks.  A replay still ends where the record was, give or take one look, if
four things are noted beside the acts, the replies and the answers:

* FOUND, ahead of the look that finds a record without an id (else it is in doubt again, and its
  id is gone);
* DIALOG, ahead of an ANSWER_INTENT whose dialog was only seen (else nothing says that there was
  a dialog to answer);
* the look that brought the server's last word;
* WITHDRAWN, for a new record that was never admitted in time.

LOST is not kept: a replayed record is looked at again, and lost again if there is still nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

from mjflow.fsm.events import Event
from mjflow.fsm.states import State
from mjflow.fsm.transitions import advance

_ANSWERED = {
    Event.ANSWER_INTENT: True,
    Event.ANSWER_ACCEPTED: True,
    Event.ANSWER_REJECTED: False,
    Event.ANSWER_REFUSED: False,
    Event.ANSWER_ABSENT: False,
}


def answered_after(event: Event, *, answered: bool) -> bool:
    """
    Return whether an answer is out once `event` has happened: the guard of `advance`, `observe`.

    Silence leaves it standing, and so does a person who gives the doubt up: only a definite no
    takes it back.
    """
    return _ANSWERED.get(event, answered)


def replay(events: Iterable[Event], *, state: State = State.NEW) -> tuple[State, bool]:
    """
    Return the state after all events, oldest first, and whether an answer is out.

    Raises:
        IllegalTransition: These events are not the life of one record.
    """
    answered = False
    for event in events:
        state = advance(state, event, answered=answered)
        answered = answered_after(event, answered=answered)
    return state, answered
