"""A no as an error."""

from __future__ import annotations

import pytest

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
from mjflow.protocol.refusals import refusal
from mjflow.protocol.verdicts import Cause, Refused, Rejected

ERRORS: dict[Cause, tuple[type[MjflowError], int]] = {
    Cause.QUEUE_FULL: (QueueFull, 1),
    Cause.SATURATED: (QueueFull, 1),
    Cause.NO_CHANNEL: (QueueFull, 1),
    Cause.NO_ACCOUNT: (QueueFull, 1),
    Cause.PARENT_STALE: (ParentUnusable, 1),
    Cause.BUTTON_STALE: (RequestRefused, 1),
    Cause.UNREACHABLE: (Unreachable, 4),
    Cause.KEY: (NotAuthorized, 4),
    Cause.QUOTA: (QuotaExceeded, 4),
    Cause.BLOCKED: (NotAuthorized, 4),
    Cause.BANNED: (PromptRefused, 1),
    Cause.PARENT_MISSING: (TaskNotFound, 1),
    Cause.INVALID: (RequestRefused, 1),
    Cause.NO_ROUTE: (RequestRefused, 1),
}


@pytest.mark.parametrize("cause", Cause)
@pytest.mark.parametrize("verdict", [Rejected, Refused])
def test_every_cause_has_its_error(verdict: type[Rejected | Refused], cause: Cause) -> None:
    """Every cause becomes its own class of error, with the reason, an exit code and advice."""
    error = refusal(verdict(cause, "the server says no"), task_id="07")
    assert (type(error), error.exit_code) == ERRORS[cause]
    assert "the server says no" in error.message
    assert error.advice.endswith(".")


def test_a_banned_word_is_named() -> None:
    """A banned prompt names the word, and then needs no other reason."""
    error = refusal(Refused(Cause.BANNED, "the prompt has a banned word (code 24)", "nude"))
    assert isinstance(error, PromptRefused)
    assert error.word == "nude"
    assert error.message == "the server refuses the prompt for a banned word: 'nude'"


def test_an_unnamed_banned_word() -> None:
    """A banned prompt whose word the server keeps to itself gives the server's reason."""
    error = refusal(Refused(Cause.BANNED, "可能包含敏感词"))
    assert error.message == "the server refuses the prompt for a banned word (可能包含敏感词)"


def test_a_missing_parent_is_named() -> None:
    """An unknown parent is an error about that task."""
    error = refusal(Refused(Cause.PARENT_MISSING, "not known"), task_id="07")
    assert isinstance(error, TaskNotFound)
    assert error.task_id == "07"


@pytest.mark.parametrize("cause", [Cause.NO_ACCOUNT, Cause.PARENT_STALE, Cause.NO_ROUTE])
def test_advice_of_the_cause(cause: Cause) -> None:
    """Causes that share an error have advice of their own."""
    error = refusal(Rejected(cause, "no"))
    assert error.advice != type(error).advice
    assert error.advice.startswith("Nothing was paid.")


def test_an_act_that_a_server_lacks_is_named() -> None:
    """And only where the route is what is missing."""
    lacking = refusal(Refused(Cause.NO_ROUTE, "no such route"), act="video")
    assert lacking.message == "this server does not offer 'video': no such route"
    assert refusal(Refused(Cause.INVALID, "no"), act="video").message == "no"


@pytest.mark.parametrize(
    ("reason", "help_"),
    [
        (
            "Invalid request, unknown_action:MJ::Job::PicReader::1 (HTTP 400)",
            "knows no such button",
        ),
        ("当前账号未开启 Remix 模式 (HTTP 200, code 4)", "Remix mode is off at the account"),
        ("关联按钮不存在 (HTTP 200, code 4)", "cannot press it"),
        ("参数错误 (HTTP 200, code 4)", "Sending it again unchanged will not help"),
    ],
)
def test_a_refused_click_is_told_what_would_help(reason: str, help_: str) -> None:
    """An old gateway and an account without remix mode are known by what they say (P§2.5)."""
    error = refusal(Refused(Cause.INVALID, reason))
    assert type(error) is RequestRefused
    assert help_ in error.advice
    assert error.advice.startswith("Nothing was paid.")
