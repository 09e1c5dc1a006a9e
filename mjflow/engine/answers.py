"""What a dialog wants, and what it is answered with: plain functions that decide."""

from __future__ import annotations

from mjflow.engine.act import Act, Answer, Attach, OpenDialog
from mjflow.engine.record import Record
from mjflow.engine.resolve import button_name
from mjflow.errors import MjflowError, ModalRequired
from mjflow.protocol.answers import check_answer, complete, lent, text_at
from mjflow.protocol.buttons import canonical, traits
from mjflow.protocol.refusals import refusal
from mjflow.protocol.requests import Modal
from mjflow.protocol.task import Button, Task
from mjflow.protocol.token import wrap
from mjflow.protocol.verdicts import Cause, Refused, Rejected

#: P§5.5.
_CLICK_REFUNDED = (
    "What the click itself has cost, a gateway gives back when it drops a dialog that nobody "
    "has answered, an hour after the click."
)
#: The buttons that open a dialog by what servers call the task that waits (P§4.1, P§4.3).
_OPENERS = {"INPAINT": "vary_region", "CUSTOM_ZOOM": "custom_zoom", "ZOOM": "custom_zoom"}


# --- before anything is paid --------------------------------------------------------------


def check_click(act: Act) -> None:
    """
    Check a click's data for a dialog as far as the button's name tells; the rest passes.

    Raises:
        InvalidInput: The button can never take a prompt, or a mask, or this one.
    """
    check_answer(button_name(None, act), act.answer.prompt, mask=act.answer.mask is not None)


def check_fits(record: Record, answer: Answer) -> None:
    """
    Check an answer against the dialog that is open.

    Raises:
        InvalidInput: The dialog can never take it; nothing was sent.
    """
    check_answer(dialog_button(record), answer.prompt, mask=answer.mask is not None)


# --- the answer ---------------------------------------------------------------------------


def missing(record: Record, answer: Answer) -> str:
    """Say what the dialog wants and neither the answer nor anybody else can give; `""` if all."""
    wants = _wants(record)
    if "mask" in wants and answer.mask is None:
        return wants
    return "" if _prompt(record, answer) else "prompt"


def modal_of(record: Record, answer: Answer, mask: str | None) -> Modal:
    """
    Build the answer's request; a blank prompt becomes the offered one, else the parent's.

    Fields of a vendor that went out with the click go with its answer, too: that is what draws.

    Args:
        mask: The answer's mask as a data URL, in the size of the picture.
    """
    assert record.id is not None
    return Modal(
        task_id=record.id,
        prompt=_prompt(record, answer),
        mask_base64=mask,
        state=wrap(record.token, record.act.state) if record.token else record.act.state,
        notify_hook=record.act.notify_hook,
        extra=record.act.extra,
    )


def parent_task(record: Record) -> Task | None:
    """Return the task whose button opened the dialog, where it is known."""
    return record.parent.latest.task if record.parent else None


def dialog_button(record: Record) -> str:
    """Name the button that opened the dialog: as it was pressed, else by what the server shows."""
    shown = record.task
    if record.button is not None or record.act.button or shown is None:
        return button_name(record.button, record.act)
    if shown.custom_id:
        return canonical(Button(custom_id=shown.custom_id))
    return _OPENERS.get(shown.action, "")


def _prompt(record: Record, answer: Answer) -> str:
    """Choose the prompt, the answer's or one that is lent, and make it fit the dialog (P§6.4)."""
    name = dialog_button(record)
    if answer.prompt:
        return complete(name, answer.prompt)
    return lent(name, _offered(record) or _inherited(record, name))


def _wants(record: Record) -> str:
    return traits(dialog_button(record)).wants


def _offered(record: Record) -> str:
    """Return the prompt the server offers; of a task that is not ours, the one it has."""
    if record.dialog is not None and record.dialog.final_prompt:
        return record.dialog.final_prompt
    attached = isinstance(record.act.what, Attach)
    return record.task.prompt if attached and record.task is not None else ""


def _inherited(record: Record, name: str) -> str:
    """Return what the parent was drawn by; of one that gave texts, the text of the button."""
    parent = parent_task(record)
    if parent is None:
        return ""
    prompt = parent.final_prompt or parent.prompt
    return text_at(prompt, int(name)) if name.isdecimal() else prompt


# --- what is told -------------------------------------------------------------------------


def open_dialog(record: Record) -> OpenDialog:
    """Describe a dialog for whoever is to answer it."""
    return OpenDialog(
        task_id=record.id or "",
        button=dialog_button(record),
        wants=_wants(record) or "prompt",
        suggested=_offered(record),
        parent=parent_task(record),
    )


def modal_required(record: Record) -> ModalRequired:
    """Build the error for a dialog that waits for data nobody gave."""
    return _waits(record, "nothing was given to answer it with")


def answer_given_up(record: Record) -> ModalRequired:
    """Build the error for a dialog whose answer is lost, by the word of somebody who has looked."""
    return _waits(record, "its answer was settled as absent: it is to be given again")


def _waits(record: Record, why: str) -> ModalRequired:
    dialog = open_dialog(record)
    name = record.button.name if record.button else record.act.button
    opened = f"{name!r} opened a dialog" if name else "a dialog waits"
    return ModalRequired(
        f"{opened}, and {why} (task {record.id})",
        task_id=dialog.task_id,
        wants=dialog.wants,
        suggested=dialog.suggested,
    )


def answer_refused(record: Record, verdict: Rejected | Refused) -> MjflowError:
    """Make the error for a no to an answer; the click before it may have been charged (P§3.6)."""
    error = refusal(verdict, task_id=record.id)
    free = traits(dialog_button(record)).free
    if not free and verdict.cause is not Cause.PARENT_MISSING:
        unpaid = error.advice.replace("Nothing was paid.", "Nothing was paid for the answer.")
        error.advice = f"{unpaid} {_CLICK_REFUNDED}"
    return error


def failed_callable(record: Record, error: Exception) -> ModalRequired:
    """Build the error for a dialog whose `on_dialog` has failed."""
    required = modal_required(record)
    required.message = f"on_dialog failed with {error!r}; {required.message}"
    required.__cause__ = error
    return required
