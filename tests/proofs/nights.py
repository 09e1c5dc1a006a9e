"""A small run, and what must hold of it however often it was cut short."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from attrs import frozen

import mjflow
from mjflow import Client, ItemResult, Run, SubmissionInDoubt
from mjflow.journal.store import Attempt

from .stages import InMemory

RUN = "night"
#: Each item is paid five times: four tasks, and the answer to a dialog.
FLOW = mjflow.Flow(
    name="crowns",
    steps=[
        {"imagine": "a {animal}"},
        {"click": "U1"},
        {"click": "Vary (Region)", "prompt": "a crown", "mask": {"rect": [0.3, 0, 0.7, 0.35]}},
        {"click": "U1"},
        {"download": "{animal}/{button}"},
    ],
)
ROWS = [{"id": name, "animal": name} for name in ("cat", "dog")]
#: What is charged for an item, by route.
PAID = Counter({"imagine": 1, "action": 2, "modal": 1})


@frozen
class Told:
    """An item's result without what is never twice the same."""

    key: str
    ok: bool
    branches: tuple[tuple[str, tuple[str, ...], int], ...]

    @classmethod
    def of(cls, result: ItemResult) -> Told:
        return cls(
            result.key,
            result.ok,
            tuple(
                (branch.name, tuple(one.act for one in branch.lineage), len(branch.files))
                for branch in result.branches
            ),
        )


def night(client: Client, out: Path) -> Run:
    """Make the run."""
    return client.run(FLOW, ROWS, run=RUN, out=out)


async def live(
    stage: InMemory, out: Path, *, store: Any = None, server: Any = None, settled: bool = False
) -> tuple[ItemResult, ...]:
    """
    Run it in a client of its own.

    Args:
        settled: Have a person settle all doubts in the end.
    """
    client = Client(
        stage.namespace,
        "sk-test",
        transport=server or stage.server,
        journal=store or stage.store,
        dialect="gateway",
        poll_interval=15.0,
    )
    async with client:
        results = await night(client, out).collect()
        if settled:
            await settle(stage, client, results)
        return results


async def attempts(stage: InMemory) -> list[Attempt]:
    """Read what the journal knows of the run."""
    return list(await stage.store.history(stage.namespace, f"@{RUN}/"))


async def check_paid(stage: InMemory) -> None:
    """Check that nothing was paid twice, and that the journal knows all that was paid."""
    known = {one.intent.token: one for one in await attempts(stage)}
    paid = Counter((known[one.token].intent.key, one.route) for one in stage.server.charges)
    assert not [key for key, times in paid.items() if times > 1], paid


async def check_resumed(stage: InMemory, results: tuple[ItemResult, ...], whole: Any) -> bool:
    """Compare a resumed run with one that was not cut short; tell whether all has ended."""
    await check_paid(stage)
    assert [one.key for one in results] == [row["id"] for row in ROWS]
    for result, wanted in zip(results, whole, strict=True):
        if not result.stuck:
            assert Told.of(result) == wanted
            assert all(Path(file.path).stat().st_size == file.size for file in result.files)
    return not any(result.stuck for result in results)


async def settle(stage: InMemory, client: Client, results: tuple[ItemResult, ...]) -> None:
    """Say of every doubt what a person finds at the server; nothing else has stopped an item."""
    stuck = [branch.error for result in results for branch in result.failures]
    assert [error for error in stuck if not isinstance(error, SubmissionInDoubt)] == []
    charged = {(one.token, one.route == "modal"): one.task_id for one in stage.server.charges}
    for handle in await client.doubts():
        error = handle.outcome
        assert isinstance(error, SubmissionInDoubt), handle
        task_id = charged.get((error.token, isinstance(error, mjflow.AnswerInDoubt)))
        if task_id is None:
            await handle.settle("absent")
        else:
            await handle.settle(task_id=task_id)
