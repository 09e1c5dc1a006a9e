"""From a prompt to pictures on disk, over real sockets."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from mjflow import ParentUnusable, State, TaskFailed, UnknownButton
from tests.client.worlds import mask, world
from tests.virtual import virtual_time


def beside(path: Path) -> dict[str, Any]:
    """Read a picture's sidecar, and check it against the picture."""
    content: dict[str, Any] = json.loads(Path(f"{path}.json").read_text())
    assert content["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert content["size"] == path.stat().st_size
    assert content["file"] == path.name
    return content


@virtual_time
async def test_a_grid_an_upscale_and_its_refinement_end_on_disk(tmp_path: Path) -> None:
    """Imagine, U2, Upscale (Subtle), download: three charges, one picture, its whole story."""
    async with world() as here:
        grid = here.client.imagine("a cute cat --v 6.1 --seed 5")
        cell = grid.click("U2")
        fine = cell.click("Upscale (Subtle)")
        (saved,) = await fine.download(tmp_path)
        assert [entry.amount for entry in here.simulator.ledger.charges] == [0.1, 0.05, 0.05]
        assert here.client.statistics().spent.total == here.simulator.ledger.total == 0.2
    assert saved.path.name == f"upscale_subtle-{fine.id}.png"
    assert (saved.whole.width, saved.whole.height) == (2048, 2048)
    content = beside(saved.path)
    assert content["button"] == "upscale_subtle"
    assert content["task_id"] == fine.id
    assert content["prompt"] == "a cute cat --v 6.1 --seed 5"
    assert content["seed"] == 5
    assert content["parents"] == [
        {"id": grid.id, "action": "IMAGINE", "button": None},
        {"id": cell.id, "action": "UPSCALE", "button": "U2"},
    ]
    assert content["submitted_at"] < content["started_at"] < content["finished_at"]


@virtual_time
async def test_a_region_is_repainted_and_the_result_zoomed_out(tmp_path: Path) -> None:
    """Imagine, U1, Vary (Region), U1, Zoom Out 2x: the dialog is answered once, and paid once."""
    async with world() as here:
        single = here.client.imagine("a cat --v 6.1").click("U1")
        region = single.click("Vary (Region)", prompt="a golden crown", mask=mask())
        zoomed = region.click("U1").click("Zoom Out 2x")
        (saved,) = await zoomed.download(tmp_path, name="{parent}/{button}")
        ledger = here.simulator.ledger
        assert [(entry.action, entry.amount) for entry in ledger.charges] == [
            ("IMAGINE", 0.1),
            ("UPSCALE", 0.05),
            ("MODAL", 0.1),
            ("UPSCALE", 0.05),
            ("ZOOM", 0.1),
        ]  # the click that opened the dialog was free
        assert here.simulator.tasks[region.id or ""].answers == 1
        assert here.client.statistics().spent.total == ledger.total == 0.4
        assert not region.dialog_data_unused
    assert saved.path == tmp_path / (zoomed._record.parent.id or "") / "zoom_2x.png"  # type: ignore[union-attr]
    buttons = [parent["button"] for parent in beside(saved.path)["parents"]]
    assert buttons == [None, "U1", "vary_region", "U1"]


@virtual_time
async def test_a_task_that_ended_long_ago_goes_on_by_its_id(tmp_path: Path) -> None:
    """An id, the finished task itself and its handle all take a click."""
    async with world() as here:
        task = await here.client.imagine("a cat --v 6.1")
        for origin in (task.id, task, here.client.attach(task.id)):
            click = here.client.click(origin, "U3")
            await click.download(tmp_path)
            assert beside(tmp_path / f"U3-{click.id}.png")["parents"] == [
                {"id": task.id, "action": "IMAGINE", "button": None}
            ]


@virtual_time
async def test_the_classic_call_names_no_button() -> None:
    """`change` presses U, V and reroll by their old names."""
    async with world() as here:
        grid = here.client.imagine("a cat --v 6.1")
        upscaled = here.client.change(grid, "UPSCALE", 4)
        await upscaled
        assert upscaled.button == "U4"
        assert [one.act for one in here.simulator.ledger.submits] == ["imagine", "change"]


@virtual_time
async def test_a_failure_ends_the_rest_of_its_chain() -> None:
    """What came to nothing is not built upon, and the gateway gives the money back."""
    async with world(simulator={"faults": ["fails=1:1"]}) as here:
        grid = here.client.imagine("a cat --v 6.1")
        last = grid.click("U1").click("Zoom Out 2x")
        with pytest.raises(ParentUnusable) as raised:
            await last
        with pytest.raises(TaskFailed):
            await grid
        assert last.state is State.WITHDRAWN
        assert isinstance(raised.value.__cause__, ParentUnusable)
        assert isinstance(raised.value.__cause__.__cause__, TaskFailed)
        assert len(here.simulator.ledger.submits) == 1
        assert here.simulator.ledger.total == here.client.statistics().spent.total == 0.0


@virtual_time
async def test_a_button_that_is_not_there_costs_nothing() -> None:
    """The error names those that are, and the nearest."""
    async with world() as here:
        with pytest.raises(UnknownButton) as raised:
            await here.client.imagine("a cat --v 6.1").click("Zoom Out 2x")
        assert "U1" in raised.value.available
        assert len(here.simulator.ledger.charges) == 1


@pytest.mark.parametrize("mode", ["relax", "fast", "turbo"])
@virtual_time
async def test_a_speed_mode_goes_with_each_act_of_a_chain(mode: str) -> None:
    """The server sees it in the path of every submit."""
    async with world(mode=mode) as here:
        await here.client.imagine("a cat --v 6.1").click("V1").click("U1")
        seen = {task.mode for task in here.simulator.tasks.values()}
    assert seen == {{"relax": "FAST"}.get(mode, mode.upper())}
