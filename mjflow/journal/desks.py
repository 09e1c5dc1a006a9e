"""The two desks of a journal's file, open as long as anybody needs them."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

from mjflow.errors import InvalidInput, MjflowError
from mjflow.journal.desk import Desk
from mjflow.journal.files import open_to_read, open_to_write, watch
from mjflow.journal.transactions import Transactions
from mjflow.journal.troubles import explained


class Desks:
    """One that writes and one that reads, so that no reader holds up a writer."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._users = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._turn = asyncio.Lock()
        self.writer = Desk(self._to_write)
        self.reader = Desk(self._to_read)

    async def start(self) -> None:
        """
        Open both, for one user more.

        Raises:
            CannotWrite, JournalUnusable: The file cannot be opened.
            InvalidInput: It is open in another event loop.
        """
        self._settle_in()
        async with self._turn:
            if not self._users:
                await self._open()
            self._users += 1

    async def aclose(self) -> None:
        """Close both, if this was the last user; closing twice is harmless."""
        async with self._turn:
            self._users = max(0, self._users - 1)
            if not self._users:
                await self.reader.close()
                await self.writer.close()

    async def _open(self) -> None:
        await self.writer.open()
        try:
            await self.reader.open()
        except BaseException:
            await self.writer.close()
            raise

    def _settle_in(self) -> None:
        """Move to another event loop, unless the one before it is still at work here."""
        loop = asyncio.get_running_loop()
        if loop is self._loop:
            return
        if self._loop is not None and self._users and not self._loop.is_closed():
            raise InvalidInput(
                f"the journal {str(self._path)!r} is open in another event loop",
                advice="Give each of them a store of its own: they may share the file.",
            )
        self._loop, self._users = loop, 0
        self._begin_anew()

    def _to_write(self) -> Transactions:
        connection = open_to_write(self._path)
        return Transactions(connection, "BEGIN IMMEDIATE", self._explained, watch(self._path))

    def _to_read(self) -> Transactions:
        connection = open_to_read(self._path)
        return Transactions(connection, "BEGIN", self._explained, lambda: None)

    def _explained(self, error: sqlite3.Error) -> MjflowError:
        return explained(error, self._path)
