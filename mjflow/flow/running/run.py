"""A run: what users hold while a flow is carried out over its inputs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine
from contextlib import aclosing
from typing import Any

from attrs import evolve

from mjflow.engine.act import Options
from mjflow.engine.engine import Engine
from mjflow.engine.threads import in_thread
from mjflow.errors import ClientClosed, InvalidInput, MjflowError, RunHeld
from mjflow.flow.machine.results import ItemResult
from mjflow.flow.running.carrying import Hands
from mjflow.flow.running.header import Header
from mjflow.flow.running.holding import Holding
from mjflow.flow.running.library import Library
from mjflow.flow.running.logbook import Logbook, Pages
from mjflow.flow.running.preparing import OUT, Wanted, prepare
from mjflow.flow.running.progress import Progress, Tally
from mjflow.flow.running.purse import Purse, charge_of
from mjflow.flow.running.runner import Arrival, Arrivals, Runner
from mjflow.journal.store import Lease, LeaseLost

#: Finds what is wrong before anything is paid, and raises `FlowInvalid`; blocking.
Check = Callable[[Header], None]


class Run:
    """
    A flow on its way over its inputs: iterate over it, or `collect` it, once.

    Nothing happens before that.  Whoever leaves the iteration stops the run: nothing new is
    submitted, and what is at the server goes on there.  The next run of this name goes on with it.
    """

    def __init__(
        self,
        name: str,
        engine: Engine,
        options: Options,
        wanted: Wanted,
        check: Check | None,
        limit: int,
    ) -> None:
        self._name = name
        self._engine = engine
        self._options = options
        self._wanted = wanted
        self._check = check
        self._arrivals = Arrivals(limit)
        self._tally = Tally(engine.clock)
        self._hands: Hands | None = None
        self._begun = False
        #: What made it impossible to go on.
        self._error: Exception | None = None

    def __repr__(self) -> str:
        return f"<Run {self._name!r}>"

    @property
    def name(self) -> str:
        """What it is called in the journal: say it again to go on with it."""
        return self._name

    @property
    def progress(self) -> Progress:
        """How it stands now; costs next to nothing, and no request."""
        hands = self._hands
        if hands is None:
            return self._tally.progress()
        total = hands.purse.total
        for record in hands.open:
            total += charge_of(record.latest, hands.prices)
        return self._tally.progress(
            in_flight=len(hands.open), spent=total.spent, halted=hands.halted
        )

    async def __aiter__(self) -> AsyncIterator[ItemResult]:
        async with aclosing(self._gone_through()) as arrivals:
            async for _, result in arrivals:
                yield result

    async def collect(self) -> tuple[ItemResult, ...]:
        """
        Go through all of it, and return what became of the items, in the order of the inputs.

        Raises:
            MjflowError: As of `Client.run`.
        """
        async with aclosing(self._gone_through()) as arrivals:
            found = [arrival async for arrival in arrivals]
        return tuple(result for _, result in sorted(found, key=lambda arrival: arrival[0]))

    # --- its life -------------------------------------------------------------------------

    async def _gone_through(self) -> AsyncGenerator[Arrival, None]:
        if self._begun:
            raise InvalidInput(
                "a run is gone through once",
                advice=f"Call run() once more: what {self._name!r} has done is not done again.",
            )
        self._begun = True
        life = self._engine.errand(self._life())
        try:
            async for arrival in self._arrivals.until(life):
                yield arrival
        finally:
            life.cancel()
            await asyncio.wait({life})
        if self._error is not None:
            raise self._error

    async def _life(self) -> None:
        """Live, and keep what put an end to it for whoever reads."""
        self._tally.begin()
        try:
            await self._lived()
        except asyncio.CancelledError:
            self._error = _left(self._name)
            raise
        except Exception as error:
            self._error = _only(error)

    async def _lived(self) -> None:
        engine = self._engine
        holding = Holding(engine.store, engine.namespace, self._name)
        try:
            await holding.take()
            await self._while_held(self._worked(holding), holding)
        finally:
            await holding.release()

    async def _worked(self, holding: Holding) -> None:
        try:
            runner = await self._begin_with(holding.lease)
        except LeaseLost:
            raise await holding.held() from None
        await runner.live()

    async def _begin_with(self, lease: Lease) -> Runner:
        engine = self._engine
        pages = Pages(engine.store, engine.namespace, self._name, lease)
        before = await pages.header()
        prepared = await prepare(self._wanted, self._name, before)
        header = prepared.header
        if prepared.is_new and self._check is not None:
            await engine.ready()  # what servers can do differs
            await in_thread(self._check, header)
        if prepared.payload != before:
            await pages.begin(prepared.payload)
        self._tally.items = prepared.count
        out = header.out or OUT.absolute()
        hands = self._hands = Hands(
            engine=engine,
            options=evolve(
                self._options,
                mode=header.flow.mode or header.mode or self._options.mode,
                admission_timeout=None,
                caller=self._name,
                lease=lease,
            ),
            prices=engine.spend.prices,
            logbook=Logbook(pages, out),
            purse=Purse(self._name, header.max_cost, header.max_tasks),
            library=Library(header.flow.folder, header.files),
            out=out,
            scorers=prepared.scorers,
        )
        return Runner(
            run=self._name,
            header=header,
            hands=hands,
            tally=self._tally,
            arrivals=self._arrivals,
            resumed=before is not None,
        )

    async def _while_held(self, work: Coroutine[Any, Any, None], holding: Holding) -> None:
        """Work as long as nobody takes the run over."""
        working, keeping = asyncio.create_task(work), asyncio.create_task(holding.keep())
        try:
            await asyncio.wait({working, keeping}, return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                raise keeping.result()
        finally:
            if not working.done():
                self._stop()
            working.cancel()
            keeping.cancel()
            await asyncio.gather(working, keeping, return_exceptions=True)
        working.result()
        if self._hands is not None and isinstance(self._hands.halted, RunHeld):
            raise await holding.held()

    def _stop(self) -> None:
        """Begin nothing any more, and take back what was not sent yet."""
        if self._hands is not None:
            left = _left(self._name)
            self._hands.halt(left)
            self._engine.recall(self._hands.open, left)


def _left(run: str) -> ClientClosed:
    return ClientClosed(
        f"the run {run!r} was left before it had ended",
        advice="What is at the server goes on there. Run it again by this name to go on with it.",
    )


def _only(error: Exception) -> Exception:
    """Take the first of our own errors out of a group that has nothing worse in it."""
    if not isinstance(error, ExceptionGroup):
        return error
    ours, others = error.split(MjflowError)
    return error if ours is None or others is not None else _only(ours.exceptions[0])
