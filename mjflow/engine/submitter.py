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
from mjflow.engine.outcomes import in_doubt
from mjflow.engine.patience import Patience
from mjflow.engine.record import Record
from mjflow.engine.resolve import dialog_traits, request_of, with_state
from mjflow.engine.revive import Reviver
from mjflow.engine.spend import Spend
from mjflow.engine.tracker import Tracker
from mjflow.errors import (
    ClientClosed,
    IllegalTransition,
    MjflowError,
    NotAnApi,
    NotSubmitted,
    ParentUnusable,
    TaskNotFound,
)
from mjflow.fsm.events import Event
from mjflow.fsm.states import ENDED, State
from mjflow.journal.store import AttemptExists
from mjflow.protocol.refusals import refusal
from mjflow.protocol.requests import Action, Change, Submit
from mjflow.protocol.task import Task
from mjflow.protocol.token import TOKEN_BYTES, new_token, wrap
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
        self._reviver = Reviver(tracker, admission, books, clock)
        #: Set when the client closes: what is not on the wire by then never will be.
        self.closing = False
        #: Whether this server has ever given an answer of this API to this client.
        self.server_known = False

    async def carry(self, record: Record) -> None:
        """Carry a new record until the server has it, refused it, or it is withdrawn."""
        try:
            parent = await self._parent(record)
            record.request, record.button = request_of(record.act, parent, self._api.dialect)
            if not await self._reviver.revived(record):
                await self._submit(record)
        except IllegalTransition:
            raise  # a bug, and not the caller's: let the crew make a noise about it
        except MjflowError as error:
            await self._withdraw(record.latest, error)

    async def _withdraw(self, record: Record, error: MjflowError) -> None:
        if record.state is not State.NEW:
            self._tracker.tell(record, error)
            return
        await self._books.event(record, Event.WITHDRAWN)
        self._tracker.move(record, Event.WITHDRAWN, error=error)

    # --- the parent -----------------------------------------------------------------------

    async def _parent(self, record: Record) -> Task | None:
        """Wait for the task this act builds on; what keeps it waiting keeps us waiting."""
        if record.parent is None:
            return None
        while True:
            outcome = await self._tracker.outcome(record.parent)
            parent = record.parent.latest
            if isinstance(outcome, Task):
                return outcome
            if parent.state in _BARREN:
                message = f"the task before {record.act.button!r} came to nothing"
                raise ParentUnusable(f"{message}: {outcome.message}") from outcome
            self._tracker.tell(record, outcome)
            self._tracker.clear(record)  # from now on it has the parent's outcome, see `Record`
            await self._tracker.change(parent)

    # --- attempts -------------------------------------------------------------------------

    async def _submit(self, record: Record) -> None:
        patience = Patience(record.act.options.admission_timeout)
        turned_away = False
        while True:
            await self._enter(record, patience, again=turned_away)
            try:
                verdict = await self._attempt(record)
            except AttemptExists:
                await self._give_way(record)
                return
            turned_away = True
            if isinstance(verdict, Rejected):
                await self._back_off(record, verdict, patience)
            elif isinstance(verdict, Doubt) and record.error is None:
                record = await self._again(record)
            else:
                return

    async def _enter(self, record: Record, patience: Patience, *, again: bool) -> None:
        """Wait for a place in flight; after a rejection not for ever."""
        left = patience.left(self._clock.now())
        try:
            async with asyncio.timeout(None if left is None else self._clock.real(left)):
                await self._admission.enter(again=again)
        except TimeoutError:
            assert patience.last is not None
            raise refusal(patience.last) from None
        record.placed = True

    async def _attempt(self, record: Record) -> Verdict:
        """Write the intent, send, write the answer; tell whoever waits."""
        async with self._admission.on_the_wire():
            self._check_open()
            request = await self._intend(record)
            verdict = await self._send(record, request)
            await self._settle(record, verdict)
        return verdict

    async def _intend(self, record: Record) -> Submit:
        """Write the intent; whatever prevents that, not a byte has left."""
        assert record.request is not None
        before, token = record.token, new_token(os.urandom(TOKEN_BYTES))
        request = with_state(record.request, wrap(token, record.act.state))
        record.attempt, record.token = record.attempt + 1, token
        self._tracker.move(record, Event.INTENT)
        try:
            await self._books.intend(record, request)
        except BaseException:
            record.attempt, record.token = record.attempt - 1, before
            self._tracker.move(record, Event.WITHDRAWN)
            raise
        return request

    async def _send(self, record: Record, request: Submit) -> Verdict:
        try:
            verdict = await self._api.submit(request, record.act.options.mode)
            return await self._confirmed(request, verdict)
        except BaseException:
            self._tracker.move(record, Event.UNANSWERED, error=in_doubt(record, "interrupted"))
            raise

    async def _confirmed(self, request: Submit, verdict: Verdict) -> Verdict:
        """
        Ask once more whether a parent is really unknown.

        Code 3 on a click has two meanings: no such parent, or no account for it (P§3.3).
        """
        if not isinstance(verdict, Refused) or verdict.cause is not Cause.PARENT_MISSING:
            return verdict
        if not isinstance(request, Action | Change):
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
        try:
            unwritten = await self._books.verdict(record, event, verdict)
        finally:
            self._apply(record, event, verdict)  # what the server said counts in any case
        if unwritten is not None and isinstance(verdict, Rejected):
            raise unwritten  # the journal holds this attempt for open: there can be no next one

    def _apply(self, record: Record, event: Event, verdict: Verdict) -> None:
        self.server_known = self.server_known or not _silent(verdict)
        self._spend.submitted(record, verdict)
        match verdict:
            case Rejected():
                self._admission.rejected(verdict)
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
            self._admission.accepted(free=_free(record))

    def _error(self, record: Record, verdict: Verdict) -> MjflowError | None:
        match verdict:
            case Refused(cause=Cause.NO_ROUTE) if not self.server_known:
                # Most likely the base URL is at fault.
                return NotAnApi(verdict.reason, advice=f"Nothing was paid. {NotAnApi.advice}")
            case Refused():
                return refusal(verdict, task_id=getattr(record.request, "task_id", None))
            case Doubt() if _free(record) and not record.forced and not self.closing:
                return None  # sent again at once, see `_again`
            case Doubt():
                return in_doubt(record, verdict.reason)
            case _:
                return None

    # --- once more ------------------------------------------------------------------------

    async def _back_off(self, record: Record, verdict: Rejected, patience: Patience) -> None:
        """Wait before the next try, or raise the error of a rejection that lasts too long."""
        self._check_open()
        if verdict.breaks:
            return  # the gate to the wire stays shut until it is mended, or given up
        delay = patience.next_try(
            verdict, self._clock.now(), random.random(), known_server=self.server_known
        )
        if delay is None:
            raise refusal(verdict)
        self._tracker.publish(record, "retry", reason=verdict.reason, delay=delay)
        await self._clock.sleep(delay)

    async def _again(self, record: Record) -> Record:
        """Send a free click once more: the first may have left a dialog that costs nothing."""
        try:
            await self._books.event(record, Event.FORCED)
        except asyncio.CancelledError:
            self._tracker.tell(record, in_doubt(record, "interrupted"))
            raise
        self._tracker.move(record, Event.FORCED)
        again = Record(
            act=record.act,
            key=record.key,
            attempt=record.attempt,
            parent=record.parent,
            button=record.button,
            request=record.request,
            clicks=record.clicks,
            forced=True,
        )
        self._tracker.supersede(record, again)
        return again

    async def _give_way(self, record: Record) -> None:
        """Let this be the task that another client has just submitted under the same key."""
        if not await self._reviver.revived(record):
            raise NotSubmitted(
                f"another client is submitting the key {record.key!r} just now",
                advice="Nothing was sent from here. Ask for the key again in a minute.",
            )

    def _check_open(self) -> None:
        if self.closing:
            raise ClientClosed("the client was closed before this was sent")


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
