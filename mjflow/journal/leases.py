"""Leases in a journal's file; everything here runs in a transaction."""

from __future__ import annotations

import sqlite3

from mjflow.journal.store import Lease, LeaseLost


def held(connection: sqlite3.Connection, name: str) -> Lease | None:
    """Return the lease of this name as it stands; `None` when nobody holds it."""
    found = connection.execute(
        "SELECT name, owner, epoch, beat FROM leases WHERE name = ? AND owner IS NOT NULL", (name,)
    ).fetchone()
    if found is None:
        return None
    name, owner, epoch, beat = found
    return Lease(name=name, owner=owner, epoch=epoch, beat=beat)


def check(connection: sqlite3.Connection, lease: Lease | None) -> None:
    """Raise `LeaseLost` unless this holder holds it still; nothing is asked of no lease."""
    if lease is None:
        return
    now = held(connection, lease.name)
    if now is None or now.epoch != lease.epoch:
        raise LeaseLost(lease.name)


def take(connection: sqlite3.Connection, name: str, owner: str, over: Lease | None) -> Lease | None:
    """Take a lease that nobody holds, or this one of somebody gone; `None` if it has changed."""
    if held(connection, name) not in (None, over):
        return None
    connection.execute(
        "INSERT INTO leases VALUES (?, ?, 1, 0) "
        "ON CONFLICT DO UPDATE SET owner = excluded.owner, epoch = epoch + 1, beat = 0",
        (name, owner),
    )
    return held(connection, name)


def renew(connection: sqlite3.Connection, lease: Lease) -> Lease:
    """Count one beat more; `LeaseLost` if somebody else holds it."""
    check(connection, lease)
    connection.execute("UPDATE leases SET beat = beat + 1 WHERE name = ?", (lease.name,))
    renewed = held(connection, lease.name)
    assert renewed is not None
    return renewed


def release(connection: sqlite3.Connection, lease: Lease) -> None:
    """Give a lease back, if it was not lost."""
    connection.execute(
        "UPDATE leases SET owner = NULL WHERE name = ? AND epoch = ?", (lease.name, lease.epoch)
    )
