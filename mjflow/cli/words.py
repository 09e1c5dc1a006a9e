"""What the command line calls things, as plain functions."""

from __future__ import annotations

from datetime import datetime

from mjflow.errors import AnswerInDoubt, FlowInvalid, MjflowError, ModalRequired, SubmissionInDoubt
from mjflow.fsm.states import State
from mjflow.observers import Update
from mjflow.protocol.answers import text_at
from mjflow.protocol.grammar import human
from mjflow.protocol.stages import ends_in_texts
from mjflow.protocol.task import Task

#: Of what is wrong with a flow, as many are told.
COMPLAINTS = 20

#: What a person calls each state.
STATES = {
    State.NEW: "waiting",
    State.SUBMITTING: "submitting",
    State.IN_DOUBT: "in doubt",
    State.SUBMITTED: "queued",
    State.IN_PROGRESS: "running",
    State.MODAL: "dialog open",
    State.ANSWERING: "answering the dialog",
    State.ANSWER_IN_DOUBT: "answer in doubt",
    State.SUCCESS: "done",
    State.FAILURE: "failed",
    State.CANCEL: "cancelled",
    State.REFUSED: "refused",
    State.WITHDRAWN: "not sent",
    State.LOST: "lost",
}


def standing(update: Update) -> str:
    """Say where a task stands: `queued, 3 ahead`, `running, 47%`."""
    if update.state is None:
        return ""
    said = STATES[update.state]
    if update.state is State.SUBMITTED and update.queue_place:
        return f"{said}, {update.queue_place} ahead"
    if update.state is State.IN_PROGRESS and update.progress is not None:
        return f"{said}, {update.progress}%"
    return said


def hitch(update: Update) -> str:
    """Say why nothing is sent just now."""
    reason = update.reason or (update.error.message if update.error else "the server has no room")
    if update.kind == "paused":
        return f"nothing is submitted for now: {reason}"
    if update.delay is None:
        return reason
    return f"{reason}; again {'at once' if update.delay < 1 else f'in {lapse(update.delay)}'}"


def lapse(seconds: float) -> str:
    """Say how long something took: `8 s`, `1:05`, `2:01:05`."""
    whole = round(seconds)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}:{minutes:02}:{rest:02}"
    return f"{minutes}:{rest:02}" if minutes else f"{rest} s"


def moment(at: datetime) -> str:
    """Say when something was, in this machine's time zone."""
    return at.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def number(count: int, noun: str) -> str:
    """Count something: `1 picture`, `4 pictures`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def table(task: Task) -> list[str]:
    """Describe a task in lines of a name and a value."""
    took = _took(task)
    progress = "" if task.progress is None or task.ended else f", {task.progress}%"
    values = {
        "id": task.id,
        "status": f"{task.status or 'not known yet'}{progress}",
        "action": task.action,
        **_said(task),
        "failed": task.fail_reason,
        "submitted": _when(task.submitted_at),
        "started": _when(task.started_at),
        "finished": f"{_when(task.finished_at)}{took}",
        "buttons": ", ".join(human(button) for button in task.buttons),
        "picture" if task.ended else "preview": task.image_url or "",
        "video": task.video_url or "",
    }
    return [f"{name:<10}{value}" for name, value in values.items() if value]


def texts_of(task: Task) -> list[str]:
    """List the texts that a describe or a shorten found, without the numbers before them."""
    said = task.final_prompt or task.prompt_en or task.prompt
    numbered = [text for n in range(1, 10) if (text := text_at(said, n))]
    return numbered or [line.strip() for line in said.splitlines() if line.strip()]


def _said(task: Task) -> dict[str, str]:
    """Give the prompt, or each of the texts that were found."""
    if task.ended and ends_in_texts(task):
        return {f"text {n}": text for n, text in enumerate(texts_of(task), start=1)}
    final = task.final_prompt if task.final_prompt != task.prompt else ""
    return {"prompt": task.prompt, "final": final}


def _when(at: datetime | None) -> str:
    return "" if at is None else moment(at)


def _took(task: Task) -> str:
    if task.finished_at is None or task.submitted_at is None:
        return ""
    return f" (after {lapse((task.finished_at - task.submitted_at).total_seconds())})"


def sayings(error: BaseException) -> list[tuple[str, str]]:
    """Return all that went wrong, each with what to do about it: of a flow there may be a lot."""
    if not isinstance(error, FlowInvalid):
        return [words_of(error)]
    lines = [str(complaint) for complaint in error.complaints[:COMPLAINTS]]
    left = len(error.complaints) - COMPLAINTS
    if left > 0:
        lines.append(f"and {left:,} more like these")
    return [*((line, "") for line in lines[:-1]), (lines[-1], error.advice)]


def words_of(error: BaseException) -> tuple[str, str]:
    """Return what happened and what to do about it, for somebody at a terminal."""
    if isinstance(error, ModalRequired):
        mask = " --mask MASK" if "mask" in error.wants else ""
        return error.message, f"Answer it: mjflow modal {error.task_id} --prompt TEXT{mask}"
    if isinstance(error, AnswerInDoubt) and error.advice == AnswerInDoubt.advice:
        return error.message, (
            f"It was not sent again. `mjflow watch {error.task_id}` shows whether the task moves "
            "on; `mjflow doubts` says what else to do."
        )
    if isinstance(error, SubmissionInDoubt) and error.advice == SubmissionInDoubt.advice:
        return error.message, (
            "It was not sent again, lest it be paid twice. Look among your tasks at the provider "
            f"for one whose state begins with mj1.{error.token}: `mjflow watch ID --out DIR` picks "
            "it up. `mjflow doubts` says what to do if there is none."
        )
    if isinstance(error, MjflowError):
        return error.message, error.advice
    if isinstance(error, OSError):
        place = f": {error.filename}" if error.filename else ""
        return f"{error.strerror or error}{place}", ""
    return str(error), ""
