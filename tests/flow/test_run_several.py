"""A button that starts several tasks: in every life of a run they are the same, in one order."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

import mjflow
from mjflow import ItemResult, MemoryStore
from mjflow.journal.sqlite import SqliteStore
from mjflow.testing import assert_paid_once
from tests.client.worlds import mask
from tests.flow.runs import Place, pictures, place
from tests.virtual import virtual_time

REDRAWN = [
    {"describe": "photo.png"},
    {"click": "Imagine all"},
    {"click": "U1"},
    {"download": "{branch}-{id}"},
]


def flow(folder: Path) -> mjflow.Flow:
    (folder / "photo.png").write_bytes(mask(64))
    return mjflow.Flow(REDRAWN, name="redrawn", folder=folder)


def ways(item: ItemResult) -> list[list[str]]:
    """Name the tasks of each branch."""
    return [[one.task.id for one in branch.lineage] for branch in item.branches]


async def whole(here: Place, folder: Path) -> ItemResult:
    async with here.client(dialect="trueai") as client:
        (item,) = await client.run(flow(folder), out=folder / "out", run="flow").collect()
    return item


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
@virtual_time
async def test_all_of_them_go_on_after_a_life_that_had_ended(kind: str, tmp_path: Path) -> None:
    """Nothing is paid again, and nothing is another one's."""
    store = MemoryStore() if kind == "memory" else SqliteStore(tmp_path / "journal.db")
    async with place(store, profile="trueai") as here:
        first = await whole(here, tmp_path)
        paid, saved = here.paid, pictures(tmp_path / "out")
        assert first.ok
        assert len(first.branches) == 4
        assert len(set(map(tuple, ways(first)))) == 4
        again = await whole(here, tmp_path)
        assert (ways(again), here.paid, pictures(tmp_path / "out")) == (ways(first), paid, saved)
        assert again.spent == first.spent


@pytest.mark.parametrize("submits", range(1, 7))
@virtual_time
async def test_all_of_them_go_on_after_a_life_that_was_cut_short(
    submits: int, tmp_path: Path
) -> None:
    """Whatever was submitted by then: the describe, the button, some of what follows it."""
    async with place(profile="trueai") as uncut:
        expected = await whole(uncut, tmp_path)
        paid = uncut.paid
    async with place(profile="trueai") as here:
        async with here.client(dialect="trueai", max_in_flight=1) as client:
            run = client.run(flow(tmp_path), out=tmp_path / "cut", run="flow")
            reading = asyncio.create_task(run.collect())
            while len(here.ledger.submits) < submits:
                await asyncio.sleep(0.5)
            reading.cancel()
            await asyncio.wait([reading])
        item = await whole(here, tmp_path)
        assert item.ok
        assert [len(one) for one in ways(item)] == [len(one) for one in ways(expected)]
        assert here.paid == paid
        assert_paid_once(here.ledger)
