"""A process of its own that writes a journal: `python -m tests.journal.child WHAT PATH`."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

from mjflow.fsm.events import Event
from mjflow.journal.sqlite import SqliteStore
from mjflow.journal.store import AttemptExists

from .contract import intent, note

#: Keys that those write who write as fast as they can.
KEYS = 300


def say(text: str) -> None:
    print(text, flush=True)


async def compete(store: SqliteStore) -> None:
    """Ask for the same keys as others do, and tell which were ours."""
    say("ready")
    sys.stdin.readline()
    for number in range(KEYS):
        with suppress(AttemptExists):
            await store.intend(intent(key=f"{number}", token=f"{os.getpid()}-{number}"))
            say(f"{number}")


async def write(store: SqliteStore) -> None:
    """Write for ever, many at a time, and tell what was written."""

    async def one(number: int) -> None:
        written = intent(key=f"{number}")
        await store.intend(written)
        say(f"intent {number}")
        await store.note(written.token, note(Event.ACCEPTED, b"x" * (number % 5000)))
        say(f"note {number}")

    number = 0
    while True:
        await asyncio.gather(*(one(number + other) for other in range(20)))
        number += 20


async def leave(store: SqliteStore) -> None:
    """Write, and end without closing anything."""
    await store.intend(intent())
    say("written")
    raise SystemExit(3)


async def die(store: SqliteStore) -> None:
    """Write, and be killed in the middle of a transaction."""
    await store.intend(intent(key="before"))
    say("written")
    transactions = store._desks.writer._transactions
    assert transactions is not None

    def killed(connection: object) -> None:
        assert transactions is not None
        transactions.connection.execute("DELETE FROM attempts")
        os.kill(os.getpid(), signal.SIGKILL)

    await store._desks.writer.put(killed)


async def wait(store: SqliteStore) -> None:
    """Write, and wait until somebody interrupts."""
    await store.intend(intent())
    say("written")
    try:
        await asyncio.Event().wait()
    finally:
        await store.note(intent().token, note(Event.WITHDRAWN))
        await store.aclose()


WHAT: dict[str, Callable[[SqliteStore], Awaitable[None]]] = {
    each.__name__: each for each in (compete, write, leave, die, wait)
}


async def main(what: str, path: str) -> None:
    store = SqliteStore(Path(path))
    await store.start()
    await WHAT[what](store)
    await store.aclose()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
