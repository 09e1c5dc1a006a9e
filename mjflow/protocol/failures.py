"""Why the server ended a task without a result: its many texts, sorted into few classes (P§8.5)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class FailureKind(StrEnum):
    """The class of a `failReason`; says whether trying again makes sense, and what to do."""

    #: The server stopped waiting for Midjourney.
    TIMEOUT = "timeout"
    #: Midjourney does not take the prompt's parameters or links.
    PARAMETERS = "parameters"
    #: A word, a picture or the result was held to be indecent.
    MODERATION = "moderation"
    #: The Midjourney account behind the server cannot draw.
    ACCOUNT = "account"
    #: No room in Midjourney's own queue.
    CAPACITY = "capacity"
    #: Something broke that may be whole the next time; also a failure without a word of why.
    TRANSIENT = "transient"
    #: Somebody cancelled it.
    CANCELLED = "cancelled"
    #: The gateway lost the way to the server that drew the parent.
    GATEWAY = "gateway"
    #: A text that no row of the table knows.
    UNKNOWN = "unknown"

    @property
    def retryable(self) -> bool:
        """Whether the same request, as a fresh task, may well succeed."""
        return self in _RETRYABLE

    @property
    def advice(self) -> str:
        """What to do, in a sentence."""
        return _ADVICE[self]


_RETRYABLE = frozenset({FailureKind.TIMEOUT, FailureKind.CAPACITY, FailureKind.TRANSIENT})
_ADVICE: Mapping[FailureKind, str] = {
    FailureKind.TIMEOUT: (
        "Submit it anew if you still want it; the picture may exist at Midjourney all the same."
    ),
    FailureKind.PARAMETERS: (
        "Mend the prompt's parameters or links; the same prompt will fail again."
    ),
    FailureKind.MODERATION: (
        "Change the prompt or the picture; the same again can get the account blocked."
    ),
    FailureKind.ACCOUNT: (
        "The server's Midjourney account needs its operator; try later or at another server."
    ),
    FailureKind.CAPACITY: "Submit it anew after a while, with fewer tasks in flight.",
    FailureKind.TRANSIENT: "Submit it anew, once or twice at most.",
    FailureKind.CANCELLED: "Submit it anew if you still want it.",
    FailureKind.GATEWAY: "Ask the provider: its channel to the drawing server is gone.",
    FailureKind.UNKNOWN: "Read the reason; submit it anew only if it reads as bad luck.",
}

#: Parts of texts, small letters, by class; the first row that has one decides.
REASONS: tuple[tuple[FailureKind, tuple[str, ...]], ...] = (
    (FailureKind.CANCELLED, ("取消任务", "强制取消")),
    (FailureKind.GATEWAY, ("获取渠道信息失败",)),
    (FailureKind.TIMEOUT, ("任务超时", "执行超时", "任务提交超时")),
    (
        FailureKind.PARAMETERS,
        ("[invalid parameter]", "[invalid_parameter]", "invalid link", "could not complete"),
    ),
    (
        FailureKind.MODERATION,
        (
            "[banned prompt detected]",
            "可能包含敏感词",
            "image denied",
            "image filters",
            "output filters",
            "blocked",
            "sorry! our ai moderator",
        ),
    ),
    (
        FailureKind.ACCOUNT,
        ("subscription required", "pending mod message", "captcha", "实例不可用", "credits"),
    ),
    (FailureKind.CAPACITY, ("queue full", "job queued")),
    (
        FailureKind.TRANSIENT,
        (
            "[internal server error]",
            "未知错误",
            "服务异常",
            "failed to process your command",
            "任务失败，请重试",
        ),
    ),
)


def classify(fail_reason: str) -> FailureKind:
    """Find the class of a `failReason`; an empty one is `TRANSIENT`, an unknown `UNKNOWN`."""
    said = fail_reason.strip().lower()
    if not said:
        return FailureKind.TRANSIENT
    return next(
        (kind for kind, parts in REASONS if any(part in said for part in parts)),
        FailureKind.UNKNOWN,
    )
