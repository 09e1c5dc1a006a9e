"""
Sends one attempt: the intent first, then the request, then the verdict, then whoever waits.

The intent is in the journal before the first byte leaves; the answer is in the journal before
anybody hears of it.
"""

from __future__ import annotations

import os

from attrs import evolve

from mjflow.api import Api
from mjflow.engine.admission import Admission
from mjflow.engine.books import Books
from mjflow.engine.clock import Clock
from mjflow.engine.outcomes import in_doubt
from mjflow.engine.record import Record
from mjflow.engine.resolve import dialog_traits, renewed, with_state
from mjflow.engine.search import Search
from mjflow.engine.spend import Spend
from mjflow.engine.tracker import Tracker
from mjflow.errors import ClientClosed, MjflowError, NotAnApi, TaskNotFound
from mjflow.fsm.events import Event
from mjflow.protocol.recognition import NOBODYS
from mjflow.protocol.refusals import refusal
from mjflow.protocol.requests import Action, Imagine, Kind, Submit
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
from mjflow.timing.limits import RequestBudget


class Sender:
    """
    Puts paying requests for new tasks on the wire, one attempt at a time.

    Args:
        budget: What looks are granted; a question about a no is one.
    """

    def __init__(
        self,
        api: Api,
        tracker: Tracker,
        admission: Admission,
        books: Books,
        spend: Spend,
        search: Search,
        clock: Clock,
        budget: RequestBudget,
    ) -> None:
        self._api = api
        self._tracker = tracker
        self._admission = admission
        self._books = books
        self._spend = spend
        self._search = search
        self._clock = clock
        self._budget = budget
        #: Set when the client closes: what is not on the wire by then never will be.
        self.closing = False
        #: Whether this server has ever given an answer of this API to this client.
        self.server_known = False

    async def attempt(self, record: Record) -> Verdict:
        """
        Write the intent, send, write the answer; tell whoever waits.

        Raises:
            AttemptExists: Somebody else is at this key, or an earlier attempt has turned up.
            MjflowError: It could not be sent; nothing was paid.
        """
        async with self._admission.on_the_wire(record) as foretold:
            self.check_open()
            if foretold is not None:
                self._admission.leave(record)
                return foretold
            request = await self._intend(record)
            verdict = await self._send(record, request)
            await self._settle(record, verdict)
        return verdict

    def check_open(self) -> None:
        """Raise `ClientClosed` when the client is about to close."""
        if self.closing:
            raise ClientClosed("the client was closed before this was sent")

    def repeats(self, record: Record) -> bool:
        """Whether a request in doubt may be sent once more: it is free, and never was before."""
        return is_free(record) and not record.forced and not self.closing

    # --- sending --------------------------------------------------------------------------

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
            verdict = await self._api.submit(request, record.mode)
            return await self._confirmed(record, request, verdict)
        except BaseException:
            self._tracker.move(record, Event.UNANSWERED, error=in_doubt(record, "interrupted"))
            raise

    async def _confirmed(self, record: Record, request: Submit, verdict: Verdict) -> Verdict:
        """
        Ask a free question about a no that has two meanings.

        Code 3 on a click: no such parent, or no account for it (P§3.3).  Code 4 on one: not
        possible, or the button has another id by now (P§2.5).  No such route: this server does not
        offer the act, or there is no server of this family at this address.
        """
        match verdict:
            case Refused(cause=Cause.INVALID) if isinstance(request, Action):
                if await self._renewed(record, request):
                    return Rejected(Cause.BUTTON_STALE, verdict.reason)
            case Refused(cause=Cause.PARENT_MISSING):
                task_id = getattr(request, "task_id", None)
                if task_id is not None and not await self._denied(task_id):
                    return Rejected(Cause.NO_ACCOUNT, verdict.reason)
            case Refused(cause=Cause.NO_ROUTE) if not self.server_known and _rare(request):
                self.server_known = await self._denied(NOBODYS)
        return verdict

    async def _renewed(self, record: Record, request: Action) -> bool:
        """Resolve a refused button anew, once; tell whether it has another id by now."""
        if record.renewed:
            return False
        try:
            parent = await self._fetch(request.task_id)
        except MjflowError:
            return False
        button = renewed(request, record.act, parent.buttons)
        if button is None:
            return False
        record.renewed, record.button = True, button
        record.request = evolve(request, custom_id=button.custom_id, state="")
        return True

    async def _denied(self, task_id: str) -> bool:
        """Ask whether the server, in the words of this API, denies a task."""
        try:
            await self._fetch(task_id)
        except TaskNotFound:
            return True
        except MjflowError:
            pass
        return False

    async def _fetch(self, task_id: str) -> Task:
        await self._clock.turn(self._budget)
        return await self._api.fetch(task_id)

    # --- what the server said -------------------------------------------------------------

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
                self._admission.rejected(verdict, record)
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
            self._admission.accepted(record, free=is_free(record))
        if isinstance(verdict, Doubt) and record.outcome is None and not self.repeats(record):
            self._search.seek(record, verdict.reason)

    def _error(self, record: Record, verdict: Verdict) -> MjflowError | None:
        match verdict:
            case Refused(cause=Cause.NO_ROUTE) if not self.server_known:
                # Most likely the base URL is at fault.
                return NotAnApi(verdict.reason, advice=f"Nothing was paid. {NotAnApi.advice}")
            case Refused():
                task_id = getattr(record.request, "task_id", None)
                act = record.request.route.act if record.request else ""
                return refusal(verdict, task_id=task_id, act=act)
            case Doubt() if self._search.possible or self.repeats(record):
                return None  # it is not given up yet
            case Doubt():
                return in_doubt(record, verdict.reason)
            case _:
                return None


_EVENTS: dict[type[Verdict], Event] = {
    Accepted: Event.ACCEPTED,
    Existing: Event.ACCEPTED,
    Dialog: Event.DIALOG,
    Rejected: Event.REJECTED,
    Refused: Event.REFUSED,
    Doubt: Event.UNANSWERED,
}


def _rare(request: Submit) -> bool:
    """Whether servers of the family lack the route at times (P§2.1)."""
    return request.route.kind is Kind.ROOT and not isinstance(request, Imagine)


def _silent(verdict: Verdict) -> bool:
    """Whether a verdict is no answer of this API at all."""
    match verdict:
        case Doubt():
            return True
        case Rejected() | Refused():
            return verdict.cause in (Cause.UNREACHABLE, Cause.NO_ROUTE, Cause.KEY)
        case _:
            return False


def is_free(record: Record) -> bool:
    """Whether the act costs nothing by itself: a dialog whose answer is paid (P§3.6)."""
    return dialog_traits(record.button, record.act).free
