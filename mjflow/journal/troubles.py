"""What SQLite complains of, in words of ours."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from mjflow.errors import CannotWrite, JournalUnusable, MjflowError

#: Seconds that another process may keep the file locked.
PATIENCE = 60.0

_ROOM = (
    "Make room on its disk, or use another file (journal=, MJFLOW_JOURNAL); "
    "finished tasks keep their pictures at the server."
)
_PLACE = "Choose another place for it (journal=, MJFLOW_JOURNAL), or mend its permissions."
_OTHER = "See which other program holds it open, and end that one."
_BACKUP = (
    "Nothing in it was changed. Put a backup in its place, or set it aside and begin a new one; "
    "what it knew to be paid is not known to a new one."
)

_UNWRITABLE = {
    sqlite3.SQLITE_FULL: ("the disk is full", _ROOM),
    sqlite3.SQLITE_IOERR: ("the disk fails, or takes no more", _ROOM),
    sqlite3.SQLITE_TOOBIG: ("what is to be written is too large", None),
    sqlite3.SQLITE_READONLY: ("it is read-only", _PLACE),
    sqlite3.SQLITE_CANTOPEN: ("it cannot be opened or made", _PLACE),
    sqlite3.SQLITE_PERM: ("permission denied", _PLACE),
    sqlite3.SQLITE_AUTH: ("permission denied", _PLACE),
    sqlite3.SQLITE_BUSY: (f"another process has held it for {PATIENCE:g} s", _OTHER),
    sqlite3.SQLITE_LOCKED: (f"another process has held it for {PATIENCE:g} s", _OTHER),
}


def explained(error: sqlite3.Error | OSError, path: Path) -> MjflowError:
    """Turn what the disk or SQLite complains of into an error that says what to do."""
    if isinstance(error, OSError):
        return CannotWrite(f"the journal {_shown(path)}: {error.strerror or error}", advice=_PLACE)
    code = getattr(error, "sqlite_errorcode", None)
    reason, advice = _UNWRITABLE.get((code or 0) & 0xFF, ("", None))
    if isinstance(error, sqlite3.DataError) or reason:
        told = reason or "what is to be written is too large"
        return CannotWrite(f"the journal {_shown(path)}: {told} ({error})", advice=advice or _ROOM)
    if (code or 0) & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return broken(path, f"it is no whole SQLite file ({error})")
    return broken(path, f"its tables are not as they should be ({error})")


def broken(path: Path, what: str) -> JournalUnusable:
    """Say that a file is damaged."""
    return JournalUnusable(f"the journal {_shown(path)} cannot be used: {what}", advice=_BACKUP)


def foreign(path: Path) -> JournalUnusable:
    """Say that a file is somebody else's."""
    return JournalUnusable(f"{_shown(path)} is no journal of mjflow's, but some other database")


def newer(path: Path, theirs: int, ours: int) -> JournalUnusable:
    """Say that a file was written by a later version."""
    return JournalUnusable(
        f"the journal {_shown(path)} was written by a later mjflow: its format is version "
        f"{theirs}, and this one reads up to version {ours}",
        advice="Nothing in it was changed. Update mjflow, or use another journal.",
    )


def unfit(path: Path) -> CannotWrite:
    """Say that a disk is of the wrong kind."""
    return CannotWrite(
        f"the journal {_shown(path)}: this disk lets no two programs work on one file",
        advice="Choose a place on a disk of this machine: network disks will not do.",
    )


def gone(path: Path) -> JournalUnusable:
    """Say that a file was taken away under our feet."""
    return JournalUnusable(
        f"the journal {_shown(path)} was moved, deleted or replaced while it was in use",
        advice=(
            "Nothing more is submitted, as it could not be written down. Put it back, with its "
            "-wal file if there is one, and start again."
        ),
    )


def _shown(path: Path) -> str:
    return repr(str(path))
