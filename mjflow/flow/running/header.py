"""What a run begins with, and goes on with when its files are gone: written down, and compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
from attrs import evolve, field, frozen

from mjflow.errors import FlowChanged, JournalUnusable
from mjflow.flow.flow import Flow
from mjflow.flow.items import Item, items
from mjflow.flow.language.inputs import Row
from mjflow.protocol.requests import Mode

#: Of this form; a later one is refused.
VERSION = 1
#: Differences that are told.
_FEW = 5


@frozen(kw_only=True)
class Header:
    """What a run begins with."""

    flow: Flow
    #: `None` for a flow that has all values itself.
    rows: tuple[Row, ...] | None = field(default=None, repr=False)
    #: Contents of the flow's own pictures and masks, by the path as it is written.
    files: Mapping[str, bytes] = field(factory=dict, repr=False)
    #: The output folder, absolute; `None` leaves it to what the run began with.
    out: Path | None = None
    mode: Mode | None = None
    max_cost: float | None = None
    max_tasks: float | None = None

    def items(self) -> Iterator[Item]:
        """Yield the items in their order."""
        return items(self.flow, self.rows)

    def encoded(self) -> bytes:
        """Write it down."""
        return msgspec.json.encode(
            _Written(
                version=VERSION,
                flow=self.flow.as_json(),
                folder=str(self.flow.folder.absolute()),
                file=self.flow.file,
                rows=self.rows,
                files=dict(self.files),
                out=str(self.out or ""),
                mode=self.mode,
                max_cost=self.max_cost,
                max_tasks=self.max_tasks,
            )
        )

    def behind(self, older: Header) -> Header:
        """
        Go on with a run of that name, as this one says.

        Raises:
            FlowChanged: This is not the same, nor the same with something added.
        """
        wrong = [*self.flow.only_adds(older.flow), *_files(self, older)] or _items(self, older)
        if wrong:
            more = f", and {len(wrong) - _FEW} more" if len(wrong) > _FEW else ""
            raise FlowChanged("; ".join(wrong[:_FEW]) + more)
        return evolve(
            self,
            out=self.out or older.out,
            files={**older.files, **self.files},
            mode=self.mode or older.mode,
            max_cost=older.max_cost if self.max_cost is None else self.max_cost,
            max_tasks=older.max_tasks if self.max_tasks is None else self.max_tasks,
        )


class _Written(msgspec.Struct, omit_defaults=True):
    """A header as it is in the journal."""

    version: int
    flow: dict[str, Any]
    folder: str
    file: str
    out: str = ""
    rows: tuple[Mapping[str, str], ...] | None = None
    files: dict[str, bytes] = {}
    mode: Mode | None = None
    max_cost: float | None = None
    max_tasks: float | None = None


class _Version(msgspec.Struct):
    version: int


def decoded(payload: bytes) -> Header:
    """
    Read a header back; blocking, for as long as it takes.

    Raises:
        JournalUnusable: A later version has written it, or nobody of ours.
    """
    try:
        version = msgspec.json.decode(payload, type=_Version).version
        if version > VERSION:
            raise JournalUnusable(
                f"a later version of mjflow has begun this run (its header has version {version})",
                advice="Update mjflow to go on with it.",
            )
        written = msgspec.json.decode(payload, type=_Written)
    except msgspec.DecodeError as error:
        raise JournalUnusable(f"the header of the run cannot be read: {error}") from error
    text = msgspec.json.encode(written.flow).decode()
    return Header(
        flow=Flow.parse(text, folder=written.folder, file=written.file),
        rows=written.rows,
        files=written.files,
        out=Path(written.out) if written.out else None,
        mode=written.mode,
        max_cost=written.max_cost,
        max_tasks=written.max_tasks,
    )


def _files(newer: Header, older: Header) -> list[str]:
    """Name the files that say something else now; one that is gone does not matter."""
    changed = [name for name, data in newer.files.items() if older.files.get(name, data) != data]
    return [f"the file {name!r} is another one" for name in changed]


def _items(newer: Header, older: Header) -> list[str]:
    """Say which items are gone, or have other values."""
    if newer.rows == older.rows and newer.flow == older.flow:
        return []
    there = {item.key: item.values for item in newer.items()}
    return list(islice(_differences(there, older), _FEW + 1))


def _differences(there: Mapping[str, Mapping[str, str]], older: Header) -> Iterator[str]:
    for item in older.items():
        values = there.get(item.key)
        if values is None:
            told = ", ".join(f"{name}={value}" for name, value in item.values.items())
            yield f"the item {item.key!r} is gone ({told:.80})"
            continue
        for name, value in item.values.items():
            if values.get(name) != value:
                now = values.get(name, "nothing")
                yield f"{name} of the item {item.key!r} was {value!r:.80}, and is {now!r:.80} now"
