"""Why the server ended a task without a result: its many texts, sorted into few classes (P§8.5)."""

from __future__ import annotations

from enum import StrEnum


class FailureKind(StrEnum):
    """The class of a `failReason`; says whether trying again makes sense, and what to do."""

    #: Whether the same request, as a fresh task, may well succeed.
    retryable: bool
    #: What to do, in a sentence.
    advice: str

    def __new__(cls, word: str, retryable: bool, advice: str) -> FailureKind:
        """Make a member whose value is the word alone."""
        member = str.__new__(cls, word)
        member._value_ = word
        member.retryable = retryable
        member.advice = advice
        return member

    #: The server stopped waiting for Midjourney.
    TIMEOUT = (
        "timeout",
        True,
        "Submit it anew if you still want it; the picture may exist at Midjourney all the same.",
    )
    #: Midjourney does not take the prompt's parameters or links.
    PARAMETERS = (
        "parameters",
        False,
        "Mend the prompt's parameters or links; the same prompt will fail again.",
    )
    #: A word, a picture or the result was held to be indecent.
    MODERATION = (
        "moderation",
        False,
        "Change the prompt or the picture; the same again can get the account blocked.",
    )
    #: The Midjourney account behind the server cannot draw.
    ACCOUNT = (
        "account",
        False,
        "The server's Midjourney account needs its operator; try later or at another server.",
    )
    #: No room in Midjourney's own queue.
    CAPACITY = ("capacity", True, "Submit it anew after a while, with fewer tasks in flight.")
    #: Something broke that may be whole the next time; also a failure without a word of why.
    TRANSIENT = ("transient", True, "Submit it anew, once or twice at most.")
    #: Somebody cancelled it.
    CANCELLED = ("cancelled", False, "Submit it anew if you still want it.")
    #: The gateway lost the way to the server that drew the parent.
    GATEWAY = ("gateway", False, "Ask the provider: its channel to the drawing server is gone.")
    #: A text that no row of the table knows.
    UNKNOWN = ("unknown", False, "Read the reason; submit it anew only if it reads as bad luck.")


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
