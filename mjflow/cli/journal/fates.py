"""
What has become of a run's items, as far as its journal tells: no server is asked.

The machine that carries an item is fed what the journal knows of it, as a resumed run does.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from attrs import define

from mjflow.engine.threads import in_thread
from mjflow.flow.machine.layout import Layout
from mjflow.flow.machine.machine import Machine
from mjflow.flow.running.header import Header
from mjflow.flow.running.logbook import Logbook, Pages, Past
from mjflow.journal.store import Attempt, Mark, Store

_Written = TypeVar("_Written", Attempt, Mark)


@define
class Fates:
    """How many items have come to what."""

    items: int = 0
    done: int = 0
    #: All of it has ended, and not all of it well.
    failed: int = 0
    #: Something of it is left to be done, whether it was begun or not.
    left: int = 0


class _Read(Pages):
    """A run's pages that were read all at once."""

    def __init__(self, store: Store, namespace: str, run: str) -> None:
        super().__init__(store, namespace, run)
        self._attempts: dict[str, list[Attempt]] = {}
        self._marks: dict[str, list[Mark]] = {}

    async def read(self) -> None:
        """Read them."""
        attempts, marks = await super().attempts(self.prefix), await super().marks(self.prefix)
        for attempt in attempts:
            self._attempts.setdefault(self._item(attempt.intent.key), []).append(attempt)
        for mark in marks:
            self._marks.setdefault(self._item(mark.key), []).append(mark)

    async def attempts(self, prefix: str) -> Sequence[Attempt]:
        """Return the attempts of an item, by what its keys begin with."""
        return self._attempts.get(prefix, ())

    async def marks(self, prefix: str) -> Sequence[Mark]:
        """Return the marks of an item, by what its keys begin with."""
        return self._marks.get(prefix, ())

    def _item(self, key: str) -> str:
        start = len(self.prefix)
        return key[: key.index("/", start) + 1]


async def fates_of(store: Store, namespace: str, run: str, header: Header) -> Fates:
    """
    Count what has become of a run's items.

    Raises:
        CannotWrite, JournalUnusable: The journal cannot be read.
    """
    pages = _Read(store, namespace, run)
    await pages.read()
    logbook, fates = Logbook(pages, header.out or Path()), Fates()
    layout = Layout.of(header.flow)
    for item in await in_thread(list, header.items()):
        fates.items += 1
        past = await logbook.past(item.key)
        if not past.attempts or not _is_through(machine := Machine(layout, item, run=run), past):
            fates.left += 1
        elif machine.result().ok:
            fates.done += 1
        else:
            fates.failed += 1
    return fates


def _is_through(machine: Machine, past: Past) -> bool:
    """Feed a machine with what is known; tell whether nothing is left to be done."""
    left = False
    while commands := machine.commands(past.keys):
        for command in commands:
            if (event := past.event(command)) is None:
                left = True
            else:
                machine.apply(command.key, event)
    return not left and not machine.stuck
