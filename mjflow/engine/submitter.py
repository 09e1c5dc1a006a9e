"""
Carries one act from the call to the server's word about it.

The one place where paying requests for new tasks are sent.  House rules:

1. The intent is in the journal before the first byte leaves; the answer is in the journal before
   anybody hears of it.
2. A request is sent again only after a definite no (`Rejected`), as the journal's next attempt.
   Doubt is told to the caller and never sent again, save a click that is free (P§3.6).
3. Everything here runs in tasks that the engine owns: no caller's cancellation tears a request.
"""

from __future__ import annotations

import asyncio
import os
import random

from mjflow.api import Api
from mjflow.engine.admission import Admission
from mjflow.engine.books import Books
from mjflow.engine.clock import Clock
from mjflow.engine.outcomes import failure_of, in_doubt
from mjflow.engine.patience import Patience
from mjflow.engine.record import Record
from mjflow.engine.resolve import dialog_traits, request_of, with_state
from mjflow.engine.revive import past_of
from mjflow.engine.spend import Spend
from mjflow.engine.tracker import Tracker
from mjflow.errors import (
    ClientClosed,
    KeyConflict,
    MjflowError,
    ParentUnusable,
    TaskNotFound,
)
from mjflow.fsm.events import Event
from mjflow.fsm.states import ENDED, State
from mjflow.journal.store import is_over
from mjflow.protocol import codec
from mjflow.protocol.refusals import refusal
from mjflow.protocol.requests import Imagine, Submit
from mjflow.protocol.task import Task
from mjflow.protocol.token import new_token, wrap
from mjflow.protocol.verdicts import (
    Accepted,
    Cause,
    Dialog,
    Doubt,
    Existing,
    Refused,
    Rejected,
    Verdict,
)

#: States of a parent from which nothing good can come any more.
_BARREN = (ENDED - {State.SUCCESS}) | {State.REFUSED, State.WITHDRAWN}


class Submitter:
    """Sends what costs money, exactly once."""

    def __init__(
        self,
        api: Api,
        tracker: Tracker,
        admission: Admission,
        books: Books,
        spend: Spend,
        clock: Clock,
    ) -> None:
        self._api = api
        self._tracker = tracker
        self._admission = admission
        self._books = books
        self._spend = spend
        self._clock = clock
        #: Set when the client closes: what is not on the wire by then never will be.
        self.closing = False
        #: Whether this server has ever given an answer of this API to this client.
        self.server_known = False

    async def carry(self, record: Record) -> None:
        """Carry a new record until the server has it, refused it, or it is withdrawn."""
        try:
            parent = await self._parent(record)
            record.request, record.button = request_of(record.act, parent, self._api.dialect)
            if not await self._revived(record):
                await self._submit(record)
        except MjflowError as error:
            if record.state is State.NEW:
                self._tracker.move(record, Event.WITHDRAWN, error=error)
            else:
                self._tracker.tell(record, error)

    # --- the parent -----------------------------------------------------------------------

    async def _parent(self, record: Record) -> Task | None:
        """Wait for the task this act builds on; while it is in doubt or lost, so are we."""
        parent = record.parent
        if parent is None:
            return None
        while True:
            outcome = await self._tracker.outcome(parent)
            if isinstance(outcome, Task):
                self._tracker.clear(record)
                return outcome
            if parent.state in _BARREN:
                message = f"the task before {record.act.button!r} came to nothing"
                raise ParentUnusable(f"{message}: {outcome.message}") from outcome
            self._tracker.tell(record, outcome)
            await self._tracker.change(parent)
            self._tracker.clear(record)

    # --- another life ---------------------------------------------------------------------

    async def _revived(self, record: Record) -> bool:
        """Tell whether the journal knows this key already: then it is that task, not a new one."""
        attempts = await self._books.past(record)
        record.attempt = len(attempts)
        if not attempts or is_over(attempts[-1]):
            return False
        assert record.request is not None
        if attempts[-1].intent.digest != codec.digest(record.request):
            raise KeyConflict(record.key)
        record.token = attempts[-1].intent.token
        past = past_of(attempts[-1])
        record.task, record.dialog = past.task, past.dialog
        self._tracker.name(record, past.ids)
        self._tracker.restore(record, past.events)
        if error := self._error_after(record):
            self._tracker.tell(record, error)
        return True

    def _error_after(self, record: Record) -> MjflowError | None:
        match record.state:
            case State.IN_DOUBT:
                return in_doubt(record, "the process ended before the answer came")
            case State.FAILURE | State.CANCEL if record.task is not None:
                return failure_of(record.task)
            case _:
                return None

    # --- attempts -------------------------------------------------------------------------

    async def _submit(self, record: Record) -> None:
        patience = Patience(record.act.options.admission_timeout)
        while True:
            await self._admission.enter()
            record.placed = True
            if self.closing:
                raise ClientClosed("the client was closed before this was sent")
            verdict = await self._attempt(record)
            if isinstance(verdict, Rejected):
                await self._back_off(record, verdict, patience)
            elif isinstance(verdict, Doubt) and _free(record) and record.error is None:
                record = await self._again(record)
            else:
                return

    async def _attempt(self, record: Record) -> Verdict:
        """Write the intent, send, write the answer; tell whoever waits."""
        async with self._admission.wire:
            request = self._begin(record)
            try:
                await self._books.intend(record, request)
            except BaseException:
                self._tracker.move(record, Event.WITHDRAWN)
                raise
            try:
                verdict = await self._api.submit(request, record.act.options.mode)
                verdict = await self._confirmed(record, verdict)
            except asyncio.CancelledError:
                self._tracker.move(record, Event.UNANSWERED, error=in_doubt(record, "interrupted"))
                raise
            await self._settle(record, verdict)
        return verdict

    def _begin(self, record: Record) -> Submit:
        assert record.request is not None
        record.attempt += 1
        record.token = new_token(os.urandom(13))
        self._tracker.move(record, Event.INTENT)
        return with_state(record.request, wrap(record.token, record.act.state))

    async def _confirmed(self, record: Record, verdict: Verdict) -> Verdict:
        """
        Ask once more whether a parent is really unknown.

        Code 3 on a click has two meanings: no such parent, or no account for it (P§3.3).
        """
        request = record.request
        if not isinstance(verdict, Refused) or verdict.cause is not Cause.PARENT_MISSING:
            return verdict
        if request is None or isinstance(request, Imagine):
            return verdict
        try:
            await self._api.fetch(request.task_id)
        except TaskNotFound:
            return verdict
        except MjflowError:
            pass
        return Rejected(Cause.NO_ACCOUNT, verdict.reason)

    async def _settle(self, record: Record, verdict: Verdict) -> None:
        """Write a verdict to the journal, then let it move the record."""
        event = _EVENTS[type(verdict)]
        await self._books.verdict(record, event, verdict)
        self.server_known = self.server_known or not _silent(verdict)
        self._spend.submitted(record, verdict)
        match verdict:
            case Rejected(cause=Cause.QUEUE_FULL | Cause.SATURATED):
                self._admission.crowded()  # before the record gives its place back
            case Accepted():
                record.queue_place = verdict.queue_place
                self._tracker.name(record, verdict.ids)
            case Existing():
                self._tracker.name(record, (verdict.id,))
            case Dialog():
                record.dialog = verdict
                self._tracker.name(record, (verdict.id,))
        self._tracker.move(record, event, error=self._error(record, verdict))
        if isinstance(verdict, Accepted | Existing | Dialog):
            self._admission.accepted()

    async def _again(self, record: Record) -> Record:
        """Send a free click once more: the first may have left a dialog that costs nothing."""
        await self._books.event(record, Event.FORCED)
        self._tracker.move(record, Event.FORCED)
        again = Record(
            act=record.act,
            key=record.key,
            attempt=record.attempt,
            parent=record.parent,
            button=record.button,
            request=record.request,
            forced=True,
        )
        self._tracker.supersede(record, again)
        return again

    def _error(self, record: Record, verdict: Verdict) -> MjflowError | None:
        match verdict:
            case Refused():
                return refusal(verdict)
            case Doubt() if _free(record) and not record.forced:
                return None  # sent again at once, see `_again`
            case Doubt():
                return in_doubt(record, verdict.reason)
            case _:
                return None

    async def _back_off(self, record: Record, verdict: Rejected, patience: Patience) -> None:
        """Wait before the next try, or raise the error of a rejection that lasts too long."""
        error = refusal(verdict)
        if verdict.breaks:
            if self._admission.broke(error, submit=True):
                raise error
            return
        delay = patience.next_try(
            verdict, self._clock.now(), random.random(), known_server=self.server_known
        )
        if delay is None:
            raise error
        self._tracker.publish(record, "retry", reason=verdict.reason, delay=delay)
        await self._clock.sleep(delay)


_EVENTS: dict[type[Verdict], Event] = {
    Accepted: Event.ACCEPTED,
    Existing: Event.ACCEPTED,
    Dialog: Event.DIALOG,
    Rejected: Event.REJECTED,
    Refused: Event.REFUSED,
    Doubt: Event.UNANSWERED,
}


def _silent(verdict: Verdict) -> bool:
    """Whether a verdict is no answer of this API at all."""
    match verdict:
        case Doubt():
            return True
        case Rejected() | Refused():
            return verdict.cause in (Cause.UNREACHABLE, Cause.NO_ROUTE, Cause.KEY)
        case _:
            return False


def _free(record: Record) -> bool:
    """Whether the act costs nothing by itself: a dialog whose answer is paid (P§3.6)."""
    return dialog_traits(record.button, record.act).free
