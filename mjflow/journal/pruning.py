"""
What a journal may forget: everything here runs in a transaction.

A key is forgotten with all its attempts, or not at all: whoever asks for it later asks for a new
task.  So it is kept while anything that was asked for below it (`key/U1`) is open or young, and
the keys of a run are kept as long as its header, with which they go.  A run that somebody holds
is being worked on; so counts one whose process was killed, until it has been gone on with.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from functools import partial

from attrs import frozen

from mjflow.journal import leases
from mjflow.journal.attempts import Which, beginning, of_key
from mjflow.journal.store import OF_A_RUN, lease_of_run, prefix_of_run

#: Keys that are forgotten in one transaction; a server's reply may be waiting for its end.
MOST = 200
#: Pages of the file that are given back to the disk in one transaction.
_PAGES = 1000

#: A server, and a key or a run's name.
Place = tuple[str, str]
#: What is done to rows that are to be forgotten: `delete` or `count`.
Forget = Callable[[sqlite3.Connection, str, Which], int]


@frozen(kw_only=True)
class Pruned:
    """How much was forgotten."""

    attempts: int = 0
    runs: int = 0
    marks: int = 0
    pictures: int = 0

    def __add__(self, other: Pruned) -> Pruned:
        return Pruned(
            attempts=self.attempts + other.attempts,
            runs=self.runs + other.runs,
            marks=self.marks + other.marks,
            pictures=self.pictures + other.pictures,
        )


def works(connection: sqlite3.Connection, before: str) -> Sequence[Callable[..., Pruned]]:
    """List what is to be done, a transaction each; every one wants `forget`, too."""
    runs = connection.execute("SELECT namespace, name FROM runs").fetchall()
    keys = connection.execute(
        "SELECT DISTINCT namespace, key FROM attempts WHERE written_at < ?", (before,)
    ).fetchall()
    some = [keys[start : start + MOST] for start in range(0, len(keys), MOST)]
    return [
        *(partial(forget_run, run=run, before=before) for run in runs),
        *(partial(forget_keys, places=places, before=before) for places in some),
        partial(forget_pictures, before=before),
    ]


def delete(connection: sqlite3.Connection, table: str, which: Which) -> int:
    """Delete rows; return how many there were."""
    return connection.execute(f"DELETE FROM {table} WHERE {which.condition}", which.values).rowcount


def count(connection: sqlite3.Connection, table: str, which: Which) -> int:
    """Only tell how many rows would be deleted."""
    (found,) = connection.execute(
        f"SELECT count(*) FROM {table} WHERE {which.condition}", which.values
    ).fetchone()
    return int(found)


def forget_keys(
    connection: sqlite3.Connection, places: Sequence[Place], before: str, forget: Forget
) -> Pruned:
    """Forget those of these keys that ended before that time, with all that is below them."""
    forgotten = 0
    for namespace, key in places:
        itself, below = of_key(namespace, key), beginning(namespace, f"{key}/")
        needed = any(_are_needed(connection, which, before) for which in (itself, below))
        if not needed and not _is_of_a_run(connection, namespace, key):
            forgotten += forget(connection, "attempts", itself)
    return Pruned(attempts=forgotten)


def forget_run(connection: sqlite3.Connection, run: Place, before: str, forget: Forget) -> Pruned:
    """Forget a run with all that belongs to it, if nobody holds it, and it has ended by then."""
    header = Which("namespace = ? AND name = ?", run)
    all_of_it = beginning(run[0], prefix_of_run(run[1]))
    if (
        leases.held(connection, lease_of_run(*run)) is not None
        or _is_young(connection, "runs", header, before)
        or _is_young(connection, "marks", all_of_it, before)
        or _are_needed(connection, all_of_it, before)
    ):
        return Pruned()
    return Pruned(
        runs=forget(connection, "runs", header),
        marks=forget(connection, "marks", all_of_it),
        attempts=forget(connection, "attempts", all_of_it),
    )


def forget_pictures(connection: sqlite3.Connection, before: str, forget: Forget) -> Pruned:
    """Forget which pictures were saved before that time; the files stay."""
    return Pruned(pictures=forget(connection, "pictures", Which("written_at < ?", (before,))))


def give_back(connection: sqlite3.Connection) -> bool:
    """Give some of the room that has become free back to the disk; tell whether there is more."""
    before = _free(connection)
    connection.execute(f"PRAGMA incremental_vacuum({_PAGES})").fetchall()
    # A file that others have made may not be able to shrink.
    return 0 < _free(connection) < before


def _free(connection: sqlite3.Connection) -> int:
    (pages,) = connection.execute("PRAGMA freelist_count").fetchone()
    return int(pages)


def _is_young(connection: sqlite3.Connection, table: str, which: Which, before: str) -> bool:
    return _any(connection, table, f"{which.condition} AND written_at >= ?", *which.values, before)


def _are_needed(connection: sqlite3.Connection, which: Which, before: str) -> bool:
    """Tell whether any of these attempts is open, or has something of late said about it."""
    late = "EXISTS (SELECT 1 FROM notes WHERE attempt_id = attempts.id AND notes.written_at >= ?)"
    is_open = "id IN (SELECT attempt_id FROM open_attempts)"
    return _any(
        connection,
        "attempts",
        f"{which.condition} AND (attempts.written_at >= ? OR {is_open} OR {late})",
        *which.values,
        before,
        before,
    )


def _is_of_a_run(connection: sqlite3.Connection, namespace: str, key: str) -> bool:
    of_it = "substr(?, 1, length(name) + 2) = ? || name || '/'"
    return _any(connection, "runs", f"namespace = ? AND {of_it}", namespace, key, OF_A_RUN)


def _any(connection: sqlite3.Connection, table: str, condition: str, *values: str) -> bool:
    found = connection.execute(f"SELECT 1 FROM {table} WHERE {condition} LIMIT 1", values)
    return found.fetchone() is not None
