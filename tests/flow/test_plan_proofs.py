"""What holds for the plan of every flow."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from mjflow.errors import FlowInvalid
from mjflow.flow import Flow
from mjflow.flow.items import items
from mjflow.flow.planning.forecast import foresee
from mjflow.flow.planning.plan import plan
from mjflow.flow.steps import OnError, Step
from mjflow.protocol.dialect import DIALECTS, Dialect

from .test_machine_proofs import steps

dialects = st.sampled_from(list(DIALECTS.values()))
rows = st.lists(st.sampled_from(["cat", "dog", "owl"]), min_size=1, max_size=6)


def flow_of(written: list[Step]) -> Flow:
    try:
        return Flow(written)
    except FlowInvalid:
        assume(False)
        raise


@given(steps(st.just(OnError.BRANCH)), rows, dialects)
def test_what_is_done_is_not_counted_again(
    written: list[Step], animals: list[str], dialect: Dialect
) -> None:
    """The plan of a run that has done all of it is empty; of one that has done a part, less."""
    flow = flow_of(written)
    all_items = list(items(flow, [{"animal": animal} for animal in animals]))
    made = plan(flow, all_items, dialect=dialect, run="r")
    keys = [
        f"@r/{item.key}/{deed.key}"
        for item in all_items
        for deed in foresee(flow, item, dialect, mode=None, lag=0.0).deeds
    ]
    assert len(set(keys)) == len(keys)
    after = plan(flow, all_items, dialect=dialect, run="r", known=frozenset(keys))
    assert (after.new_items, after.bill.tasks, after.bill.cost.amount) == (0, 0, 0.0)
    half = plan(flow, all_items, dialect=dialect, run="r", known=frozenset(keys[::2]))
    assert half.bill.tasks <= made.bill.tasks
    assert half.bill.cost.amount <= made.bill.cost.amount + 1e-9
    assert (half.complaints, half.warnings) == (made.complaints, made.warnings)


@given(steps(st.just(OnError.BRANCH)), rows)
def test_a_plan_is_the_sum_of_the_plans_of_its_items(
    written: list[Step], animals: list[str]
) -> None:
    """However many share a forecast."""
    flow = flow_of(written)
    all_items = list(items(flow, [{"animal": animal} for animal in animals]))
    whole = plan(flow, all_items)
    parts = [plan(flow, [item]) for item in all_items]
    assert whole.bill.tasks == sum(part.bill.tasks for part in parts)
    assert abs(whole.bill.cost.amount - sum(part.bill.cost.amount for part in parts)) < 1e-6
    assert whole.bill.requests.submits == sum(part.bill.requests.submits for part in parts)
    assert bool(whole.complaints) == any(part.complaints for part in parts)
