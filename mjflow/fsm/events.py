"""The input alphabet of the automaton: all that can happen to an attempt."""

from __future__ import annotations

from enum import Enum


class Event(Enum):
    """One thing that happened: an act of ours, a server's reply, a look, or the clock."""

    # Members are singletons; hashing their names, as enums do, is a third of what a step costs.
    __hash__ = object.__hash__

    # --- our acts: sending, and what the reply says ---------------------------------------

    #: The intent was written; the request leaves now.
    INTENT = "INTENT"
    #: The server said no, and it may be sent again.
    REJECTED = "REJECTED"
    #: The server said no, and sending it again is no use.
    REFUSED = "REFUSED"
    #: The server took the task and named its id or ids.
    ACCEPTED = "ACCEPTED"
    #: The server opened a dialog instead of starting the task.
    DIALOG = "DIALOG"
    #: The request left, or may have left, and no whole answer came.
    UNANSWERED = "UNANSWERED"
    #: The task was found at the server by its token.
    FOUND = "FOUND"
    #: A person, or proof, says that the task in doubt does not exist.
    ABSENT = "ABSENT"
    #: A person gives the doubt up and has the task sent anew, as a record of its own.
    FORCED = "FORCED"
    #: The intent of an answer was written; the answer leaves now.
    ANSWER_INTENT = "ANSWER_INTENT"
    #: We took it back before a byte had left: a stop, the cost brake, the breaker.
    WITHDRAWN = "WITHDRAWN"

    # --- replies to our answer to a dialog, and what settles a doubt about it -------------

    #: The server took the answer.
    ANSWER_ACCEPTED = "ANSWER_ACCEPTED"
    #: The server said no to the answer, and it may be sent again (23, 9, 429).
    ANSWER_REJECTED = "ANSWER_REJECTED"
    #: The server said no to the answer, and sending it again is no use (4, 24).
    ANSWER_REFUSED = "ANSWER_REFUSED"
    #: The answer left, or may have left, and no whole reply came.
    ANSWER_UNANSWERED = "ANSWER_UNANSWERED"
    #: A person, or proof, says that the answer in doubt never arrived.
    ANSWER_ABSENT = "ANSWER_ABSENT"
    #: A person gives the doubt up and will answer again, at the risk of paying twice.
    ANSWER_FORCED = "ANSWER_FORCED"

    # --- looks and the clock --------------------------------------------------------------

    #: The look told nothing new: no status yet, an unknown word, a dialog already answered.
    UNREAD = "UNREAD"
    #: The server shows it as waiting (`NOT_START`, `SUBMITTED`).
    QUEUED = "QUEUED"
    #: The server shows it as running.
    RUNNING = "RUNNING"
    #: The server shows an open dialog that has no answer of ours.
    DIALOG_SEEN = "DIALOG_SEEN"
    #: The server shows it as done.
    SUCCEEDED = "SUCCEEDED"
    #: The server shows it as failed.
    FAILED = "FAILED"
    #: The server shows it as cancelled.
    CANCELLED = "CANCELLED"
    #: Our own patience ended: the deadline, or for a new record the wait for admission.
    DEADLINE = "DEADLINE"
    #: The server denied the id again and again, and once more when asked for it alone.
    FORGOTTEN = "FORGOTTEN"


_ALL = tuple(Event)

#: What we do, and what the server replies to a submit.
ACTS = _ALL[: _ALL.index(Event.WITHDRAWN) + 1]
#: What the server replies to an answer, and what settles a doubt about one.
ANSWERS = _ALL[len(ACTS) : _ALL.index(Event.UNREAD)]
#: What looks show, and the clock.
LOOKS = _ALL[_ALL.index(Event.UNREAD) :]
