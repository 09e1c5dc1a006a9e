"""
Answers dialogs: at most once, and only with data somebody gave.

Three pure decisions (`answer_of`, `missing`, `modal_of`) and one errand that carries them out.  A
dialog is never answered twice because the server still shows it: from the moment an answer leaves
until a definite no to it, `record.answered` holds and `fsm.observe` tells of no dialog (P§5.4).
"""

from __future__ import annotations

import asyncio
import inspect
import random

from mjflow.api import Api
from mjflow.engine.act import Answer, Attach, OpenDialog
from mjflow.engine.admission import Admission
from mjflow.engine.books import Books
from mjflow.engine.clock import Clock
from mjflow.engine.outcomes import answer_in_doubt
from mjflow.engine.patience import Patience
from mjflow.engine.record import Record
from mjflow.engine.resolve import button_name, dialog_traits, prompt_for
from mjflow.engine.spend import Spend
from mjflow.engine.tracker import Tracker
from mjflow.errors import MjflowError, ModalRequired
from mjflow.fsm.events import Event
from mjflow.fsm.states import State
from mjflow.protocol.refusals import refusal
from mjflow.protocol.requests import Modal
from mjflow.protocol.task import Task
from mjflow.protocol.token import wrap
from mjflow.protocol.verdicts import Accepted, Dialog, Doubt, Existing, Refused, Rejected, Verdict


class Dialogs:
    """Answers the dialogs of one engine, for client and flows alike."""

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

    async def opened(self, record: Record) -> None:
        """Answer a dialog that has just opened, or tell the waiters what it wants."""
        try:
            answer = await self._decide(record)
        except Exception as error:
            self._tracker.tell(record, _failed_callable(record, error))
            return
        if answer is None:
            self._tracker.tell(record, modal_required(record))
        else:
            await self.answer(record, answer)

    async def answer(self, record: Record, answer: Answer) -> None:
        """
        Send an answer until the server takes it, refuses it, or leaves us in doubt.

        Does nothing when the dialog is no longer open, or an answer is already on its way.
        """
        if missing(record, answer) and _is_open(record):
            self._tracker.tell(record, modal_required(record))
            return
        modal = modal_of(record, answer)
        patience = Patience(record.act.options.admission_timeout)
        while _is_open(record) and not self.closing:
            verdict = await self._attempt(record, modal)
            if not isinstance(verdict, Rejected):
                return
            delay = self._delay(verdict, patience)
            if delay is None:
                self._tracker.tell(record, refusal(verdict))
                return
            self._tracker.publish(record, "retry", reason=verdict.reason, delay=delay)
            await self._clock.sleep(delay)

    # --- deciding -------------------------------------------------------------------------

    async def _decide(self, record: Record) -> Answer | None:
        """Choose an answer by the act's policy; `None` when somebody else has to answer."""
        policy = record.act.options.on_dialog
        attached = isinstance(record.act.what, Attach)
        if policy == "raise" or (attached and not record.act.answer):
            return None  # nobody asked us to answer a dialog that somebody else opened
        if policy == "auto":
            return None if missing(record, record.act.answer) else record.act.answer
        answer = policy(open_dialog(record))
        return await answer if inspect.isawaitable(answer) else answer

    # --- sending --------------------------------------------------------------------------

    async def _attempt(self, record: Record, modal: Modal) -> Verdict:
        async with self._admission.wire:
            self._tracker.move(record, Event.ANSWER_INTENT)
            try:
                await self._books.answer(record, modal)
            except BaseException:
                self._tracker.move(record, Event.ANSWER_REJECTED)
                raise
            try:
                verdict = await self._api.submit(modal, record.act.options.mode)
            except asyncio.CancelledError:
                self._tracker.move(
                    record, Event.ANSWER_UNANSWERED, error=answer_in_doubt(record, "interrupted")
                )
                raise
            await self._settle(record, verdict)
        return verdict

    async def _settle(self, record: Record, verdict: Verdict) -> None:
        event = _EVENTS[type(verdict)]
        await self._books.verdict(record, event, verdict)
        self._spend.answered(record, verdict)
        match verdict:
            case Accepted():
                self._tracker.name(record, verdict.ids)
            case Existing() | Dialog():
                self._tracker.name(record, (verdict.id,))
        self._tracker.move(record, event, error=_error(record, verdict))

    def _delay(self, verdict: Rejected, patience: Patience) -> float | None:
        if verdict.breaks and self._admission.broke(refusal(verdict), submit=True):
            return None
        return patience.next_try(verdict, self._clock.now(), random.random(), known_server=True)


_EVENTS: dict[type[Verdict], Event] = {
    Accepted: Event.ANSWER_ACCEPTED,
    Existing: Event.ANSWER_ACCEPTED,
    Dialog: Event.ANSWER_ACCEPTED,
    Rejected: Event.ANSWER_REJECTED,
    Refused: Event.ANSWER_REFUSED,
    Doubt: Event.ANSWER_UNANSWERED,
}


def _is_open(record: Record) -> bool:
    """Whether a dialog waits for an answer that nobody has sent."""
    return record.state is State.MODAL and not record.answered


def missing(record: Record, answer: Answer) -> str:
    """Say what the dialog wants and neither the answer nor anybody else can give; `""` if all."""
    traits = dialog_traits(record.button, record.act)
    if "mask" in traits.wants and answer.mask is None:
        return traits.wants
    offered = record.dialog.final_prompt if record.dialog else ""
    return "" if prompt_for(answer, offered, _parent_task(record)) else "prompt"


def modal_of(record: Record, answer: Answer) -> Modal:
    """Build the answer's request; a blank prompt becomes the offered one, else the parent's."""
    assert record.id is not None
    offered = record.dialog.final_prompt if record.dialog else ""
    return Modal(
        task_id=record.id,
        prompt=prompt_for(answer, offered, _parent_task(record)),
        mask_base64=answer.mask.data_url() if answer.mask else None,
        state=wrap(record.token, record.act.state) if record.token else record.act.state,
    )


def open_dialog(record: Record) -> OpenDialog:
    """Describe a dialog for whoever is to answer it."""
    return OpenDialog(
        task_id=record.id or "",
        button=button_name(record.button, record.act),
        wants=dialog_traits(record.button, record.act).wants or "prompt",
        suggested=record.dialog.final_prompt if record.dialog else "",
        parent=_parent_task(record),
    )


def modal_required(record: Record) -> ModalRequired:
    """Build the error for a dialog that waits for data nobody gave."""
    dialog = open_dialog(record)
    name = record.button.name if record.button else record.act.button or "this task"
    return ModalRequired(
        f"{name!r} opened a dialog, and nothing was given to answer it with (task {record.id})",
        task_id=dialog.task_id,
        wants=dialog.wants,
        suggested=dialog.suggested,
    )


def _parent_task(record: Record) -> Task | None:
    return record.parent.task if record.parent else None


def _error(record: Record, verdict: Verdict) -> MjflowError | None:
    match verdict:
        case Refused():
            return refusal(verdict)
        case Doubt():
            return answer_in_doubt(record, verdict.reason)
        case _:
            return None


def _failed_callable(record: Record, error: Exception) -> MjflowError:
    required = modal_required(record)
    required.message = f"on_dialog failed with {error!r}; {required.message}"
    required.__cause__ = error
    return required
