"""Puts the parts together, and opens and closes them in order."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from contextlib import suppress
from types import TracebackType
from typing import Self

from mjflow.api import Api
from mjflow.engine.act import Act, Answer, Options
from mjflow.engine.admission import Admission
from mjflow.engine.answers import check_click
from mjflow.engine.books import Books
from mjflow.engine.clock import Clock
from mjflow.engine.crew import Crew, Errand
from mjflow.engine.dialogs import Dialogs
from mjflow.engine.downloads import Downloads
from mjflow.engine.farewell import hand_back
from mjflow.engine.findings import Findings
from mjflow.engine.intake import Intake
from mjflow.engine.lookout import Lookout
from mjflow.engine.looks import Looks
from mjflow.engine.mixups import Mixups
from mjflow.engine.probe import Probe
from mjflow.engine.record import Record
from mjflow.engine.revive import Reviver
from mjflow.engine.search import Search
from mjflow.engine.sender import Sender
from mjflow.engine.settings import EngineSettings
from mjflow.engine.settle import Settle, Word
from mjflow.engine.siblings import gather
from mjflow.engine.spend import Spend
from mjflow.engine.stalls import Stalls
from mjflow.engine.submitter import Submitter
from mjflow.engine.tracker import Tracker
from mjflow.engine.uploads import Uploads
from mjflow.errors import MjflowError
from mjflow.fsm.events import Event
from mjflow.fsm.states import LOOKED_AT, SETTLED, State
from mjflow.journal.store import ANONYMOUS, Store
from mjflow.observers import Observer, Observers
from mjflow.protocol.buttons import check_possible
from mjflow.protocol.dialect import Dialect
from mjflow.protocol.requests import Mode
from mjflow.timing.breaker import Breaker
from mjflow.timing.limits import RequestBudget

logger = logging.getLogger("mjflow.engine")

#: Seconds that closing waits for paying requests on the wire: as long as their own timeout.
LAST_REPLIES = 95.0


class Engine:
    """Drives records from a call to their end; an async context manager, for one time only."""

    def __init__(
        self, api: Api, store: Store, observers: Observers, settings: EngineSettings
    ) -> None:
        self.api = api
        self.observers = observers
        self.clock = Clock(settings.speed)
        self._probe = Probe(
            api, self.clock, settings.dialect, self._recognised, keyless=settings.keyless
        )
        self.spend = Spend(settings.prices)
        self.tracker = Tracker(observers, self._stepped)
        self.stalls = Stalls(self.tracker, self.clock)
        self.mixups = Mixups()
        rate = RequestBudget(settings.submit_rate)
        self.admission = Admission(
            self.clock, settings.lanes, settings.collisions, Breaker(), rate, observers
        )
        self.store = store
        self.namespace = settings.namespace
        self._crew = Crew(self._failed)
        books = Books(store, settings.namespace)
        parts = (api, self.tracker, self.admission, books, self.spend, self.clock)
        looking = RequestBudget(settings.request_budget)
        self._looks = Looks(
            *parts,
            budget=looking,
            on_change=self.stalls.changed,
            on_dialog=self._on_dialog,
            known=lambda: self._sender.server_known,
        )
        self._lookout = Lookout(
            api,
            self.tracker,
            self.stalls,
            self._looks,
            self._probe,
            self.clock,
            self._crew,
            looking,
            poll_interval=settings.poll_interval,
            on_recovery=self._recovered,
        )
        self.poller = self._lookout.poller
        findings = Findings(self.tracker, self.admission, books, self.spend, self._found)
        self._search = Search(api, self.tracker, findings, self.clock, looking, self._crew.run)
        self._reviver = Reviver(
            self.tracker,
            self.admission,
            books,
            self.clock,
            self._search,
            self._lookout.watch_soon,
            self._doubted,
        )
        self._sender = Sender(
            api,
            self.tracker,
            self.admission,
            books,
            self.spend,
            self._search,
            self.clock,
            looking,
        )
        self._submitter = Submitter(
            api,
            self.tracker,
            self.admission,
            books,
            self.clock,
            self._sender,
            self._reviver,
            findings,
            self._search,
        )
        self._dialogs = Dialogs(*parts, look=self._look_for_answer, catch_up=self._reviver.catch_up)
        self._settle = Settle(
            api,
            self.tracker,
            findings,
            self._search,
            self._dialogs,
            ready=self._probe.known,
            spawn=self._crew.run,
            carry=self._carry,
            answer=self._answer_again,
        )
        self.intake = Intake(self.tracker, carry=self._carry, watch=self._lookout.watch_soon)
        self.downloads = Downloads(api, books, self.clock, looking)
        self.uploads = Uploads(
            api,
            store,
            settings.namespace,
            self.admission,
            self.spend,
            self.clock,
            self._crew,
            known=lambda: self._sender.server_known,
        )

    # --- life -----------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        self._crew.open()
        try:
            await self.store.start()
        except BaseException:
            await self._crew.close()
            await self.api.transport.aclose()
            raise
        self._crew.run(self._lookout.run())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Send nothing new, hear the last replies, end every wait; bugs are raised here."""
        self._sender.closing = self._search.closing = self.uploads.closing = True
        self._dialogs.close()
        try:
            await self._crew.drain(LAST_REPLIES, self.admission.sending)
        finally:
            try:
                await self._crew.close()
            finally:
                self._search.close()
                hand_back(self.tracker)
                self.stalls.close()
                self.observers.close()
                try:
                    await self.api.transport.aclose()
                finally:
                    await self.store.aclose()
        if error is None:
            self._crew.check_bugs()

    def check_open(self) -> None:
        """Raise `InvalidInput` unless acts can be taken on now."""
        self._crew.check_open()

    def errand(self, errand: Errand) -> asyncio.Task[None]:
        """Run somebody's errand beside the acts; it is cancelled when the client closes."""
        return self._crew.run(errand)

    def recall(self, records: Collection[Record], error: MjflowError) -> None:
        """Withdraw those of some acts that were not sent yet; what is on the wire stays there."""
        for record in self._crew.recall(records, self.admission.sending):
            self.tracker.move(record, Event.WITHDRAWN, error=error)

    def _failed(self, record: Record, error: MjflowError) -> None:
        """End the waits that a carrier would have served."""
        record = record.latest
        if record.state is State.NEW:
            self.tracker.move(record, Event.WITHDRAWN, error=error)
        elif record.outcome is None:
            self.tracker.tell(record, error)

    def listen(self, observer: Observer) -> None:
        """Tell an observer what happens from now on, also of tasks that have stalled already."""
        self.observers.add(observer)
        for record in self.tracker:
            self.stalls.read(record)

    # --- the server -----------------------------------------------------------------------

    async def ready(self) -> Dialect:
        """
        Find out the server's dialect, unless it is known.

        Raises:
            InvalidInput: The client is not open.
            NotAuthorized, TransportError: It cannot be found out: the key or the address is wrong.
        """
        self.check_open()
        return await self._probe.known()

    def check_mode(self, mode: Mode | None) -> None:
        """Raise `InvalidInput` for a speed mode that the server does not know, once it is known."""
        if self._probe.dialect is not None:
            self._probe.dialect.prefix(mode)

    def check_click(self, act: Act) -> None:
        """Raise `InvalidInput` for a click that can never work, as far as that is known by now."""
        check_click(act)
        if self._probe.dialect is not None:
            check_possible(act.button, self._probe.dialect, answered=bool(act.answer))

    def _recognised(self, dialect: Dialect, certain: bool) -> None:
        self.api.dialect = dialect
        self._lookout.adapt(dialect)
        self._sender.server_known |= certain

    # --- the way of a record --------------------------------------------------------------

    def attach(self, act: Act, task_id: str) -> Record:
        """Watch a task by its id; whoever asks for the same one shares its record."""
        return self._lookout.join(act, task_id) or self.intake.attach(act, task_id)

    def _carry(self, record: Record) -> None:
        self._crew.carry(record, self._carried(record))

    async def _carried(self, record: Record) -> None:
        """Carry a new record to the server, then see to it that it is looked at."""
        try:
            (await self._probe.known()).prefix(record.act.options.mode)
        except MjflowError as error:
            self.tracker.move(record, Event.WITHDRAWN, error=error)
            return
        await self._submitter.carry(record)
        record = record.latest
        if len(record.ids) > 1 and record.state is State.SUBMITTED:
            self._split(record)
        elif record.state in LOOKED_AT:
            self._lookout.watch(record)
        if record.state is State.MODAL:
            await self._dialogs.opened(record)

    def _split(self, record: Record) -> None:
        self.intake.split(record)
        self._crew.carry(record, gather(self.tracker, record))

    # --- doubts ---------------------------------------------------------------------------

    def _found(self, record: Record) -> None:
        """See to it that a task which has turned up is looked at."""
        if len(record.ids) > 1:
            self._split(record)
        else:
            self._lookout.watch_soon(record)

    async def doubts(self, options: Options) -> list[Record]:
        """List all records in doubt, oldest first; those of another life get these options."""
        self.check_open()
        with suppress(MjflowError):  # it is the journal that knows, whatever the server says
            await self._probe.known()
        return await self._reviver.doubts(options)

    async def settle(self, record: Record, word: Word, task_id: str | None) -> State:
        """Settle a record in doubt; as of `TaskHandle.settle`."""
        self.check_open()
        return await self._settle.settle(record, word, task_id)

    async def _look_for_answer(self, record: Record) -> None:
        """Look for an answer in doubt: by the id of its dialog, then by its token."""
        await self._looks.all_rows(record)
        if record.state is State.ANSWER_IN_DOUBT and self._search.possible:
            await self._search.look()

    def _answer_again(self, record: Record) -> None:
        self._crew.carry(record, self._dialogs.again(record))

    # --- dialogs --------------------------------------------------------------------------

    def _doubted(self, record: Record, reason: str) -> None:
        """Look into an answer of another life of which nothing was heard."""
        self._crew.carry(record, self._dialogs.doubted(record, reason))

    def _on_dialog(self, record: Record) -> None:
        self._crew.carry(record, self._dialogs.opened(record))

    def answer(self, record: Record, answer: Answer) -> None:
        """
        Answer a record's dialog, now or when it opens; what comes of it, its waiters hear.

        Does nothing to a dialog that was answered before, nor to a task that will open none.
        """
        self.check_open()
        if record.state is State.MODAL:  # answered before only if a person gave that up
            self.tracker.clear(record)
            self._crew.carry(record, self._dialogs.answer(record, answer))
        elif record.state not in SETTLED and not record.answered:
            self._dialogs.keep(record, answer)

    # --- books ----------------------------------------------------------------------------

    def _stepped(self, record: Record) -> None:
        """Keep the window and the books in step with a record that has moved."""
        self.stalls.changed(record)
        self.admission.moved(record)
        if record.state in SETTLED:
            record.target = None
            self._dialogs.drop(record)
            if record.key.startswith(ANONYMOUS) and not _may_be_found(record):
                self.tracker.forget(record)
        if record.state is State.SUCCESS and (mixup := self.mixups.noticed(record)):
            self.tracker.publish(record, "mixup", error=mixup)

    def _recovered(self) -> None:
        self._sender.server_known = True
        self._looks.recovered()
        self.admission.worked()


def _may_be_found(record: Record) -> bool:
    """Whether a record is parked: it was paid, and `attach` may yet move it on."""
    return record.state is State.LOST and bool(record.token)
