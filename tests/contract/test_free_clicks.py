"""The click that only opens Vary (Region) is free: after silence it is sent again, once."""

from __future__ import annotations

import pytest

from mjflow import SubmissionInDoubt
from tests.contract.chains import Step
from tests.contract.oracle import submits_of, wrongs
from tests.contract.plans import CHAIN
from tests.contract.stage import Performance, perform

SILENT = ("lost-reply", "timeout-after-accept", "cut-reply", "empty-200", "shape-e", "http-502")
GATEWAYS = ("do-request-failed", "code-5-with-task", "insert-failed", "code-5-without-task")
PLACES = [(fault, profile) for fault in SILENT for profile in ("gateway", "trueai")]
PLACES += [(fault, "gateway") for fault in GATEWAYS]


def clicked_in_silence(fault: str, profile: str) -> tuple[Performance, Step]:
    """Let a fault strike when imagine and U1 are over; give what became of Vary (Region)."""
    performance = perform(profile, CHAIN, fault, after=2)
    return performance, performance.stories[0].steps[2]


@pytest.mark.parametrize(("fault", "profile"), PLACES)
def test_a_free_click_that_gets_no_answer_once_does_no_harm(fault: str, profile: str) -> None:
    """The second click opens the dialog, which is answered and paid once, and all ends well."""
    performance, region = clicked_in_silence(f"{fault}@clicks=1:1", profile)
    assert wrongs(performance) == []
    assert performance.truth.struck == {fault: 1}
    assert performance.stories[0].well
    paid = [one.act for one in submits_of(region, performance.truth) if one.charged]
    assert paid == ["modal"]


@pytest.mark.parametrize(("fault", "profile"), PLACES)
def test_a_free_click_is_sent_twice_at_most(fault: str, profile: str) -> None:
    """Then it is in doubt as any other, or its dialog is found; nothing was paid for it."""
    performance, region = clicked_in_silence(f"{fault}@clicks", profile)
    assert wrongs(performance) == []
    clicks = [one for one in submits_of(region, performance.truth) if one.act == "action"]
    assert len(clicks) <= 2
    assert sum(one.charged for one in clicks) == 0
    assert region.well or isinstance(region.outcome, SubmissionInDoubt)
