"""The states of an attempt: our word for where it stands (a *status* is the server's)."""

from __future__ import annotations

from enum import StrEnum

from mjflow.protocol.status import ENDED as LAST_WORDS


class State(StrEnum):
    """Where one attempt at a task stands; only `transitions.advance` moves it."""

    #: Not sent yet, or sent and turned away with leave to come again; nothing is paid.
    NEW = "NEW"
    #: The intent is in the journal and the request may be on the wire.
    SUBMITTING = "SUBMITTING"
    #: The request left and its answer was lost: the task may exist and may be paid.
    IN_DOUBT = "IN_DOUBT"
    #: The server has the task; an attached task begins here.
    SUBMITTED = "SUBMITTED"
    #: The server works on it.
    IN_PROGRESS = "IN_PROGRESS"
    #: A dialog is open and waits for our answer.
    MODAL = "MODAL"
    #: Our answer is on the wire, or accepted while the server still shows the dialog.
    ANSWERING = "ANSWERING"
    #: The reply to our answer was lost: the task may run and may be paid.
    ANSWER_IN_DOUBT = "ANSWER_IN_DOUBT"
    #: The server's last word: done, the pictures are there.
    SUCCESS = "SUCCESS"
    #: The server's last word: it failed; gateways give the money back.
    FAILURE = "FAILURE"
    #: The server's last word: it was cancelled over there.
    CANCEL = "CANCEL"
    #: The server said a definite no; nothing is paid.
    REFUSED = "REFUSED"
    #: Never sent, or proven absent; nothing is paid.
    WITHDRAWN = "WITHDRAWN"
    #: We stopped looking; it may still run, it is paid, and a later look picks it up again.
    LOST = "LOST"


#: The server has said its last word: nothing moves the record any more.
ENDED = frozenset(State(status.value) for status in LAST_WORDS)

#: Nothing moves by itself any more and a waiter gets an outcome; except from `ENDED`, late
#: evidence of the task still moves the record on.
SETTLED = ENDED | {State.REFUSED, State.WITHDRAWN, State.LOST}

#: The poller looks at the task; these are the states in which the server can forget it.
LOOKED_AT = frozenset(
    {
        State.SUBMITTED,
        State.IN_PROGRESS,
        State.MODAL,
        State.ANSWERING,
        State.ANSWER_IN_DOUBT,
    }
)
