"""What mjflow does about a fault, in the words of the manual."""

from __future__ import annotations

from mjflow import (
    AnswerInDoubt,
    DownloadFailed,
    SubmissionInDoubt,
    TaskFailed,
    TaskLost,
)
from mjflow.simulator import Submit
from tests.contract.cases import Result, calm_submits
from tests.contract.chains import Step, Story
from tests.contract.expectations import NEVER
from tests.contract.markdown import NOTHING
from tests.contract.oracle import submits_of
from tests.contract.stage import Truth


def words(result: Result) -> str:
    """Say in a few words what a program meets."""
    (story,), truth = result.performance.stories, result.performance.truth
    if result.outcome == NEVER:
        return NOTHING
    if result.broke is not None:
        return _error(story.steps[result.broke], truth)
    if story.unsaved is not None:
        return f"`{type(story.unsaved).__name__}`; it stays at the server"
    return f"{_cure(result, story, truth)}ends well"


# --- what went well -----------------------------------------------------------------------------


def _cure(result: Result, story: Story, truth: Truth) -> str:
    """Say what it took."""
    told = [step for step in story.steps if isinstance(step.told, SubmissionInDoubt)]
    if told:
        return f"`{type(told[0].told).__name__}` first; "
    if truth.ledger.unknowable():
        return next(filter(None, (_proof(submits_of(step, truth)) for step in story.steps)))
    if len(truth.ledger.submits) > calm_submits(result.case):
        return "tries again; "
    return _second_look(result)


def _proof(sent: list[Submit]) -> str:
    """Say how it was found out what became of an unanswered request."""
    if any(not one.knowable for one in sent if one.act == "modal"):
        return "sees the task run; "
    if any(not one.knowable for one in sent):
        return "finds it by its token; "
    return ""


def _second_look(result: Result) -> str:
    """Say that something was read anew: what is wrong for good when it is always so."""
    case = result.case
    if case.always or case.forever == case.expected:
        return ""
    return {"looks": "looks again; ", "images": "fetches it again; "}.get(case.where, "")


# --- what did not -------------------------------------------------------------------------------


def _error(step: Step, truth: Truth) -> str:
    name = f"`{type(step.outcome).__name__}`"
    sent = submits_of(step, truth)
    waited = step.at - sent[0].at if sent else 0.0
    match step.outcome:
        case TaskFailed() as failed:
            return f"{name} ({failed.kind})"
        case TaskLost():
            return f"{name} {_after(waited)}; the id is told"
        case AnswerInDoubt():
            return f"{name} {_after(waited)}; not answered again"
        case SubmissionInDoubt():
            again = "clicked twice, for free" if len(sent) > 1 else "not sent again"
            return f"{name} {_after(waited)}; {again}"
        case DownloadFailed():
            return name
    return f"{name} {_after(waited)}; {_paid(sent)}"


def _paid(sent: list[Submit]) -> str:
    return "paid" if any(one.charged for one in sent) else "nothing paid"


def _after(seconds: float) -> str:
    """Say how long it took, as people do."""
    if seconds < 1:
        return "at once"
    if seconds < 45:
        return f"after {round(seconds)} s"
    halves = round(seconds / 30)
    return f"after {halves / 2:g} min" if halves < 60 else f"after {round(seconds / 60, -1):g} min"
