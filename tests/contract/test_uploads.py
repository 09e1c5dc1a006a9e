"""Uploads: a fee and no task, so nothing that could be looked for when the answer is lost."""

from __future__ import annotations

import pytest

from mjflow import MjflowError, SubmissionInDoubt
from mjflow.simulator import Submit
from mjflow.testing import run
from tests.contract.stage import stage
from tests.contract.tour import drawn

SILENT = ("lost-reply", "timeout-after-accept", "cut-reply", "empty-200", "shape-e", "http-502")
GATEWAYS = ("do-request-failed", "code-5-with-task", "code-5-without-task")
PLACES = [(fault, profile) for fault in SILENT for profile in ("gateway", "trueai")]
PLACES += [(fault, "gateway") for fault in GATEWAYS]
REFUSALS = {
    "expired-key": "NotAuthorized",
    "banned-24": "PromptRefused",
    "shape-c": "RequestRefused",
    "html-200": "RequestRefused",
    "queue-full-23": "QueueFull",
    "minus-one-quota": "QuotaExceeded",
}


async def uploads(profile: str, fault: str, *again: bool) -> tuple[list[str], list[Submit]]:
    """Upload the same picture several times; give what came of each, and the server's record."""
    came_to: list[str] = []
    async with stage(profile, faults=[fault]) as (client, server):
        for risk in again:
            try:
                came_to += await client.upload(drawn("orange"), again=risk)
            except MjflowError as error:
                came_to.append(type(error).__name__)
        return came_to, server.ledger.submits


@pytest.mark.parametrize(("fault", "profile"), PLACES)
def test_an_upload_in_doubt_is_sent_again_at_your_word_alone(fault: str, profile: str) -> None:
    """The same picture raises the same doubt, until you take the risk of a second fee."""
    came_to, sent = run(uploads(profile, f"{fault}=1:1", False, False, True))
    assert came_to[:2] == [SubmissionInDoubt.__name__] * 2
    assert came_to[2].startswith("http")
    assert [one.knowable for one in sent] == [False, True]


@pytest.mark.parametrize("profile", ["gateway", "trueai"])
@pytest.mark.parametrize("fault", REFUSALS)
def test_a_refused_upload_costs_nothing(fault: str, profile: str) -> None:
    """The error is that of a definite no, and nothing is stored."""
    came_to, sent = run(uploads(profile, fault, False))
    assert came_to == [REFUSALS[fault]]
    assert [(one.exists, one.charged) for one in sent] == [(False, 0.0)] * len(sent)


@pytest.mark.parametrize("profile", ["gateway", "trueai"])
def test_the_same_picture_is_uploaded_once(profile: str) -> None:
    """A second call gives the same link, free of charge."""
    (first, second), sent = run(uploads(profile, "rate-limited=1:1", False, False))
    assert first == second
    assert [one.exists for one in sent] == [False, True]
