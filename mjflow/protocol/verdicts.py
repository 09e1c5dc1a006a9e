"""What an answer to a paying request means for the task and for the money (P§3)."""

from __future__ import annotations

from enum import StrEnum

from attrs import frozen

from mjflow.protocol.status import Status


@frozen
class Reply:
    """An answer as it came; headers other than these mean nothing in this family."""

    #: The HTTP status.
    status: int
    body: bytes
    #: Seconds, from a `Retry-After` header.
    retry_after: float | None = None


@frozen
class NotSent:
    """Proof that not a byte of the request left: refused, no such host, TLS failed."""

    reason: str


@frozen
class Unanswered:
    """The request left, or may have left, and no whole answer came."""

    reason: str


#: What became of one paying request.
Outcome = Reply | NotSent | Unanswered


class Cause(StrEnum):
    """Why a definite no was said."""

    # to be sent again after a while
    #: No room in the server's queue (23; 9 with that text; -1 over concurrency or queue).
    QUEUE_FULL = "queue full"
    #: The gateway or its channels are busy (30, 429).
    SATURATED = "saturated"
    #: No channel of the gateway takes this act: now, or ever (shape-A 503).
    NO_CHANNEL = "no channel"
    #: No usable account behind the server (3 on a root act).
    NO_ACCOUNT = "no account"
    #: The gateway's copy of the parent is not finished yet.
    PARENT_STALE = "parent not finished"
    #: The clicked button has another id by now (4 on a click, and the parent shows another).
    BUTTON_STALE = "button stale"
    #: Not a byte left.
    UNREACHABLE = "unreachable"
    # to be sent again when a person has mended it: the breaker opens
    #: 401, 403.
    KEY = "key refused"
    #: The balance is empty.
    QUOTA = "quota exceeded"
    #: The server blocks this user for a while (-1).
    BLOCKED = "blocked for a while"
    # never to be sent again as it is
    #: A banned word (24).
    BANNED = "banned word"
    #: The parent is unknown to the server (3 on a click, `task_not_found`).
    PARENT_MISSING = "parent not found"
    #: The server finds it invalid (4, shape-A 400, other 9 and -1).
    INVALID = "invalid"
    #: The server has no such route: HTML with 200, a redirect, 404, 405, 415.
    NO_ROUTE = "no such route"


@frozen
class Accepted:
    """A task runs, or waits in the server's queue; it is paid."""

    #: Usually one; several for a button that starts several tasks.
    ids: tuple[str, ...]
    #: Tasks ahead at submission (`numberOfQueues`), if told; never updated later.
    queue_place: int | None = None
    description: str = ""


@frozen
class Dialog:
    """The button opened a dialog: nothing runs until it is answered."""

    id: str
    #: The prompt the server offers; `""` if none.
    final_prompt: str = ""
    description: str = ""


@frozen
class Existing:
    """The same button was pressed before: this is the task of then."""

    id: str
    status: Status = Status.UNREAD


@frozen
class Rejected:
    """A no that may become a yes: nothing was started, it may be sent again with backoff."""

    cause: Cause
    reason: str
    #: Seconds the server asks us to wait.
    retry_after: float | None = None

    @property
    def breaks(self) -> bool:
        """Whether nothing else needs to be tried until a person has mended it."""
        return self.cause in _BREAKING


@frozen
class Refused:
    """A definite no: nothing was started, and sending it again will not help."""

    cause: Cause
    reason: str
    #: The banned word, as the server names it.
    word: str = ""


@frozen
class Doubt:
    """It cannot be known from the answer whether a task runs and is paid."""

    reason: str


_BREAKING = frozenset({Cause.KEY, Cause.QUOTA, Cause.BLOCKED})

Verdict = Accepted | Dialog | Existing | Rejected | Refused | Doubt


@frozen
class Stored:
    """Pictures were uploaded; no task runs (P§2.12)."""

    links: tuple[str, ...]


#: What became of an upload.
UploadVerdict = Stored | Rejected | Refused | Doubt
