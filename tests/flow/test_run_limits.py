"""What stops a run: its limits, a step that says so, a full disk, another process."""

from __future__ import annotations

import asyncio
import math
from pathlib import Path
from typing import Any

import pytest

import mjflow
from mjflow import CannotWrite, CostBrake, MemoryStore, NotAuthorized, RunHeld, RunStopped
from mjflow.journal.sqlite import SqliteStore
from mjflow.journal.store import Intent
from mjflow.testing import assert_paid_once
from tests.flow.runs import ANIMALS, UPSCALED, pictures, place, runs_under_way
from tests.virtual import virtual_time

# --- brakes ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limit", "paid", "message"),
    [
        ({"max_tasks": 4}, 4, "may start 4 tasks at most, and has started 4"),
        ({"max_cost": 0.35}, 4, "may cost 0.35 at most; "),
        ({"max_cost": 0.4}, 5, "may cost 0.40 at most"),
        ({"max_tasks": 0}, 0, "may start 0 tasks at most, and has started 0"),
    ],
)
@virtual_time
async def test_a_limit_is_kept_and_what_runs_ends(
    limit: dict[str, Any], paid: int, message: str, tmp_path: Path
) -> None:
    """Nothing beyond it is submitted, and the error says how to go on."""
    async with place() as here, here.client() as client:
        found = await client.run(UPSCALED, ANIMALS, out=tmp_path, **limit, run="flow").collect()
        assert here.paid == paid
    errors = [item.branches[0].error for item in found if not item.ok]
    assert {type(error) for error in errors} == {CostBrake}
    assert all(item.stuck for item in found if not item.ok)
    assert message in str(errors[0])
    assert "resume the run with a higher limit" in str(errors[0])


@virtual_time
async def test_a_limit_counts_over_all_lives_and_is_remembered(tmp_path: Path) -> None:
    """A resumed run has the limit that it began with, until somebody says otherwise."""
    async with place(SqliteStore(tmp_path / "journal.db")) as here:
        async with here.client() as client:
            await client.run(UPSCALED, ANIMALS, out=tmp_path, max_tasks=4, run="flow").collect()
        async with here.client() as client:
            found = await client.run(UPSCALED, ANIMALS, run="flow").collect()
            assert [item.stuck for item in found].count(True) == 2
            assert here.paid == 4
        async with here.client() as client:
            found = await client.resume("flow", max_tasks=5).collect()
            assert [item.stuck for item in found].count(True) == 1
            assert here.paid == 5
        async with here.client() as client:
            run = client.resume("flow", max_tasks=math.inf)
            assert [item.ok for item in await run.collect()] == [True] * 3
            assert here.paid == 6
            assert run.progress.spent.total == pytest.approx(0.45)
        assert_paid_once(here.ledger)


@virtual_time
async def test_what_failed_is_given_back_to_the_limit(tmp_path: Path) -> None:
    """A refund can be spent on others."""
    async with place(faults={"fails": 1.0}) as here, here.client() as client:
        run = client.run(
            mjflow.Flow([{"imagine": "a {animal}"}]),
            ANIMALS,
            limit=1,
            max_cost=0.1,
            out=tmp_path,
            run="flow",
        )
        found = await run.collect()
        assert {type(item.branches[0].error) for item in found} == {mjflow.TaskFailed}
        assert run.progress.spent == mjflow.Spent(charged=0.3, refunded=0.3)


# --- a step says so -------------------------------------------------------------------------


@virtual_time
async def test_a_step_can_stop_the_run(tmp_path: Path) -> None:
    """With `on_error: run` the first failure is the last act."""
    flow = mjflow.Flow([{"imagine": "a {animal}", "on_error": "run"}, {"click": "U1"}])
    async with place(faults={"fails": 1.0}) as here, here.client() as client:
        run = client.run(flow, ANIMALS, out=tmp_path, limit=1, run="flow")
        found = await run.collect()
        assert len(here.ledger.submits) == 1
        assert isinstance(run.progress.halted, RunStopped)
        here.server.faults.clear()
        after = await client.resume("flow").collect()
    errors = [item.branches[0].error for item in found]
    assert [type(error) for error in errors] == [mjflow.TaskFailed, RunStopped, RunStopped]
    assert "has stopped with the item 'cat': task" in str(errors[1])
    assert [item.stuck for item in found] == [False, True, True]
    assert [item.ok for item in after] == [False, True, True]


@virtual_time
async def test_a_stop_takes_back_what_waits_in_the_engine(tmp_path: Path) -> None:
    """Not only what has not begun: of six that wait for one place the first is paid."""
    flow = mjflow.Flow([{"imagine": "a {prompt}", "on_error": "run"}])
    animals = ["cat", "dog", "owl", "fox", "hen", "bee"]
    async with (
        place(faults={"fails": 1.0}) as here,
        here.client(max_in_flight=1) as client,
    ):
        found = await client.run(flow, animals, out=tmp_path, limit=10, run="flow").collect()
        assert len(here.ledger.submits) == 1
        here.server.faults.clear()
        after = await client.resume("flow").collect()
    assert [type(item.branches[0].error) for item in found] == [
        mjflow.TaskFailed,
        *[RunStopped] * 5,
    ]
    assert [item.ok for item in after] == [False, *[True] * 5]


@virtual_time
async def test_a_limit_takes_nothing_back(tmp_path: Path) -> None:
    """What was set aside for what waits in the engine can be spent."""
    flow = mjflow.Flow([{"imagine": "a {prompt}"}])
    async with place() as here, here.client(max_in_flight=1) as client:
        run = client.run(
            flow, ["cat", "dog", "owl", "fox"], out=tmp_path, limit=10, max_tasks=3, run="flow"
        )
        found = await run.collect()
        assert isinstance(run.progress.halted, CostBrake)
    assert [item.ok for item in found] == [True, True, True, False]


@virtual_time
async def test_a_refused_key_stops_the_run() -> None:
    """The first item finds it out; the others are not tried."""
    async with place(keys={"sk-other": 10.0}) as here, here.client(dialect="gateway") as client:
        run = client.run(UPSCALED, ANIMALS, limit=1, plan=False, run="flow")
        found = await run.collect()
        assert [item.stuck for item in found] == [True] * 3
        assert isinstance(run.progress.halted, NotAuthorized)


# --- a full disk ----------------------------------------------------------------------------


class FullDisk(MemoryStore):
    """A journal that takes no intent from some moment on."""

    room = 2

    async def intend(self, intent: Intent) -> None:
        if self.room <= 0:
            raise CannotWrite("can't write the journal: the disk is full")
        self.room -= 1
        await super().intend(intent)


@virtual_time
async def test_a_journal_that_takes_nothing_stops_the_run(tmp_path: Path) -> None:
    """What was not written is not sent; with room again the run goes on."""
    disk = FullDisk()
    async with place(disk) as here:
        async with here.client() as client:
            run = client.run(UPSCALED, ANIMALS, out=tmp_path, run="flow")
            found = await run.collect()
            assert [item.stuck for item in found] == [True] * 3
            assert isinstance(run.progress.halted, CannotWrite)
            assert here.paid == 2
        disk.room = 10
        async with here.client() as client:
            found = await client.run(UPSCALED, ANIMALS, out=tmp_path, run="flow").collect()
            assert [item.ok for item in found] == [True] * 3
        assert_paid_once(here.ledger)
        assert here.paid == 6


# --- two at once ----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
@virtual_time
async def test_two_cannot_be_at_one_run(kind: str, tmp_path: Path) -> None:
    """The second says who is at it, and the first goes on undisturbed."""
    path = tmp_path / "journal.db"
    store = MemoryStore()
    journals = [store, store] if kind == "memory" else [SqliteStore(path), SqliteStore(path)]
    async with place() as here:
        async with (
            here.client(journal=journals[0]) as one,
            here.client(journal=journals[1]) as other,
        ):
            first = asyncio.create_task(
                one.run(UPSCALED, ANIMALS, out=tmp_path, run="flow").collect()
            )
            await asyncio.sleep(5)
            with pytest.raises(RunHeld) as caught:
                await other.run(UPSCALED, ANIMALS, out=tmp_path, run="flow").collect()
            assert [item.ok for item in await first] == [True] * 3
        assert caught.value.owner.startswith("process ")
        assert_paid_once(here.ledger)
        assert here.paid == 6


class Asleep(MemoryStore):
    """A journal of which somebody hears nothing for a while, as in a machine that sleeps."""

    async def renew(self, lease: Any) -> Any:
        await asyncio.sleep(60)
        return await super().renew(lease)


@virtual_time
async def test_a_holder_that_was_taken_over_stops(tmp_path: Path) -> None:
    """It submits nothing any more, and says who has the run now; nothing is paid twice."""
    store = Asleep()
    awake = MemoryStore()
    awake.__dict__ = store.__dict__
    async with place(store) as here:
        async with here.client(max_in_flight=1) as sleeper, here.client(journal=awake) as heir:
            reading = asyncio.create_task(
                sleeper.run(UPSCALED, ANIMALS, out=tmp_path, run="flow").collect()
            )
            await asyncio.sleep(10)
            found = await heir.run(UPSCALED, ANIMALS, out=tmp_path, run="flow").collect()
            assert [item.ok for item in found] == [True] * 3
            with pytest.raises(RunHeld):
                await reading
            assert runs_under_way() == []
        assert_paid_once(here.ledger)
        assert here.paid == 6
    assert pictures(tmp_path) == ["cat/U1.png", "dog/U1.png", "owl/U1.png"]
