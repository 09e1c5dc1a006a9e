"""Faults that strike now and then, alone and all together, over many chains side by side."""

from __future__ import annotations

import pytest

from mjflow.simulator.faults.catalogue import CATALOGUE
from mjflow.simulator.profiles import PROFILES
from tests.contract.cases import plan_of
from tests.contract.oracle import wrongs
from tests.contract.plans import Plan, main_plan
from tests.contract.stage import perform
from tests.contract.tour import tour

#: Chains that share a client, where one fault is on, and where all are.
FEW, MANY = 4, 60
#: How often each strikes where all are: at the lower one chains get further.
RATES = (0.05, 0.01)

ALONE = [(fault, profile) for fault, kind in CATALOGUE.items() for profile in kind.profiles]


def check_all(profile: str, plan: Plan, rate: float, chains: int, seed: int) -> None:
    """Let every fault strike at a rate; nothing must be wrong with any chain."""
    faults = [f"{fault}={rate}" for fault in CATALOGUE]
    performance = perform(profile, plan, *faults, chains=chains, seed=seed)
    assert wrongs(performance) == []
    assert len(performance.truth.struck) >= 10


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("profile", PROFILES)
def test_all_faults_at_once(profile: str, rate: float) -> None:
    """Each strikes now and then, and sixty chains go their ways."""
    check_all(profile, main_plan(profile), rate, MANY, seed=0)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(1, 26))
@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("profile", PROFILES)
def test_all_faults_at_once_on_many_days(profile: str, rate: float, seed: int) -> None:
    """The same, with other dice."""
    check_all(profile, main_plan(profile), rate, MANY, seed)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("profile", PROFILES)
def test_all_acts_with_all_faults(profile: str, rate: float, seed: int) -> None:
    """Four tours of every act and every button, with whatever may go wrong."""
    check_all(profile, tour(), rate, FEW, seed)


@pytest.mark.soak
@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(("fault", "profile"), ALONE)
def test_a_fault_that_strikes_three_times_in_ten(fault: str, profile: str, seed: int) -> None:
    """Wherever it strikes in four chains side by side, nothing is wrong with any."""
    performance = perform(profile, plan_of(fault, profile), f"{fault}=0.3", chains=FEW, seed=seed)
    assert wrongs(performance) == []
