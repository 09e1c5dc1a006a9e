"""
What it takes to go on (T12): from the call to the first look, in a run of 10,000 items.

    python -m benchmarks.resume [--items N] [--folder DIR]

The journal is that of a run that was killed at half time: of ten items five have their pictures,
one has a task at the server, and four were not begun.  The server is in memory, and costs nothing.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from statistics import median
from typing import Any

from attrs import frozen

from benchmarks.harness import Target, alternate, arguments, show, show_targets
from mjflow import Client
from mjflow.engine.payload import payload_of
from mjflow.flow import steps
from mjflow.flow.flow import Flow
from mjflow.flow.items import Item
from mjflow.flow.machine.commands import Ended, File, Save, Stored, Submit
from mjflow.flow.machine.layout import Layout
from mjflow.flow.machine.machine import Machine
from mjflow.flow.running.header import Header
from mjflow.flow.running.logbook import Logbook, Pages
from mjflow.fsm.events import Event
from mjflow.journal.sqlite import SqliteStore
from mjflow.journal.store import Intent, Note
from mjflow.protocol import codec
from mjflow.protocol.requests import Action, Imagine
from mjflow.protocol.verdicts import Reply
from mjflow.testing import ScriptedTransport
from mjflow.transport.base import Target as Address

GOING_ON, TELLING = "to the first look", "all that has ended, told"

SERVER, RUN = "https://mj.example", "night"
FLOW = Flow(
    [
        {"imagine": "a {animal} in the rain"},
        {"click": "U1"},
        {"click": "Upscale (Subtle)"},
        {"click": "Upscale (Creative)"},
        {"download": "{item}"},
    ]
)
AT = datetime(2026, 3, 1, tzinfo=UTC)
#: Of ten items, those that have their pictures, and those with a task at the server.
DONE, OPEN = 5, 1
#: What each task offers, by what stands on it.
BUTTONS = {
    **{f"U{n}": f"MJ::JOB::upsample::{n}::" for n in range(1, 5)},
    **{f"V{n}": f"MJ::JOB::variation::{n}::" for n in range(1, 5)},
    "Upscale (Subtle)": "MJ::JOB::upsample_v6_2x_subtle::1::",
    "Upscale (Creative)": "MJ::JOB::upsample_v6_2x_creative::1::",
}


@frozen
class Took:
    """Seconds on the wall, and of CPU in all threads."""

    wall: float
    cpu: float


# --- the journal ----------------------------------------------------------------------------------


def row(task_id: str, status: str) -> dict[str, Any]:
    """Show a task as a server does."""
    buttons = [
        {"customId": custom_id + task_id, "label": label, "type": 2, "style": 2}
        for label, custom_id in BUTTONS.items()
    ]
    return {
        "id": task_id,
        "status": status,
        "progress": "100%",
        "action": "IMAGINE",
        "prompt": "a cat in the rain",
        "imageUrl": f"https://cdn.example/{task_id}.png",
        "buttons": buttons,
    }


async def write(store: SqliteStore, header: Header) -> None:
    """Write the journal of the run, and its pictures."""
    assert header.out is not None
    pages = Pages(store, SERVER, RUN)
    logbook, layout = Logbook(pages, header.out), Layout.of(header.flow)
    await pages.begin(header.encoded())
    begun = [(n, item) for n, item in enumerate(header.items()) if n % 10 < DONE + OPEN]
    writing = [_item(store, logbook, layout, item, n % 10 < DONE) for n, item in begun]
    await asyncio.gather(*writing)


async def _item(
    store: SqliteStore, logbook: Logbook, layout: Layout, item: Item, ends: bool
) -> None:
    machine, parent = Machine(layout, item, run=RUN), ""
    while commands := machine.commands():
        (command,) = commands
        if isinstance(command, Submit):
            last = not ends and command.branch != ""
            key = logbook.key(item.key, command.key)
            ended = await _submit(store, key, command, parent, last)
            if last:
                return
            parent = ended.tasks[0].id
            machine.apply(command.key, ended)
        elif isinstance(command, Save):
            path = logbook.out / f"{item.key}.png"
            path.write_bytes(b"p")
            files = (File(str(path), 1, "0" * 64),)
            await logbook.stored(item.key, command.key, files)
            machine.apply(command.key, Stored(files))


def _request(submit: Submit, parent: str) -> Imagine | Action:
    match submit.step:
        case steps.Imagine(prompt=prompt):
            return Imagine(prompt=prompt)
        case steps.Click(buttons=(label,)):
            return Action(task_id=parent, custom_id=BUTTONS[label] + parent)
        case _:
            raise AssertionError(submit)


async def _submit(
    store: SqliteStore, key: str, submit: Submit, parent: str, is_open: bool
) -> Ended:
    token = sha256(key.encode()).hexdigest()[:20]
    task_id = str(int(token[:14], 16))
    request = _request(submit, parent)
    intent = Intent(
        namespace=SERVER,
        key=key,
        attempt=1,
        token=token,
        digest=codec.digest(request),
        payload=payload_of(request, None),
        written_at=AT,
    )
    raw = row(task_id, "SUCCESS")
    await store.intend(intent)
    accepted = json.dumps({"ids": [task_id], "queue_place": None}).encode()
    await store.note(token, Note(event=Event.ACCEPTED, payload=accepted, written_at=AT))
    if not is_open:
        end = json.dumps({"raw": raw}).encode()
        await store.note(token, Note(event=Event.SUCCEEDED, payload=end, written_at=AT))
    return Ended((codec.build_task(raw),))


# --- the next life --------------------------------------------------------------------------------


class Server(ScriptedTransport):
    """A server where everything still runs; it says when it was looked at first."""

    def __init__(self) -> None:
        super().__init__()
        self.looked = asyncio.Event()

    async def look(self, target: Address, body: bytes = b"") -> Reply:
        """Show that it runs."""
        self.looked.set()
        ids = json.loads(body)["ids"] if body else [str(target).split("/")[3]]
        rows = [row(task_id, "IN_PROGRESS") for task_id in ids]
        return Reply(200, json.dumps(rows if body else rows[0]).encode())

    async def submit(self, path: str, body: bytes) -> Any:
        """Have no room."""
        return Reply(200, b'{"code": 23, "description": "queue full"}')


async def _resumed(journal: Path, until: str, ended: int) -> Took:
    """Go on with the run, until it is looked at or all that has ended was told."""
    wall, cpu, server = time.perf_counter(), time.process_time(), Server()
    async with Client(SERVER, "sk", transport=server, journal=journal, dialect="gateway") as client:
        run = client.resume(RUN, limit=None if until == GOING_ON else 10 * ended)
        if until == GOING_ON:
            going = asyncio.create_task(run.collect())
            await server.looked.wait()
            took = Took(time.perf_counter() - wall, time.process_time() - cpu)
            going.cancel()
            with suppress(asyncio.CancelledError):
                await going
            return took
        async for _ in run:
            ended -= 1
            if not ended:
                break
        return Took(time.perf_counter() - wall, time.process_time() - cpu)


def timed(journal: Path, until: str, ended: int) -> Took:
    """Go on with the run in a loop of its own."""
    return asyncio.run(_resumed(journal, until, ended))


async def _prepare(journal: Path, header: Header) -> None:
    store = SqliteStore(journal)
    await store.start()
    try:
        await write(store, header)
    finally:
        await store.aclose()


def measure(rounds: int, items: int, folder: Path | None, *, quick: bool = False) -> None:
    """Write the journal once, go on with it, and print what came out."""
    with tempfile.TemporaryDirectory(dir=folder) as name:
        place = Path(name)
        (place / "out").mkdir()
        rows = tuple({"id": f"item-{n}", "animal": f"cat {n}"} for n in range(items))
        header = Header(flow=FLOW, rows=rows, out=place / "out")
        asyncio.run(_prepare(place / "journal.db", header))
        ended = sum(n % 10 < DONE for n in range(items))
        ways = {
            until: partial(timed, place / "journal.db", until, ended)
            for until in (GOING_ON, TELLING)
        }
        results = alternate(rounds, ways)
    told = [
        (name, median(one.wall for one in took), median(one.cpu for one in took))
        for name, took in results.items()
    ]
    show(f"a run of {items:,} items, {ended:,} of them ended", ("", "s", "CPU s"), told)
    reached = median(one.wall for one in results[GOING_ON])
    what = f"resume of {items:,} items to the first look"
    show_targets([Target("T12", what, reached, 5.0, " s")], quick=quick)


def main(argv: Sequence[str] | None = None) -> None:
    """Run the benchmark from the command line."""
    parser = arguments("going on with a large run (T12)", rounds=3)
    parser.add_argument("--items", type=int, default=10_000, help="items of the run (10,000)")
    parser.add_argument("--folder", type=Path, help="where the journal is written")
    given = parser.parse_args(argv)
    if given.quick:
        measure(1, 20, given.folder, quick=True)
    else:
        measure(given.rounds, given.items, given.folder)


if __name__ == "__main__":
    main()
