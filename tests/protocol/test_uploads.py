"""What answers to uploads mean."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mjflow.protocol.replies import judge_upload
from mjflow.protocol.verdicts import (
    Cause,
    Doubt,
    NotSent,
    Outcome,
    Refused,
    Rejected,
    Reply,
    Stored,
    Unanswered,
    UploadVerdict,
)
from tests.protocol.answers import UPLOAD, error, framework, gateway, page, reply, submit, wrapped
from tests.strategies import json_values, junk_bodies

A, B = "https://cdn.example/a.png?ex=1,2", "http://cdn.example/b.png"
DOUBT = Doubt("")

# fmt: off
ROWS: list[tuple[str, Outcome, UploadVerdict]] = [
    # P§2.12
    ("1", submit(1, "success", result=[A, B]), Stored((A, B))),
    ("1 with one link as text", submit(1, result=A), Stored((A,))),
    ("22, as a gateway leaves it", submit(22, result=[A]), Stored((A,))),
    ("an id instead of links", submit(1, result="1320098173412546"), DOUBT),
    ("a link and something else", submit(1, result=[A, "error"]), DOUBT),
    ("a link and a number", submit(1, result=[A, 7]), DOUBT),
    ("a link with a control character", submit(1, result=[f"{A}\x1b[2J"]), DOUBT),
    ("no links", submit(1, result=[]), DOUBT),
    ("null", submit(1, result=None), DOUBT),
    ("21", submit(21, result=[A]), DOUBT),
    ("1 under 500", submit(1, http=500, result=[A]), DOUBT),
    ("1 under 400", submit(1, http=400, result=[A]), DOUBT),
    # P§11.3, 3.3: uploads are off, or the picture is none
    ("4", submit(4, "上传功能未启用"), Refused(Cause.INVALID, "")),
    ("9", submit(9, "上传失败"), Refused(Cause.INVALID, "")),
    ("3", submit(3, "无可用的账号实例"), Rejected(Cause.NO_ACCOUNT, "")),
    ("9 queue full", submit(9, "队列已满"), Rejected(Cause.QUEUE_FULL, "")),
    ("23", submit(23), Rejected(Cause.QUEUE_FULL, "")),
    # P§8.2
    ("401", error(401, "无效的令牌"), Rejected(Cause.KEY, "")),
    ("quota", gateway(400, 4, "quota_not_enough"), Rejected(Cause.QUOTA, "")),
    ("503", error(503, "no channel"), Rejected(Cause.NO_CHANNEL, "")),
    ("5", gateway(400, 5, "do_request_failed"), DOUBT),
    ("no such route at an old gateway", page(200), Refused(Cause.NO_ROUTE, "")),
    # P§8.3, 8.4
    ("429", reply(429), Rejected(Cause.SATURATED, "")),
    ("-1", wrapped(200, "binding"), Refused(Cause.INVALID, "")),
    ("404", framework(404, "Not Found"), Refused(Cause.NO_ROUTE, "")),
    ("too large", reply(413), Refused(Cause.INVALID, "")),
    # P§3.6
    ("nothing", reply(200), DOUBT),
    ("502", page(502), DOUBT),
    ("no answer", Unanswered("no answer within 95 s"), DOUBT),
    ("not sent", NotSent("refused"), Rejected(Cause.UNREACHABLE, "")),
]
# fmt: on


@pytest.mark.parametrize(
    ("outcome", "verdict"), [pytest.param(*row, id=name) for name, *row in ROWS]
)
def test_an_upload_has_links_where_others_have_an_id(
    outcome: Outcome, verdict: UploadVerdict
) -> None:
    """A yes without links is doubt; a no is the no of every other request."""
    assert bare(judge_upload(UPLOAD, outcome)) == verdict


def test_the_reason_says_what_is_missing() -> None:
    """Whoever paid without getting a link wants to know it."""
    verdict = judge_upload(UPLOAD, submit(1, "ok"))
    assert verdict == Doubt("accepted, but no link was given: ok (HTTP 200, code 1)")


bodies = junk_bodies | st.fixed_dictionaries(
    {"code": st.sampled_from([1, 3, 4, 5, 9, 21, 22, 23, 24, 30, -1]) | json_values},
    optional={"result": st.lists(st.sampled_from([A, B, ""])) | json_values},
)


@given(st.builds(reply, st.sampled_from([200, 201, 400, 401, 404, 500]) | st.integers(), bodies))
def test_every_answer_has_a_verdict(answer: Reply) -> None:
    """Whatever comes back, nothing is raised, and a yes has links."""
    verdict = judge_upload(UPLOAD, answer)
    assert isinstance(verdict, UploadVerdict)
    if isinstance(verdict, Stored):
        assert verdict.links


def bare(verdict: UploadVerdict) -> UploadVerdict:
    """Leave the words out of a verdict."""
    return verdict if isinstance(verdict, Stored) else attrs.evolve(verdict, reason="")
