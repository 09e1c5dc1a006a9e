"""What a run has cost, and the brake: plain sums."""

from __future__ import annotations

import pytest

from mjflow import CostBrake, Mode, Spent
from mjflow.flow.running.purse import Charge, Purse, foreseen
from mjflow.protocol.prices import DEFAULT, Price


def charge(amount: float, tasks: int = 1) -> Charge:
    return Charge(Price(amount), tasks=tasks)


@pytest.mark.parametrize(
    ("action", "button", "answered", "amount", "tasks"),
    [
        ("IMAGINE", "", False, 0.1, 1),
        ("", "U1", False, 0.05, 1),
        ("", "V1", False, 0.1, 1),
        ("", "V1", True, 0.2, 1),
        ("", "vary_region", True, 0.1, 1),
        ("", "custom_zoom", False, 0.1, 1),
    ],
)
def test_a_submit_is_foreseen_with_its_dialog(
    action: str, button: str, answered: bool, amount: float, tasks: int
) -> None:
    """A dialog that always opens is answered, one of remix mode if there is data for it."""
    found = foreseen(DEFAULT, action, button, Mode.RELAX, answered=answered)
    assert (found.charged, found.tasks) == (Price(amount), tasks)


def test_what_is_about_to_be_submitted_counts() -> None:
    """So that many at once keep within the limit, too."""
    purse = Purse("night", max_cost=0.25)
    purse.reserve("a", charge(0.1))
    purse.reserve("b", charge(0.1))
    with pytest.raises(CostBrake, match=r"0\.00 is spent, 0\.20 is set aside"):
        purse.reserve("c", charge(0.1))
    purse.settle("a", Charge())
    purse.reserve("c", charge(0.1))


def test_what_was_refunded_can_be_spent_again() -> None:
    """And what is in doubt cannot."""
    purse = Purse("night", max_cost=0.2)
    purse.settle("a", Charge(Price(0.1), refunded=Price(0.1), tasks=1))
    purse.reserve("b", charge(0.1))
    purse.settle("b", Charge(in_doubt=Price(0.1), tasks=1))
    purse.reserve("c", charge(0.1))
    with pytest.raises(CostBrake, match="in doubt"):
        purse.reserve("d", charge(0.1))


def test_a_limit_is_reached_to_the_cent() -> None:
    """Sums of decimal fractions are not quite what they seem."""
    purse = Purse("night", max_cost=0.3)
    for key in "abc":
        purse.reserve(key, charge(0.1))
        purse.settle(key, charge(0.1))
    with pytest.raises(CostBrake):
        purse.reserve("d", charge(0.01))


def test_tasks_are_counted_in_all_lives() -> None:
    """Those that run still as well."""
    purse = Purse("night", max_tasks=3)
    purse.remember("a", charge(0.1), None)
    purse.remember("b", Charge(), charge(0.1))
    purse.reserve("c", charge(0.1))
    with pytest.raises(CostBrake, match="may start 3 tasks at most, and has started 3"):
        purse.reserve("d", charge(0.1))
    purse.settle("b", charge(0.1))
    assert purse.total.tasks == 2


def test_charges_are_told_as_a_client_tells_them() -> None:
    """In full and in parts."""
    total = charge(0.1) + Charge(Price(0.2, known=False), Price(0.2), Price(0.05), tasks=2)
    assert total.tasks == 3
    assert total.spent == Spent(charged=0.3, refunded=0.2, in_doubt=0.05, complete=False)
    assert total.most.amount == pytest.approx(0.15)
