"""Every fault of the catalogue with a thousand tasks in flight, singly and all together."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from attrs import evolve, frozen

from mjflow.simulator.faults.catalogue import CATALOGUE, Where
from mjflow.simulator.profiles import PROFILES
from mjflow.testing import run
from tests.contract.cases import plan_of
from tests.contract.plans import Plan, main_plan

from .blocking import nothing_blocks
from .crowd import check, gather

FEW, MANY = 100, 1000
#: The share of occasions at which a single fault strikes, and at which each of all does.
OFTEN, SELDOM = 0.3, 0.05

#: Faults that show only where another one strikes, too.
_BESIDE = {
    **dict.fromkeys(("unknown-as-400", "unknown-as-empty", "unknown-as-204"), "forgets"),
    "failure-100": "fails",
}
#: Where a fault can strike, if it is not at every kind of server to which it belongs.
_AT = {
    "refuses-bearer": "gateway",
    "refuses-raw-key": "trueai",
    "refuses-secret": "novicezk",
    "hook-lost": "trueai",
    "hook-twice": "novicezk",
    "hook-reordered": "trueai",
    "hook-end-twice": "novicezk",
}
#: Steps of a chain that a fault needs which strikes other things than a first submit.
_STEPS = {"two-rows": 3, "forgets": 2, "fails": 3}
#: What our own requests give no occasion to.
_NEVER = frozenset({"index-required"})


@frozen
class Case:
    """A fault, and the kind of server at which it is tried here."""

    fault: str
    profile: str

    def __str__(self) -> str:
        return f"{self.fault}-{self.profile}"

    @property
    def faults(self) -> list[str]:
        names = [self.fault, *filter(None, [_BESIDE.get(self.fault)])]
        return [f"{name}={OFTEN}" for name in names]

    @property
    def plan(self) -> Plan:
        """One step, unless the fault strikes what follows it alone."""
        plan = plan_of(self.fault, self.profile)
        strikes = set(CATALOGUE[self.fault].strikes)
        if not strikes & {Where.SUBMITS, Where.LOOKS, Where.TASKS, Where.HOOKS}:
            return plan
        return evolve(plan, moves=plan.moves[: _STEPS.get(self.fault, 1)], saves=False)


def cases() -> list[Case]:
    """Give each fault to one kind of server; the contract suite has them all."""
    return [
        Case(fault, _AT.get(fault) or kind.profiles[number % len(kind.profiles)])
        for number, (fault, kind) in enumerate(CATALOGUE.items())
    ]


#: One fault of each sort: a key, a no, a full queue, doubts, answers, looks, fates, pictures.
QUICK = [
    Case("expired-key", "gateway"),
    Case("rate-limited", "trueai"),
    Case("queue-full", "novicezk"),
    Case("lost-reply", "trueai"),
    Case("code-5-with-task", "gateway"),
    Case("modal-new-id", "trueai"),
    Case("duplicate-21", "gateway"),
    Case("server-error", "gateway"),
    Case("unread-rows", "novicezk"),
    Case("fails", "gateway"),
    Case("forgets", "novicezk"),
    Case("image-cut", "gateway"),
]


def check_alone(case: Case, chains: int, folder: Path) -> None:
    """Let one fault strike a crowd."""
    crowd = gather(case.profile, case.plan, *case.faults, chains=chains, folder=folder)
    check(crowd)
    assert bool(crowd.performance.truth.struck.get(case.fault)) is (case.fault not in _NEVER)
    assert crowd.most_in_flight > chains / 3


def check_together(profile: str, chains: int, folder: Path, seed: int) -> None:
    """Let every fault strike a crowd."""
    faults = [f"{fault}={SELDOM}" for fault in CATALOGUE]
    plan = main_plan(profile)
    crowd = gather(profile, plan, *faults, chains=chains, folder=folder, seed=seed)
    check(crowd)
    assert len(crowd.performance.truth.struck) > len(CATALOGUE) / 3


@pytest.mark.parametrize("case", QUICK, ids=str)
def test_a_fault_strikes_a_hundred(case: Case, tmp_path: Path) -> None:
    """Every wait ends as it should, nothing is paid twice, the budget holds, nothing blocks."""
    check_alone(case, FEW, tmp_path)


@pytest.mark.parametrize("profile", PROFILES)
def test_all_faults_strike_a_hundred(profile: str, tmp_path: Path) -> None:
    """The same with all of them at once, over whole chains."""
    check_together(profile, FEW, tmp_path, seed=0)


@pytest.mark.soak
@pytest.mark.timeout(300)
@pytest.mark.parametrize("case", cases(), ids=str)
def test_a_fault_strikes_a_thousand(case: Case, tmp_path: Path) -> None:
    """The same with a thousand in flight, and every fault there is."""
    check_alone(case, MANY, tmp_path)


@pytest.mark.soak
@pytest.mark.timeout(300)
@pytest.mark.parametrize("profile", PROFILES)
def test_all_faults_strike_a_thousand(profile: str, tmp_path: Path) -> None:
    """The same with all of them at once."""
    check_together(profile, MANY, tmp_path, seed=0)


def test_a_call_that_blocks_is_noticed() -> None:
    """Also where the error is caught: the proof above can fail."""

    async def sleepy() -> None:
        await asyncio.sleep(1)
        try:
            time.sleep(0)
        except Exception:
            await asyncio.sleep(1)

    with pytest.raises(AssertionError, match=r"time\.sleep"), nothing_blocks():
        run(sleepy())
