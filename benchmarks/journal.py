"""
What it costs to remember: 10,000 flows of four records each, every one of them synced (T11).

    python -m benchmarks.journal [--folder DIR]

Whoever has written a record goes on only when it would survive a power cut.  Our journal does
more than the bare table beside it: it decides whether an intent may be written, knows what is
open, and wakes the task that waits.
"""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import median

from attrs import frozen

from benchmarks.harness import Target, alternate, arguments, show, show_targets
from mjflow.fsm.events import Event
from mjflow.journal.sqlite import SqliteStore
from mjflow.journal.store import Intent, Note, SavedPicture

ALONE = "plain sqlite, a commit each"
GROUPS = "plain sqlite, a commit per 100"
OURS = "mjflow, 16 on the wire"
ALL = "mjflow, all at once"

#: What is written of one flow: its intent, the reply, the end of its task, its picture.
RECORDS = 4
FLOWS = 10_000

AT = datetime(2026, 3, 1, tzinfo=UTC)
REQUEST = b'{"path":"/mj/submit/imagine","mode":"fast","body":{"prompt":"a cat in the rain"}}'
REPLY = b'{"ids":["1320098173412501"],"queue_place":0}'
#: As long as the last snapshot of a task with ten buttons.
END = b'{"raw":{"id":"1320098173412501","buttons":"%s"}}' % (b"b" * 2000)


@frozen
class Cost:
    """Of one record, in microseconds: CPU of all threads, and time on the wall."""

    cpu: float
    wall: float


# --- bare tables ----------------------------------------------------------------------------------


def plain(path: Path, flows: int, group: int) -> None:
    """Write all records one behind the other, so many with one sync."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE records (id INTEGER PRIMARY KEY, key TEXT, payload BLOB)")
    rows = ((f"@n/{n}", one) for n in range(flows) for one in (REQUEST, REPLY, END, b"path"))
    while some := list(islice(rows, group)):
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO records (key, payload) VALUES (?, ?)", some)
        connection.execute("COMMIT")
    connection.close()


# --- ours -----------------------------------------------------------------------------------------


def ours(path: Path, flows: int, on_the_wire: int) -> None:
    """Let all flows write at the same time, as far as requests may be on the wire."""
    asyncio.run(_all_flows(path, flows, on_the_wire))


async def _all_flows(path: Path, flows: int, on_the_wire: int) -> None:
    store, wire = SqliteStore(path), asyncio.Semaphore(on_the_wire)
    await store.start()
    try:
        await asyncio.gather(*(_flow(store, number, wire) for number in range(flows)))
    finally:
        await store.aclose()


async def _flow(store: SqliteStore, number: int, wire: asyncio.Semaphore) -> None:
    """Write what the engine writes of one task; the first two while its request is on the wire."""
    token = f"token-{number}"
    async with wire:
        await store.intend(
            Intent(
                namespace="https://api.deerapi.com",
                key=f"@night-1/{number}/imagine",
                attempt=1,
                token=token,
                digest="d" * 64,
                payload=REQUEST,
                written_at=AT,
            )
        )
        await store.note(token, Note(event=Event.ACCEPTED, payload=REPLY, written_at=AT))
    await store.note(token, Note(event=Event.SUCCEEDED, payload=END, written_at=AT))
    picture = SavedPicture(task_id=str(number), path=f"{number}.png", size=1, sha256="0" * 64)
    await store.saved(picture)


# --- measured -------------------------------------------------------------------------------------


def timed(write: Callable[[Path, int], None], folder: Path, flows: int) -> Cost:
    """Write into a new file, and say what a record took."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        began, cpu = time.perf_counter(), time.process_time()
        write(Path(place) / "journal.db", flows)
        spent = time.process_time() - cpu, time.perf_counter() - began
    per_record = 1e6 / (flows * RECORDS)
    return Cost(cpu=spent[0] * per_record, wall=spent[1] * per_record)


def contestants(folder: Path, flows: int) -> Mapping[str, Callable[[], Cost]]:
    """Name all ways to write; the slowest writes a tenth, so that it ends."""
    ways: Mapping[str, tuple[Callable[[Path, int], None], int]] = {
        ALONE: (partial(plain, group=1), max(1, flows // 10)),
        GROUPS: (partial(plain, group=100), flows),
        OURS: (partial(ours, on_the_wire=16), flows),
        ALL: (partial(ours, on_the_wire=flows), flows),
    }
    return {name: partial(timed, write, folder, of) for name, (write, of) in ways.items()}


def measure(rounds: int, flows: int, folder: Path, *, quick: bool = False) -> None:
    """Run all and print what came out."""
    results = alternate(rounds, contestants(folder, flows))
    cpu = {name: median(cost.cpu for cost in costs) for name, costs in results.items()}
    in_all = {name: each * flows * RECORDS / 1e6 for name, each in cpu.items()}
    rows = [
        (name, cpu[name], in_all[name], 1e6 / median(cost.wall for cost in costs))
        for name, costs in results.items()
    ]
    title = f"{flows:,} flows of {RECORDS} records, each of them synced"
    show(title, ("", "CPU µs per record", "CPU s in all", "records per s"), rows)
    show_targets(
        [
            Target("T11", f"CPU of {flows:,} flows, 16 on the wire", in_all[OURS], 1.0, " s"),
            Target("T11", f"CPU of {flows:,} flows, all at once", in_all[ALL], 1.0, " s"),
        ],
        quick=quick,
    )


def main(argv: Sequence[str] | None = None) -> None:
    """Run the benchmark from the command line."""
    parser = arguments("CPU of writing a journal (T11)", rounds=5)
    parser.add_argument("--flows", type=int, default=FLOWS, help=f"flows ({FLOWS:,})")
    parser.add_argument(
        "--folder", type=Path, help="where to write: the disk that is to be measured"
    )
    given = parser.parse_args(argv)
    folder = given.folder or Path(tempfile.gettempdir())
    if given.quick:
        measure(1, 10, folder, quick=True)
    else:
        measure(given.rounds, given.flows, folder)


if __name__ == "__main__":
    main()
