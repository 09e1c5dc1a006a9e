"""The asyncio tasks of an engine: each has an owner here, and an end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Coroutine
from typing import Any

from mjflow.engine.record import Record
from mjflow.errors import IllegalTransition, InvalidInput, MjflowError
from mjflow.fsm.states import State

logger = logging.getLogger("mjflow.engine")

Errand = Coroutine[Any, Any, None]


class Crew:
    """
    Runs errands, each until its end or until the crew closes.

    Those that may send something paid, *carriers* for a record among them, are never torn by
    closing while they do; all others end by being cancelled.

    An errand that fails stops no other, for they stand for paid work.  What a carrier fails with
    is given to `on_failure` with its record; a bug of ours is logged at once, and raised again
    when all is closed.
    """

    def __init__(self, on_failure: Callable[[Record, MjflowError], None]) -> None:
        self._on_failure = on_failure
        self._errands: set[asyncio.Task[None]] = set()
        self._carriers: dict[asyncio.Task[None], Record] = {}
        #: Other errands that may send something paid, and what tells whether they do just now.
        self._payers: dict[asyncio.Task[None], Callable[[], bool]] = {}
        self._bugs: list[Exception] = []
        self._opened = self._closed = False

    def open(self) -> None:
        """Be ready for errands, once: what was closed stays closed."""
        if self._opened:
            raise InvalidInput(
                "the client was opened before",
                advice="Make a new one; a view from with_options() needs no opening of its own.",
            )
        self._opened = True

    def check_open(self) -> None:
        """Raise `InvalidInput` unless errands can be run now."""
        if not self._opened or self._closed:
            what = "the client is closed" if self._closed else "the client is not open"
            raise InvalidInput(what, advice="Use it inside `async with mjflow.Client(...)`.")
        try:
            asyncio.get_running_loop()
        except RuntimeError as error:
            raise InvalidInput(
                "no event loop runs here",
                advice="Call it from a coroutine, on the loop that the client was opened on.",
            ) from error

    def run(self, errand: Errand) -> asyncio.Task[None]:
        """Run an errand until it ends or the crew closes."""
        try:
            self.check_open()
        except InvalidInput:
            errand.close()
            raise
        task = asyncio.get_running_loop().create_task(errand)
        self._errands.add(task)
        task.add_done_callback(self._over)
        return task

    def carry(self, record: Record, errand: Errand) -> None:
        """Run an errand that may send something paid for a record."""
        self._carriers[self.run(errand)] = record

    def pay(self, errand: Errand, on_the_wire: Callable[[], bool]) -> asyncio.Task[None]:
        """Run an errand that may send something paid for no record; its caller hears of errors."""
        task = self.run(errand)
        self._payers[task] = on_the_wire
        return task

    def recall(
        self, records: Collection[Record], sending: Collection[asyncio.Task[Any]]
    ) -> list[Record]:
        """Cancel the carriers of new records of which nothing is on the wire; return these."""
        recalled = []
        for carrier, record in self._carriers.items():
            new = record.latest.state is State.NEW and carrier not in sending
            if new and record.latest in records:
                carrier.cancel()
                recalled.append(record.latest)
        return recalled

    def _over(self, errand: asyncio.Task[None]) -> None:
        self._errands.discard(errand)
        self._payers.pop(errand, None)
        record = self._carriers.pop(errand, None)
        error = None if errand.cancelled() else errand.exception()
        if not isinstance(error, Exception):
            return
        told = self.noted(error)
        if record is not None:
            self._on_failure(record, told)

    def noted(self, error: Exception) -> MjflowError:
        """Return what to tell of a failure; if it is a bug of ours, it is noted and logged."""
        if isinstance(error, MjflowError) and not isinstance(error, IllegalTransition):
            return error
        logger.error("a bug in mjflow, please report it", exc_info=error)
        self._bugs.append(error)
        if isinstance(error, MjflowError):
            return error
        told = MjflowError(f"a bug in mjflow: {error!r}", advice=IllegalTransition.advice)
        told.__cause__ = error
        return told

    # --- the end --------------------------------------------------------------------------

    async def drain(self, seconds: float, sending: Collection[asyncio.Task[Any]]) -> None:
        """
        Cancel those who have nothing paid on the wire though they may, and wait for the rest.

        Args:
            sending: The carriers that have something on the wire, whatever their records' states:
                a task may be seen to run before the answer to its request has come.
        """
        for carrier in self._carriers:
            if carrier not in sending:
                carrier.cancel()
        for payer, on_the_wire in self._payers.items():
            if not on_the_wire():
                payer.cancel()
        if errands := (*self._carriers, *self._payers):
            await asyncio.wait(errands, timeout=seconds)

    async def close(self) -> None:
        """Take on nothing any more, cancel all errands and wait for their end."""
        self._closed = True
        for errand in tuple(self._errands):
            errand.cancel()
        while self._errands:
            await asyncio.wait(tuple(self._errands))

    def check_bugs(self) -> None:
        """Raise the bugs that errands came upon, if any."""
        if self._bugs:
            raise ExceptionGroup("bugs in mjflow, please report them", self._bugs)
