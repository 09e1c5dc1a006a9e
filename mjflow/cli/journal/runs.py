"""`runs`: what a journal knows of the runs of flows; no server is asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from attrs import asdict, frozen

from mjflow.cli.journal.doubting import doubts_of
from mjflow.cli.journal.fates import Fates, fates_of
from mjflow.cli.journal.place import DEFAULT, existing
from mjflow.cli.journal.reading import opened
from mjflow.cli.report import Report
from mjflow.cli.words import moment
from mjflow.engine.threads import in_thread
from mjflow.errors import MjflowError
from mjflow.flow.running.header import decoded
from mjflow.flow.running.holding import holder_of
from mjflow.journal.sqlite import SqliteStore
from mjflow.journal.store import RunHeader

_HEAD = ("run", "flow", "begun", "items", "done", "failed", "left", "in doubt", "state")
#: Which of these are numbers.
_COUNTS = range(3, 8)


@frozen(kw_only=True)
class Entry:
    """What a journal knows of one run."""

    name: str
    namespace: str
    begun_at: datetime
    #: `""` if what it began with cannot be read.
    flow: str = ""
    fates: Fates | None = None
    #: Requests that are.
    in_doubt: int = 0
    #: Who is at work on it; `""` for nobody.
    holder: str = ""

    @property
    def state(self) -> str:
        """Where it stands, in a word."""
        if self.holder:
            return "running"
        if self.fates is None:
            return "unreadable"
        return "stopped" if self.fates.left else "ended"


async def list_runs(report: Report, journal: Path | None) -> None:
    """List all runs, the newest last."""
    path = existing(journal)
    if path is None:
        report.say(f"There are no runs: there is no journal yet ({DEFAULT}).")
        return
    async with opened(path) as store:
        entries = [await _entry(store, header) for header in await store.runs()]
    if not entries:
        report.say("There are no runs.")
        return
    widths = [max(map(len, column)) for column in zip(_HEAD, *map(_row, entries), strict=True)]
    report.say(_padded(_HEAD, widths))
    for entry in entries:
        report.tell("run", _padded(_row(entry), widths), **_content(entry))


def _row(entry: Entry) -> Sequence[str]:
    fates = entry.fates
    counts = (fates.items, fates.done, fates.failed, fates.left) if fates else ("?",) * 4
    told = [f"{count:,}" if isinstance(count, int) else count for count in counts]
    return entry.name, entry.flow, moment(entry.begun_at), *told, f"{entry.in_doubt:,}", entry.state


def _padded(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = zip(row, widths, range(len(row)), strict=True)
    return "  ".join(
        cell.rjust(width) if place in _COUNTS else cell.ljust(width) for cell, width, place in cells
    ).rstrip()


def _content(entry: Entry) -> dict[str, Any]:
    return {
        "run": entry.name,
        "flow": entry.flow or None,
        "base_url": entry.namespace,
        "begun_at": entry.begun_at.isoformat(),
        **(asdict(entry.fates) if entry.fates else {}),
        "in_doubt": entry.in_doubt,
        "state": entry.state,
        "holder": entry.holder or None,
    }


async def _entry(store: SqliteStore, header: RunHeader) -> Entry:
    namespace, name = header.namespace, header.name
    begun = Entry(name=name, namespace=namespace, begun_at=header.written_at)
    try:
        read = await in_thread(decoded, header.payload)
        fates = await fates_of(store, namespace, name, read)
    except MjflowError:
        return begun  # of a later version: others can be listed all the same
    return Entry(
        name=name,
        namespace=namespace,
        begun_at=header.written_at,
        flow=read.flow.name,
        fates=fates,
        in_doubt=len(doubts_of(await store.open(namespace), name)),
        holder=await holder_of(store, namespace, name),
    )
