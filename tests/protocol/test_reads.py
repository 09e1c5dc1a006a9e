"""What answers to reads mean, before they are decoded."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mjflow.errors import (
    MjflowError,
    NotAnApi,
    NotAuthorized,
    ReplyUnreadable,
    TaskNotFound,
)
from mjflow.protocol.replies import check_read, unknown_task
from mjflow.protocol.verdicts import Reply
from tests.protocol.answers import error, framework, gateway, page, reply, submit
from tests.strategies import junk_bodies

UNKNOWN = [
    pytest.param(reply(200), id="novicezk"),
    pytest.param(reply(204), id="trueai"),
    pytest.param(gateway(400, 4, "task_no_found"), id="gateway"),
    pytest.param(gateway(400, 4, "task_not_found"), id="gateway, other spelling"),
    pytest.param(submit(3, http=404), id="trueai, seed"),
]
KNOWN = [
    reply(200, {"id": "1"}),
    reply(200, []),
    gateway(400, 4, "index_is_required"),
    gateway(400, 5, "task_no_found"),
    submit(3),
    submit(4, http=404),
    page(404),
    reply(400),
    reply(500),
]


@pytest.mark.parametrize("answer", UNKNOWN)
def test_unknown_task(answer: Reply) -> None:
    """Each server has its own way to say that it has no such task (P§2.14, 2.15)."""
    assert unknown_task(answer)
    with pytest.raises(TaskNotFound, match="does not know the task 0741") as caught:
        check_read(answer, task_id="0741")
    assert caught.value.task_id == "0741"


@pytest.mark.parametrize("answer", KNOWN)
def test_nothing_else_denies_a_task(answer: Reply) -> None:
    """No other answer says that there is no such task."""
    assert not unknown_task(answer)


@pytest.mark.parametrize("answer", UNKNOWN)
def test_a_list_denies_no_task(answer: Reply) -> None:
    """The same answers to a list are just unreadable."""
    with pytest.raises(ReplyUnreadable):
        check_read(answer)


@pytest.mark.parametrize("answer", [reply(200, {"id": "1"}), reply(200, []), reply(201, {})])
def test_answers_pass(answer: Reply) -> None:
    """What looks like an answer is left to the codec."""
    check_read(answer, task_id="1")


@pytest.mark.parametrize(
    ("answer", "kind", "message"),
    [
        (error(401, "无效的令牌"), NotAuthorized, "the key is refused: 无效的令牌"),
        (reply(403), NotAuthorized, r"the key is refused \(HTTP 403\)"),
        (page(200), NotAnApi, "a web page instead of JSON"),
        (page(404), NotAnApi, "no such route"),
        (framework(404, "Not Found"), NotAnApi, "no such route: Not Found"),
        (reply(405), NotAnApi, "no such route"),
        (reply(302), NotAnApi, "no such route"),
        (page(502, "Bad Gateway"), ReplyUnreadable, r"could not answer: Bad Gateway \(HTTP 502"),
        (error(503, "busy"), ReplyUnreadable, "could not answer: busy"),
        (reply(429), ReplyUnreadable, "could not answer"),
        (gateway(400, 5, "do_request_failed"), ReplyUnreadable, "do_request_failed"),
        (reply(200, b"upstream timed out"), ReplyUnreadable, "not JSON"),
    ],
)
@pytest.mark.parametrize("task_id", [None, "1"])
def test_refusals_are_told_apart(
    answer: Reply, kind: type[MjflowError], message: str, task_id: str | None
) -> None:
    """A wrong key, a wrong address and a server in trouble are different errors."""
    with pytest.raises(kind, match=message) as caught:
        check_read(answer, task_id=task_id)
    assert type(caught.value) is kind


@given(st.builds(Reply, st.integers(100, 599), junk_bodies), st.sampled_from([None, "1"]))
def test_junk_raises_nothing_else(answer: Reply, task_id: str | None) -> None:
    """Whatever comes, it passes or is one of our errors."""
    try:
        check_read(answer, task_id=task_id)
    except (TaskNotFound, NotAuthorized, ReplyUnreadable):
        return
    assert 200 <= answer.status < 300
