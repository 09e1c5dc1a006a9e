"""The acts beside imagine and clicks: what they take, and results that fit (P§2.7 to P§2.15)."""

from __future__ import annotations

import asyncio
import io
from typing import Any

import pytest
from PIL import Image, ImageStat

from mjflow.simulator import PROFILES

from .samples import ROOTS, holed, mask, photo
from .test_pictures import cell, distance, image
from .wires import Wire, wired

BOTH = ("gateway", "trueai")


def names(row: Any) -> list[str]:
    """Give the labels of a task's buttons, or the emoji of those without."""
    return [button["label"] or button["emoji"] for button in row["buttons"]]


@pytest.mark.parametrize(
    ("profile", "act"),
    [(name, act) for name, profile in PROFILES.items() for act in ROOTS if act in profile.submits],
)
async def test_every_act_ends_well_where_it_is_routed(profile: str, act: str) -> None:
    """On each server that has it, a good body leads to SUCCESS."""
    async with wired(profile=profile) as wire:
        row = await wire.made(act, **ROOTS[act], state="mine")
        assert (row["status"], row["state"]) == ("SUCCESS", "mine")
        assert row["action"] in ROOT_ACTIONS[act]
        [submit] = wire.simulator.ledger.submits
        assert (submit.act, submit.exists, submit.knowable) == (act, True, True)
        assert submit.charged == (0.05 if act in ("describe", "swap") else 0.1)


#: What servers call them: the gateway's word first, trueai's second.
ROOT_ACTIONS = {
    "imagine": ("IMAGINE",),
    "blend": ("BLEND",),
    "describe": ("DESCRIBE",),
    "shorten": ("SHORTEN",),
    "video": ("VIDEO",),
    "edits": ("EDITS", "EDIT"),
    "edit": ("EDIT",),
    "retexture": ("RETEXTURE",),
    "swap": ("SWAP_FACE",),
}


@pytest.mark.parametrize(
    ("act", "body"),
    [
        ("blend", {"base64Array": [photo()]}),
        ("blend", {"base64Array": [photo()] * 6}),
        ("blend", {"base64Array": [photo()] * 2, "dimensions": None}),
        ("blend", {"base64Array": [photo()] * 2, "dimensions": "WIDE"}),
        ("describe", {}),
        ("shorten", {"prompt": " "}),
        ("video", {"prompt": "waves"}),
        ("video", {"image": photo()}),
        ("video", {"prompt": "waves", "image": photo(), "motion": "some"}),
        ("video", {"prompt": "waves", "image": photo(), "batchSize": 3}),
        ("video", {"prompt": "waves", "image": photo(), "videoType": "vid_9"}),
        ("edits", {"prompt": "x"}),
        ("edits", {"image": photo()}),
        ("upload-discord-images", {"base64Array": []}),
        ("upload-discord-images", {"base64Array": ["bm8gcGljdHVyZQ=="]}),
        ("swap", {"sourceBase64": photo(), "targetBase64": photo()}),
    ],
)
async def test_a_body_that_lacks_something_is_code_4(
    wire: Wire, act: str, body: dict[str, Any]
) -> None:
    """The server behind refuses, and nothing is made or paid."""
    answer = await wire.submit(act, **body)
    assert (answer.status, answer.json["code"], answer.json["result"]) == (200, 4, None)
    assert wire.simulator.ledger.charges == []


async def test_a_gateway_itself_wants_both_faces(wire: Wire) -> None:
    """Shape B with an odd word, P§8.2."""
    answer = await wire.submit("swap", sourceBase64=photo())
    assert (answer.status, answer.json["code"]) == (400, 4)
    assert answer.json["description"] == "sour_base64_and_target_base64_is_required "


@pytest.mark.parametrize(
    ("act", "body"),
    [
        ("blend", {"base64Array": ["bm8gcGljdHVyZQ==", photo()]}),
        ("describe", {"base64": "bm8gcGljdHVyZQ=="}),
        ("video", {"prompt": "x", "image": "bm8gcGljdHVyZQ=="}),
        ("edits", {"prompt": "x", "image": "bm8gcGljdHVyZQ=="}),
    ],
)
async def test_what_is_no_picture_fails_late(wire: Wire, act: str, body: dict[str, Any]) -> None:
    """Accepted, failed, refunded, P§11.3."""
    row = await wire.made(act, **body)
    assert (row["status"], "Invalid link" in row["failReason"]) == ("FAILURE", True)
    assert wire.simulator.ledger.total == 0


@pytest.mark.parametrize(
    ("dimensions", "size"),
    [("PORTRAIT", (832, 1248)), ("SQUARE", (1024, 1024)), ("LANDSCAPE", (1248, 832))],
)
async def test_a_blend_is_a_grid_in_the_shape_asked_for(
    wire: Wire, dimensions: str, size: tuple[int, int]
) -> None:
    """Four pictures that lie between those that were sent, P§2.7."""
    pictures = [photo("red"), photo("blue")]
    row = await wire.made("blend", base64Array=pictures, dimensions=dimensions)
    grid = await image(wire, row["id"])
    assert grid.size == size
    red, green, blue = ImageStat.Stat(cell(grid, 1)).mean
    assert min(red, blue) > green
    assert names(row)[:4] == ["U1", "U2", "U3", "U4"]


async def test_a_link_to_a_picture_of_ours_is_followed(wire: Wire) -> None:
    """A picture made here may be mixed into another one."""
    single = await wire.finished("x", "U2")
    link = f"{wire.simulator.base_url}/mj/image/{single}"
    row = await wire.made("swap", sourceBase64=photo("red"), targetBase64=link)
    source, swapped = await image(wire, single), await image(wire, row["id"])
    corner = (0, 300, 200, 700)
    assert distance(source.crop(corner), swapped.crop(corner)) < 2
    assert row["buttons"] == []


async def test_edits_paint_where_the_picture_is_transparent(wire: Wire) -> None:
    """The rest stays as it was sent, P§11.3."""
    row = await wire.made("edits", prompt="a lake", image=holed((400, 300)))
    one = cell(await image(wire, row["id"]), 1)
    width, height = one.size
    assert one.getpixel((width // 2, height // 8)) == (255, 0, 0)
    assert one.getpixel((width // 2, height // 2)) != (255, 0, 0)


async def test_a_mask_beside_the_picture_marks_the_area_too(wire: Wire) -> None:
    """White is painted anew, P§2.11."""
    white = mask((400, 300))
    row = await wire.made("edits", prompt="x", image=photo("red", (400, 300)), maskBase64=white)
    one = cell(await image(wire, row["id"]), 2)
    width, height = one.size
    assert one.getpixel((width // 2, height // 8)) == (255, 0, 0)
    assert one.getpixel((width // 2, height * 3 // 8)) != (255, 0, 0)


async def test_an_upload_gives_links_and_no_task() -> None:
    """`result` is an array; a gateway takes a fee, others none, P§2.12."""
    for profile, fee in (("gateway", 0.05), ("trueai", 0.0)):
        async with wired(profile=profile) as wire:
            pictures = [photo("red"), photo("blue")]
            answer = await wire.submit("upload-discord-images", base64Array=pictures)
            links = answer.json["result"]
            assert (answer.json["code"], len(links)) == (1, 2)
            for link, colour in zip(links, ((255, 0, 0), (0, 0, 255)), strict=True):
                sent = Image.open(io.BytesIO((await wire.file(link)).raw))
                assert sent.getpixel((3, 3)) == colour
            assert wire.simulator.tasks == {}
            [submit] = wire.simulator.ledger.submits
            assert (submit.task_id, submit.exists, submit.charged) == (None, True, fee)


@pytest.mark.parametrize("profile", BOTH)
async def test_a_seed_takes_a_while_and_is_known_from_then_on(profile: str) -> None:
    """The result is a text; the second time it comes at once, P§2.15."""
    async with wired(profile=profile, speed=2000) as wire:
        grid = await wire.finished("x --seed 42")
        own = await wire.finished("x")
        loop = asyncio.get_running_loop()
        for task_id, seed in ((grid, "42"), (own, None)):
            begun = loop.time()
            answer = await wire.ask("GET", f"/mj/task/{task_id}/image-seed")
            assert loop.time() - begun >= 2 / 2000
            assert (answer.status, answer.json["code"]) == (200, 1)
            assert answer.json["result"] == (seed or answer.json["result"])
            again = await wire.ask("GET", f"/mj/task/{task_id}/image-seed")
            assert again.json == answer.json
        if profile == "trueai":
            assert (await wire.fetch(grid))["seed"] == "42"


@pytest.mark.parametrize(("profile", "status", "code"), [("gateway", 400, 4), ("trueai", 404, 3)])
async def test_a_seed_of_no_task_is_an_error(profile: str, status: int, code: int) -> None:
    """The gateway denies it itself, P§2.15."""
    async with wired(profile=profile) as wire:
        answer = await wire.ask("GET", "/mj/task/404/image-seed")
        assert (answer.status, answer.json["code"]) == (status, code)


@pytest.mark.parametrize("profile", BOTH)
async def test_a_seed_of_a_running_task_is_code_4(profile: str) -> None:
    """HTTP 400, P§2.15."""
    async with wired(profile=profile) as wire:
        task_id = await wire.imagine()
        answer = await wire.ask("GET", f"/mj/task/{task_id}/image-seed")
        assert (answer.status, answer.json["code"]) == (400, 4)


async def test_a_swap_s_answer_is_not_rewritten() -> None:
    """The gateway leaves 22 as it is here; the row has a prompt of its own, P§2.13."""
    async with wired(core_size=1) as wire:
        await wire.imagine()
        answer = (await wire.submit("swap", **ROOTS["swap"])).json
        assert answer["code"] == 22
        assert (await wire.fetch(answer["result"]))["prompt"] == "InsightFace"
