"""Puts the parts together, and opens and closes them in order."""

from __future__ import annotations

import logging
from types import TracebackType
from typing import Self

from attrs import frozen

from mjflow.api import Api
from mjflow.engine.act import Act, Answer
from mjflow.engine.admission import Admission
from mjflow.engine.books import Books
from mjflow.engine.clock import Clock
from mjflow.engine.crew import Crew
from mjflow.engine.dialogs import Dialogs
from mjflow.engine.downloads import Downloads
from mjflow.engine.intake import Intake
from mjflow.engine.looks import Looks
from mjflow.engine.poller import Poller
from mjflow.engine.record import Record
from mjflow.engine.spend import Spend
from mjflow.engine.submitter import Submitter
from mjflow.engine.tracker import Tracker
from mjflow.errors import ClientClosed, MjflowError, StillRunning
from mjflow.fsm.events import Event
from mjflow.fsm.states import LOOKED_AT, SETTLED, State
from mjflow.journal.store import ANONYMOUS, Store
from mjflow.observers import Observers
from mjflow.protocol.prices import Prices
from mjflow.timing.breaker import Breaker
from mjflow.timing.cadence import Cadence
from mjflow.timing.limits import RequestBudget, Window

logger = logging.getLogger("mjflow.engine")

#: Seconds that closing waits for paying requests on the wire: as long as their own timeout.
LAST_REPLIES = 95.0


@frozen(kw_only=True)
class EngineSettings:
    """What an engine needs to know, once and for all."""

    #: What keys are unique in.
    namespace: str
    cadence: Cadence
    window: Window
    #: Submits per second; `None` for no limit.
    submit_rate: float | None
    #: Looks per second; `None` for no limit.
    request_budget: float | None
    prices: Prices
    #: Server seconds per real second; 1 for every real server.
    speed: float = 1.0


class Engine:
    """Drives records from a call to their end; an async context manager, for one time only."""

    def __init__(
        self, api: Api, store: Store, observers: Observers, settings: EngineSettings
    ) -> None:
        self.api = api
        self.clock = Clock(settings.speed)
        self.spend = Spend(settings.prices)
        self.tracker = Tracker(observers, self._stepped)
        rate = RequestBudget(settings.submit_rate)
        self.admission = Admission(self.clock, settings.window, Breaker(), rate, observers)
        self._store = store
        self._crew = Crew(self._failed)
        books = Books(store, settings.namespace)
        parts = (api, self.tracker, self.admission, books, self.spend, self.clock)
        self._submitter = Submitter(*parts)
        self._dialogs = Dialogs(*parts)
        #: Answers given before their dialogs opened, by the key of the act.
        self._answers: dict[str, Answer] = {}
        self._looks = Looks(
            *parts, on_dialog=self._on_dialog, known=lambda: self._submitter.server_known
        )
        self.poller = Poller(
            api,
            self.clock,
            settings.cadence,
            RequestBudget(settings.request_budget),
            self._crew.run,
            on_news=self._looks.news,
            on_miss=self._looks.miss,
            on_deadline=self._looks.deadline,
            on_recovery=self._recovered,
            on_failure=self._blinded,
            rest=self._looks.rest,
        )
        self.intake = Intake(self.tracker, carry=self._carry, watch=self._watch_soon)
        self.downloads = Downloads(api, books, self.clock)

    # --- life -----------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        self._crew.open()
        self._crew.run(self._poll())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Send nothing new, hear the last replies, end every wait; bugs are raised here."""
        self._submitter.closing = self._dialogs.closing = True
        try:
            await self._crew.drain(LAST_REPLIES)
        finally:
            try:
                await self._crew.close()
            finally:
                self._hand_back()
                try:
                    await self.api.transport.aclose()
                finally:
                    await self._store.aclose()
        if error is None:
            self._crew.check_bugs()

    def _hand_back(self) -> None:
        """End every wait: say of each open task how to pick it up."""
        running: dict[str, None] = {}
        for record in self.tracker:
            if record.state is State.NEW:
                closed = ClientClosed("the client was closed before this was sent")
                self.tracker.move(record, Event.WITHDRAWN, error=closed)
            elif record.outcome is None:
                running[record.id or record.token] = None
                message = f"the client was closed while task {record.id} was running"
                self.tracker.tell(record, StillRunning(message, task_id=record.id))
        if running:
            named = ", ".join(list(running)[:10]) + (", ..." if len(running) > 10 else "")
            logger.warning("closed while %d tasks still run: %s", len(running), named)

    def check_open(self) -> None:
        """Raise `InvalidInput` unless acts can be taken on now."""
        self._crew.check_open()

    async def _poll(self) -> None:
        try:
            await self.poller.run()
        except Exception as error:
            told = self._crew.noted(error)
            for record in self.tracker:
                self._park(record, told)

    def _blinded(self, record: Record, error: Exception) -> None:
        self._park(record, self._crew.noted(error))

    def _park(self, record: Record, error: MjflowError) -> None:
        """Give up a record that we are unable to look at: nobody may wait for it in vain."""
        if record.state in LOOKED_AT:
            self.tracker.move(record, Event.FORGOTTEN, error=error)

    def _failed(self, record: Record, error: MjflowError) -> None:
        """End the waits that a carrier would have served."""
        record = record.latest
        if record.state is State.NEW:
            self.tracker.move(record, Event.WITHDRAWN, error=error)
        elif record.outcome is None:
            self.tracker.tell(record, error)

    # --- the way of a record --------------------------------------------------------------

    def attach(self, act: Act, task_id: str) -> Record:
        """
        Watch a task by its id; whoever asks for the same one shares its record.

        A lost one is looked at again, so that what was clicked on it goes on as well.
        """
        for record in self.tracker.with_id(task_id):
            if record.children:
                continue  # it stands for several tasks, and the one asked for has its own
            if record.state is State.LOST:
                self.tracker.move(record, Event.FOUND)
                record.deadline = self._deadline(act)
            elif record.state in LOOKED_AT:
                record.deadline = _later(record.deadline, self._deadline(act))
            else:
                continue
            self.poller.hurry(record)
            return record
        return self.intake.attach(act, task_id)

    def _carry(self, record: Record) -> None:
        self._crew.carry(record, self._carried(record))

    async def _carried(self, record: Record) -> None:
        """Carry a new record to the server, then see to it that it is looked at."""
        await self._submitter.carry(record)
        record = record.latest
        if len(record.ids) > 1 and record.state is State.SUBMITTED:
            self.intake.split(record)
            self._crew.carry(record, self._gather(record))
        elif record.state in LOOKED_AT:
            self._watch(record)
        if record.state is State.MODAL:
            await self._opened(record)

    def _watch(self, record: Record) -> None:
        record.deadline = self._deadline(record.act)
        self.poller.watch(record)

    def _watch_soon(self, record: Record) -> None:
        """Watch a record that may have ended long ago."""
        self._watch(record)
        self.poller.hurry(record)

    def _deadline(self, act: Act) -> float | None:
        patience = act.options.deadline
        return None if patience is None else self.clock.now() + patience

    async def _gather(self, record: Record) -> None:
        """End a record when all its children have ended: well, if all of them did."""
        outcomes = [await self.tracker.outcome(child) for child in record.children]
        failed = next((one for one in outcomes if isinstance(one, MjflowError)), None)
        if failed is None:
            self.tracker.move(record, Event.SUCCEEDED, task=record.children[0].task)
        elif any(child.state is State.LOST for child in record.children):
            self.tracker.move(record, Event.FORGOTTEN, error=failed)
        else:
            self.tracker.move(record, Event.FAILED, error=failed)

    # --- dialogs --------------------------------------------------------------------------

    def _on_dialog(self, record: Record) -> None:
        self._crew.carry(record, self._opened(record))

    async def _opened(self, record: Record) -> None:
        answer = self._answers.pop(record.key, None)
        if answer is None:
            await self._dialogs.opened(record)
        else:
            await self._dialogs.answer(record, answer)

    def answer(self, record: Record, answer: Answer) -> None:
        """
        Answer a record's dialog, now or when it opens; what comes of it, its waiters hear.

        Does nothing to a dialog that was answered before, nor to a task that will open none.
        """
        self.check_open()
        if record.state is State.MODAL and not record.answered:
            self.tracker.clear(record)
            self._crew.carry(record, self._dialogs.answer(record, answer))
        elif record.state not in SETTLED and not record.answered:
            self._answers[record.key] = answer

    # --- books ----------------------------------------------------------------------------

    def _stepped(self, record: Record) -> None:
        """Keep the window and the books in step with a record that has moved."""
        if record.placed and _has_left(record):
            record.placed = False
            self.admission.leave()
        if record.state in SETTLED:
            record.target = None
            self._answers.pop(record.key, None)
            if record.key.startswith(ANONYMOUS) and not _may_be_found(record):
                self.tracker.forget(record)

    def _recovered(self) -> None:
        self._submitter.server_known = True
        self._looks.recovered()
        self.admission.worked()


#: Open, and yet perhaps nothing at the server.
_IDLE = frozenset({State.NEW, State.IN_DOUBT, State.ANSWER_IN_DOUBT})


def _has_left(record: Record) -> bool:
    """Whether a record takes no place at the server; a dialog left to a person idles there."""
    if record.state is State.MODAL:
        return record.error is not None
    return record.state in SETTLED or record.state in _IDLE


def _may_be_found(record: Record) -> bool:
    """Whether a record is parked: it was paid, and `attach` may yet move it on."""
    return record.state is State.LOST and bool(record.token)


def _later(one: float | None, other: float | None) -> float | None:
    """Return the later of two deadlines; `None` is no deadline at all."""
    return None if one is None or other is None else max(one, other)
