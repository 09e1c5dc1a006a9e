"""Grids cut into four."""

from __future__ import annotations

import json
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from mjflow.errors import CannotWrite, InvalidInput
from mjflow.media.grids import Cells, split_grid
from mjflow.media.whole import check

from . import pictures
from .pictures import encoded

COLOURS = ("red", "lime", "blue", "yellow")

#: A part of what stands beside a downloaded grid.
TOLD: dict[str, object] = {
    "prompt": "a cat",
    "task_id": "1713",
    "action": "IMAGINE",
    "button": None,
    "parents": [],
    "seed": 7,
    "finished_at": "2025-06-01T12:31:15.250+00:00",
    "file": "cat.png",
    "size": 1234,
    "sha256": "ab",
    "url": "https://cdn.example/cat.png",
}


def grid(width: int = 64, height: int = 32) -> Image.Image:
    """Paint a grid of four colours, the pixels in the middle with the later ones."""
    image = Image.new("RGB", (width, height), "yellow")
    image.paste("red", (0, 0, width // 2, height // 2))
    image.paste("lime", (width // 2, 0, width, height // 2))
    image.paste("blue", (0, height // 2, width // 2, height))
    return image


def names(folder: Path) -> list[str]:
    """List all files in a folder."""
    return sorted(path.name for path in folder.iterdir())


def read(cells: Cells) -> list[Image.Image]:
    """Decode the files."""
    data = [cell.path.read_bytes() for cell in cells]
    assert {check(one).kind.name for one in data} == {"PNG"}
    return [Image.open(BytesIO(one)) for one in data]


def told_of(cell: Any) -> dict[str, Any]:
    """Read the sidecar of a file."""
    content: dict[str, Any] = json.loads(Path(f"{cell.path}.json").read_bytes())
    return content


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_a_grid_becomes_four_files_beside_it(form: str, tmp_path: Path) -> None:
    """In reading order, named by number, each a PNG and each with a sidecar."""
    path = tmp_path / "cat v6.1.png"
    path.write_bytes(encoded(grid(), form, quality=95))

    cells = split_grid(path)

    assert [cell.path.name for cell in cells] == [f"cat v6.1-{n}.png" for n in (1, 2, 3, 4)]
    pngs = [f"cat v6.1-{n}.png" for n in (1, 2, 3, 4)]
    assert names(tmp_path) == sorted([path.name, *pngs, *(f"{name}.json" for name in pngs)])
    for image, colour in zip(read(cells), COLOURS, strict=True):
        assert image.size == (32, 16)
        seen, expected = image.convert("RGB").getpixel((5, 5)), Image.new("RGB", (1, 1), colour)
        assert all(
            abs(a - b) < 8
            for a, b in zip(seen, expected.getpixel((0, 0)), strict=True)  # type: ignore[arg-type]
        )


@settings(max_examples=25)  # every one of them is four synced files
@given(width=st.integers(2, 9), height=st.integers(2, 9), data=st.data())
def test_the_four_together_are_the_grid(
    width: int, height: int, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Every pixel is in one of them and none is changed; right and lower ones get the odd one."""
    size = width * height
    pixels = data.draw(st.binary(min_size=size, max_size=size))
    image = Image.frombytes("L", (width, height), pixels)
    home = tmp_path_factory.mktemp("grid")

    one, two, three, four = read(split_grid(encoded(image), home, "g"))

    assert one.size == (width // 2, height // 2)
    assert four.size == (width - width // 2, height - height // 2)
    together = Image.new("L", image.size)
    together.paste(one, (0, 0))
    together.paste(two, (width // 2, 0))
    together.paste(three, (0, height // 2))
    together.paste(four, one.size)
    assert together.tobytes() == pixels


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "1", "CMYK"])
def test_a_grid_of_any_mode_is_cut(mode: str, tmp_path: Path) -> None:
    """What a file can hold, PNG holds or is converted to."""
    form = "JPEG" if mode == "CMYK" else "PNG"

    cells = read(split_grid(encoded(grid().convert(mode), form), tmp_path, "g"))

    assert {cell.size for cell in cells} == {(32, 16)}


def test_what_is_known_of_a_grid_is_told_of_its_pictures(tmp_path: Path) -> None:
    """From its sidecar, with the number of the picture and the name of the grid's file."""
    path = tmp_path / "cat.webp"
    path.write_bytes(encoded(grid(), "WEBP"))
    Path(f"{path}.json").write_text(json.dumps(TOLD))

    cells = split_grid(path, tmp_path / "deep" / "er", "a/b")
    content = told_of(cells[2])

    assert cells[2].path == tmp_path / "deep" / "er" / "a" / "b-3.png"
    assert {key: content[key] for key in ("task_id", "prompt", "action", "seed", "cell")} == {
        "task_id": "1713",
        "prompt": "a cat",
        "action": "IMAGINE",
        "seed": 7,
        "cell": 3,
    }
    assert (content["cut_from"], content["file"]) == ("cat.webp", "b-3.png")
    assert (content["width"], content["height"], content["media_type"]) == (32, 16, "image/png")
    assert content["sha256"] == cells[2].sha256
    assert content["size"] == cells[2].path.stat().st_size
    assert content["url"] == "https://cdn.example/cat.png"
    assert content["saved_at"].endswith("+00:00")


def test_what_the_caller_knows_of_a_grid_goes_first(tmp_path: Path) -> None:
    """A grid in memory has no file."""
    cells = split_grid(encoded(grid()), str(tmp_path), "g", told={"task_id": "7"})

    assert [told_of(cell)["task_id"] for cell in cells] == ["7"] * 4
    assert [told_of(cell)["cell"] for cell in cells] == [1, 2, 3, 4]
    assert told_of(cells[0])["cut_from"] is None


@pytest.mark.parametrize("beside", [None, b"", b"{", b"[]", b"\xff", b"[" * 100_000])
def test_of_a_grid_without_a_sidecar_nothing_is_invented(
    beside: bytes | None, tmp_path: Path
) -> None:
    """What is missing or junk is as good as nothing."""
    path = tmp_path / "g.png"
    path.write_bytes(encoded(grid()))
    if beside is not None:
        Path(f"{path}.json").write_bytes(beside)

    content = told_of(split_grid(path)[0])

    assert (content["task_id"], content["prompt"], content["cell"]) == (None, None, 1)


def test_cutting_again_finds_the_files_there(tmp_path: Path) -> None:
    """The same bytes are not written twice."""
    path = tmp_path / "g.png"
    path.write_bytes(encoded(grid()))
    split_grid(path)
    before = names(tmp_path)

    cells = split_grid(path)

    assert [cell.reused for cell in cells] == [True] * 4
    assert names(tmp_path) == before


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({**TOLD, "cell": 2}, "is itself a picture of a grid.*Only a grid"),
        ({**TOLD, "action": "UPSCALE"}, "is a single picture.*Only a grid"),
        ({**TOLD, "action": "SWAP_FACE"}, "is a single picture"),
        ({**TOLD, "action": "ACTION", "button": "U2"}, "is a single picture"),
        ({**TOLD, "button": "upscale_subtle"}, "is a single picture"),
        ({**TOLD, "action": "DESCRIBE"}, "is the picture that was described"),
        ({**TOLD, "action": "VIDEO"}, "is no grid"),
    ],
)
def test_what_is_no_grid_by_its_sidecar_is_not_cut(
    told: dict[str, object], message: str, tmp_path: Path
) -> None:
    """Where the sidecar tells, as when all files of a folder are given."""
    path = tmp_path / "g.png"
    path.write_bytes(encoded(grid()))
    Path(f"{path}.json").write_text(json.dumps(told))

    with pytest.raises(InvalidInput, match=message):
        split_grid(path)
    assert names(tmp_path) == ["g.png", "g.png.json"]


@pytest.mark.parametrize(
    "told",
    [
        {"action": "ACTION", "button": "V1"},
        {"action": "INPAINT", "button": "vary_region"},
        {"action": "SHOW", "button": "new_button"},
        {"action": None, "button": None},
        {"action": 7, "button": ["U1"]},
        {},
    ],
)
def test_a_sidecar_that_does_not_object_lets_a_file_be_cut(
    told: dict[str, object], tmp_path: Path
) -> None:
    """Unknown words and junk say nothing; whoever asks for it knows that it is a grid."""
    assert len(split_grid(encoded(grid()), tmp_path, "g", told=told)) == 4


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (encoded(Image.new("L", (1, 9))), "is only 1 x 9 pixels large"),
        (encoded(grid())[:-20], "can't be used: the PNG is cut short"),
        (b"<html>403</html>", "can't be used: this is no picture"),
        (pictures.MP4, "is a video. Only a grid has four pictures"),
    ],
)
def test_what_is_no_grid_is_refused(data: bytes, message: str, tmp_path: Path) -> None:
    """Before anything is written."""
    path = tmp_path / "g.png"
    path.write_bytes(data)

    with pytest.raises(InvalidInput, match=rf"the grid '.*g\.png' {message}"):
        split_grid(path)
    assert names(tmp_path) == ["g.png"]


def test_a_missing_grid_is_named(tmp_path: Path) -> None:
    """As any file that is given."""
    with pytest.raises(InvalidInput, match=r"the grid '.*g\.png' can't be read: No such file"):
        split_grid(tmp_path / "g.png")


@pytest.mark.parametrize("place", [{}, {"folder": "."}, {"stem": "g"}])
def test_a_grid_in_memory_needs_a_place(place: dict[str, str]) -> None:
    """There is nothing to be named after."""
    with pytest.raises(InvalidInput, match="need a folder and a name"):
        split_grid(encoded(grid()), **place)  # type: ignore[arg-type]


def test_a_folder_that_can_not_be_written_to_is_told(tmp_path: Path) -> None:
    """As for any picture."""
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(CannotWrite, match="there is a file where the folder should be"):
        split_grid(encoded(grid()), tmp_path / "file", "g")


def test_a_grid_of_too_many_pixels_is_not_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pillow's own limit holds too."""
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 2000)

    with pytest.raises(InvalidInput, match="64 x 32 pixels large, and more than"):
        split_grid(encoded(grid()), tmp_path, "g")


def test_without_pillow_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What to install is in the advice."""
    data = encoded(grid())
    monkeypatch.setitem(sys.modules, "PIL", None)

    with pytest.raises(InvalidInput, match=r"cutting it takes Pillow.*mjflow\[images\]"):
        split_grid(data, tmp_path, "g")
