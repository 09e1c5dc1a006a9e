"""A journal in a file: what it has taken is on disk, and the next process finds it there."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from mjflow.errors import InvalidInput
from mjflow.fsm.events import Event
from mjflow.journal import attempts, exporting, leases, pruning, runs
from mjflow.journal.attempts import Which
from mjflow.journal.desks import Desks
from mjflow.journal.pruning import Pruned
from mjflow.journal.store import Attempt, Intent, Lease, Mark, Note, RunHeader, SavedPicture
from mjflow.journal.times import written


class SqliteStore:
    """
    A journal in an SQLite file on a disk of this machine; several processes may share it.

    Writes that wait at the same time share one sync, replies of the server ahead of the rest, and
    none holds up the event loop.  Reads have a connection of their own, and wait for no write.
    Several clients may share a store: it stays open until the last of them has closed it.

    Args:
        path: The file; made when it is missing, with its folder, for nobody else to read.

    Raises:
        InvalidInput: The path is empty.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        name = os.fspath(path)
        if not name:
            raise InvalidInput(
                "the journal's path is empty", advice="Name a file, or leave it out."
            )
        #: Where the file is; stays so, whatever the working directory becomes.
        self.path = Path(name).expanduser().absolute()
        self._desks = Desks(self.path)

    def __repr__(self) -> str:
        return f"SqliteStore({str(self.path)!r})"

    # --- life -----------------------------------------------------------------------------

    async def start(self) -> None:
        """
        Open the file; each start wants a close of its own.

        Raises:
            CannotWrite: It cannot be made, opened or written.
            JournalUnusable: It is no journal, broken, or of a later version; it was not changed.
            InvalidInput: It is open in another thread's event loop.
        """
        await self._desks.start()

    async def aclose(self) -> None:
        """Write what waits to be written, and close the file; closing twice is harmless."""
        await self._desks.aclose()

    # --- attempts -------------------------------------------------------------------------

    async def intend(self, intent: Intent) -> None:
        """Write an intent; when this returns, it is on disk."""
        try:
            await self._desks.writer.put(partial(attempts.intend, intent=intent))
        except asyncio.CancelledError:
            # It may be on its way to the disk, and nobody will send it.
            self._withdraw(intent.token)
            raise

    def _withdraw(self, token: str) -> None:
        note = Note(event=Event.WITHDRAWN, written_at=datetime.now(UTC))
        with suppress(InvalidInput):
            self._note(token, note).cancel()

    async def note(self, token: str, note: Note) -> None:
        """Write what became of an attempt; news also if whoever waits for that is cancelled."""
        await self._note(token, note)

    def _note(self, token: str, note: Note) -> asyncio.Future[None]:
        work = partial(attempts.note, token=token, said=note)
        news = note.event is not Event.ANSWER_INTENT
        return self._desks.writer.put(work, first=True, lasting=news)

    async def attempts(self, namespace: str, key: str) -> Sequence[Attempt]:
        """Return all attempts of a key, oldest first."""
        return await self._fetch(attempts.of_key(namespace, key))

    async def open(self, namespace: str) -> Sequence[Attempt]:
        """Return the attempts of which something is still to come, oldest first."""
        return await self._fetch(attempts.still_open(namespace))

    async def history(self, namespace: str, prefix: str) -> Sequence[Attempt]:
        """Return all attempts of the keys that begin so, oldest first."""
        return await self._fetch(attempts.beginning(namespace, prefix))

    async def _fetch(self, which: Which) -> Sequence[Attempt]:
        return await self._desks.reader.put(partial(attempts.fetch, which=which))

    async def saved(self, saved: SavedPicture) -> None:
        """Write that a picture is on disk."""
        await self._desks.writer.put(partial(attempts.save, saved=saved), lasting=True)

    # --- runs -----------------------------------------------------------------------------

    async def begin(self, header: RunHeader) -> None:
        """Write a run's header, in place of an older one of the same name."""
        await self._desks.writer.put(partial(runs.begin, header=header))

    async def run(self, namespace: str, name: str) -> RunHeader | None:
        """Return a run's header."""
        return await self._desks.reader.put(partial(runs.header_of, namespace=namespace, name=name))

    async def runs(self) -> Sequence[RunHeader]:
        """Return the headers of all runs, oldest first."""
        return await self._desks.reader.put(runs.headers)

    async def mark(self, mark: Mark) -> None:
        """Write a mark, in place of an older one of the same key."""
        await self._desks.writer.put(partial(runs.mark, made=mark), lasting=True)

    async def marks(self, namespace: str, prefix: str) -> Sequence[Mark]:
        """Return the marks whose keys begin so, oldest first."""
        return await self._desks.reader.put(partial(runs.marks, namespace=namespace, prefix=prefix))

    # --- leases ---------------------------------------------------------------------------

    async def lease(self, name: str) -> Lease | None:
        """Return the lease of this name as it stands; `None` when nobody holds it."""
        return await self._desks.reader.put(partial(leases.held, name=name))

    async def take(self, name: str, owner: str, over: Lease | None = None) -> Lease | None:
        """Take a lease that nobody holds, or that of a holder who is gone."""
        return await self._desks.writer.put(partial(leases.take, name=name, owner=owner, over=over))

    async def renew(self, lease: Lease) -> Lease:
        """Say that the holder lives; `LeaseLost` if it is the holder no more."""
        return await self._desks.writer.put(partial(leases.renew, lease=lease))

    async def release(self, lease: Lease) -> None:
        """Give a lease back; one that was lost is no error."""
        await self._desks.writer.put(partial(leases.release, lease=lease), lasting=True)

    # --- the file as a whole --------------------------------------------------------------

    async def prune(self, before: datetime, *, dry_run: bool = False) -> Pruned:
        """
        Forget what ended before an instant, and make the file smaller.

        What is open or in doubt stays, and so does a run of which anything is, or was written
        since then, or that somebody holds.  A process that was killed holds its run until another
        one has gone on with it.  A key that is forgotten means a new task, paid anew, when it is
        asked for.

        Args:
            dry_run: Only tell how much that would be.

        Raises:
            InvalidInput: The instant has no time zone.
        """
        if before.tzinfo is None:
            raise InvalidInput(
                f"{before} has no time zone", advice="Give an instant such as datetime.now(UTC)."
            )
        desk, forget = self._desks.writer, pruning.delete
        if dry_run:
            desk, forget = self._desks.reader, pruning.count
        pruned = Pruned()
        for work in await self._desks.reader.put(partial(pruning.works, before=written(before))):
            pruned += await desk.put(partial(work, forget=forget))
        while not dry_run and await desk.put(pruning.give_back):
            pass
        return pruned

    async def export(self) -> AsyncIterator[dict[str, Any]]:
        """
        Yield all there is as plain values, fit for JSON: runs, attempts, marks, then pictures.

        Attempts come with all that became of them.  What is written meanwhile may be missing.
        """
        for part in exporting.PARTS:
            rows, last = await self._desks.reader.put(partial(part, after=0))
            while rows:
                for row in rows:
                    yield row
                rows, last = await self._desks.reader.put(partial(part, after=last))
