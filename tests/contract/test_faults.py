"""Each fault alone, wherever it can strike: the right result or the right error, paid once."""

from __future__ import annotations

import pytest

from mjflow.simulator.faults.catalogue import CATALOGUE
from mjflow.simulator.profiles import PROFILES
from tests.contract import expectations
from tests.contract.cases import Case, cases, result

CASES = list(cases())


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_fault_leads_to_what_it_must(case: Case) -> None:
    """Every wait ends as expected, and the server's own record finds nothing wrong with it."""
    seen = result(case)
    assert (seen.outcome, seen.wrongs) == (case.expected, ())
    assert seen.broke is None or seen.broke >= case.breaks


@pytest.mark.parametrize("profile", PROFILES)
def test_a_forgotten_task_is_given_up_soon(profile: str) -> None:
    """Each server's way to deny a task is understood; nobody waits for the deadline."""
    (story,) = result(Case("forgets", "submits", profile, always=True)).performance.stories
    assert story.steps[0].at < 150


def test_something_is_expected_of_every_fault() -> None:
    """The table names each fault of the catalogue, and no other."""
    assert set(CATALOGUE) == expectations.FAULTS


def test_every_row_of_the_table_is_needed() -> None:
    """No row stands behind others that take all its cases."""
    used = {
        next(row for row in expectations.ROWS if row.fits(case.fault, case.where, case.profile))
        for case in CASES
    }
    assert [row for row in expectations.ROWS if row not in used] == []
