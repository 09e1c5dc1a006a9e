"""A journal in memory: it keeps its promises until the process ends, and not a moment longer."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TypeVar

from attrs import evolve

from mjflow.fsm.events import Event
from mjflow.journal.shelf import Shelf
from mjflow.journal.store import (
    ANONYMOUS,
    Attempt,
    AttemptExists,
    Intent,
    Lease,
    LeaseLost,
    Mark,
    Note,
    RunHeader,
    SavedPicture,
    is_open,
    is_repeated,
    may_answer,
    may_follow,
)

T = TypeVar("T", Intent, Note, RunHeader, Mark)

#: After these nobody will ask for a key that no caller knows.
_ENDINGS = frozenset(
    {
        Event.SUCCEEDED,
        Event.FAILED,
        Event.CANCELLED,
        Event.REFUSED,
        Event.WITHDRAWN,
        Event.ABSENT,
    }
)


class MemoryStore:
    """
    The journal for single calls and tests.

    Give the same instance to several clients, one after the other, to let a key mean the same
    task in all of them.  Attempts without a key of the caller's are dropped when they end, so
    that a long batch does not fill memory with what nobody can ask for.
    """

    def __init__(self) -> None:
        self._attempts = Shelf[Attempt]()
        self._by_token: dict[str, Attempt] = {}
        self._runs: dict[tuple[str, str], RunHeader] = {}
        self._marks = Shelf[Mark]()
        #: Also those given back: the next holder has the next epoch.
        self._leases: dict[str, Lease] = {}
        self._held: set[str] = set()
        #: Pictures saved, oldest first.
        self.pictures: list[SavedPicture] = []

    def __repr__(self) -> str:
        return f"<MemoryStore: {len(self._by_token)} attempts>"

    async def start(self) -> None:
        """Do nothing: it is ready as it is."""

    # --- attempts -------------------------------------------------------------------------

    async def intend(self, intent: Intent) -> None:
        """Keep an intent; `AttemptExists` when it may not follow what is there."""
        self._check(intent.lease)
        before = self._attempts.get(intent.namespace, intent.key)
        last = [note.event for note in before[-1].notes] if before else []
        if not may_follow(intent.attempt, len(before), last):
            raise AttemptExists(f"{intent.key!r}, attempt {intent.attempt}")
        attempt = Attempt(_kept(intent))
        self._attempts.add(intent.namespace, intent.key, attempt)
        self._by_token[intent.token] = attempt
        if before and is_repeated(last):
            before[-1].intent = evolve(before[-1].intent, payload=b"")

    async def note(self, token: str, note: Note) -> None:
        """Keep what became of an attempt; an answer that may not leave is refused."""
        self._check(note.lease)
        attempt = self._by_token.get(token)
        if attempt is None:
            return  # dropped when it ended: late evidence of it moves nobody any more
        if note.event is Event.ANSWER_INTENT and not may_answer(
            [one.event for one in attempt.notes]
        ):
            raise AttemptExists(f"{attempt.intent.key!r}, its answer")
        attempt.notes.append(_kept(note))
        if note.event in _ENDINGS and attempt.intent.key.startswith(ANONYMOUS):
            self._drop(attempt.intent)

    async def attempts(self, namespace: str, key: str) -> Sequence[Attempt]:
        """Return all attempts of a key, oldest first."""
        return tuple(map(_copy, self._attempts.get(namespace, key)))

    async def open(self, namespace: str) -> Sequence[Attempt]:
        """Return the attempts of which something is still to come, oldest first."""
        return tuple(map(_copy, filter(is_open, self._attempts.beginning(namespace))))

    async def history(self, namespace: str, prefix: str) -> Sequence[Attempt]:
        """Return all attempts of the keys that begin so, oldest first."""
        return tuple(map(_copy, self._attempts.beginning(namespace, prefix)))

    def _drop(self, intent: Intent) -> None:
        for attempt in self._attempts.drop(intent.namespace, intent.key):
            del self._by_token[attempt.intent.token]

    async def saved(self, saved: SavedPicture) -> None:
        """Keep that a picture is on disk."""
        self.pictures.append(saved)

    # --- runs -----------------------------------------------------------------------------

    async def begin(self, header: RunHeader) -> None:
        """Keep a run's header, in place of an older one of the same name."""
        self._check(header.lease)
        self._runs.pop((header.namespace, header.name), None)
        self._runs[header.namespace, header.name] = _kept(header)

    async def run(self, namespace: str, name: str) -> RunHeader | None:
        """Return a run's header."""
        return self._runs.get((namespace, name))

    async def runs(self) -> Sequence[RunHeader]:
        """Return the headers of all runs, oldest first."""
        return tuple(self._runs.values())

    async def mark(self, mark: Mark) -> None:
        """Keep a mark, in place of an older one of the same key."""
        self._check(mark.lease)
        self._marks.drop(mark.namespace, mark.key)
        self._marks.add(mark.namespace, mark.key, _kept(mark))

    async def marks(self, namespace: str, prefix: str) -> Sequence[Mark]:
        """Return the marks whose keys begin so, oldest first."""
        return tuple(self._marks.beginning(namespace, prefix))

    # --- leases ---------------------------------------------------------------------------

    async def lease(self, name: str) -> Lease | None:
        """Return the lease of this name as it stands; `None` when nobody holds it."""
        return self._leases[name] if name in self._held else None

    async def take(self, name: str, owner: str, over: Lease | None = None) -> Lease | None:
        """Take a lease that nobody holds, or that of a holder who is gone."""
        if await self.lease(name) not in (None, over):
            return None
        former = self._leases.get(name)
        epoch = former.epoch + 1 if former else 1
        lease = self._leases[name] = Lease(name=name, owner=owner, epoch=epoch)
        self._held.add(name)
        return lease

    async def renew(self, lease: Lease) -> Lease:
        """Say that the holder lives; `LeaseLost` if it is the holder no more."""
        held = self._held_by(lease)
        renewed = self._leases[lease.name] = evolve(held, beat=held.beat + 1)
        return renewed

    async def release(self, lease: Lease) -> None:
        """Give a lease back; one that was lost is no error."""
        with suppress(LeaseLost):
            self._held_by(lease)
            self._held.remove(lease.name)

    def _check(self, lease: Lease | None) -> None:
        if lease is not None:
            self._held_by(lease)

    def _held_by(self, lease: Lease) -> Lease:
        held = self._leases.get(lease.name)
        if held is None or lease.name not in self._held or held.epoch != lease.epoch:
            raise LeaseLost(lease.name)
        return held

    async def aclose(self) -> None:
        """Do nothing: there is nothing to let go of."""


def _kept(thing: T) -> T:
    """Return what is kept of something written: all but the lease it was written under."""
    return thing if thing.lease is None else evolve(thing, lease=None)


def _copy(attempt: Attempt) -> Attempt:
    return Attempt(attempt.intent, list(attempt.notes))
