"""The table of verdicts, row by row of the fact sheet."""

from __future__ import annotations

from collections.abc import Callable

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mjflow.protocol.replies import RULES, judge
from mjflow.protocol.requests import Paying
from mjflow.protocol.shapes import read_answer
from mjflow.protocol.verdicts import (
    Accepted,
    Cause,
    Dialog,
    Doubt,
    NotSent,
    Outcome,
    Refused,
    Rejected,
    Reply,
    Unanswered,
    Verdict,
)
from tests.protocol.answers import (
    ANSWER,
    CHANGE,
    EVERY_KIND,
    ID,
    INPAINT,
    ROOT,
    U1,
    V1,
    ZOOM,
    error,
    framework,
    gateway,
    page,
    reply,
    submit,
)
from tests.protocol.sheet import TABLES, WAITING
from tests.strategies import json_values, junk_bodies, texts


@pytest.mark.parametrize(
    ("request_", "outcome", "verdict"),
    [
        pytest.param(*row, id=f"{page} {name}")
        for page, rows in TABLES.items()
        for name, *row in rows
    ],
)
def test_sheet(request_: Paying, outcome: Outcome, verdict: Verdict) -> None:
    """Each row of the fact sheet gets the verdict that it calls for."""
    assert bare(judge(request_, outcome)) == verdict


def test_every_rule_decides_something() -> None:
    """No rule is dead: each decides at least one row of the fact sheet."""
    answers = [
        (request_, read_answer(outcome))
        for rows in TABLES.values()
        for _, request_, outcome, _ in rows
        if isinstance(outcome, Reply)
    ]
    deciding = {next(n for n, rule in enumerate(RULES) if rule.holds(*pair)) for pair in answers}
    assert deciding == set(range(len(RULES)))


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        (
            error(401, "无效的令牌"),
            "the key is refused: 无效的令牌 (request id: 2025040112345) (HTTP 401)",
        ),
        (
            gateway(400, 4, "quota_not_enough"),
            "the balance or quota is used up: quota_not_enough (HTTP 400, code 4)",
        ),
        (page(502, "Bad Gateway"), "the server broke down over it: Bad Gateway (HTTP 502)"),
        (
            page(200),
            "the server answered with a web page: it has no such route: Dashboard (HTTP 200)",
        ),
        (
            gateway(400, 5, "do_request_failed"),
            "the gateway heard nothing readable from its server: do_request_failed "
            "(HTTP 400, code 5)",
        ),
        (
            gateway(400, 4, "insert_midjourney_task_failed"),
            "a task runs, but its id was lost: insert_midjourney_task_failed (HTTP 400, code 4)",
        ),
        (submit(1, "ok"), "accepted, but no task was named: ok (HTTP 200, code 1)"),
        (
            framework(415, "Unsupported Media Type"),
            "the server takes no JSON here: Unsupported Media Type (HTTP 415)",
        ),
        (reply(200), "the answer says neither yes nor no (HTTP 200)"),
        (framework(400, "Bad Request"), "the server refuses the request: Bad Request (HTTP 400)"),
        (NotSent("connection\nrefused"), "connection refused"),
        (Unanswered("no answer within 90 s"), "no answer within 90 s"),
    ],
)
def test_reasons(outcome: Outcome, reason: str) -> None:
    """A reason says in words what happened, then what the server says."""
    verdict = judge(ROOT, outcome)
    assert isinstance(verdict, Rejected | Refused | Doubt)
    assert verdict.reason == reason


@pytest.mark.parametrize(
    "outcome", [gateway(400, 4, "task_not_found"), submit(3, "关联任务不存在或已失效", http=404)]
)
def test_what_an_answer_to_a_dialog_builds_on_is_the_dialog(outcome: Reply) -> None:
    """A click builds on the task before it, and is told so."""
    of_answer, of_click = judge(ANSWER, outcome), judge(U1, outcome)
    assert isinstance(of_answer, Refused)
    assert isinstance(of_click, Refused)
    assert of_answer.cause is of_click.cause is Cause.PARENT_MISSING
    assert of_answer.reason.startswith("the server does not know the dialog any more")
    assert of_click.reason.startswith("the server does not know the task before it")


@pytest.mark.parametrize("request_", EVERY_KIND)
def test_waits_as_long_as_the_server_asks(request_: Paying) -> None:
    """A rejection carries the seconds of a Retry-After header."""
    verdict = judge(request_, reply(429, b"", retry_after=7.5))
    assert verdict == Rejected(Cause.SATURATED, "the server is busy (HTTP 429)", 7.5)


def test_description_of_the_server_is_kept() -> None:
    """An accepted task and a dialog carry the server's own words."""
    assert judge(ROOT, submit(1, "提交成功", result=ID)) == Accepted((ID,), None, "提交成功")
    assert judge(INPAINT, submit(21, WAITING, result=ID)) == Dialog(ID, "", WAITING)


SECRET = "sk-" + "a1B2" * 12
BASE64 = "iVBORw0KGgo" + "QUJD" * 40

KNOWN_CODES = {1, 3, 4, 5, 9, 21, 22, 23, 24, 30, -1}

requests = st.sampled_from([ROOT, U1, V1, INPAINT, ZOOM, CHANGE, ANSWER])
http_statuses = st.sampled_from([200, 201, 204, 302, 400, 401, 404, 429, 500, 503]) | st.integers()
submits = st.fixed_dictionaries(
    {},
    optional={
        "code": st.sampled_from([1, 3, 4, 5, 9, 21, 22, 23, 24, 30, -1]) | json_values,
        "description": texts | json_values,
        "message": texts | json_values,
        "result": st.sampled_from(["1", 1, "1,2"]) | json_values,
        "properties": st.dictionaries(
            st.sampled_from(["remix", "status", "finalPrompt", "numberOfQueues", "bannedWord"]),
            json_values,
        )
        | json_values,
        "error": st.dictionaries(st.just("message"), json_values) | json_values,
        "status": st.integers(200, 503) | json_values,
    },
)
replies = st.builds(reply, http_statuses, junk_bodies | submits, st.none() | st.floats(0, 100))
outcomes = replies | st.builds(NotSent, st.text()) | st.builds(Unanswered, st.text())


@given(requests, outcomes)
def test_judge_is_total(request_: Paying, outcome: Outcome) -> None:
    """Whatever comes back, there is a verdict, with ids that can be used and a reason in a line."""
    verdict = judge(request_, outcome)
    assert isinstance(verdict, Verdict)
    if isinstance(verdict, Accepted):
        assert verdict.ids
        assert all(task_id.isprintable() for task_id in verdict.ids)
    if isinstance(verdict, Rejected | Refused | Doubt):
        assert len(verdict.reason) <= 200
        assert verdict.reason.isprintable()


@given(requests, junk_bodies | submits, st.integers(500, 599))
def test_a_broken_server_proves_nothing(request_: Paying, body: object, http: int) -> None:
    """Under a 5xx there is doubt, but for a gateway's 503 and a server without POST (501)."""
    verdict = judge(request_, reply(http, body))
    proofs = {(503, Rejected), (501, Refused)}
    assert isinstance(verdict, Doubt) or (http, type(verdict)) in proofs


@given(requests, st.integers().filter(lambda code: code not in KNOWN_CODES))
def test_unknown_codes_are_doubt(request_: Paying, code: int) -> None:
    """A code that nobody knows leaves everything open."""
    assert isinstance(judge(request_, submit(code, "?", result=ID)), Doubt)


@pytest.mark.parametrize("secret", [SECRET, BASE64, f"data:image/png;base64,{BASE64[:30]}"])
@pytest.mark.parametrize("answer", [lambda text: submit(4, text), lambda text: error(400, text)])
def test_no_secret_in_a_reason(secret: str, answer: Callable[[str], Reply]) -> None:
    """A server that echoes a key or a picture does not get them into errors and logs."""
    verdict = judge(ROOT, answer(f"bad: {secret} !"))
    assert isinstance(verdict, Refused)
    assert "bad: … !" in verdict.reason


def bare(verdict: Verdict) -> Verdict:
    """Leave the words out of a verdict."""
    if isinstance(verdict, Rejected | Refused | Doubt):
        return attrs.evolve(verdict, reason="")
    if isinstance(verdict, Accepted | Dialog):
        return attrs.evolve(verdict, description="")
    return verdict
