"""
Sends answers to dialogs, each at most once.

What holds of the submitter's requests holds of these (see `submitter`): the intent is in the
journal before the first byte leaves, the answer before anybody hears of it, and only a definite
no is followed by another try.
"""

from __future__ import annotations

import random

from attrs import frozen

from mjflow.api import Api
from mjflow.engine.act import Answer
from mjflow.engine.admission import Admission
from mjflow.engine.answers import answer_refused, modal_of, parent_task
from mjflow.engine.books import Books
from mjflow.engine.clock import Clock
from mjflow.engine.measure import size_of_picture
from mjflow.engine.outcomes import answer_in_doubt
from mjflow.engine.patience import Patience
from mjflow.engine.record import Record
from mjflow.engine.spend import Spend
from mjflow.engine.threads import in_thread
from mjflow.engine.tracker import Tracker
from mjflow.errors import InvalidInput, MjflowError
from mjflow.fsm.events import Event
from mjflow.fsm.states import State
from mjflow.journal.store import AttemptExists
from mjflow.protocol.requests import Modal
from mjflow.protocol.task import Task
from mjflow.protocol.verdicts import Accepted, Dialog, Doubt, Existing, Refused, Rejected, Verdict


@frozen
class _Drawn:
    """An answer whose mask is drawn: what goes on the wire."""

    answer: Answer
    #: A data URL.
    mask: str | None


class Answerer:
    """Sends what `record.answer` says."""

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
        #: Set when the client closes: no answer leaves after that.
        self.closing = False
        self._at_it: set[Record] = set()

    def is_open(self, record: Record) -> bool:
        """
        Whether a dialog waits for an answer that nobody has sent, under whatever handle.

        One that was answered and is MODAL all the same was given up by a person: nothing else
        leads there.
        """
        if record.state is not State.MODAL:
            return False
        same = self._tracker.with_id(record.id or "")
        return record.answered or not any(one.answered for one in same)

    def waits(self, record: Record) -> bool:
        """Whether somebody has to decide about a dialog now."""
        return self.is_open(record) and record not in self._at_it and not self.closing

    async def answer(self, record: Record, answer: Answer) -> Verdict | None:
        """
        Send an answer until there is a last word about it; `None` if that is not for us to hear.

        While another answer to the same dialog waits to be sent again, this takes its place.

        Raises:
            AttemptExists: Another client has answered; the journal knows what became of that.
            LeaseLost: Somebody else is at the run that it is part of; nothing was paid.
            MjflowError: It could not be sent, or was turned away too long; nothing was paid.
        """
        record.answer = answer
        if record in self._at_it:
            return None
        self._at_it.add(record)
        try:
            return await self._submit(record)
        finally:
            self._at_it.discard(record)

    async def _submit(self, record: Record) -> Verdict | None:
        patience = Patience(record.act.options.admission_timeout)
        drawn: _Drawn | None = None
        while self.is_open(record) and not self.closing:
            assert record.answer is not None
            if drawn is None or drawn.answer is not record.answer:
                drawn = await self._draw(record, record.answer)
            await self._enter(record, again=patience.count > 0)
            verdict = await self._attempt(record, drawn)
            if verdict is not None and not isinstance(verdict, Rejected):
                return verdict
            if verdict is not None and self.is_open(record):
                await self._back_off(record, verdict, patience)
        return None

    async def _draw(self, record: Record, answer: Answer) -> _Drawn:
        """
        Draw the mask in the size of the picture it is for, before anything is paid.

        Raises:
            InvalidInput: A mask from a file has another size, or a shape has no size to go by.
        """
        if answer.mask is None:
            return _Drawn(answer, None)
        parent = parent_task(record) or await self._foreign_parent(record)
        size = await size_of_picture(self._api, parent) if parent is not None else None
        if size is None and answer.mask.width is None:
            raise _no_size()
        return _Drawn(answer, await in_thread(answer.mask.data_url, *(size or ())))

    async def _foreign_parent(self, record: Record) -> Task | None:
        """Read the task whose button somebody else clicked, if the server tells which it was."""
        try:
            task = record.task or await self._api.fetch(record.ids[0])
            parent_id = task.details.parent_id if task.details else None
            return await self._api.fetch(parent_id) if parent_id else None
        except MjflowError:
            return None

    async def _enter(self, record: Record, *, again: bool) -> None:
        """See to it that the task has a place in flight: it had left it if it waited for us."""
        if record.placed:
            return
        await self._admission.enter(record, again=again)
        if not self.is_open(record):
            self._admission.leave(record)

    async def _attempt(self, record: Record, drawn: _Drawn) -> Verdict | None:
        """Write the intent, send, write the answer; `None` if that is not to be sent now."""
        async with self._admission.on_the_wire(record) as foretold:
            if foretold is not None:
                return foretold
            outdated = record.answer is not drawn.answer
            if outdated or not self.is_open(record) or self.closing:
                return None
            modal = modal_of(record, drawn.answer, drawn.mask)
            await self._intend(record, modal)
            verdict = await self._send(record, modal)
            await self._settle(record, verdict)
        return verdict

    async def _intend(self, record: Record, modal: Modal) -> None:
        """Write the intent; whatever prevents that, not a byte has left."""
        self._tracker.move(record, Event.ANSWER_INTENT)
        try:
            await self._books.answer(record, modal)
        except AttemptExists:
            raise  # an answer is out, if not ours: the dialog is not open
        except BaseException:
            self._tracker.move(record, Event.ANSWER_REJECTED)
            raise

    async def _send(self, record: Record, modal: Modal) -> Verdict:
        try:
            return await self._api.submit(modal, record.mode)
        except BaseException:
            error = answer_in_doubt(record, "interrupted")
            self._spend.answered(record, Doubt("interrupted"))
            self._tracker.move(record, Event.ANSWER_UNANSWERED, error=error)
            raise

    async def _settle(self, record: Record, verdict: Verdict) -> None:
        """Write a verdict to the journal, then let it move the record."""
        event = _EVENTS[type(verdict)]
        unwritten = None
        try:
            if event not in _NOES or record.state is State.ANSWERING:
                unwritten = await self._books.verdict(record, event, verdict)
        finally:
            self._apply(record, event, verdict)  # what the server said counts in any case
        if unwritten is not None and isinstance(verdict, Rejected):
            raise unwritten

    def _apply(self, record: Record, event: Event, verdict: Verdict) -> None:
        self._spend.answered(record, verdict)
        match verdict:
            case Rejected():
                self._admission.rejected(verdict, record)
            case Accepted():
                self._name(record, verdict.ids)
            case Existing() | Dialog():
                self._name(record, (verdict.id,))
        # Nobody is told of a doubt yet: a look may settle it.
        told = answer_refused(record, verdict) if isinstance(verdict, Refused) else None
        self._tracker.move(record, event, error=told)
        if isinstance(verdict, Accepted | Existing | Dialog):
            self._admission.accepted(record)

    def _name(self, record: Record, ids: tuple[str, ...]) -> None:
        """Give the id of what was drawn to all who wait for the dialog."""
        for same in {record: None, **dict.fromkeys(self._tracker.with_id(record.id or ""))}:
            self._tracker.name(same, ids)

    async def _back_off(self, record: Record, verdict: Rejected, patience: Patience) -> None:
        """Wait before the next try, or raise the error of a rejection that lasts too long."""
        if verdict.breaks:
            return  # the gate to the wire stays shut until it is mended, or given up
        delay = patience.next_try(verdict, self._clock.now(), random.random(), known_server=True)
        if delay is None:
            raise answer_refused(record, verdict)
        self._tracker.publish(record, "retry", reason=verdict.reason, delay=delay)
        await self._clock.sleep(delay)


_EVENTS: dict[type[Verdict], Event] = {
    Accepted: Event.ANSWER_ACCEPTED,
    Existing: Event.ANSWER_ACCEPTED,
    Dialog: Event.ANSWER_ACCEPTED,
    Rejected: Event.ANSWER_REJECTED,
    Refused: Event.ANSWER_REFUSED,
    Doubt: Event.ANSWER_UNANSWERED,
}
#: Not journaled when they come too late to move anything, see `fsm.replay`.
_NOES = frozenset({Event.ANSWER_REJECTED, Event.ANSWER_REFUSED})


def _no_size() -> InvalidInput:
    return InvalidInput(
        "the server does not tell how large the picture is that the mask is laid over",
        advice=(
            "Give the mask as a picture of that size, black where it stays and white where it "
            "changes."
        ),
    )
