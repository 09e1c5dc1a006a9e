"""
What a list of events amounts to: how a journal becomes a state again.

The journal keeps no looks.  A replay still ends where the record was, give or take one look, if
five things are noted beside the acts, the replies and the answers:

* FOUND, ahead of the look that finds a record without an id (else it is in doubt again, and its
  id is gone);
* DIALOG, ahead of an ANSWER_INTENT whose dialog was only seen (else nothing says that there was
  a dialog to answer);
* ANSWER_ACCEPTED, at the look that proves an answer in doubt (else it stays in doubt on paper);
* the look that brought the server's last word;
* WITHDRAWN, for a new record that was never admitted in time.

A no to an answer is noted only where it moves the record: one that comes after the task was seen
to go on would make the replay open the dialog again.

LOST is not kept: a replayed record is looked at again, and lost again if there is still nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

from mjflow.fsm.events import Event
from mjflow.fsm.states import State
from mjflow.fsm.transitions import advance

_OUT = frozenset({Event.ANSWER_INTENT, Event.ANSWER_ACCEPTED})
_BACK = frozenset({Event.ANSWER_REJECTED, Event.ANSWER_REFUSED, Event.ANSWER_ABSENT})


def answered_after(event: Event, *, answered: bool, moved: bool) -> bool:
    """
    Return whether an answer is out once `event` has happened: the guard of `advance`, `observe`.

    Silence leaves it standing, and so does a person who gives the doubt up: only a definite no
    takes it back, and only one that moved the record.  A no that moves nothing came too late: it
    is about an answer that was superseded, or the task was seen to run in spite of it.
    """
    if event in _OUT:
        return True
    return answered and not (moved and event in _BACK)


def replay(events: Iterable[Event], *, state: State = State.NEW) -> tuple[State, bool]:
    """
    Return the state after all events, oldest first, and whether an answer is out.

    Raises:
        IllegalTransition: These events are not the life of one record.
    """
    answered = False
    for event in events:
        before, state = state, advance(state, event, answered=answered)
        answered = answered_after(event, answered=answered, moved=state is not before)
    return state, answered
