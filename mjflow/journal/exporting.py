"""All that a journal's file holds as plain values, a few rows at a time."""

from __future__ import annotations

import base64
import sqlite3
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import msgspec

from mjflow.journal.attempts import Which, fetch
from mjflow.journal.store import is_open

Row = dict[str, Any]
#: Reads rows behind the one with a number, and gives the number of the last of them.
Part = Callable[..., tuple[Sequence[Row], int]]

#: Rows that are read at a time: no reader may keep a writer from tidying its file up for long.
_MOST = 200


def _attempts(connection: sqlite3.Connection, after: int) -> tuple[Sequence[Row], int]:
    numbers = connection.execute(
        "SELECT id FROM attempts WHERE id > ? ORDER BY id LIMIT ?", (after, _MOST)
    ).fetchall()
    if not numbers:
        return (), after
    (last,) = numbers[-1]
    return [
        {
            "kind": "attempt",
            "namespace": attempt.intent.namespace,
            "key": attempt.intent.key,
            "attempt": attempt.intent.attempt,
            "token": attempt.intent.token,
            "digest": attempt.intent.digest,
            "written_at": attempt.intent.written_at.isoformat(),
            "open": is_open(attempt),
            "request": plain(attempt.intent.payload),
            "notes": [
                {
                    "event": note.event.name,
                    "written_at": note.written_at.isoformat(),
                    "data": plain(note.payload),
                }
                for note in attempt.notes
            ],
        }
        for attempt in fetch(connection, Which("id > ? AND id <= ?", (after, last)))
    ], last


def _rows(
    kind: str, table: str, columns: Sequence[str], connection: sqlite3.Connection, after: int
) -> tuple[Sequence[Row], int]:
    rows = connection.execute(
        f"SELECT id, {', '.join(columns)} FROM {table} WHERE id > ? ORDER BY id LIMIT ?",
        (after, _MOST),
    ).fetchall()
    if not rows:
        return (), after
    told = [
        {"kind": kind} | {name: _plain(value) for name, value in zip(columns, row, strict=True)}
        for _, *row in rows
    ]
    return told, rows[-1][0]


#: All there is, in the order in which it is told.
PARTS: tuple[Part, ...] = (
    partial(_rows, "run", "runs", ("namespace", "name", "written_at", "payload")),
    _attempts,
    partial(_rows, "mark", "marks", ("namespace", "key", "written_at", "payload")),
    partial(_rows, "picture", "pictures", ("task_id", "path", "size", "sha256", "written_at")),
)


def plain(payload: bytes) -> Any:
    """Read a payload: JSON as what it says, `None` for nothing, other bytes in base64."""
    if not payload:
        return None
    try:
        return msgspec.json.decode(payload)
    except msgspec.DecodeError:
        return {"base64": base64.b64encode(payload).decode()}


def _plain(value: Any) -> Any:
    return plain(value) if isinstance(value, bytes) else value
