"""The asyncio tasks of an engine: each has an owner here, and an end."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from types import TracebackType
from typing import Any

from mjflow.engine.record import Record
from mjflow.errors import InvalidInput
from mjflow.fsm.states import State

Errand = Coroutine[Any, Any, None]

#: A carrier whose record is in one of these has something paid on the wire.
_ON_THE_WIRE = frozenset({State.SUBMITTING, State.ANSWERING})


class Crew:
    """
    Runs errands in one task group.

    Two kinds: *carriers* may send something paid, and closing never tears them while they do;
    all others end by being cancelled.
    """

    def __init__(self) -> None:
        self._group: asyncio.TaskGroup | None = None
        self._errands: set[asyncio.Task[None]] = set()
        self._carriers: dict[asyncio.Task[None], Record] = {}

    async def open(self) -> None:
        """Be ready for errands."""
        self._group = await asyncio.TaskGroup().__aenter__()

    def check_open(self) -> None:
        """Raise `InvalidInput` unless errands can be run now."""
        if self._group is None:
            raise InvalidInput(
                "the client is not open", advice="Use it inside `async with mjflow.Client(...)`."
            )

    def run(self, errand: Errand) -> asyncio.Task[None]:
        """Run an errand until it ends or the crew closes."""
        if self._group is None:
            errand.close()
            self.check_open()
        assert self._group is not None
        task = self._group.create_task(errand)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)
        return task

    def carry(self, record: Record, errand: Errand) -> None:
        """Run an errand that may send something paid for a record."""
        carrier = self.run(errand)
        self._carriers[carrier] = record
        carrier.add_done_callback(self._carriers.pop)

    async def drain(self, seconds: float) -> None:
        """Cancel the carriers that have nothing on the wire, and wait for the others."""
        for carrier, record in tuple(self._carriers.items()):
            if record.latest.state not in _ON_THE_WIRE:
                carrier.cancel()
        if self._carriers:
            await asyncio.wait(tuple(self._carriers), timeout=seconds)

    async def close(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Cancel all errands and wait for their end; a bug in one of them is raised here."""
        if self._group is None:
            return
        group, self._group = self._group, None
        for errand in tuple(self._errands):
            errand.cancel()
        await group.__aexit__(kind, error, trace)
