"""The errors that stand for what became of a task: plain functions."""

from __future__ import annotations

from mjflow.engine.record import Record
from mjflow.errors import (
    AnswerInDoubt,
    MjflowError,
    SubmissionInDoubt,
    TaskCancelled,
    TaskFailed,
)
from mjflow.journal.store import ANONYMOUS
from mjflow.protocol.failures import classify
from mjflow.protocol.status import Status
from mjflow.protocol.task import Task


def failure_of(task: Task) -> MjflowError | None:
    """Turn a task that ended without a result into an error; `None` for a success."""
    if task.status is Status.SUCCESS:
        return None
    if task.status is Status.CANCEL:
        return TaskCancelled(f"task {task.id} was cancelled at the server", task=task)
    kind = classify(task.fail_reason)
    reason = task.fail_reason or "the server gives no reason"
    return TaskFailed(f"task {task.id} failed: {reason}", kind=kind, task=task)


def in_doubt(record: Record, reason: str) -> SubmissionInDoubt:
    """Say that a paying request was sent, and that nobody knows what came of it."""
    what = f"the click on {record.act.button!r}" if record.act.button else "the submit"
    return SubmissionInDoubt(
        f"{what} was sent, and nothing says whether a task runs: {reason} (token {record.token})",
        token=record.token,
        key=_own_key(record),
    )


def answer_in_doubt(record: Record, reason: str) -> AnswerInDoubt:
    """Say the same of an answer to a dialog."""
    return AnswerInDoubt(
        f"the answer to the dialog of task {record.id} was sent, and nothing says whether it "
        f"was taken: {reason}",
        token=record.token,
        key=_own_key(record),
        task_id=record.id,
    )


def _own_key(record: Record) -> str | None:
    """Return the caller's own key; `None` for one that we made up."""
    return None if record.key.startswith(ANONYMOUS) else record.key
