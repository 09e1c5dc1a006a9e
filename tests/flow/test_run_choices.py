"""Scorers: Python code that says which branches of an item go on."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import mjflow
from mjflow import InvalidInput, Scored, ScorerFailed
from tests.flow.runs import pictures, place
from tests.virtual import virtual_time

BEST: list[dict[str, Any]] = [
    {"imagine": "a cat"},
    {"click": ["U1", "U2", "U3"]},
    {"choose": {"scorer": "by_name", "best": 1}},
    {"download": "{button}"},
]


def by_name(candidate: Scored) -> int:
    """Prefer the last branch, if there is a picture to judge by."""
    assert candidate.picture[:4] == b"\x89PNG"
    assert candidate.task.image_url
    return int(candidate.branch[-1])


async def read_first(candidate: Scored) -> float:
    """Do the same, and fetch the picture only when it is wanted."""
    assert (await candidate.read())[:4] == b"\x89PNG"
    with pytest.raises(InvalidInput, match="async scorer"):
        _ = candidate.picture
    return float(candidate.branch[-1])


class Taste:
    """An object that can be called will do as well."""

    async def __call__(self, candidate: Scored) -> float:
        return await read_first(candidate)


@pytest.mark.parametrize("scorer", [by_name, read_first, Taste()], ids=["plain", "async", "object"])
@virtual_time
async def test_the_best_branch_goes_on(scorer: Callable[..., Any], tmp_path: Path) -> None:
    """The others are set aside: they are no failures, and nothing more is paid for them."""
    async with place() as here, here.client() as client:
        run = client.run(mjflow.Flow(BEST), out=tmp_path, scorers={"by_name": scorer}, run="flow")
        (item,) = await run.collect()
    assert item.ok
    assert [branch.dropped for branch in item.branches] == [True, True, False]
    assert run.progress.branches == {"dropped": 2, "ended": 1}
    assert pictures(tmp_path) == ["U3.png"]


@virtual_time
async def test_a_choice_is_made_once(tmp_path: Path) -> None:
    """The next life has it from the journal, whatever the scorer would say by now."""
    async with place() as here:
        async with here.client() as client:
            scorers: dict[str, Any] = {"by_name": by_name}
            await client.run(mjflow.Flow(BEST), out=tmp_path, scorers=scorers, run="flow").collect()
        shutil.rmtree(tmp_path)
        async with here.client() as client:
            scorers = {"by_name": lambda _: 1 / 0}
            (item,) = await client.resume("flow", scorers=scorers).collect()
        assert item.ok
    assert pictures(tmp_path) == ["U3.png"]


@pytest.mark.parametrize(
    ("scorer", "told"),
    [
        (lambda _: 1 / 0, "raised ZeroDivisionError"),
        (lambda _: "much", "gave 'much', which is no number"),
        (lambda _: float("nan"), "gave NaN"),
        (lambda _: True, "gave True, which is no number"),
    ],
)
@virtual_time
async def test_a_scorer_that_fails_is_told_and_mended(
    scorer: Callable[..., Any], told: str, tmp_path: Path
) -> None:
    """What and where; the next life asks it again, and pays for nothing again."""
    async with place() as here, here.client() as client:
        run = client.run(mjflow.Flow(BEST), out=tmp_path, scorers={"by_name": scorer}, run="flow")
        (item,) = await run.collect()
        error = item.failures[0].error
        assert isinstance(error, ScorerFailed)
        assert told in error.message
        assert "'by_name'" in error.message
        paid = here.paid
        scorers: dict[str, Any] = {"by_name": by_name}
        (item,) = await client.resume("flow", scorers=scorers).collect()
        assert (item.ok, here.paid) == (True, paid)


@virtual_time
async def test_a_scorer_that_there_is_not_is_told_before_anything_is_paid() -> None:
    """A name that the run was not given, a module that cannot be imported."""
    async with place() as here, here.client() as client:
        with pytest.raises(InvalidInput, match="there is no scorer 'by_name'"):
            await client.run(mjflow.Flow(BEST), run="flow").collect()
        missing = [*BEST[:2], {"choose": {"scorer": "no.such:thing", "best": 1}}]
        with pytest.raises(InvalidInput, match="cannot be imported"):
            await client.run(mjflow.Flow(missing), run="flow").collect()
        assert here.ledger.submits == []


@virtual_time
async def test_a_callable_in_the_flow_is_found_again_by_its_name(tmp_path: Path) -> None:
    """A function of a module needs not be given to the next life."""
    flow = mjflow.Flow([*BEST[:2], {"choose": {"scorer": by_name, "best": 2}}])
    async with place() as here:
        async with here.client() as client:
            (item,) = await client.run(flow, out=tmp_path, run="flow").collect()
            assert [branch.dropped for branch in item.branches] == [True, False, False]
        async with here.client() as client:
            assert await client.resume("flow").collect() == (item,)
