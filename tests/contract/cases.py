"""The matrix: each fault alone, wherever it can strike, always and the first time only."""

from __future__ import annotations

import functools
from collections.abc import Iterator

from attrs import evolve, field, frozen

from mjflow import Task, TaskFailed
from mjflow.simulator.faults.catalogue import CATALOGUE, Where
from tests.contract.chains import Step, Story
from tests.contract.expectations import NEVER, WELL, Expected, expected
from tests.contract.oracle import wrongs
from tests.contract.plans import ANIMATE, REMIX, REROLL, SINGLE, TWICE, Move, Plan, main_plan
from tests.contract.stage import Performance, perform

#: Faults that need another chain than the usual one.
_PLANS = {
    "refuses-custom-ids": ANIMATE,
    "index-required": REROLL,
    "remix-off": REMIX,
    "rewrite-off": REMIX,
    "rewrite-on": REMIX,
    "duplicate-21": TWICE,
}
#: Faults that show only where something else goes wrong too.
_BESIDE = {
    "unknown-as-400": "forgets@submits=1:1",
    "unknown-as-empty": "forgets@submits=1:1",
    "unknown-as-204": "forgets@submits=1:1",
    "failure-100": "fails@submits=1:1",
    "two-rows": "lost-reply@clicks",
}
#: Faults of lists, which are asked for only now and then: by a gateway's client when a dialog
#: failed, by the others' when a reply was lost.
_OF_LISTS = ("rows-shuffled", "rows-repeated")
#: Faults that show when a picture is saved, and after how many seconds.
_SAVING = {
    **dict.fromkeys(("image-404", "image-html", "image-cut", "image-slow"), 0.0),
    **dict.fromkeys(("cut-body", "rand-links", "localhost-links", "preview-early"), 0.0),
    "links-expire": 60.0,
}
#: A receiver that nobody runs: a hook is a hint, and mjflow needs none.
_HOOK = {"notify_hook": "http://127.0.0.1:9/hook"}
_FILTER = {"account_filter": {"modes": ["FAST"]}}


@frozen
class Case:
    """One fault, at one kind of occasion, at one kind of server."""

    fault: str
    where: str
    profile: str
    #: Whether it strikes at every occasion, or at the first only.
    always: bool

    def __str__(self) -> str:
        how = "always" if self.always else "once"
        return f"{self.fault}-{self.where}-{self.profile}-{how}"

    @property
    def plan(self) -> Plan:
        return plan_of(self.fault, self.profile)

    @property
    def faults(self) -> tuple[str, ...]:
        """The faults to switch on."""
        own = f"{self.fault}@{self.where}{'' if self.always else '=1:1'}"
        beside = _beside(self.fault, self.profile)
        return (own, beside) if beside else (own,)

    @property
    def core_size(self) -> int:
        """How many tasks run at once: one, where it is about the codes of those that wait."""
        return 1 if self.fault.startswith("rewrite-") else 12

    @property
    def expected(self) -> str:
        row = self._row
        return row.always if self.always else row.once

    @property
    def forever(self) -> str:
        """What is expected when it strikes always."""
        return self._row.always

    @property
    def _row(self) -> Expected:
        return expected(self.fault, self.where, self.profile)

    @property
    def breaks(self) -> int:
        """The place of the first step that may break."""
        places = {"clicks": self.plan.clicked, "answers": self.plan.answered}
        return places.get(self.where, 0)


def plan_of(fault: str, profile: str) -> Plan:
    """Give the chain on which a fault shows."""
    plan = main_plan(profile)
    if fault in _PLANS and not (profile == "novicezk" and _PLANS[fault] is REMIX):
        plan = _PLANS[fault]
    if fault.startswith(("hook-", "drops-hooks")):
        plan = evolve(plan, given=_HOOK)
    if fault == "drops-filters":
        plan = evolve(plan, given=_FILTER)
    if fault.startswith("image-"):
        plan = SINGLE
    if fault in _SAVING:
        plan = evolve(plan, saves=True, rests=_SAVING[fault])
    return plan


def _beside(fault: str, profile: str) -> str:
    if fault in _OF_LISTS:
        return "fails@answers=1:1" if profile == "gateway" else "lost-reply@clicks=1:1"
    return _BESIDE.get(fault, "")


def cases() -> Iterator[Case]:
    """Yield the whole matrix."""
    for fault, kind in CATALOGUE.items():
        for where in kind.occasions:
            for profile in kind.profiles:
                if _can_be(where, profile):
                    for always in (True, False):
                        yield Case(fault, where.value, profile, always)


def _can_be(where: Where, profile: str) -> bool:
    """Whether such occasions arise: novicezk has no dialogs, and a gateway calls no hooks."""
    return (where, profile) not in {(Where.ANSWERS, "novicezk"), (Where.HOOKS, "gateway")}


@frozen
class Result:
    """What a case came to."""

    case: Case
    #: In the words of `expectations`.
    outcome: str
    #: The place of the step that did not end well, `None` if all did.
    broke: int | None
    #: What the oracle complains of.
    wrongs: tuple[str, ...]
    performance: Performance = field(repr=False)


@functools.cache
def result(case: Case) -> Result:
    """Play a case; each is played once in a process, whoever asks."""
    performance = perform(case.profile, case.plan, *case.faults, core_size=case.core_size)
    (story,) = performance.stories
    struck = bool(performance.truth.struck.get(case.fault))
    outcome = outcome_of(story) if struck else NEVER if story.well else "failed without the fault"
    return Result(case, outcome, story.broke, tuple(wrongs(performance)), performance)


def calm_submits(case: Case) -> int:
    """Tell how many submits the chain of a case takes where nothing goes wrong."""
    return _calm(case.profile, case.plan.moves, case.core_size)


@functools.cache
def _calm(profile: str, moves: tuple[Move, ...], core_size: int) -> int:
    performance = perform(profile, Plan("calm", moves), core_size=core_size)
    return len(performance.truth.ledger.submits)


def outcome_of(story: Story) -> str:
    """Name what a chain came to."""
    if story.broke is not None:
        return step_outcome(story.steps[story.broke])
    return WELL if story.unsaved is None else type(story.unsaved).__name__


def step_outcome(step: Step) -> str:
    """Name what a step came to."""
    match step.outcome:
        case None:
            return "no end"
        case Task():
            return WELL
        case TaskFailed() as failed:
            return f"TaskFailed({failed.kind})"
        case error:
            return type(error).__name__
