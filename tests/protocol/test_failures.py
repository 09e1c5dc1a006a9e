"""The classes of failure, by the texts of P§8.5."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mjflow.protocol.failures import REASONS, FailureKind, classify

SHEET = [
    (FailureKind.TIMEOUT, "任务超时"),
    (FailureKind.TIMEOUT, "执行超时 5 分钟"),
    (FailureKind.TIMEOUT, "任务提交超时"),
    (FailureKind.TIMEOUT, "上游任务超时（超过1小时）"),
    (FailureKind.PARAMETERS, "[Invalid parameter] Unrecognized parameter(s): `--foo`"),
    (FailureKind.PARAMETERS, "[invalid_parameter] --ar 0:1"),
    (FailureKind.PARAMETERS, "Invalid link"),
    (FailureKind.PARAMETERS, "Could not complete"),
    (FailureKind.MODERATION, "[Banned prompt detected] The word `x` is banned."),
    (FailureKind.MODERATION, "可能包含敏感词"),
    (FailureKind.MODERATION, "Image denied"),
    (FailureKind.MODERATION, "Request cancelled due to image filters"),
    (FailureKind.MODERATION, "Request cancelled due to output filters"),
    (FailureKind.MODERATION, "Blocked"),
    (FailureKind.MODERATION, "Sorry! Our AI moderator thinks this prompt is a bit too much"),
    (FailureKind.ACCOUNT, "Subscription required"),
    (FailureKind.ACCOUNT, "Pending mod message"),
    (FailureKind.ACCOUNT, "Please open the captcha link"),
    (FailureKind.ACCOUNT, "实例不可用"),
    (FailureKind.ACCOUNT, "You have run out of credits"),
    (FailureKind.CAPACITY, "Queue full"),
    (FailureKind.CAPACITY, "Job queued"),
    (FailureKind.TRANSIENT, "[Internal Server Error] unknown"),
    (FailureKind.TRANSIENT, "未知错误"),
    (FailureKind.TRANSIENT, "服务异常，请稍后重试"),
    (FailureKind.TRANSIENT, "Failed to process your command"),
    (FailureKind.TRANSIENT, "任务失败，请重试"),
    (FailureKind.CANCELLED, "取消任务"),
    (FailureKind.CANCELLED, "强制取消"),
    (FailureKind.GATEWAY, "获取渠道信息失败，请联系管理员，渠道ID：7"),
    (FailureKind.TRANSIENT, ""),
    (FailureKind.TRANSIENT, " \n"),
    (FailureKind.UNKNOWN, "a text nobody has seen"),
]
#: P§8.5, last column; "maybe" and "limited" count as yes.
RETRYABLE = {FailureKind.TIMEOUT, FailureKind.CAPACITY, FailureKind.TRANSIENT}


@pytest.mark.parametrize(("kind", "text"), SHEET)
def test_sheet(kind: FailureKind, text: str) -> None:
    """Each text of P§8.5 falls into its class, whatever its case."""
    assert (classify(text), classify(text.upper())) == (kind, kind)


@pytest.mark.parametrize("kind", FailureKind)
def test_retryable(kind: FailureKind) -> None:
    """Only what may be whole the next time is worth another task."""
    assert kind.retryable == (kind in RETRYABLE)


@pytest.mark.parametrize("kind", FailureKind)
def test_advice_is_a_sentence(kind: FailureKind) -> None:
    """Every class says what to do, in a sentence of its own."""
    assert kind.advice[0].isupper()
    assert kind.advice.endswith(".")


def test_values_are_words() -> None:
    """A class is a plain word in JSON, in flow files and on the command line."""
    assert [str(kind) for kind in FailureKind] == [
        "timeout",
        "parameters",
        "moderation",
        "account",
        "capacity",
        "transient",
        "cancelled",
        "gateway",
        "unknown",
    ]
    assert FailureKind("timeout") is FailureKind.TIMEOUT


def test_parts_are_in_small_letters() -> None:
    """The table is written as it is compared."""
    parts = [part for _, row in REASONS for part in row]
    assert [part.lower() for part in parts] == parts


@given(st.text())
def test_any_text_has_a_class(text: str) -> None:
    """Any text has a class."""
    assert classify(text) in FailureKind
