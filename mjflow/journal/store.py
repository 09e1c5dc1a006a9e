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
class Intent:
    """One request about to leave; unique by (namespace, key, attempt)."""

    #: Base URL, account label and run name: what the key is unique in.
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


@frozen(kw_only=True)
class Note:
    """What became of an attempt: an event of the automaton, with its data."""

    event: Event
    payload: bytes = field(default=b"", repr=False)
    written_at: datetime


@frozen(kw_only=True)
class SavedPicture:
    """A picture that was saved whole."""

    task_id: str
    path: str
    #: Bytes.
    size: int
    sha256: str


@define
class Attempt:
    """An intent and all that is known to have come of it."""

    intent: Intent
    notes: list[Note] = Factory(list)


class AttemptExists(Exception):
    """Somebody wrote this attempt before, or the one before it is still open."""


class Store(Protocol):
    """
    The journal's contract; what a method has returned from is on disk, where there is a disk.

    Raises of every method: `CannotWrite` when the disk is full or read-only.
    """

    async def intend(self, intent: Intent) -> None:
        """Write an intent; `AttemptExists` when `may_follow` says no to it."""

    async def note(self, token: str, note: Note) -> None:
        """Write what became of the attempt with this token; one it does not know is no error."""

    async def attempts(self, namespace: str, key: str) -> Sequence[Attempt]:
        """Return all attempts of a key as they are now, oldest first."""

    async def open(self, namespace: str) -> Sequence[Attempt]:
        """Return the attempts of all keys for which `is_open` holds now, oldest first."""

    async def saved(self, saved: SavedPicture) -> None:
        """Write that a picture is safely on disk."""

    async def aclose(self) -> None:
        """Flush and let go of everything; closing twice is harmless."""


#: How keys begin that mjflow made up itself: no caller can ever ask for them again.
ANONYMOUS = "~"

#: After these nothing is left of an attempt at the server, or a person took the risk.
_OVER = frozenset({Event.REJECTED, Event.REFUSED, Event.WITHDRAWN, Event.ABSENT, Event.FORCED})

#: After these there is a task at the server, whatever late no comes behind them.
_EXISTS = frozenset({Event.ACCEPTED, Event.DIALOG, Event.FOUND})

#: The server's last words.
_ENDED = frozenset({Event.SUCCEEDED, Event.FAILED, Event.CANCELLED})


def is_over(attempt: Attempt) -> bool:
    """Tell whether another attempt may follow: nothing paid is left of this one."""
    events = [note.event for note in attempt.notes]
    return bool(events) and events[-1] in _OVER and _EXISTS.isdisjoint(events)


def is_open(attempt: Attempt) -> bool:
    """Tell whether something is still to come of an attempt: its task may run, or wait for us."""
    return not is_over(attempt) and _ENDED.isdisjoint(note.event for note in attempt.notes)


def may_follow(intent: Intent, before: Sequence[Attempt]) -> bool:
    """Tell whether an intent may be written: the next in number, and the last one is over."""
    if intent.attempt != len(before) + 1:
        return False
    return not before or is_over(before[-1])
