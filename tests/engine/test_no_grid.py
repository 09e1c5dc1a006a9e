"""What counts as a grid, and what is refused before anything is fetched."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mjflow import InvalidInput
from tests.client.worlds import world
from tests.engine.gallery import CDN, grid
from tests.engine.quarters import gallery
from tests.scripted import UUID, opened
from tests.virtual import virtual_time


def buttons(*custom_ids: str, labels: Mapping[int, str] | None = None) -> list[dict[str, str]]:
    """Build the buttons of a row; without labels, as some servers show them."""
    names = labels or {}
    return [{"customId": one, "label": names.get(at, "")} for at, one in enumerate(custom_ids)]


U2 = f"MJ::JOB::upsample::2::{UUID}"
V1 = f"MJ::JOB::variation::1::{UUID}"
V3 = f"MJ::JOB::variation::3::{UUID}"
ZOOM = f"MJ::Outpaint::50::1::{UUID}::SOLO"


@pytest.mark.parametrize(
    "row",
    [
        {"buttons": buttons(U2), "action": "ACTION"},
        {"buttons": buttons(V1, V3), "action": ""},
        {"buttons": [], "action": "IMAGINE"},
        {"buttons": None, "action": "VARIATION"},
        {"buttons": None, "action": "REROLL"},
        {"buttons": None, "action": "BLEND"},
        {"imageUrls": [{"url": f"https://cdn.example/{n}.webp"} for n in range(4)]},
    ],
    ids=["U", "V", "imagine", "variation", "reroll", "blend", "singles-too"],
)
@virtual_time
async def test_a_grid_is_known_by_its_buttons_else_by_its_action(
    tmp_path: Path, row: dict[str, Any]
) -> None:
    """Single pictures beside a grid change nothing: the cells are cut from the grid."""
    server = gallery()
    async with opened(server) as client:
        cells = await (await grid(client, server, **row)).split(tmp_path)
    assert len(cells) == 4
    assert server.fetched == [CDN]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"buttons": buttons(ZOOM), "action": "ACTION"}, r"1001 is a single picture. download\(\)"),
        ({"buttons": buttons(V1, ZOOM)}, "1001 is a single picture"),
        (
            {"buttons": buttons(V1, labels={0: "Make Variations"}), "action": "UPSCALE"},
            "1001 is a single picture",
        ),
        ({"buttons": [], "action": "UPSCALE"}, "1001 is a single picture"),
        ({"buttons": [], "action": "SWAP_FACE"}, "1001 is a single picture"),
        ({"videoUrl": "https://cdn.example/1.mp4"}, r"1001 is a video. download\(\) saves its"),
        (
            {"buttons": buttons(f"MJ::JOB::video_virtual_upscale::1::{UUID}"), "action": "ACTION"},
            "1001 is a video",
        ),
        (
            {"buttons": buttons("MJ::Job::PicReader::1"), "action": "ACTION"},
            "1001 is a describe, which ends in texts. Its texts are in task.final_prompt",
        ),
        ({"buttons": [], "action": "SHORTEN"}, "1001 is a shorten, which ends in texts"),
        ({"buttons": [], "action": "SHOW"}, r"1001 does not tell.*mjflow.split_grid\(path\)"),
        (
            {"imageUrl": "", "imageUrls": [{"url": CDN}] * 4},
            r"gives the pictures of task 1001 one by one.*download\(\) saves all",
        ),
    ],
)
@virtual_time
async def test_what_is_no_grid_is_refused_before_anything_is_fetched(
    tmp_path: Path, row: dict[str, Any], message: str
) -> None:
    """The error says what it is and what to do; no file is fetched, no folder is made."""
    server = gallery()
    async with opened(server) as client:
        handle = await grid(client, server, **row)
        with pytest.raises(InvalidInput, match=message):
            await handle.split(tmp_path / "out")
    assert server.fetched == []
    assert list(tmp_path.iterdir()) == []


@virtual_time
async def test_a_server_without_buttons_tells_by_the_action(tmp_path: Path) -> None:
    """At novicezk a grid is what imagine gives, and what U gives is none."""
    async with world(
        simulator={"profile": "novicezk"}, dialect="novicezk", poll_interval=3.0
    ) as there:
        handle = there.client.imagine("a cat")
        assert len(await handle.split(tmp_path)) == 4
        with pytest.raises(InvalidInput, match="is a single picture"):
            await handle.click("U1").split(tmp_path / "none")
    assert not (tmp_path / "none").exists()
