"""Which buttons are shown by model and stage, and what they lead to (P§6)."""

from __future__ import annotations

import re

import pytest

from .wires import Wire

GRID = ["U1", "U2", "U3", "U4", "🔄", "V1", "V2", "V3", "V4"]
VARIES = ["Vary (Subtle)", "Vary (Strong)", "Vary (Region)"]
ZOOMS = ["Zoom Out 2x", "Zoom Out 1.5x", "Custom Zoom"]
PANS = ["⬅️", "➡️", "⬆️", "⬇️"]
MOTION = ["Animate (High motion)", "Animate (Low motion)"]
SUBTLE = ["Upscale (Subtle)", "Upscale (Creative)"]
TIMES = ["Upscale (2x)", "Upscale (4x)"]
LAST = ["❤️", "🔄"]


async def names(wire: Wire, task_id: str) -> list[str]:
    """Give the labels of a task's buttons, or the emoji of those without."""
    return [b["label"] or b["emoji"] for b in (await wire.fetch(task_id))["buttons"]]


@pytest.mark.parametrize("version", ["--v 4", "--v 6.1", "--v 8.1", "--niji 6", ""])
async def test_a_grid_has_four_upscales_four_variations_and_a_reroll(
    wire: Wire, version: str
) -> None:
    """Grids are alike in all models, P§6.1."""
    assert await names(wire, await wire.finished(f"x {version}")) == GRID


@pytest.mark.parametrize(
    ("version", "shown"),
    [
        ("--v 3", ["Make Variations", *LAST]),
        ("--v 4", ["Make Variations", *LAST]),
        ("--niji 4", ["Make Variations", *LAST]),
        ("--v 5.2", [*TIMES, *VARIES, *ZOOMS, *PANS, *MOTION, *LAST]),
        ("--niji 5", [*TIMES, *VARIES, *ZOOMS, *PANS, *MOTION, *LAST]),
        ("--v 6", [*SUBTLE, *VARIES, *ZOOMS, *PANS, *MOTION, *LAST]),
        ("--version 6.1", [*SUBTLE, *VARIES, *ZOOMS, *PANS, *MOTION, *LAST]),
        ("", [*SUBTLE, *VARIES, *ZOOMS, *PANS, *MOTION, *LAST]),
        ("--niji 7", [*SUBTLE, *VARIES, *ZOOMS, *PANS, *MOTION, *LAST]),
        ("--v 8", [*VARIES, *MOTION, *LAST]),
    ],
)
async def test_a_single_picture_has_the_buttons_of_its_model(
    wire: Wire, version: str, shown: list[str]
) -> None:
    """What can be done after U depends on the version, P§6.2."""
    assert await names(wire, await wire.finished(f"x {version}", "U1")) == shown


@pytest.mark.parametrize(
    ("version", "part"),
    [
        ("--v 5", "upsample_v5_2x"),
        ("--v 6", "upsample_v6_2x_subtle"),
        ("--niji 6", "upsample_v6_2x_subtle"),
        ("--v 6.1", "upsample_v6r1_2x_subtle"),
        ("--v 7", "upsample_v7_2x_subtle"),
        ("--niji 7", "upsample_v7_2x_subtle"),
    ],
)
async def test_a_second_upscale_is_named_after_the_model(
    wire: Wire, version: str, part: str
) -> None:
    """The custom id holds the model's name and the job's uuid, P§6.2."""
    row = await wire.fetch(await wire.finished(f"x {version}", "U1"))
    job = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
    pattern = rf"MJ::JOB::{part}::1::{job}::SOLO"
    assert re.fullmatch(pattern, row["buttons"][0]["customId"])


async def test_a_button_has_five_fields(wire: Wire) -> None:
    """Unset texts are empty, not missing, P§4.5."""
    task_id = await wire.finished()
    first = (await wire.fetch(task_id))["buttons"][0]
    job = wire.simulator.tasks[task_id].job
    assert first == {
        "customId": f"MJ::JOB::upsample::1::{job}",
        "emoji": "",
        "label": "U1",
        "type": 2,
        "style": 2,
    }


async def test_only_a_picture_that_is_not_square_can_be_made_square(wire: Wire) -> None:
    """Make Square makes a square grid, P§6.2."""
    assert "Make Square" not in await names(wire, await wire.finished("x", "U1"))
    wide = await wire.finished("x --ar 3:2", "U1")
    assert "Make Square" in await names(wire, wide)
    answer = await wire.click(wide, "Make Square")
    assert wire.simulator.tasks[answer.json["result"]].aspect == 1


async def test_after_a_second_upscale_fewer_buttons_are_left(wire: Wire) -> None:
    """Redo, animate and the heart remain, P§6.2."""
    task_id = await wire.finished("x --v 7", "U1", "Upscale (Subtle)")
    redo = ["Redo Upscale (Subtle)", "Redo Upscale (Creative)"]
    assert await names(wire, task_id) == [*redo, *MOTION, "❤️"]


@pytest.mark.parametrize(
    ("name", "action"),
    [
        ("Upscale (Subtle)", "UPSCALE"),
        ("Vary (Subtle)", "LOW_VARIATION"),
        ("Vary (Strong)", "HIGH_VARIATION"),
        ("Zoom Out 2x", "ZOOM"),
        ("⬆️", "PAN"),
        ("🔄", "REROLL"),
    ],
)
async def test_a_click_is_booked_under_the_action_of_its_button(
    wire: Wire, name: str, action: str
) -> None:
    """The gateway reads the action from the custom id; all but U give grids, P§6."""
    task_id = await wire.finished("x", "U3", name)
    assert (await wire.fetch(task_id))["action"] == action
    is_grid = await names(wire, task_id) == GRID
    assert is_grid == (name != "Upscale (Subtle)")


async def test_the_heart_makes_no_task_and_is_refused(wire: Wire) -> None:
    """No build of the gateway reads BOOKMARK, P§2.5."""
    single = await wire.finished("x", "U1")
    custom_id = await wire.button(single, "❤️")
    answer = await wire.submit("action", taskId=single, customId=custom_id)
    assert answer.status == 400
    assert answer.json["error"]["message"].startswith(
        f"Invalid request, unknown_action:{custom_id} (request id: "
    )


async def test_a_button_of_another_task_is_unknown_behind(wire: Wire) -> None:
    """The server looks among the parent's own buttons, P§2.5."""
    one, two = await wire.finished("1"), await wire.finished("2")
    custom_id = await wire.button(one, "U1")
    answer = await wire.submit("action", taskId=two, customId=custom_id)
    assert (answer.status, answer.json["code"], answer.json["result"]) == (200, 4, None)
