"""Sees to it that records are looked at, from when they have a task until they end."""

from __future__ import annotations

from collections.abc import Callable

from mjflow.api import Api
from mjflow.engine.act import Act
from mjflow.engine.clock import Clock
from mjflow.engine.crew import Crew
from mjflow.engine.looks import Looks
from mjflow.engine.poller import Poller
from mjflow.engine.probe import Probe
from mjflow.engine.record import Record
from mjflow.engine.stalls import Stalls
from mjflow.engine.tracker import Tracker
from mjflow.errors import MjflowError
from mjflow.fsm.events import Event
from mjflow.fsm.states import LOOKED_AT, State
from mjflow.protocol.dialect import Dialect
from mjflow.timing.cadence import Cadence, FixedTick
from mjflow.timing.limits import RequestBudget


class Lookout:
    """
    Puts records on the poll wheel, and parks those that nobody is able to look at.

    Args:
        poll_interval: Seconds between two looks at a task; `None` takes the dialect's.
        budget: What looks are granted.
        on_recovery: Called when a look has worked after trouble, or for the first time.
    """

    def __init__(
        self,
        api: Api,
        tracker: Tracker,
        stalls: Stalls,
        looks: Looks,
        probe: Probe,
        clock: Clock,
        crew: Crew,
        budget: RequestBudget,
        *,
        poll_interval: float | None,
        on_recovery: Callable[[], None],
    ) -> None:
        self._tracker = tracker
        self._stalls = stalls
        self._probe = probe
        self._clock = clock
        self._crew = crew
        self._poll_interval = poll_interval
        self.poller = Poller(
            api,
            clock,
            self._cadence(api.dialect),
            budget,
            crew.run,
            on_progress=looks.progressed,
            on_news=looks.news,
            on_miss=looks.miss,
            on_deadline=looks.deadline,
            on_recovery=on_recovery,
            on_failure=self._blinded,
            rest=looks.rest,
        )

    async def run(self) -> None:
        """Look at what is due, for ever; what breaks that parks all records."""
        try:
            await self.poller.run()
        except Exception as error:
            told = self._crew.noted(error)
            for record in self._tracker:
                self._park(record, told)

    def adapt(self, dialect: Dialect) -> None:
        """Look as often as is right for a dialect, unless a person has said how often."""
        self.poller.schedule.cadence = self._cadence(dialect)

    def watch(self, record: Record) -> None:
        """Look at a record that was just started."""
        record.deadline = self._deadline(record.act)
        self._stalls.read(record)
        self.poller.watch(record)

    def watch_soon(self, record: Record) -> None:
        """Look at a record that may have ended long ago, as soon as the server is known."""
        if self._probe.dialect is None:
            self._crew.carry(record, self._watched(record))
            return
        self.watch(record)
        self.poller.hurry(record)

    def join(self, act: Act, task_id: str) -> Record | None:
        """
        Share the record of a task that is looked at already, or was until it was lost.

        A lost one is looked at again, so that what was clicked on it goes on as well.
        """
        for record in self._tracker.with_id(task_id):
            if record.children:
                continue  # it stands for several tasks, and the one asked for has its own
            if record.state is State.LOST:
                self._tracker.move(record, Event.FOUND)
                record.deadline = self._deadline(act)
            elif record.state in LOOKED_AT:
                record.deadline = _later(record.deadline, self._deadline(act))
            else:
                continue
            self.poller.hurry(record)
            return record
        return None

    async def _watched(self, record: Record) -> None:
        """Look as soon as the server is known; an address without one parks the record."""
        try:
            await self._probe.known()
        except MjflowError as error:
            self._park(record, error)
        else:
            self.watch_soon(record)

    def _blinded(self, record: Record, error: Exception) -> None:
        self._park(record, self._crew.noted(error))

    def _park(self, record: Record, error: MjflowError) -> None:
        """Give up a record that we are unable to look at: nobody may wait for it in vain."""
        if record.state in LOOKED_AT:
            self._tracker.move(record, Event.FORGOTTEN, error=error)

    def _cadence(self, dialect: Dialect) -> Cadence:
        return FixedTick(self._poll_interval or dialect.poll_interval)

    def _deadline(self, act: Act) -> float | None:
        patience = act.options.deadline
        return None if patience is None else self._clock.now() + patience


def _later(one: float | None, other: float | None) -> float | None:
    """Return the later of two deadlines; `None` is no deadline at all."""
    return None if one is None or other is None else max(one, other)
