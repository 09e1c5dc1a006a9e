"""Runs and their marks in a journal's file; everything here runs in a transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from mjflow.journal import leases
from mjflow.journal.attempts import span
from mjflow.journal.store import Mark, RunHeader
from mjflow.journal.times import read, written

_HEADERS = "SELECT namespace, name, written_at, payload FROM runs"


def begin(connection: sqlite3.Connection, header: RunHeader) -> None:
    """Write a run's header, in place of an older one of the same name."""
    leases.check(connection, header.lease)
    connection.execute(
        "REPLACE INTO runs (namespace, name, written_at, payload) VALUES (?, ?, ?, ?)",
        (header.namespace, header.name, written(header.written_at), header.payload),
    )


def header_of(connection: sqlite3.Connection, namespace: str, name: str) -> RunHeader | None:
    """Return a run's header, if there is one."""
    found = connection.execute(
        f"{_HEADERS} WHERE namespace = ? AND name = ?", (namespace, name)
    ).fetchone()
    return None if found is None else _header(*found)


def headers(connection: sqlite3.Connection) -> Sequence[RunHeader]:
    """Return the headers of all runs, oldest first."""
    return tuple(_header(*row) for row in connection.execute(f"{_HEADERS} ORDER BY id"))


def mark(connection: sqlite3.Connection, made: Mark) -> None:
    """Write a mark, in place of an older one of the same key."""
    leases.check(connection, made.lease)
    connection.execute(
        "REPLACE INTO marks (namespace, key, written_at, payload) VALUES (?, ?, ?, ?)",
        (made.namespace, made.key, written(made.written_at), made.payload),
    )


def marks(connection: sqlite3.Connection, namespace: str, prefix: str) -> Sequence[Mark]:
    """Return the marks whose keys begin so, oldest first."""
    rows = connection.execute(
        "SELECT namespace, key, written_at, payload FROM marks "
        "WHERE namespace = ? AND key >= ? AND key < ? ORDER BY id",
        (namespace, *span(prefix)),
    )
    return tuple(_mark(*row) for row in rows)


def _header(namespace: str, name: str, at: str, payload: bytes) -> RunHeader:
    return RunHeader(namespace=namespace, name=name, written_at=read(at), payload=payload)


def _mark(namespace: str, key: str, at: str, payload: bytes) -> Mark:
    return Mark(namespace=namespace, key=key, written_at=read(at), payload=payload)
