"""A definite no as the error that a caller gets to see."""

from __future__ import annotations

from collections.abc import Mapping

from mjflow.errors import (
    MjflowError,
    NotAuthorized,
    ParentUnusable,
    PromptRefused,
    QueueFull,
    QuotaExceeded,
    RequestRefused,
    TaskNotFound,
    Unreachable,
)
from mjflow.protocol.verdicts import Cause, Refused, Rejected

_ERRORS: Mapping[Cause, type[MjflowError]] = {
    Cause.QUEUE_FULL: QueueFull,
    Cause.SATURATED: QueueFull,
    Cause.NO_ACCOUNT: QueueFull,
    Cause.PARENT_STALE: ParentUnusable,
    Cause.UNREACHABLE: Unreachable,
    Cause.KEY: NotAuthorized,
    Cause.QUOTA: QuotaExceeded,
    Cause.BLOCKED: NotAuthorized,
    Cause.INVALID: RequestRefused,
    Cause.NO_ROUTE: RequestRefused,
}
#: Where the cause calls for another advice than the error's own.
_ADVICE: Mapping[Cause, str] = {
    Cause.NO_ACCOUNT: "Nothing was paid. Try later: the accounts behind the server are all away.",
    Cause.PARENT_STALE: "Nothing was paid. Wait until that task has ended, then try again.",
    Cause.BLOCKED: "Nothing was paid. Wait until the block ends; mostly it follows banned words.",
    Cause.NO_ROUTE: (
        "Nothing was paid. Check the base URL (MJFLOW_BASE_URL or --base-url); "
        "if it is right, this server does not offer the act."
    ),
}


def refusal(verdict: Rejected | Refused, *, task_id: str | None = None) -> MjflowError:
    """Make the error for a no; `task_id` is the task that the request built on, if any."""
    cause = verdict.cause
    if cause is Cause.BANNED:
        word = verdict.word if isinstance(verdict, Refused) else ""
        return PromptRefused(word, reason="" if word else verdict.reason)
    if cause is Cause.PARENT_MISSING:
        return TaskNotFound(verdict.reason, task_id=task_id)
    return _ERRORS[cause](verdict.reason, advice=_ADVICE.get(cause))
