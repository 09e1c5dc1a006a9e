"""Notices when two tasks were given one and the same picture."""

from __future__ import annotations

import logging
from collections import OrderedDict
from typing import TypeVar

from mjflow.engine.record import Record
from mjflow.engine.resolve import button_name
from mjflow.errors import PossibleMixup
from mjflow.protocol.jobs import job_of

logger = logging.getLogger("mjflow.engine")

#: Jobs that are remembered: tasks are mixed up while they run beside each other.
REMEMBERED = 4096
#: Picking one picture of several starts no job of its own on every server: U1-U4 may share one.
_PICKS = frozenset({"U1", "U2", "U3", "U4"})

V = TypeVar("V")


class Mixups:
    """
    Remembers which job each of the last tasks ended with; one job for two tasks is one too many.

    Of tasks that were attached nobody knows which button they come from, so they are left out.
    """

    def __init__(self) -> None:
        self._tasks: OrderedDict[str, str] = OrderedDict()
        self._possible: OrderedDict[str, PossibleMixup] = OrderedDict()

    def noticed(self, record: Record) -> PossibleMixup | None:
        """Take in a task that has ended well; give what is to be told of it, if anything."""
        job = _job(record)
        if not job or record.id is None:
            return None
        other = self._tasks.get(job)
        if other is None or other in record.ids:
            _remember(self._tasks, job, record.id)
            return None
        mixup = PossibleMixup(record.id, other, job)
        for task_id in (record.id, other):
            _remember(self._possible, task_id, mixup)
        logger.warning("%s", mixup)
        return mixup

    def of(self, record: Record) -> PossibleMixup | None:
        """Return what was noticed about a record's task."""
        return next(filter(None, map(self._possible.get, record.ids)), None)


def _job(record: Record) -> str:
    if record.task is None or not record.token or button_name(record.button, record.act) in _PICKS:
        return ""
    return job_of(record.task)


def _remember(table: OrderedDict[str, V], key: str, value: V) -> None:
    table[key] = value
    if len(table) > REMEMBERED:
        table.popitem(last=False)
