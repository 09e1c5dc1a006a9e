"""A journal's file: made for its owner's eyes only, looked through, and opened."""

from __future__ import annotations

import errno
import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from mjflow.journal import schema
from mjflow.journal.troubles import PATIENCE, explained, gone, unfit

#: Seconds between two tries to have a file that others are about to open.
_STEP = 0.01
#: Bytes of the file beside the journal that are kept for its next use.
_WAL = 64 * 2**20

_SETTINGS = (
    # What a commit has returned from survives a power cut; on a Mac only so.
    "PRAGMA synchronous = FULL",
    "PRAGMA fullfsync = ON",
    "PRAGMA checkpoint_fullfsync = ON",
    "PRAGMA foreign_keys = ON",
    "PRAGMA trusted_schema = OFF",
    f"PRAGMA journal_size_limit = {_WAL}",
)


def open_to_write(path: Path) -> sqlite3.Connection:
    """
    Open a journal's file, made or brought to this version where it has to be.

    Raises:
        CannotWrite: It cannot be made, opened or written.
        JournalUnusable: It is no journal, broken, or of a later version; it was not changed.
    """
    try:
        _make(path)
        return _connected(path, _prepare)
    except (sqlite3.Error, OSError) as error:
        raise explained(error, path) from error


def open_to_read(path: Path) -> sqlite3.Connection:
    """
    Open a journal's file that was opened to be written before.

    Raises:
        CannotWrite, JournalUnusable: It cannot be opened.
    """
    try:
        return _connected(path, _only_read)
    except sqlite3.Error as error:
        raise explained(error, path) from error


def watch(path: Path) -> Callable[[], None]:
    """Return a check that raises `JournalUnusable` once the file is not there any more."""
    known = _identity(path)

    def check() -> None:
        if _identity(path) != known:
            raise gone(path)

    return check


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _make(path: Path) -> None:
    """Make a file and its folder for the owner alone: a journal holds prompts."""
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "it is a folder")
    _make_folder(path.parent)
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _make_folder(folder: Path) -> None:
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    with suppress(FileExistsError):
        folder.mkdir(0o700)


def _connected(
    path: Path, prepare: Callable[[sqlite3.Connection, Path], None]
) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)
    try:
        for setting in _SETTINGS:
            connection.execute(setting)
        prepare(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    if schema.identify(connection, path):
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    _keep_a_wal(connection, path)
    schema.migrate(connection)


def _only_read(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("PRAGMA query_only = ON")


def _keep_a_wal(connection: sqlite3.Connection, path: Path) -> None:
    """Let readers and a writer work side by side, here and in other processes."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
        except sqlite3.OperationalError as error:
            # SQLite itself does not wait here when another process opens the file, too.
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(_STEP)
            continue
        if mode != "wal":
            raise unfit(path)
        return
