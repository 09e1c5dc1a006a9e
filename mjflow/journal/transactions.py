"""Work on one connection, all in one transaction, as though each had been done alone."""

from __future__ import annotations

import copy
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, TypeVar

from attrs import frozen

from mjflow.errors import MjflowError
from mjflow.journal.store import AttemptExists, LeaseLost

T = TypeVar("T")

#: Something to be done in a transaction.
Work = Callable[[sqlite3.Connection], T]

#: A no that work gives before it has written anything: it undoes nothing of the others' work.
_NOES = (AttemptExists, LeaseLost)
#: Bugs of ours: they are told as they are.
_BUGS = (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.InterfaceError)


@frozen(eq=False)
class Transactions:
    """A connection at work; everything here blocks."""

    connection: sqlite3.Connection
    #: How a transaction begins.
    begin: str
    #: Makes an error for people of one of SQLite's.
    explain: Callable[[sqlite3.Error], MjflowError]
    #: Raises why nothing can be done just now, if that is so.
    check: Callable[[], None]

    def run(self, works: Sequence[Work[Any]]) -> list[Any]:
        """
        Do all of this, and return for each piece its value, or the exception to be raised.

        What has a value is on disk.  Work that fails for reasons of its own, such as its size,
        takes nobody with it: then each piece has a transaction of its own.
        """
        try:
            self.check()
            self.connection.execute(self.begin)
        except (sqlite3.Error, MjflowError) as error:
            return [self._told(error) for _ in works]
        try:
            answers = [self._answer(work) for work in works]
            self.connection.execute("COMMIT")
        except Exception as error:
            self._roll_back()
            if len(works) == 1:
                return [self._told(error)]
            return [answer for work in works for answer in self.run([work])]
        return answers

    def _answer(self, work: Work[Any]) -> Any:
        try:
            return work(self.connection)
        except _NOES as no:
            return no

    def _roll_back(self) -> None:
        if self.connection.in_transaction:
            with suppress(sqlite3.Error):
                self.connection.execute("ROLLBACK")

    def _told(self, error: Exception) -> Exception:
        if isinstance(error, sqlite3.Error) and not isinstance(error, _BUGS):
            told = self.explain(error)
            told.__cause__ = error
            return told
        return copy.copy(error)
