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
    Cause.NO_CHANNEL: QueueFull,
    Cause.NO_ACCOUNT: QueueFull,
    Cause.PARENT_STALE: ParentUnusable,
    Cause.BUTTON_STALE: RequestRefused,
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
    Cause.NO_CHANNEL: (
        "Nothing was paid. Try later; if the gateway never takes this act while it takes others, "
        "its provider does not offer it."
    ),
    Cause.PARENT_STALE: "Nothing was paid. Wait until that task has ended, then try again.",
    Cause.BLOCKED: "Nothing was paid. Wait until the block ends; mostly it follows banned words.",
    Cause.NO_ROUTE: (
        "Nothing was paid. Another server of this family may offer it; "
        "if this one should, check the base URL (MJFLOW_BASE_URL or --base-url)."
    ),
}

#: What helps against a request that is found invalid, by a word of what the server says (P§2.5).
_HELP: Mapping[str, str] = {
    "unknown_action": (
        "Nothing was paid. This build of the gateway knows no such button; "
        "a later one or a trueai server does."
    ),
    "关联按钮不存在": (
        "Nothing was paid. The task no longer has this button, or the server shows it "
        "but cannot press it."
    ),
    "remix": (
        "Nothing was paid. Remix mode is off at the account behind the server: "
        "click without a prompt, or have it turned on there."
    ),
}


def refusal(
    verdict: Rejected | Refused, *, task_id: str | None = None, act: str = ""
) -> MjflowError:
    """
    Make the error for a no.

    Args:
        task_id: The task that the request built on, if any.
        act: What was asked for, as users call it.
    """
    cause = verdict.cause
    if cause is Cause.BANNED:
        word = verdict.word if isinstance(verdict, Refused) else ""
        return PromptRefused(word, reason="" if word else verdict.reason)
    if cause is Cause.PARENT_MISSING:
        return TaskNotFound(verdict.reason, task_id=task_id)
    lacking = f"this server does not offer {act!r}: " if act and cause is Cause.NO_ROUTE else ""
    advice = _help(verdict.reason) if cause is Cause.INVALID else _ADVICE.get(cause)
    return _ERRORS[cause](lacking + verdict.reason, advice=advice)


def _help(reason: str) -> str | None:
    said = reason.casefold()
    return next((advice for word, advice in _HELP.items() if word in said), None)
