# House rules
#
# * All rules about which state follows which are in this file, and `advance` is the only thing
#   that moves a record.  Whoever wants to know "may this happen now?" asks the table.
# * This file knows no clock, no socket and no journal: whoever calls says what happened.
# * The table has three readers: `advance`, the tests (which hold a second, literal copy of it),
#   and `diagram.py`, which writes docs/reference/states.md from it.
#
# Theory of operation
#
# A record is one attempt at one paid task.  Everything that happens to it is an `Event`; a reply
# to a request, a look at the server, a line of a replayed journal and a person's word all enter
# the same way.  A look first becomes an event in `observe.py`.
#
# Reading the grids: a row per state, a column per event, in the order of `events.py`.
#
#   _          the record stays where it is; whatever came with the event may be kept
#   x          cannot happen: a bug of ours, and `advance` raises
#   STATE      the record moves there
#   OPENS      the record moves to MODAL, unless an answer was sent; then it stays
#   ours(...)  a row whose moves hold only if the look carries our token
#
# What the rows say:
#
# 1. Money.  INTENT is legal in NEW alone, ANSWER_INTENT in MODAL alone.  The ways back to these
#    two lead through a definite no, the proof that not a byte left, or a person's word; never
#    through silence.
# 2. Presence proves, absence does not.  A look with our token finds a record in any state that
#    has no id, even a refused one; a no that comes after the task was found moves nothing.
# 3. Polling samples.  Steps may be skipped, and a status that runs backwards moves nothing.
# 4. The server's last word stands.  The three ended rows have no way out.
# 5. Every wait ends.  Whatever is looked at can be lost by deadline or by being forgotten; LOST
#    is a parking place, any news of the task leads out of it.
#
# The guards.  `answered` holds from the moment an answer leaves until a definite no to it
# (`replay.answered_after` keeps it).  It is asked wherever news of a dialog may be late: servers
# take a second answer without complaint (P§2.6), and charge for it.  `observe` asks it too, but
# what it said may be old by the time it is acted on.  `ours` is asked only in the states without
# an id; elsewhere a look has found its record by the id.
#
# Special case: IN_PROGRESS stays at a late DIALOG.  A task that was seen running has its dialog
# behind it, whoever answered it, and a second answer would start, and charge, another one.
#
# Special case: SUBMITTING goes back to NEW when it is withdrawn, because WITHDRAWN means here
# that not a byte has left.  The record may be sent again, or be withdrawn for good from NEW.
#
# Special case: IN_DOUBT stays when it is forced.  The new attempt is a record of its own, and a
# late reply to this one is still welcome here.
#
# What does not fit the table
#
# * A record may carry several ids, and one id may belong to several records: the tracker's books.
# * A superseded answer: after ANSWER_FORCED a second answer may be on the wire.  An event does
#   not say which of the two it is about, so late replies to the first must be dropped by whoever
#   sent it, as soon as the second has left.
# * When a deadline starts, when an id counts as forgotten, and that a failed dialog is looked up
#   once more before it is believed: the engine's clocks and counters.
# * Who is told what: waiters learn of IN_DOUBT and ANSWER_IN_DOUBT although these are not settled.
"""The one table: which state follows which, and `advance`, which walks it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from attrs import frozen

from mjflow.errors import IllegalTransition
from mjflow.fsm.events import ACTS, ANSWERS, LOOKS, Event
from mjflow.fsm.states import State


class Mark(Enum):
    """A cell that names no state."""

    #: The record stays where it is.
    STAY = "·"
    #: Our own bug: `advance` raises.
    IMPOSSIBLE = "x"


class Guard(Enum):
    """What a guarded move asks for."""

    NOT_ANSWERED = "no answer to the dialog was sent, or a definite no came to it"
    OURS = "the look carries our token"


@frozen
class Guarded:
    """A move that holds only under its guard; otherwise the record stays."""

    target: State
    guard: Guard


Cell = State | Mark | Guarded
_Grid = Mapping[State, tuple[Cell, ...]]


def ours(*row: Cell) -> tuple[Cell, ...]:
    """Make a row whose moves hold only if the look carries our token."""
    return tuple(Guarded(cell, Guard.OURS) if isinstance(cell, State) else cell for cell in row)


# fmt: off
(NEW, SUBMITTING, IN_DOUBT, SUBMITTED, IN_PROGRESS, MODAL, ANSWERING, ANSWER_IN_DOUBT,
 SUCCESS, FAILURE, CANCEL, REFUSED, WITHDRAWN, LOST) = State  # as states.py orders them

_ = Mark.STAY
x = Mark.IMPOSSIBLE
OPENS = Guarded(MODAL, Guard.NOT_ANSWERED)

_SENDING: _Grid = {
    #                 Intent      Rejected  Refused   Accepted    Dialog  Unanswered
    NEW:             (SUBMITTING, x,        x,        x,          x,      _),
    SUBMITTING:      (x,          NEW,      REFUSED,  SUBMITTED,  MODAL,  IN_DOUBT),
    IN_DOUBT:        (x,          NEW,      REFUSED,  SUBMITTED,  MODAL,  _),
    SUBMITTED:       (x,          _,        _,        _,          OPENS,  _),
    IN_PROGRESS:     (x,          _,        _,        _,          _,      _),
    MODAL:           (x,          _,        _,        _,          _,      _),
    ANSWERING:       (x,          _,        _,        _,          _,      _),
    ANSWER_IN_DOUBT: (x,          _,        _,        _,          _,      _),
    SUCCESS:         (x,          _,        _,        _,          _,      _),
    FAILURE:         (x,          _,        _,        _,          _,      _),
    CANCEL:          (x,          _,        _,        _,          _,      _),
    REFUSED:         (x,          x,        x,        SUBMITTED,  MODAL,  _),
    WITHDRAWN:       (x,          _,        _,        SUBMITTED,  MODAL,  _),
    LOST:            (x,          _,        _,        SUBMITTED,  OPENS,  _),
}

_SETTLING: _Grid = {
    #                 Found      Absent     Forced  AnswerIntent  Withdrawn
    NEW:             (x,         x,         x,      x,            WITHDRAWN),
    SUBMITTING:      (SUBMITTED, x,         x,      x,            NEW),
    IN_DOUBT:        (SUBMITTED, WITHDRAWN, _,      x,            _),
    SUBMITTED:       (_,         x,         x,      x,            _),
    IN_PROGRESS:     (_,         x,         x,      x,            _),
    MODAL:           (_,         x,         x,      ANSWERING,    _),
    ANSWERING:       (_,         x,         x,      x,            _),
    ANSWER_IN_DOUBT: (_,         x,         x,      x,            _),
    SUCCESS:         (_,         x,         x,      x,            _),
    FAILURE:         (_,         x,         x,      x,            _),
    CANCEL:          (_,         x,         x,      x,            _),
    REFUSED:         (SUBMITTED, x,         x,      x,            _),
    WITHDRAWN:       (SUBMITTED, x,         x,      x,            _),
    LOST:            (SUBMITTED, x,         x,      x,            _),
}

_REPLIES_TO_ANSWERS: _Grid = {
    #                 Accepted   Rejected  Refused  Unanswered       Absent  Forced
    NEW:             (x,         x,        x,       x,               x,      x),
    SUBMITTING:      (x,         x,        x,       x,               x,      x),
    IN_DOUBT:        (x,         x,        x,       x,               x,      x),
    SUBMITTED:       (_,         _,        _,       _,               _,      _),
    IN_PROGRESS:     (_,         _,        _,       _,               _,      _),
    MODAL:           (ANSWERING, _,        _,       _,               _,      _),
    ANSWERING:       (_,         MODAL,    MODAL,   ANSWER_IN_DOUBT, x,      x),
    ANSWER_IN_DOUBT: (ANSWERING, MODAL,    MODAL,   _,               MODAL,  MODAL),
    SUCCESS:         (_,         _,        _,       _,               _,      _),
    FAILURE:         (_,         _,        _,       _,               _,      _),
    CANCEL:          (_,         _,        _,       _,               _,      _),
    REFUSED:         (x,         x,        x,       x,               x,      x),
    WITHDRAWN:       (x,         x,        x,       x,               x,      x),
    LOST:            (_,         _,        _,       _,               _,      _),
}

# The three columns of the server's last words are always alike.
ends = (SUCCESS, FAILURE, CANCEL)

_LOOKING: _Grid = {
    #                     Unread     Queued     Running      Dialog   Ended    Deadline   Forgotten
    NEW:                 (x,         x,         x,           x,       x, x, x, WITHDRAWN, x),
    SUBMITTING:      ours(SUBMITTED, SUBMITTED, IN_PROGRESS, MODAL,   *ends,   _,         _),
    IN_DOUBT:        ours(SUBMITTED, SUBMITTED, IN_PROGRESS, MODAL,   *ends,   _,         _),
    SUBMITTED:           (_,         _,         IN_PROGRESS, OPENS,   *ends,   LOST,      LOST),
    IN_PROGRESS:         (_,         _,         _,           _,       *ends,   LOST,      LOST),
    MODAL:               (_,         SUBMITTED, IN_PROGRESS, _,       *ends,   LOST,      LOST),
    ANSWERING:           (_,         SUBMITTED, IN_PROGRESS, _,       *ends,   LOST,      LOST),
    ANSWER_IN_DOUBT:     (_,         SUBMITTED, IN_PROGRESS, _,       *ends,   _,         LOST),
    SUCCESS:             (_,         _,         _,           _,       _, _, _, _,         _),
    FAILURE:             (_,         _,         _,           _,       _, _, _, _,         _),
    CANCEL:              (_,         _,         _,           _,       _, _, _, _,         _),
    REFUSED:         ours(SUBMITTED, SUBMITTED, IN_PROGRESS, MODAL,   *ends,   _,         _),
    WITHDRAWN:       ours(SUBMITTED, SUBMITTED, IN_PROGRESS, MODAL,   *ends,   _,         _),
    LOST:                (_,         SUBMITTED, IN_PROGRESS, OPENS,   *ends,   _,         _),
}
# fmt: on

#: The whole automaton: state → event → cell, every cell filled.
TABLE: Mapping[State, Mapping[Event, Cell]] = {
    state: dict(
        zip(
            ACTS + ANSWERS + LOOKS,
            _SENDING[state] + _SETTLING[state] + _REPLIES_TO_ANSWERS[state] + _LOOKING[state],
            strict=True,
        )
    )
    for state in State
}


def _target(state: State, cell: Cell, holds: Mapping[Guard, bool]) -> State | None:
    """Where a cell leads when the guards are known; `None` for the impossible."""
    if isinstance(cell, Guarded):
        return cell.target if holds[cell.guard] else state
    if isinstance(cell, State):
        return cell
    return state if cell is Mark.STAY else None


def _walks(*, answered: bool, ours: bool) -> dict[State, dict[Event, State]]:
    """Return the table with its guards resolved and the impossible left out."""
    holds = {Guard.NOT_ANSWERED: not answered, Guard.OURS: ours}
    return {
        state: {
            event: target
            for event, cell in row.items()
            if (target := _target(state, cell, holds)) is not None
        }
        for state, row in TABLE.items()
    }


# `advance` runs for every changed look: with one plain table for each way the guards can fall,
# a step is nothing but lookups.  Indexed [answered][ours].
_WALKS = tuple(
    tuple(_walks(answered=answered, ours=ours) for ours in (False, True))
    for answered in (False, True)
)


def advance(state: State, event: Event, *, answered: bool = False, ours: bool = True) -> State:
    """
    Return the state that follows when `event` happens in `state`; most often it is the same.

    Args:
        answered: Whether an answer to the dialog was sent and no definite no came to it.
        ours: Whether a look carries our token; asked only in states that have no id yet.

    Raises:
        IllegalTransition: This cannot happen here: a bug in the caller, and nothing has changed.
    """
    try:
        return _WALKS[answered][ours][state][event]
    except KeyError:
        raise IllegalTransition(state, event) from None
