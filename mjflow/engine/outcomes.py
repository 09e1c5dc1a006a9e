"""The errors that stand for what became of a task: plain functions."""

from __future__ import annotations

from mjflow.engine.record import Record
from mjflow.errors import (
    AnswerInDoubt,
    MjflowError,
    NotSubmitted,
    SubmissionInDoubt,
    TaskCancelled,
    TaskFailed,
)
from mjflow.journal.store import ANONYMOUS
from mjflow.protocol import wire
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
    reason = wire.clean(task.fail_reason, limit=1000) or "the server gives no reason"
    return TaskFailed(f"task {task.id} failed: {reason}", kind=kind, task=task)


_SENT_TWICE = (
    "It was sent twice, because it costs nothing by itself. Look for the token at your provider "
    "(state mj1.<token>), and say what you found: handle.settle(task_id=...), "
    'settle("absent"), or settle("resubmit").'
)


def in_doubt(record: Record, reason: str, looked: str = "") -> SubmissionInDoubt:
    """
    Say that a paying request was sent, and that nobody knows what came of it.

    Args:
        looked: Where it was looked for in vain.
    """
    why = f"{reason}; {looked}" if looked else reason
    return SubmissionInDoubt(
        f"{_act(record)} was sent, and nothing says whether a task runs: {why} "
        f"(token {record.token})",
        token=record.token,
        key=_own_key(record),
        advice=_SENT_TWICE if record.forced else None,
    )


def settled_absent(record: Record) -> NotSubmitted:
    """Say that there is no task, by the word of somebody who has looked."""
    return NotSubmitted(
        f"{_act(record)} was settled as absent: somebody looked, and no task had come of it "
        f"(token {record.token})",
        advice="The same key may be asked for again.",
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


def _act(record: Record) -> str:
    return f"the click on {record.act.button!r}" if record.act.button else "the submit"


def _own_key(record: Record) -> str | None:
    """Return the caller's own key; `None` for one that we made up."""
    return None if record.key.startswith(ANONYMOUS) else record.key
