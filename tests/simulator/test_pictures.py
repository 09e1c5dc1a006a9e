"""The pictures: whole, told apart, and related as their buttons say."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageChops, ImageStat

from mjflow.simulator.captions import fitted, legible
from mjflow.simulator.pictures import Gallery

from .samples import mask
from .test_dialogs import opened
from .wires import Wire, wired


async def image(wire: Wire, task_id: str) -> Image.Image:
    """Download and open a picture; an incomplete one is an error."""
    opened_image = Image.open(io.BytesIO(await wire.picture(task_id)))
    opened_image.load()
    return opened_image


def cell(grid: Image.Image, number: int) -> Image.Image:
    """Cut one cell out of a grid."""
    width, height = grid.width // 2, grid.height // 2
    left, top = (number - 1) % 2 * width, (number - 1) // 2 * height
    return grid.crop((left, top, left + width, top + height))


def middle(picture: Image.Image) -> Image.Image:
    """Leave out what numbers and captions are written on."""
    width, height = picture.size
    return picture.crop((width // 4, 0, width, height * 3 // 4))


def distance(one: Image.Image, other: Image.Image) -> float:
    """Give the mean difference of two pictures in levels of 255."""
    small = (96, 96)
    difference = ImageChops.difference(one.resize(small), other.resize(small))
    return sum(ImageStat.Stat(difference).mean) / 3


async def test_a_finished_picture_is_a_whole_png(wire: Wire) -> None:
    """It comes without a key, under every prefix, P§2.18."""
    task_id = await wire.finished()
    for path in (f"/mj/image/{task_id}", f"/mj-fast/mj/image/{task_id}?rand=1"):
        answer = await wire.ask("GET", path, headers={"Authorization": ""})
        assert (answer.status, answer.type) == (200, "image/png")
        assert answer.raw.endswith(b"IEND\xaeB`\x82")
    assert (await image(wire, task_id)).size == (1024, 1024)


async def test_a_running_task_has_a_smaller_preview(wire: Wire) -> None:
    """The same address shows a preview first, then the picture, P§2.18."""
    task_id = await wire.imagine()
    wire.wait(15)
    preview = await image(wire, task_id)
    wire.wait()
    final = await image(wire, task_id)
    assert (preview.size, final.size) == ((256, 256), (1024, 1024))
    assert distance(middle(cell(preview, 1)), middle(cell(final, 1))) < 8


@pytest.mark.parametrize("number", [1, 2, 3, 4])
async def test_an_upscale_shows_its_cell_of_the_grid(wire: Wire, number: int) -> None:
    """U2 looks like cell 2 and like no other."""
    grid_id = await wire.finished("a cute cat --v 6.1")
    single_id = (await wire.click(grid_id, f"U{number}")).json["result"]
    wire.wait()
    grid, single = await image(wire, grid_id), await image(wire, single_id)
    gaps = {n: distance(middle(cell(grid, n)), middle(single)) for n in range(1, 5)}
    assert gaps.pop(number) < 3
    assert min(gaps.values()) > 12


async def test_cells_and_upscales_carry_their_number(wire: Wire) -> None:
    """The same badge in the corner of cell 3 and of its upscale, another in cell 1."""
    grid_id = await wire.finished()
    single_id = (await wire.click(grid_id, "U3")).json["result"]
    wire.wait()
    grid, single = await image(wire, grid_id), await image(wire, single_id)

    def badge(picture: Image.Image) -> Image.Image:
        size = picture.width // 8
        # The digit is white and its ground nearly black, whatever lies below.
        return picture.crop((0, 0, size, size)).convert("L").point(lambda v: 255 * (v > 240))

    def difference(one: Image.Image, other: Image.Image) -> float:
        gap = ImageChops.difference(one.resize((64, 64)), other.resize((64, 64)))
        return ImageStat.Stat(gap).mean[0]

    same = difference(badge(cell(grid, 3)), badge(single))
    assert same < difference(badge(cell(grid, 1)), badge(single))


async def test_a_second_upscale_is_the_same_picture_twice_as_large(wire: Wire) -> None:
    """It keeps the cell and the scene."""
    single_id = await wire.finished("x", "U4")
    large_id = (await wire.click(single_id, "Upscale (Subtle)")).json["result"]
    wire.wait()
    single, large = await image(wire, single_id), await image(wire, large_id)
    assert large.size == (2048, 2048)
    assert distance(middle(single), middle(large)) < 3


async def test_variations_keep_the_palette_and_differ_in_degree(wire: Wire) -> None:
    """Subtle is nearer to its parent than strong, and both nearer than a reroll."""
    single_id = await wire.finished("x", "U1")
    single = await image(wire, single_id)
    gaps = []
    for name in ("Vary (Subtle)", "Vary (Strong)", "🔄"):
        task_id = (await wire.click(single_id, name)).json["result"]
        wire.wait()
        grid = await image(wire, task_id)
        gaps.append(sum(distance(middle(cell(grid, n)), middle(single)) for n in range(1, 5)))
    assert 0 < gaps[0] < gaps[1] < gaps[2]


async def test_a_zoom_shows_its_parent_smaller_in_the_middle(wire: Wire) -> None:
    """The middle half of a cell zoomed out by 2 is the parent."""
    single_id = await wire.finished("x", "U1")
    zoomed_id = (await wire.click(single_id, "Zoom Out 2x")).json["result"]
    wire.wait()
    single, zoomed = await image(wire, single_id), cell(await image(wire, zoomed_id), 1)
    quarter = zoomed.width // 4
    inner = zoomed.crop((quarter, quarter, 3 * quarter, 3 * quarter))
    assert distance(middle(inner), middle(single)) < 5


@pytest.mark.parametrize(
    ("arrow", "size", "corner"),
    [
        ("➡️", (624, 416), (0, 0)),
        ("⬅️", (624, 416), (208, 0)),
        ("⬇️", (416, 624), (0, 0)),
        ("⬆️", (416, 624), (0, 208)),
    ],
)
async def test_a_pan_extends_its_parent_by_half(
    wire: Wire, arrow: str, size: tuple[int, int], corner: tuple[int, int]
) -> None:
    """The parent stays whole at the other side."""
    single_id = await wire.finished("x", "U1")
    panned_id = (await wire.click(single_id, arrow)).json["result"]
    wire.wait()
    single, panned = await image(wire, single_id), cell(await image(wire, panned_id), 1)
    assert panned.size == size
    x, y = corner
    assert distance(middle(panned.crop((x, y, x + 416, y + 416))), middle(single)) < 5


async def test_only_what_the_mask_leaves_white_is_painted_anew(wire: Wire) -> None:
    """The box of the mask changes, the rest is the parent's, P§11.3."""
    task_id = await opened(wire)
    await wire.submit("modal", taskId=task_id, prompt="a crown", maskBase64=mask())
    wire.wait(120)
    parent = wire.simulator.tasks[task_id].parent
    assert parent is not None
    single, painted = await image(wire, parent.id), cell(await image(wire, task_id), 2)
    single = single.resize(painted.size)
    box, below = (150, 150, 360, 240), (130, 280, 500, 380)
    assert distance(painted.crop(box), single.crop(box)) > 20
    assert distance(painted.crop(below), single.crop(below)) < 2


@pytest.mark.parametrize(
    ("prompt", "size"),
    [
        ("x --ar 3:2", (1248, 832)),
        ("x --ar 9:16", (768, 1360)),
        ("x --aspect 1:1", (1024, 1024)),
        ("x --ar 100:1", (4096, 256)),
    ],
)
async def test_the_prompt_s_aspect_is_the_picture_s(
    wire: Wire, prompt: str, size: tuple[int, int]
) -> None:
    """Width and height follow `--ar`; very long ones are cut short."""
    assert (await image(wire, await wire.finished(prompt))).size == size


@pytest.mark.parametrize(
    "prompt",
    ["狐狸在雪地里", "кот 🐈‍⬛ in Łódź", "עברית", "\u202eevil\x00\x07", "a\nb\tc", "—" * 900],
)
async def test_any_prompt_can_be_drawn(wire: Wire, prompt: str) -> None:
    """Letters the font lacks never break a picture."""
    assert (await image(wire, await wire.finished(prompt))).size == (1024, 1024)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a cute cat --v 6.1", "a cute cat --v 6.1"),
        ("café — “crème”", 'cafe -- "creme"'),
        ("кот and собака", "... and ..."),
        ("狐狸", "..."),
        ("", ""),
        (" a\n b ", "a b"),
    ],
)
def test_captions_show_what_the_font_has(text: str, shown: str) -> None:
    """Accents are dropped, other scripts become an ellipsis."""
    assert legible(text) == shown


def test_long_captions_are_shortened_to_fit() -> None:
    """At the end, or at the beginning where the end matters."""
    from PIL import ImageFont

    font = ImageFont.load_default(20)
    assert isinstance(font, ImageFont.FreeTypeFont)
    head = fitted("a" * 80 + "z", font, 200, keep_end=False)
    tail = fitted("a" * 80 + "z", font, 200, keep_end=True)
    assert head.startswith("aaa")
    assert head.endswith("a...")
    assert tail.startswith("...a")
    assert tail.endswith("az")
    assert max(font.getlength(head), font.getlength(tail)) <= 200
    assert fitted("short", font, 200, keep_end=False) == "short"


async def test_pictures_without_anything_to_show_are_errors(wire: Wire) -> None:
    """Unknown ids and tasks without a preview have errors of their own, P§2.18."""
    unknown = await wire.ask("GET", "/mj/image/404")
    assert (unknown.status, unknown.json) == (400, {"error": "midjourney_task_not_found"})
    task_id = await wire.imagine()
    early = await wire.ask("GET", f"/mj/image/{task_id}")
    assert (early.status, early.json) == (500, {"error": "http_get_image_failed"})


async def test_the_gallery_keeps_the_latest_pictures_only() -> None:
    """Drawn files are bounded in bytes and drawn again when asked for later."""
    async with wired() as wire:
        ids = [await wire.imagine(str(number)) for number in range(3)]
        tasks = [wire.simulator.tasks[task_id] for task_id in ids]
        gallery = Gallery(threads=False, capacity=60_000)
        first = [(await gallery.file(task, preview=True)).data for task in tasks]
        assert gallery.size <= 60_000 < sum(map(len, first))
        assert [(await gallery.file(task, preview=True)).data for task in tasks] == first
