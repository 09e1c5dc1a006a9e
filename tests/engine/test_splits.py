"""Grids cut in four straight from the server: what is cut, and what it costs."""

from __future__ import annotations

import asyncio
import sys
import threading
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from mjflow import CannotWrite, Client, DownloadFailed, InvalidInput, Saved, TaskFailed
from mjflow.journal.memory import MemoryStore
from mjflow.media.store import Draft
from tests.client.worlds import world
from tests.engine.gallery import CDN, CUT, PAGE, Gallery, Shot, grid, names
from tests.engine.quarters import COLOURS, four, gallery, told
from tests.media.pictures import MP4, encoded
from tests.scripted import FAILED, accepted, opened
from tests.virtual import virtual_time

# --- what is cut --------------------------------------------------------------------------


@virtual_time
async def test_a_grid_is_saved_as_its_four_pictures(tmp_path: Path) -> None:
    """In reading order, each with a sidecar; the grid itself is not saved, and nothing is paid."""
    server = gallery()
    store = MemoryStore()
    async with opened(server, journal=store) as client:
        handle = await grid(client, server)
        before = client.statistics().spent.total
        cells = await handle.split(tmp_path)
        assert client.statistics().spent.total == before
    assert [cell.path.name for cell in cells] == [f"imagine-1001-{n}.png" for n in (1, 2, 3, 4)]
    assert names(tmp_path) == sorted(
        name for cell in cells for name in (cell.path.name, f"{cell.path.name}.json")
    )
    for cell, colour in zip(cells, COLOURS, strict=True):
        picture = Image.open(BytesIO(cell.path.read_bytes()))
        assert picture.size == (32, 16)
        assert picture.getcolors() == [(32 * 16, Image.new("RGB", (1, 1), colour).getpixel((0, 0)))]
    assert (server.fetched, server.routes) == ([CDN], ["imagine"])
    assert [(one.task_id, one.path) for one in store.pictures] == [
        ("1001", str(cell.path)) for cell in cells
    ]


@virtual_time
async def test_a_cells_sidecar_tells_of_the_grid(tmp_path: Path) -> None:
    """Its number, the grid's task, prompt, button and parents; no file, for the grid has none."""
    server = gallery()
    server.on("action", accepted("2001"), accepted("2002"))
    async with opened(server) as client:
        last = (await grid(client, server)).click("U1").click("Vary (Strong)")
        cells = await last.split(tmp_path)
    contents = [told(cell) for cell in cells]
    assert [content["cell"] for content in contents] == [1, 2, 3, 4]
    third = contents[2]
    assert (third["task_id"], third["button"], third["prompt"]) == ("2002", "vary_strong", "a cat")
    assert [(one["id"], one["button"]) for one in third["parents"]] == [
        ("1001", None),
        ("2001", "U1"),
    ]
    assert (third["file"], third["cut_from"]) == ("vary_strong-2002-3.png", None)
    assert (third["sha256"], third["url"]) == (cells[2].sha256, CDN)
    assert (third["width"], third["height"]) == (32, 16)


@pytest.mark.parametrize(
    ("template", "paths"),
    [
        ("{id}/{cell}", [f"1001/{n}.png" for n in (1, 2, 3, 4)]),
        ("{cell}{cell}", [f"{n}{n}.png" for n in (1, 2, 3, 4)]),
        ("{id}.png", [f"1001-{n}.png" for n in (1, 2, 3, 4)]),
    ],
)
@virtual_time
async def test_a_template_names_the_cells(tmp_path: Path, template: str, paths: list[str]) -> None:
    """`{cell}` is the number; where the template has none, it is put behind."""
    server = gallery()
    async with opened(server) as client:
        cells = await (await grid(client, server)).split(tmp_path, name=template)
    assert [cell.path.relative_to(tmp_path).as_posix() for cell in cells] == paths


@virtual_time
async def test_splitting_again_finds_the_files_there(tmp_path: Path) -> None:
    """The same pictures are not written twice, and only what is missing is written anew."""
    server = gallery()
    async with opened(server) as client:
        handle = await grid(client, server)
        first = await handle.split(tmp_path)
        first[1].path.unlink()
        again = await handle.split(tmp_path)
    assert [cell.reused for cell in again] == [True, False, True, True]
    assert [cell.path for cell in again] == [cell.path for cell in first]
    assert len(names(tmp_path)) == 8


@virtual_time
async def test_all_grids_of_one_button_are_split(tmp_path: Path) -> None:
    """ "Imagine all" starts four tasks: sixteen pictures, under the ids of their own tasks."""
    server = gallery()
    server.on("action", accepted("21,22,23,24"))
    async with opened(server) as client:
        handle = (await grid(client, server)).click("Imagine all")
        cells = await handle.split(tmp_path)
    assert [cell.path.name for cell in cells] == [
        f"imagine_all-{task}-{cell}.png" for task in (21, 22, 23, 24) for cell in (1, 2, 3, 4)
    ]
    assert [told(cell)["task_id"] for cell in cells[::4]] == ["21", "22", "23", "24"]
    assert [one["id"] for one in told(cells[15])["parents"]] == ["1001"]


# --- what goes wrong ----------------------------------------------------------------------


@pytest.mark.parametrize("template", ["{colour}", "{id", "../{id}"])
@virtual_time
async def test_a_wrong_template_is_told_before_the_wait(tmp_path: Path, template: str) -> None:
    """Nobody waits an hour for a typo."""
    server = gallery()
    async with opened(server) as client:
        handle = client.imagine("a cat")
        with pytest.raises(InvalidInput, match="template"):
            await handle.split(tmp_path, name=template)
        assert handle.outcome is None
        await handle


@virtual_time
async def test_without_pillow_the_extra_is_named_before_the_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What to install is in the advice."""
    server = gallery()
    async with opened(server) as client:
        handle = client.imagine("a cat")
        monkeypatch.setitem(sys.modules, "PIL", None)
        with pytest.raises(InvalidInput, match=r"takes Pillow.*mjflow\[images\]"):
            await handle.split(tmp_path)
        assert handle.outcome is None
        await handle


@virtual_time
async def test_a_task_that_failed_is_its_own_error(tmp_path: Path) -> None:
    """As for an `await`."""
    server = gallery()
    server.shows("1001", FAILED)
    async with opened(server) as client:
        with pytest.raises(TaskFailed):
            await client.imagine("a cat").split(tmp_path)
    assert names(tmp_path) == []


@virtual_time
async def test_a_grid_that_came_cut_short_is_fetched_again(tmp_path: Path) -> None:
    """Only a whole one is cut."""
    server = Gallery()
    server.has(CDN, Shot(four()[:-20]), Shot(four()))
    async with opened(server) as client:
        cells = await (await grid(client, server)).split(tmp_path)
    assert len(cells) == 4
    assert server.fetched.count(CDN) == 2


@pytest.mark.parametrize(
    "shot",
    [CUT, PAGE, Shot(MP4), Shot(encoded(Image.new("L", (1, 9))))],
    ids=["cut", "page", "video", "tiny"],
)
@virtual_time
async def test_what_can_not_be_cut_is_a_failed_download(tmp_path: Path, shot: Shot) -> None:
    """It was the server that named it as a grid, so no argument was wrong; nothing is written."""
    server = Gallery()
    server.has(CDN, shot)
    async with opened(server) as client:
        with pytest.raises(DownloadFailed, match="the picture of task 1001"):
            await (await grid(client, server)).split(tmp_path)
    assert names(tmp_path) == []


@virtual_time
async def test_a_grid_without_end_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What grows beyond the limit for pictures is not gathered in memory."""
    server = gallery()
    monkeypatch.setattr("mjflow.media.whole.MOST_BYTES", 50)
    async with opened(server) as client:
        with pytest.raises(DownloadFailed, match="picture this large"):
            await (await grid(client, server)).split(tmp_path)


@virtual_time
async def test_a_folder_that_takes_nothing_is_told(tmp_path: Path) -> None:
    """As for a download."""
    (tmp_path / "out").write_text("mine")
    server = gallery()
    async with opened(server) as client:
        with pytest.raises(CannotWrite, match="there is a file where the folder should be"):
            await (await grid(client, server)).split(tmp_path / "out")


@virtual_time
async def test_a_grid_is_cut_beside_the_event_loop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Decoding, encoding and writing are the work of a thread that is not the loop's."""
    seen = set()
    keep = Draft.keep

    def watched(draft: Draft) -> Saved:
        seen.add(threading.get_ident())
        return keep(draft)

    monkeypatch.setattr(Draft, "keep", watched)
    server = gallery()
    async with opened(server) as client:
        await (await grid(client, server)).split(tmp_path)
    assert seen
    assert threading.get_ident() not in seen


@pytest.mark.parametrize("steps", range(0, 24, 3))
@virtual_time
async def test_a_split_can_be_cancelled_anywhere(tmp_path: Path, steps: int) -> None:
    """After any number of turns of the loop nothing is left but whole files."""
    server = gallery()
    async with opened(server) as client:
        handle = await grid(client, server)
        split = asyncio.ensure_future(handle.split(tmp_path))
        await asyncio.sleep(0.01)  # its host has just answered
        for _ in range(steps):
            await asyncio.sleep(0)
        split.cancel()
        await asyncio.gather(split, return_exceptions=True)
        assert [name for name in names(tmp_path) if name.endswith(".part")] == []
        await handle.split(tmp_path)
        assert client._engine.downloads._turns._free == 8
    assert len(names(tmp_path)) == 8


@virtual_time
async def test_after_closing_a_split_says_that_the_client_is_closed(tmp_path: Path) -> None:
    """There are no connections any more to fetch it with."""
    server = gallery()
    async with opened(server) as client:
        handle = await grid(client, server)
    with pytest.raises(InvalidInput, match="the client is closed"):
        await handle.split(tmp_path)


# --- a simulated server -------------------------------------------------------------------


async def _cells(client: Client, folder: Path) -> tuple[list[bytes], bytes]:
    """Split a grid, and give the pixels of the cells and of the grid."""
    handle = client.imagine("a lighthouse --ar 3:2")
    (whole,) = await handle.download(folder)
    cells = await handle.split(folder)
    return [Image.open(cell.path).tobytes() for cell in cells], whole.path.read_bytes()


@pytest.mark.parametrize("profile", ["gateway", "trueai", "novicezk"])
@virtual_time
async def test_the_cells_are_those_of_the_grid_that_is_downloaded(
    tmp_path: Path, profile: str
) -> None:
    """On every kind of server, pixel by pixel."""
    async with world(simulator={"profile": profile}, dialect=profile) as there:
        cells, data = await _cells(there.client, tmp_path)
    sheet = Image.open(BytesIO(data))
    width, height = sheet.width // 2, sheet.height // 2
    corners = [(0, 0), (width, 0), (0, height), (width, height)]
    assert cells == [sheet.crop((x, y, x + width, y + height)).tobytes() for x, y in corners]
