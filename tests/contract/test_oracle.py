"""The oracle complains of what is wrong, and of nothing else."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve

import mjflow
from mjflow import SubmissionInDoubt, Task
from mjflow.simulator import Ledger
from tests.contract.oracle import submits_of, wrongs
from tests.contract.plans import main_plan
from tests.contract.stage import Performance, perform

REGION, LAST = 2, 4


@functools.cache
def calm(profile: str = "gateway") -> Performance:
    return perform(profile, main_plan(profile))


def with_step(place: int, **changes: Any) -> Performance:
    """Give a calm performance with one step told otherwise."""
    performance = calm()
    (story,) = performance.stories
    steps = list(story.steps)
    steps[place] = evolve(steps[place], **changes)
    return evolve(performance, stories=(evolve(story, steps=tuple(steps)),))


def with_error(place: int, error: Exception) -> Performance:
    return with_step(place, told=error, outcome=error)


def with_submits(act: str, *copies: dict[str, Any]) -> Performance:
    """Give a calm performance with submits of an act recorded otherwise, one copy for each."""
    performance = calm()
    ledger = performance.truth.ledger
    place = next(n for n, one in enumerate(ledger.submits) if one.act == act)
    told = [evolve(ledger.submits[place], **copy) for copy in copies]
    submits = [*ledger.submits[:place], *told, *ledger.submits[place + 1 :]]
    return evolve(
        performance, truth=evolve(performance.truth, ledger=Ledger(ledger.entries, submits))
    )


def token_of(place: int) -> str:
    (story,) = calm().stories
    sent = submits_of(story.steps[place], calm().truth)
    return sent[0].token.removeprefix("mj1.")


def result_of(place: int) -> Task:
    outcome = calm().stories[0].steps[place].outcome
    assert isinstance(outcome, Task)
    return outcome


def doubt(place: int) -> SubmissionInDoubt:
    return SubmissionInDoubt("?", token=token_of(place))


MISTAKES: dict[str, tuple[Callable[[], Performance], str]] = {
    "charged twice for one token": (lambda: with_submits("imagine", {}, {}), "was charged 2 times"),
    "charged twice for one act": (
        lambda: with_submits("imagine", {}, {"state": "mj1.other:chain-0.0"}),
        "its submit was charged 2 times",
    ),
    "answered twice": (lambda: with_submits("modal", {}, {}), "was answered 2 times"),
    "a doubt unlisted": (
        lambda: evolve(calm(), truth=evolve(calm().truth, doubts=frozenset({"x"}))),
        "the doubt about x is listed, not told",
    ),
    "miscounted": (
        lambda: evolve(calm(), truth=evolve(calm().truth, spent=7.0)),
        "the client counts 7 USD, and the bill is 0.35",
    ),
    "sent again in doubt": (
        lambda: with_submits("imagine", {"charged": 0.0, "knowable": False}, {}),
        "its submit was sent again after an answer that told nothing",
    ),
    "answered again in doubt": (
        lambda: with_submits("modal", {"charged": 0.0, "exists": False, "knowable": False}, {}),
        "its answer was sent again after an answer that told nothing",
    ),
    "in doubt about what was told": (
        lambda: with_error(LAST, doubt(LAST)),
        "of which the server told",
    ),
    "in doubt about another's token": (
        lambda: with_error(0, doubt(LAST)),
        "which is no token of its chain",
    ),
    "no doubt": (
        lambda: with_submits("imagine", {"knowable": False}),
        "no doubt was reported",
    ),
    "no doubt about an answer": (
        lambda: with_submits("modal", {"knowable": False, "exists": False}),
        "nothing told what became of its answer",
    ),
    "paid and lost": (
        lambda: with_step(LAST, outcome=mjflow.QueueFull("?"), ids=()),
        "was paid, and nobody has it",
    ),
    "a no to what was paid": (
        lambda: with_error(LAST, mjflow.QueueFull("?")),
        "QueueFull, but action was charged",
    ),
    "a barren parent that bore": (
        lambda: with_error(LAST, mjflow.ParentUnusable("?")),
        "was charged",
    ),
    "no end": (lambda: with_step(LAST, outcome=None), "its wait did not end"),
    "a foreign error": (lambda: with_error(LAST, KeyError("?")), "which is not ours"),
    "a bug": (
        lambda: with_error(LAST, mjflow.StillRunning("?")),
        "StillRunning can't be right here",
    ),
    "another's task": (
        lambda: with_step(LAST, outcome=result_of(0)),
        "is another act's",
    ),
    "another's dialog": (
        lambda: with_step(REGION, outcome=result_of(REGION), ids=("7",)),
        "is none of its ids",
    ),
    "a task that never was": (
        lambda: with_step(LAST, outcome=evolve(result_of(LAST), id="7")),
        "the task 7 does not exist",
    ),
    "failed and did not": (
        lambda: with_error(
            LAST,
            mjflow.TaskFailed("?", kind=mjflow.FailureKind.TIMEOUT, task_id=result_of(LAST).id),
        ),
        "TaskFailed, but the task",
    ),
    "lost and there": (
        lambda: with_error(LAST, mjflow.TaskLost("?", task_id=result_of(LAST).id)),
        "could be looked at",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_the_oracle_complains_of_a_mistake(mistake: str) -> None:
    """Whatever a client might do wrong is told in words."""
    make, complaint = MISTAKES[mistake]
    assert complaint in "\n".join(wrongs(make()))


@pytest.mark.parametrize("profile", ["gateway", "trueai", "novicezk"])
def test_the_oracle_has_nothing_to_say_to_a_calm_day(profile: str) -> None:
    """Where nothing goes wrong nothing is wrong, and all ends well."""
    assert wrongs(calm(profile)) == []
    assert calm(profile).stories[0].well


def test_what_can_be_found_must_be_found() -> None:
    """At a server that lists its tasks, doubt about one that exists is no excuse."""
    performance = perform("trueai", main_plan("trueai"), "lost-reply=1:1")
    (story,) = performance.stories
    first = story.steps[0]
    (sent,) = submits_of(first, performance.truth)
    error = SubmissionInDoubt("?", token=sent.token.removeprefix("mj1."))
    told = evolve(story, steps=(evolve(first, outcome=error), *story.steps[1:]))
    complaints = wrongs(evolve(performance, stories=(told,)))
    assert f"the task {sent.task_id} could have been found by its token" in "\n".join(complaints)
