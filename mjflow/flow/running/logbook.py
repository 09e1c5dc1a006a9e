"""One run's pages in a journal: its header, what its items have come to, what it has decided."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from attrs import define, field

from mjflow.engine.pasts import outcome_of
from mjflow.engine.threads import in_thread
from mjflow.errors import MjflowError
from mjflow.flow.machine.commands import (
    Command,
    Cut,
    Ended,
    Event,
    File,
    Pick,
    Picked,
    Save,
    Stored,
    Submit,
)
from mjflow.flow.running.fates import ending
from mjflow.journal.store import Attempt, Lease, Mark, RunHeader, Store, is_open, prefix_of_run

#: Of a choice: key of the submit and which of its tasks, of each that goes on.
_Chosen = list[tuple[str, int]]


class _Mark(msgspec.Struct, omit_defaults=True):
    """What a mark says: files that are on disk, or who was chosen."""

    #: Path below the output folder, bytes, and SHA-256.
    files: list[tuple[str, int, str]] | None = None
    chosen: _Chosen | None = None


@define
class Past:
    """What earlier lives of a run have left of one item."""

    #: By key within the item, oldest first.
    attempts: Mapping[str, Sequence[Attempt]] = field(factory=dict)
    _marks: Mapping[str, _Mark] = field(factory=dict)
    #: Keys of marks whose files are all there.
    _whole: frozenset[str] = frozenset()
    _out: Path = Path()

    @property
    def keys(self) -> Container[str]:
        """The keys of all commands that were begun, as far as the journal tells."""
        return {*self.attempts, *self._marks}

    def event(self, command: Command) -> Event | None:
        """Return how a command has ended; `None` where it has not, or has to be done again."""
        match command:
            case Submit(key=key):
                return self._ended(key)
            case Save(key=key) | Cut(key=key) if key in self._whole:
                return Stored(
                    tuple(_file(self._out, *told) for told in self._marks[key].files or ())
                )
            case Pick(key=key) if (mark := self._marks.get(key)) is not None:
                return _picked(command, mark.chosen or [])
            case _:
                return None

    def is_open(self, key: str) -> bool:
        """Tell whether a submit was sent, and nobody knows yet what becomes of it."""
        attempts = self.attempts.get(key, ())
        return bool(attempts) and is_open(attempts[-1])

    def _ended(self, key: str) -> Event | None:
        attempts = self.attempts.get(key)
        outcome = outcome_of(attempts[-1]) if attempts else None
        if isinstance(outcome, MjflowError):
            return ending(outcome)
        return None if outcome is None else Ended((outcome,))


class Pages:
    """
    One run's pages in a journal.

    Args:
        lease: Under which they are written; `None` for whoever only reads.  Writing raises
            `LeaseLost` once somebody else is at work on the run.
    """

    def __init__(self, store: Store, namespace: str, run: str, lease: Lease | None = None) -> None:
        self._store = store
        self._namespace = namespace
        self._run = run
        self._lease = lease
        #: What the keys of all that belongs to the run begin with.
        self.prefix = prefix_of_run(run)

    async def header(self) -> bytes | None:
        """Read what the run began with; `None` if it never has."""
        found = await self._store.run(self._namespace, self._run)
        return found.payload if found else None

    async def begin(self, payload: bytes) -> None:
        """Write what the run begins with."""
        await self._store.begin(
            RunHeader(
                namespace=self._namespace,
                name=self._run,
                payload=payload,
                written_at=datetime.now(UTC),
                lease=self._lease,
            )
        )

    async def open(self) -> list[str]:
        """Return the keys of which something is at the server, or may be."""
        attempts = await self._store.open(self._namespace)
        keys = (attempt.intent.key for attempt in attempts)
        return [key for key in keys if key.startswith(self.prefix)]

    async def attempts(self, prefix: str) -> Sequence[Attempt]:
        """Read all attempts of keys that begin so."""
        return await self._store.history(self._namespace, prefix)

    async def marks(self, prefix: str) -> Sequence[Mark]:
        """Read all marks of keys that begin so."""
        return await self._store.marks(self._namespace, prefix)

    async def mark(self, key: str, payload: bytes) -> None:
        """Write a mark."""
        mark = Mark(
            namespace=self._namespace,
            key=key,
            payload=payload,
            written_at=datetime.now(UTC),
            lease=self._lease,
        )
        await self._store.mark(mark)


class Logbook:
    """
    What a run's items have come to, and what was decided about them.

    Args:
        out: The output folder: what a mark says of files is relative to it.
    """

    def __init__(self, pages: Pages, out: Path) -> None:
        self._pages = pages
        #: Where the pictures go.
        self.out = out

    def key(self, item: str, key: str = "") -> str:
        """Return the journal's key for one within an item."""
        return f"{self._pages.prefix}{item}/{key}"

    async def open_items(self) -> set[str]:
        """Return the keys of the items of which something is at the server, or may be."""
        start = len(self._pages.prefix)
        return {key[start:].partition("/")[0] for key in await self._pages.open()}

    async def past(self, item: str) -> Past:
        """Read what earlier lives have left of an item."""
        prefix = self.key(item)
        attempts: dict[str, list[Attempt]] = {}
        for attempt in await self._pages.attempts(prefix):
            attempts.setdefault(attempt.intent.key[len(prefix) :], []).append(attempt)
        if not attempts:
            return Past()
        marks = {
            mark.key[len(prefix) :]: msgspec.json.decode(mark.payload, type=_Mark)
            for mark in await self._pages.marks(prefix)
        }
        whole = await in_thread(_whole, marks, self.out) if marks else frozenset[str]()
        return Past(attempts, marks, whole, self.out)

    async def attempts(self, item: str) -> Sequence[Attempt]:
        """Read all attempts of an item."""
        return await self._pages.attempts(self.key(item))

    async def stored(self, item: str, key: str, files: Sequence[File]) -> None:
        """Write that pictures are on disk."""
        told = [(_below(self.out, file.path), file.size, file.sha256) for file in files]
        await self._mark(item, key, _Mark(files=told))

    async def picked(self, item: str, pick: Pick, places: Sequence[int]) -> None:
        """Write who was chosen."""
        chosen = [(pick.candidates[place].key, pick.candidates[place].place) for place in places]
        await self._mark(item, pick.key, _Mark(chosen=chosen))

    async def _mark(self, item: str, key: str, mark: _Mark) -> None:
        await self._pages.mark(self.key(item, key), msgspec.json.encode(mark))


def _whole(marks: Mapping[str, _Mark], out: Path) -> frozenset[str]:
    """Find the marks whose files are all there, in their size; blocking."""
    return frozenset(
        key
        for key, mark in marks.items()
        if mark.files is not None
        and all(_is_there(out / path, size) for path, size, _ in mark.files)
    )


def _is_there(path: Path, size: int) -> bool:
    try:
        return path.is_file() and path.stat().st_size == size
    except OSError:
        return False


def _file(out: Path, path: str, size: int, sha256: str) -> File:
    return File(str(out / path), size, sha256)


def _below(out: Path, path: str) -> str:
    return Path(path).relative_to(out).as_posix()


def _picked(pick: Pick, chosen: _Chosen) -> Picked | None:
    """Find those again that were chosen; `None` if one of them is no candidate any more."""
    places = {(one.key, one.place): place for place, one in enumerate(pick.candidates)}
    found = [places.get(one) for one in chosen]
    return None if None in found else Picked(tuple(place for place in found if place is not None))
