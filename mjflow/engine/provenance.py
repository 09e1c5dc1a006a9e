"""Where a picture came from, for its file's name and for the sidecar beside it: plain functions."""

from __future__ import annotations

from datetime import UTC, datetime

from mjflow._version import __version__
from mjflow.engine.record import Record
from mjflow.engine.resolve import button_name
from mjflow.media.sidecar import Ancestor, sidecar
from mjflow.media.whole import Whole
from mjflow.protocol.task import Task

#: Fields of a name template.
FIELDS = ("id", "button", "action", "prompt", "key", "parent")


def fields_of(record: Record, task: Task) -> dict[str, object]:
    """Give the values of the fields of a name template."""
    return {
        "id": task.id,
        "button": button_name(record.button, record.act) or task.action.lower() or "task",
        "action": task.action.lower(),
        "prompt": task.prompt,
        "key": record.key,
        "parent": record.parent.latest.id if record.parent else "",
    }


def told_of(
    record: Record, task: Task, *, file: str, whole: Whole, sha256: str, url: str
) -> dict[str, object]:
    """Give the content of the sidecar of a picture that was just fetched."""
    return sidecar(
        task,
        lineage=lineage(record),
        button=button_name(record.button, record.act) or None,
        mode=record.mode,
        file=file,
        whole=whole,
        sha256=sha256,
        saved_at=datetime.now(UTC),
        url=url,
        version=__version__,
    )


def lineage(record: Record) -> list[Ancestor]:
    """List the tasks a record descends from, the root first."""
    line: list[Ancestor] = []
    parent = record.parent
    while parent is not None:
        # Its place may have been taken by one that was sent in spite of doubt.
        parent = parent.latest
        name = button_name(parent.button, parent.act) or None
        line.append(Ancestor(parent.id or "", parent.task.action if parent.task else "", name))
        parent = parent.parent
    return line[::-1]
