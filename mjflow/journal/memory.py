"""A journal in memory: it keeps its promises until the process ends, and not a moment longer."""

from __future__ import annotations

from collections.abc import Sequence

from mjflow.fsm.events import Event
from mjflow.journal.store import (
    ANONYMOUS,
    Attempt,
    AttemptExists,
    Intent,
    Note,
    SavedPicture,
    is_open,
    may_follow,
)

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
        self._by_key: dict[tuple[str, str], list[Attempt]] = {}
        self._by_token: dict[str, Attempt] = {}
        #: Pictures saved, oldest first.
        self.pictures: list[SavedPicture] = []

    def __repr__(self) -> str:
        return f"<MemoryStore: {len(self._by_token)} attempts>"

    async def intend(self, intent: Intent) -> None:
        """Keep an intent; `AttemptExists` when it may not follow what is there."""
        key = intent.namespace, intent.key
        before = self._by_key.get(key, [])
        if not may_follow(intent, before):
            raise AttemptExists(f"{intent.key!r}, attempt {intent.attempt}")
        attempt = Attempt(intent)
        self._by_key[key] = [*before, attempt]
        self._by_token[intent.token] = attempt

    async def note(self, token: str, note: Note) -> None:
        """Keep what became of an attempt."""
        attempt = self._by_token.get(token)
        if attempt is None:
            return  # dropped when it ended: late evidence of it moves nobody any more
        attempt.notes.append(note)
        if note.event in _ENDINGS and attempt.intent.key.startswith(ANONYMOUS):
            self._drop(attempt.intent)

    async def attempts(self, namespace: str, key: str) -> Sequence[Attempt]:
        """Return all attempts of a key, oldest first."""
        return tuple(map(_copy, self._by_key.get((namespace, key), ())))

    async def open(self, namespace: str) -> Sequence[Attempt]:
        """Return the attempts of which something is still to come, oldest first."""
        kept = self._by_token.values()
        return tuple(
            _copy(attempt)
            for attempt in kept
            if attempt.intent.namespace == namespace and is_open(attempt)
        )

    def _drop(self, intent: Intent) -> None:
        for attempt in self._by_key.pop((intent.namespace, intent.key)):
            del self._by_token[attempt.intent.token]

    async def saved(self, saved: SavedPicture) -> None:
        """Keep that a picture is on disk."""
        self.pictures.append(saved)

    async def aclose(self) -> None:
        """Do nothing: there is nothing to let go of."""


def _copy(attempt: Attempt) -> Attempt:
    return Attempt(attempt.intent, list(attempt.notes))
