"""
What every journal can do, whatever keeps it.

A journal records decisions and outcomes, never looks.  One *attempt* is one request that may be
paid for: its intent is written before the request leaves, and everything that becomes of it is
noted behind it, in order.  Payloads are bytes to a store; only the engine knows what is in them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from attrs import Factory, define, field, frozen

from mjflow.fsm.events import Event


@frozen(kw_only=True)
class Lease:
    """
    Somebody's right to work on one thing, such as a run, as long as it is renewed.

    Whoever takes it over from a holder that is gone has the next epoch; what the former holder
    writes under the old one is refused from then on, should it wake up again.
    """

    #: What it is about: unique in a journal.
    name: str
    #: Who holds it, for people: process, machine, since when.
    owner: str
    #: Counts its holders, from 1.
    epoch: int
    #: Counts its renewals: as long as it grows, the holder lives.  No clock is compared.
    beat: int = 0


@frozen(kw_only=True)
class Intent:
    """One request about to leave; unique by (namespace, key, attempt)."""

    #: What the key is unique in: the base URL.
    namespace: str
    key: str
    #: Counts from 1.
    attempt: int
    #: The token inside the wire's `state`.
    token: str
    #: A hash of the request's content, without the token.
    digest: str
    payload: bytes = field(repr=False)
    written_at: datetime
    #: Under which lease it is sent, if it is part of a run; it guards the writing, and is not kept.
    lease: Lease | None = None


@frozen(kw_only=True)
class Note:
    """What became of an attempt: an event of the automaton, with its data."""

    event: Event
    payload: bytes = field(default=b"", repr=False)
    written_at: datetime
    #: Of an answer that is about to leave: as an intent's.
    lease: Lease | None = None


@frozen(kw_only=True)
class SavedPicture:
    """A picture that was saved whole."""

    task_id: str
    path: str
    #: Bytes.
    size: int
    sha256: str


@frozen(kw_only=True)
class RunHeader:
    """A run of a flow: all that is needed to go on with it when its files are gone."""

    namespace: str
    name: str
    #: The flow, its inputs and its masks; only the flow knows how to read it.
    payload: bytes = field(repr=False)
    written_at: datetime
    #: As an intent's.
    lease: Lease | None = None


@frozen(kw_only=True)
class Mark:
    """What a flow decided or finished at one place of a run; a later one replaces it."""

    namespace: str
    #: Of the same kind as an intent's.
    key: str
    payload: bytes = field(repr=False)
    written_at: datetime
    #: As an intent's.
    lease: Lease | None = None


@define
class Attempt:
    """An intent and all that is known to have come of it."""

    intent: Intent
    notes: list[Note] = Factory(list)


class AttemptExists(Exception):
    """Somebody wrote this attempt before, or the one before it is still open."""


class LeaseLost(Exception):
    """Somebody else holds the lease by now: whoever asked has to stop."""


class Store(Protocol):
    """
    The journal's contract; what a method has returned from is on disk, where there is a disk.

    Raises of every method: `CannotWrite` when the disk is full or read-only, `JournalUnusable`
    when the file is no journal of ours, broken, or of a later version.  Of those that write under
    a lease: `LeaseLost` when it is not the one that holds now.
    """

    async def start(self) -> None:
        """Get ready to be used, also once more after `aclose`."""

    # --- attempts: the engine's ---------------------------------------------------------------

    async def intend(self, intent: Intent) -> None:
        """
        Write an intent; whatever is raised, cancellation too, none is open that nobody sends.

        The payload of the attempt before it is dropped if it `is_repeated`.

        Raises:
            AttemptExists: `may_follow` says no to it.
        """

    async def note(self, token: str, note: Note) -> None:
        """
        Write what became of the attempt with this token; one it does not know is no error.

        Raises:
            AttemptExists: An answer is about to leave, and `may_answer` says no to it.
        """

    async def attempts(self, namespace: str, key: str) -> Sequence[Attempt]:
        """Return all attempts of a key as they are now, oldest first."""

    async def open(self, namespace: str) -> Sequence[Attempt]:
        """Return the attempts of all keys for which `is_open` holds now, oldest first."""

    async def history(self, namespace: str, prefix: str) -> Sequence[Attempt]:
        """Return all attempts of the keys that begin so, oldest first."""

    async def saved(self, saved: SavedPicture) -> None:
        """Write that a picture is safely on disk."""

    # --- runs: the flow's ---------------------------------------------------------------------

    async def begin(self, header: RunHeader) -> None:
        """Write a run's header, in place of an older one of the same name."""

    async def run(self, namespace: str, name: str) -> RunHeader | None:
        """Return a run's header; `None` for a name that nobody has begun."""

    async def runs(self) -> Sequence[RunHeader]:
        """Return the headers of all runs of all namespaces, oldest first."""

    async def mark(self, mark: Mark) -> None:
        """Write a mark, in place of an older one of the same key."""

    async def marks(self, namespace: str, prefix: str) -> Sequence[Mark]:
        """Return the marks whose keys begin so, oldest first."""

    # --- leases -------------------------------------------------------------------------------

    async def lease(self, name: str) -> Lease | None:
        """Return the lease of this name as it stands; `None` when nobody holds it."""

    async def take(self, name: str, owner: str, over: Lease | None = None) -> Lease | None:
        """
        Take a lease that nobody holds, or that of a holder who is gone.

        Args:
            over: The gone holder's lease, as `lease` has just returned it.

        Gives `None` when somebody else was faster, or the holder has renewed it meanwhile.
        """

    async def renew(self, lease: Lease) -> Lease:
        """Say that the holder lives, and return the lease as it stands; `LeaseLost` if not."""

    async def release(self, lease: Lease) -> None:
        """Give a lease back; one that was lost is no error."""

    async def aclose(self) -> None:
        """Flush and let go of everything; closing twice is harmless."""


#: How keys begin that mjflow made up itself: no caller can ever ask for them again.
ANONYMOUS = "~"
#: How the keys of a run begin, before its name and a slash.
OF_A_RUN = "@"

#: After these nothing is left of an attempt at the server, or a person took the risk.
_OVER = frozenset({Event.REJECTED, Event.REFUSED, Event.WITHDRAWN, Event.ABSENT, Event.FORCED})

#: After these the same request goes out once more, as the next attempt.
_AGAIN = frozenset({Event.REJECTED, Event.WITHDRAWN})

#: After these there is a task at the server, whatever late no comes behind them.
_EXISTS = frozenset({Event.ACCEPTED, Event.DIALOG, Event.FOUND})

#: From these on an answer to a dialog is out, and up to these: a definite no, or a person's word.
_ANSWERED = frozenset({Event.ANSWER_INTENT, Event.ANSWER_ACCEPTED})
_UNANSWERED = frozenset({Event.ANSWER_REJECTED, Event.ANSWER_REFUSED})
_GIVEN_UP = frozenset({Event.ANSWER_ABSENT, Event.ANSWER_FORCED})

#: The server's last words.
_ENDED = frozenset({Event.SUCCEEDED, Event.FAILED, Event.CANCELLED})


def is_over(attempt: Attempt) -> bool:
    """Tell whether another attempt may follow: nothing paid is left of this one."""
    return leaves_nothing([note.event for note in attempt.notes])


def is_open(attempt: Attempt) -> bool:
    """Tell whether something is still to come of an attempt: its task may run, or wait for us."""
    return leaves_open([note.event for note in attempt.notes])


def leaves_nothing(events: Sequence[Event]) -> bool:
    """Tell from an attempt's events, oldest first, what `is_over` tells."""
    return bool(events) and events[-1] in _OVER and _EXISTS.isdisjoint(events)


def leaves_open(events: Sequence[Event]) -> bool:
    """Tell from an attempt's events, oldest first, what `is_open` tells."""
    return not leaves_nothing(events) and _ENDED.isdisjoint(events)


def is_repeated(events: Sequence[Event]) -> bool:
    """
    Tell from a superseded attempt's events whether its payload is of no use beside the next one's.

    A store lets go of it: a request with pictures that is turned away a hundred times must not
    fill the disk.
    """
    return leaves_nothing(events) and events[-1] in _AGAIN


def may_follow(number: int, before: int, last: Sequence[Event]) -> bool:
    """
    Tell whether an attempt may be written: the next in number, and the last one is over.

    Args:
        before: How many attempts of its key there are.
        last: Events of the last of them.
    """
    return number == before + 1 and (not before or leaves_nothing(last))


def may_answer(events: Sequence[Event]) -> bool:
    """
    Tell from an attempt's events, oldest first, whether its dialog may be answered.

    It may while no answer is out.  A person's word comes too late for one that was accepted.
    """
    last = None
    for event in events:
        late = event in _GIVEN_UP and last is Event.ANSWER_ACCEPTED
        if event in _ANSWERED | _UNANSWERED | _GIVEN_UP and not late:
            last = event
    return last not in _ANSWERED and _ENDED.isdisjoint(events)


def prefix_of_run(name: str) -> str:
    """Return what the keys of all that belongs to a run begin with."""
    return f"{OF_A_RUN}{name}/"


def lease_of_run(namespace: str, name: str) -> str:
    """Name the lease of a run."""
    return f"run/{namespace}/{name}"
