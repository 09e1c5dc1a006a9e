"""What a plan says is what a run does: held against the books of a server, and the journal."""

from __future__ import annotations

from pathlib import Path

import pytest

from mjflow.flow import Flow
from mjflow.flow.items import items
from mjflow.flow.planning.known import known_keys
from mjflow.flow.planning.plan import plan
from tests.virtual import virtual_time

from .plans import SHAPE
from .runs import Place, pictures, place

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"


def score(candidate: object) -> float:
    """Find the third branch of four the best."""
    return ["U1", "U2", "U4", "U3"].index(candidate.branch)  # type: ignore[attr-defined]


CHOICE = Flow(
    [
        {"imagine": "a {season}"},
        {"click": ["U1", "U2", "U3", "U4"]},
        {"choose": {"scorer": score, "best": 2}},
        {"click": "Vary (Region)", "prompt": "a hat", "mask": SHAPE.partition("'")[2][:-1]},
        {"fork": {"wide": [{"click": "U1"}, {"click": "Zoom Out 2x"}], "cells": ["split"]}},
    ],
    name="choice",
    matrix={"season": ["spring", "winter"]},
)
FLOWS = {
    **{path.stem: Flow.load(path) for path in sorted(EXAMPLES.glob("*.yaml"))},
    "choice": CHOICE,
}


async def run(here: Place, flow: Flow, out: Path) -> float:
    """Run a flow, and return what the client says that it has cost."""
    async with here.client() as client:
        found = await client.run(flow, run="night", out=out).collect()
        assert [str(one.error) for item in found for one in item.failures] == []
        return client.statistics().spent.charged


@pytest.mark.parametrize("name", FLOWS)
@virtual_time
async def test_a_run_does_what_was_planned(name: str, tmp_path: Path) -> None:
    """The same tasks, the same money, the same pictures; and then nothing is left to be done."""
    flow = FLOWS[name]
    all_items = list(items(flow))
    made = plan(flow, all_items)
    assert made.complaints == ()
    async with place() as here:
        charged = await run(here, flow, tmp_path)
        started = {submit.task_id for submit in here.ledger.submits if submit.exists}
        known = await known_keys(here.store, here.server.base_url, "night")
    assert len(started) == made.bill.tasks
    assert charged == pytest.approx(made.bill.cost.amount)
    assert here.paid <= sum(line.charges for line in made.bill.lines)
    after = plan(flow, all_items, run="night", known=known)
    assert (after.new_items, after.bill.tasks, after.bill.requests.total) == (0, 0, 0)


@virtual_time
async def test_paths_that_clash_get_a_number(tmp_path: Path) -> None:
    """As many as the plan has said."""
    flow = Flow(
        [{"imagine": "a {animal}"}, {"click": ["U1", "U2"]}, {"download": "pets/{button}"}],
        matrix={"animal": ["cat", "dog"]},
    )
    (warning,) = plan(flow, items(flow)).warnings
    assert warning.message.startswith("several pictures get the same path, such as 'pets/U1'")
    async with place() as here:
        await run(here, flow, tmp_path)
    assert pictures(tmp_path) == [f"pets/{name}.png" for name in ("U1-2", "U1", "U2-2", "U2")]
