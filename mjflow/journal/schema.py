"""The tables of a journal's file, and the way from every earlier version to this one."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from mjflow.journal.troubles import broken, foreign, newer

#: What tells our files from other SQLite files: "mjfl".
APPLICATION = 0x6D6A666C

#: What makes each version out of the one before it.  Only ever add to this.  Payloads stand last:
#: they may be large, and what stands behind them is found only by reading through them.
STEPS: tuple[tuple[str, ...], ...] = (
    # 1: attempts and what became of them
    (
        """
        CREATE TABLE attempts (
            id INTEGER PRIMARY KEY,
            namespace TEXT NOT NULL,
            key TEXT NOT NULL,
            attempt INTEGER NOT NULL,
            token TEXT NOT NULL UNIQUE,
            digest TEXT NOT NULL,
            written_at TEXT NOT NULL,
            payload BLOB NOT NULL,
            UNIQUE (namespace, key, attempt)
        )
        """,
        """
        CREATE TABLE notes (
            id INTEGER PRIMARY KEY,
            attempt_id INTEGER NOT NULL REFERENCES attempts ON DELETE CASCADE,
            event TEXT NOT NULL,
            written_at TEXT NOT NULL,
            payload BLOB NOT NULL
        )
        """,
        "CREATE INDEX notes_of_attempts ON notes (attempt_id)",
        # Those of which something is still to come: to find them without reading all.
        """
        CREATE TABLE open_attempts (
            attempt_id INTEGER PRIMARY KEY REFERENCES attempts ON DELETE CASCADE
        )
        """,
        """
        CREATE TABLE pictures (
            id INTEGER PRIMARY KEY,
            task_id TEXT NOT NULL,
            path TEXT NOT NULL,
            size INTEGER NOT NULL,
            sha256 TEXT NOT NULL,
            written_at TEXT NOT NULL,
            UNIQUE (task_id, path, sha256)
        )
        """,
    ),
    # 2: runs of flows, and who holds them
    (
        """
        CREATE TABLE runs (
            id INTEGER PRIMARY KEY,
            namespace TEXT NOT NULL,
            name TEXT NOT NULL,
            written_at TEXT NOT NULL,
            payload BLOB NOT NULL,
            UNIQUE (namespace, name)
        )
        """,
        """
        CREATE TABLE marks (
            id INTEGER PRIMARY KEY,
            namespace TEXT NOT NULL,
            key TEXT NOT NULL,
            written_at TEXT NOT NULL,
            payload BLOB NOT NULL,
            UNIQUE (namespace, key)
        )
        """,
        # Without an owner: given back, and kept for the sake of its epoch.
        """
        CREATE TABLE leases (
            name TEXT PRIMARY KEY,
            owner TEXT,
            epoch INTEGER NOT NULL,
            beat INTEGER NOT NULL
        )
        """,
    ),
)
VERSION = len(STEPS)


def identify(connection: sqlite3.Connection, path: Path) -> bool:
    """
    Make sure that a file is ours, whole and not of a later version; tell whether it is new.

    Only reads.

    Raises:
        JournalUnusable: It is not.
        sqlite3.Error: It is no SQLite file, or cannot be read.
    """
    connection.execute("BEGIN")  # all at one moment: another process may be making it just now
    try:
        return _is_new(connection, path)
    finally:
        _roll_back(connection)


def _is_new(connection: sqlite3.Connection, path: Path) -> bool:
    if not _pragma(connection, "page_count"):
        return True
    application, version = _pragma(connection, "application_id"), version_of(connection)
    has_tables = connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is not None
    if application == 0 and version == 0 and not has_tables:
        return True  # whoever made it was interrupted
    if application != APPLICATION:
        raise foreign(path)
    if version > VERSION:
        raise newer(path, version, VERSION)
    _check_whole(connection, path)
    return False


def _check_whole(connection: sqlite3.Connection, path: Path) -> None:
    (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        raise broken(path, f"it is damaged ({found})")
    # A last page that is cut SQLite fills up with zeros, and finds nothing wrong with some.
    if path.stat().st_size % _pragma(connection, "page_size") and not _has_wal(path):
        raise broken(path, "its end is missing")


def _has_wal(path: Path) -> bool:
    """Tell whether there are writes that are not in the file itself: it may end anywhere then."""
    wal = path.with_name(f"{path.name}-wal")
    return wal.exists() and wal.stat().st_size > 0


def migrate(connection: sqlite3.Connection) -> None:
    """Bring a file to this version, wholly or not at all; another process may do so first."""
    if version_of(connection) >= VERSION:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        for step in STEPS[version_of(connection) :]:
            for statement in step:
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        _roll_back(connection)
        raise


def _roll_back(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:
        connection.execute("ROLLBACK")


def version_of(connection: sqlite3.Connection) -> int:
    """Return which version a file is of; 0 for one without tables."""
    return _pragma(connection, "user_version")


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    (value,) = connection.execute(f"PRAGMA {name}").fetchone()
    return int(value)
