"""
Answers dialogs: at most once, and only with data somebody gave.

A few pure decisions (`missing`, `modal_of`, `open_dialog`) and one errand that carries them out.
A dialog is never answered twice because the server still shows it: from the moment an answer
leaves until a definite no to it, `record.answered` holds and `fsm.observe` tells of no dialog
(P§5.4).
"""

from __future__ import annotations

import inspect
import random

from attrs import frozen

from mjflow.api import Api
from mjflow.engine.act import Answer, Attach, OpenDialog
from mjflow.engine.admission import Admission
from mjflow.engine.books import Books
from mjflow.engine.clock import Clock
from mjflow.engine.measure import size_of_picture
from mjflow.engine.outcomes import answer_in_doubt
from mjflow.engine.patience import Patience
from mjflow.engine.record import Record
from mjflow.engine.resolve import button_name, dialog_traits, prompt_for
from mjflow.engine.spend import Spend
from mjflow.engine.threads import in_thread
from mjflow.engine.tracker import Tracker
from mjflow.errors import MjflowError, ModalRequired
from mjflow.fsm.events import Event
from mjflow.fsm.states import State
from mjflow.protocol.buttons import traits
from mjflow.protocol.refusals import refusal
from mjflow.protocol.requests import Modal
from mjflow.protocol.task import Task
from mjflow.protocol.token import wrap
from mjflow.protocol.verdicts import Accepted, Dialog, Doubt, Existing, Refused, Rejected, Verdict


@frozen
class _Drawn:
    """An answer whose mask is drawn: what goes on the wire."""

    answer: Answer
    #: A data URL.
    mask: str | None


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
        #: What the dialogs that are being answered are answered with.
        self._plans: dict[Record, Answer] = {}

    async def opened(self, record: Record) -> None:
        """Answer a dialog that has just opened, or tell the waiters what it wants."""
        if not self._waits(record):
            return
        try:
            answer = await self._decide(record)
        except Exception as error:
            self._tracker.tell(record, _failed_callable(record, error))
            return
        if answer is not None:
            await self.answer(record, answer)
        elif self._waits(record):
            self._tracker.tell(record, modal_required(record))

    async def answer(self, record: Record, answer: Answer) -> None:
        """
        Send an answer until the server takes it, refuses it, or leaves us in doubt.

        Does nothing when the dialog is not open, or was answered; while an answer waits to be
        sent again, it takes its place.

        Raises:
            MjflowError: It could not be sent, or was turned away too long; nothing was paid.
        """
        if not self._is_open(record):
            return
        if missing(record, answer):
            self._tracker.tell(record, modal_required(record))
            return
        at_it = record in self._plans
        self._plans[record] = answer
        if at_it:
            return
        try:
            await self._submit(record)
        finally:
            del self._plans[record]

    # --- deciding -------------------------------------------------------------------------

    def _is_open(self, record: Record) -> bool:
        """Whether a dialog waits for an answer that nobody has sent, under whatever handle."""
        same = self._tracker.with_id(record.id or "")
        return record.state is State.MODAL and not any(one.answered for one in (record, *same))

    def _waits(self, record: Record) -> bool:
        """Whether somebody has to decide about a dialog now."""
        return self._is_open(record) and record not in self._plans and not self.closing

    async def _decide(self, record: Record) -> Answer | None:
        """Choose an answer by the act's policy; `None` when somebody else has to answer."""
        policy, given = record.act.options.on_dialog, record.act.answer
        if policy == "raise" or isinstance(record.act.what, Attach):
            return None  # nobody asked us to answer what somebody else has opened
        if policy == "auto":
            return None if missing(record, given) else given
        answer = policy(open_dialog(record))
        if inspect.isawaitable(answer):
            answer = await answer
        if answer is not None and not isinstance(answer, Answer):
            raise TypeError(f"it gave {type(answer).__name__}, not an Answer or None")
        return answer

    # --- sending --------------------------------------------------------------------------

    async def _submit(self, record: Record) -> None:
        patience = Patience(record.act.options.admission_timeout)
        drawn: _Drawn | None = None
        while self._is_open(record) and not self.closing:
            if drawn is None or drawn.answer is not self._plans[record]:
                drawn = await self._draw(record, self._plans[record])
            await self._enter(record, again=patience.count > 0)
            verdict = await self._attempt(record, drawn)
            if isinstance(verdict, Rejected):
                await self._back_off(record, verdict, patience)
            elif verdict is not None:
                return

    async def _draw(self, record: Record, answer: Answer) -> _Drawn:
        """
        Draw the mask in the size of the picture it is for, before anything is paid.

        Raises:
            InvalidInput: A mask from a file has another size, or a shape has no size to go by.
        """
        if answer.mask is None:
            return _Drawn(answer, None)
        parent = _parent_task(record)
        size = await size_of_picture(self._api, parent) if parent is not None else None
        return _Drawn(answer, await in_thread(answer.mask.data_url, *(size or ())))

    async def _enter(self, record: Record, *, again: bool) -> None:
        """See to it that the task has a place in flight: it had left it if it waited for us."""
        if record.placed:
            return
        await self._admission.enter(again=again)
        if self._is_open(record):
            record.placed = True
        else:
            self._admission.leave()

    async def _attempt(self, record: Record, drawn: _Drawn) -> Verdict | None:
        """Write the intent, send, write the answer; `None` if that is not to be sent now."""
        async with self._admission.on_the_wire():
            outdated = self._plans[record] is not drawn.answer
            if outdated or not self._is_open(record) or self.closing:
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
        except BaseException:
            self._tracker.move(record, Event.ANSWER_REJECTED)
            raise

    async def _send(self, record: Record, modal: Modal) -> Verdict:
        try:
            return await self._api.submit(modal, record.act.options.mode)
        except BaseException:
            error = answer_in_doubt(record, "interrupted")
            self._tracker.move(record, Event.ANSWER_UNANSWERED, error=error)
            raise

    async def _settle(self, record: Record, verdict: Verdict) -> None:
        """Write a verdict to the journal, then let it move the record."""
        event = _EVENTS[type(verdict)]
        try:
            unwritten = await self._books.verdict(record, event, verdict)
        finally:
            self._apply(record, event, verdict)  # what the server said counts in any case
        if unwritten is not None and isinstance(verdict, Rejected):
            raise unwritten

    def _apply(self, record: Record, event: Event, verdict: Verdict) -> None:
        self._spend.answered(record, verdict)
        match verdict:
            case Rejected():
                self._admission.rejected(verdict)
            case Accepted():
                self._tracker.name(record, verdict.ids)
            case Existing() | Dialog():
                self._tracker.name(record, (verdict.id,))
        self._tracker.move(record, event, error=_error(record, verdict))
        if isinstance(verdict, Accepted | Existing | Dialog):
            self._admission.accepted()

    async def _back_off(self, record: Record, verdict: Rejected, patience: Patience) -> None:
        """Wait before the next try, or raise the error of a rejection that lasts too long."""
        if verdict.breaks:
            return  # the gate to the wire stays shut until it is mended, or given up
        delay = patience.next_try(verdict, self._clock.now(), random.random(), known_server=True)
        if delay is None:
            raise refusal(verdict)
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

#: The buttons that open a dialog by what the server calls the task (P§4.1).
_OPENERS = {"INPAINT": "vary_region", "CUSTOM_ZOOM": "custom_zoom"}


def missing(record: Record, answer: Answer) -> str:
    """Say what the dialog wants and neither the answer nor anybody else can give; `""` if all."""
    wants = _wants(record)
    if "mask" in wants and answer.mask is None:
        return wants
    return "" if _prompt(record, answer) else "prompt"


def modal_of(record: Record, answer: Answer, mask: str | None) -> Modal:
    """
    Build the answer's request; a blank prompt becomes the offered one, else the parent's.

    Args:
        mask: The answer's mask as a data URL, in the size of the picture.
    """
    assert record.id is not None
    return Modal(
        task_id=record.id,
        prompt=_prompt(record, answer),
        mask_base64=mask,
        state=wrap(record.token, record.act.state) if record.token else record.act.state,
    )


def open_dialog(record: Record) -> OpenDialog:
    """Describe a dialog for whoever is to answer it."""
    return OpenDialog(
        task_id=record.id or "",
        button=button_name(record.button, record.act),
        wants=_wants(record) or "prompt",
        suggested=_offered(record),
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


def _wants(record: Record) -> str:
    """Tell what the dialog wants: by the button, else by what the server calls the task."""
    if record.button is None and not record.act.button and record.task is not None:
        shown = record.task
        return traits(shown.custom_id or _OPENERS.get(shown.action, "")).wants
    return dialog_traits(record.button, record.act).wants


def _prompt(record: Record, answer: Answer) -> str:
    return prompt_for(answer, _offered(record), _parent_task(record))


def _offered(record: Record) -> str:
    """Return the prompt the server offers; of a task that is not ours, the one it has."""
    if record.dialog is not None and record.dialog.final_prompt:
        return record.dialog.final_prompt
    attached = isinstance(record.act.what, Attach)
    return record.task.prompt if attached and record.task is not None else ""


def _parent_task(record: Record) -> Task | None:
    return record.parent.latest.task if record.parent else None


def _error(record: Record, verdict: Verdict) -> MjflowError | None:
    match verdict:
        case Refused():
            return refusal(verdict, task_id=record.id)
        case Doubt():
            return answer_in_doubt(record, verdict.reason)
        case _:
            return None


def _failed_callable(record: Record, error: Exception) -> MjflowError:
    required = modal_required(record)
    required.message = f"on_dialog failed with {error!r}; {required.message}"
    required.__cause__ = error
    return required
