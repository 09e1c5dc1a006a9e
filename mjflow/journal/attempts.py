"""Attempts, notes and pictures in a journal's file; everything here runs in a transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from sys import maxunicode
from typing import Any

from attrs import frozen

from mjflow.fsm.events import Event
from mjflow.journal import leases
from mjflow.journal.store import (
    Attempt,
    AttemptExists,
    Intent,
    Note,
    SavedPicture,
    is_repeated,
    leaves_open,
    may_answer,
    may_follow,
)
from mjflow.journal.times import read, written


@frozen
class Which:
    """A choice of attempts."""

    condition: str
    values: tuple[Any, ...]


def of_key(namespace: str, key: str) -> Which:
    """Choose the attempts of one key."""
    return Which("namespace = ? AND key = ?", (namespace, key))


def beginning(namespace: str, prefix: str) -> Which:
    """Choose those of the keys that begin so."""
    return Which("namespace = ? AND key >= ? AND key < ?", (namespace, *span(prefix)))


def still_open(namespace: str) -> Which:
    """Choose those of which something is still to come."""
    # The plus keeps SQLite from going through all of a server's attempts to find the few.
    chosen = "+namespace = ? AND id IN (SELECT attempt_id FROM open_attempts)"
    return Which(chosen, (namespace,))


def span(prefix: str) -> tuple[str, str]:
    """Return from where and up to where the keys sort that begin so."""
    return prefix, prefix + chr(maxunicode)


# --- writing --------------------------------------------------------------------------------------


def intend(connection: sqlite3.Connection, intent: Intent) -> None:
    """Write an intent; `AttemptExists` or `LeaseLost` when it may not be."""
    leases.check(connection, intent.lease)
    before = _rows_of(connection, intent)
    last = _events(connection, before[-1]) if before else []
    if not may_follow(intent.attempt, len(before), last):
        raise AttemptExists(f"{intent.key!r}, attempt {intent.attempt}")
    row = connection.execute(
        "INSERT INTO attempts (namespace, key, attempt, token, digest, written_at, payload) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            intent.namespace,
            intent.key,
            intent.attempt,
            intent.token,
            intent.digest,
            written(intent.written_at),
            intent.payload,
        ),
    ).lastrowid
    connection.execute("INSERT INTO open_attempts VALUES (?)", (row,))
    if before and is_repeated(last):
        connection.execute("UPDATE attempts SET payload = X'' WHERE id = ?", (before[-1],))


def note(connection: sqlite3.Connection, token: str, said: Note) -> None:
    """Write what became of an attempt, if it is known; as `intend` of an answer about to leave."""
    leases.check(connection, said.lease)
    found = connection.execute("SELECT id FROM attempts WHERE token = ?", (token,)).fetchone()
    if found is None:
        return
    (row,) = found
    before = _events(connection, row)
    if said.event is Event.ANSWER_INTENT and not may_answer(before):
        raise AttemptExists(f"token {token}, its answer")
    connection.execute(
        "INSERT INTO notes (attempt_id, event, written_at, payload) VALUES (?, ?, ?, ?)",
        (row, said.event.name, written(said.written_at), said.payload),
    )
    was_open, is_open = leaves_open(before), leaves_open([*before, said.event])
    if is_open and not was_open:
        connection.execute("INSERT INTO open_attempts VALUES (?)", (row,))
    elif was_open and not is_open:
        connection.execute("DELETE FROM open_attempts WHERE attempt_id = ?", (row,))


def save(connection: sqlite3.Connection, saved: SavedPicture) -> None:
    """Write that a picture is on disk."""
    connection.execute(
        "INSERT OR IGNORE INTO pictures (task_id, path, size, sha256, written_at) "
        "VALUES (?, ?, ?, ?, ?)",
        (saved.task_id, saved.path, saved.size, saved.sha256, written(datetime.now(UTC))),
    )


def _rows_of(connection: sqlite3.Connection, intent: Intent) -> list[int]:
    chosen = of_key(intent.namespace, intent.key)
    return [
        row
        for (row,) in connection.execute(
            f"SELECT id FROM attempts WHERE {chosen.condition} ORDER BY id", chosen.values
        )
    ]


def _events(connection: sqlite3.Connection, row: int) -> list[Event]:
    rows = connection.execute("SELECT event FROM notes WHERE attempt_id = ? ORDER BY id", (row,))
    return [Event[name] for (name,) in rows]


# --- reading --------------------------------------------------------------------------------------


def fetch(connection: sqlite3.Connection, which: Which) -> Sequence[Attempt]:
    """Return attempts with all that became of them, oldest first."""
    found = {
        row: Attempt(_intent(*values))
        for row, *values in connection.execute(
            "SELECT id, namespace, key, attempt, token, digest, written_at, payload "
            f"FROM attempts WHERE {which.condition} ORDER BY id",
            which.values,
        )
    }
    if found:
        for row, *values in connection.execute(
            "SELECT attempt_id, event, written_at, payload FROM notes WHERE attempt_id IN "
            f"(SELECT id FROM attempts WHERE {which.condition}) ORDER BY id",
            which.values,
        ):
            found[row].notes.append(_note(*values))
    return tuple(found.values())


def _intent(
    namespace: str, key: str, attempt: int, token: str, digest: str, at: str, payload: bytes
) -> Intent:
    return Intent(
        namespace=namespace,
        key=key,
        attempt=attempt,
        token=token,
        digest=digest,
        payload=payload,
        written_at=read(at),
    )


def _note(event: str, at: str, payload: bytes) -> Note:
    return Note(event=Event[event], payload=payload, written_at=read(at))
