"""What answers to questions about one task mean: its seed, and whether it was cancelled."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mjflow.errors import (
    MjflowError,
    NoReply,
    NotAuthorized,
    ReplyUnreadable,
    RequestRefused,
    TaskNotFound,
)
from mjflow.protocol.replies import check_cancelled, read_seed
from mjflow.protocol.verdicts import Reply
from tests.protocol.answers import error, framework, gateway, page, reply, submit
from tests.strategies import junk_bodies


@pytest.mark.parametrize("result", ["3037410229", 3037410229, "0012"])
def test_a_seed_is_a_text_with_all_its_digits(result: str | int) -> None:
    """It comes as the result of an answer that looks like that to a submit (P§2.15)."""
    assert read_seed(submit(1, result=result), "7") == str(result)


# fmt: off
NO_SEED: list[tuple[Reply, type[MjflowError], str]] = [
    # P§2.15
    (submit(4, "关联任务状态错误", http=400), RequestRefused, "tells no seed of task 7: 关联任务"),
    (submit(3, "not found"), RequestRefused, "tells no seed of task 7: not found"),
    (submit(1, "ok", result=None), RequestRefused, "tells no seed of task 7"),
    (submit(3, http=404), TaskNotFound, "does not know the task 7"),
    (gateway(400, 4, "task_no_found"), TaskNotFound, "does not know the task 7"),
    (reply(204), TaskNotFound, "does not know the task 7"),
    (gateway(400, 5, "do_request_failed"), NoReply, "did not hear of the seed in time"),
    # no such route
    (page(200), RequestRefused, "this server does not offer 'seed'"),
    (framework(404, "Not Found"), RequestRefused, "this server does not offer 'seed'"),
    (reply(405), RequestRefused, "this server does not offer 'seed'"),
    (reply(302), RequestRefused, "this server does not offer 'seed'"),
    # P§8
    (error(401, "无效的令牌"), NotAuthorized, "the key is refused"),
    (reply(403), NotAuthorized, "the key is refused"),
    (page(502), ReplyUnreadable, "could not answer"),
    (submit(4, http=500), ReplyUnreadable, "could not answer"),
    (reply(200, b"12345678"), ReplyUnreadable, "answers something else"),
    (reply(200, {"id": "7"}), ReplyUnreadable, "answers something else"),
]
NOT_CANCELLED: list[tuple[Reply, type[MjflowError], str]] = [
    # P§2.17
    (reply(400, "演示模式，禁止操作".encode()), RequestRefused, "for its admins: 演示"),
    (submit(4, "no"), RequestRefused, "does not let you cancel a task"),
    (reply(403), RequestRefused, "does not let you cancel a task"),
    (submit(3, http=404), TaskNotFound, "does not know the task 7"),
    (gateway(400, 4, "task_not_found"), TaskNotFound, "does not know the task 7"),
    # no such route
    (page(200), RequestRefused, "this server does not offer 'cancel'"),
    (framework(404, "Not Found"), RequestRefused, "this server does not offer 'cancel'"),
    (reply(405), RequestRefused, "this server does not offer 'cancel'"),
    # P§8
    (reply(401), NotAuthorized, "the key is refused"),
    (page(502), ReplyUnreadable, "could not answer"),
    (reply(200, b"[]"), ReplyUnreadable, "answers something else"),
]
# fmt: on


@pytest.mark.parametrize(("answer", "kind", "message"), NO_SEED)
def test_why_there_is_no_seed(answer: Reply, kind: type[MjflowError], message: str) -> None:
    """An unknown task, a task without a seed and a server without seeds are told apart."""
    with pytest.raises(kind, match=message) as caught:
        read_seed(answer, "7")
    assert type(caught.value) is kind
    assert caught.value.advice


@pytest.mark.parametrize("answer", [reply(200), reply(204), submit(1, "ok")])
def test_a_task_is_cancelled(answer: Reply) -> None:
    """One server says so in words, another by saying nothing (P§2.17)."""
    check_cancelled(answer, "7")


@pytest.mark.parametrize(("answer", "kind", "message"), NOT_CANCELLED)
def test_why_a_task_goes_on(answer: Reply, kind: type[MjflowError], message: str) -> None:
    """Most servers let no user cancel, and the advice says what that means."""
    with pytest.raises(kind, match=message) as caught:
        check_cancelled(answer, "7")
    assert type(caught.value) is kind
    if kind is RequestRefused:
        assert caught.value.advice.startswith("The task goes on")


@given(st.builds(Reply, st.integers(100, 599), junk_bodies))
def test_junk_is_one_of_our_errors(answer: Reply) -> None:
    """Whatever comes, it is a seed or an error of ours."""
    with suppress(MjflowError):
        assert read_seed(answer, "7")
    try:
        check_cancelled(answer, "7")
    except MjflowError:
        return
    assert 200 <= answer.status < 300
