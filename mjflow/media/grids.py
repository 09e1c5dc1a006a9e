"""
Grids cut into their four pictures.

This costs nothing, and gives the pictures at the resolution of a preview: U1-U4 let the server
make a larger one, for money.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from mjflow._version import __version__
from mjflow.errors import InvalidInput
from mjflow.media.given import Given, PictureLike, decode, read
from mjflow.media.names import without_extension
from mjflow.media.pixels import encoded, for_png
from mjflow.media.sidecar import ENDING, cell_sidecar, read_sidecar, render
from mjflow.media.store import Saved, replace_file, save
from mjflow.protocol.buttons import traits
from mjflow.protocol.grammar import Stage
from mjflow.protocol.stages import stage_of_action

if TYPE_CHECKING:
    from PIL.Image import Image

Folder = str | os.PathLike[str]
#: The four pictures, from left to right and from top to bottom.
Cells = tuple[Saved, Saved, Saved, Saved]

#: What to say of all that can't be split.
ONLY_GRIDS = "Only a grid has four pictures: what imagine, V1-V4, reroll or Vary (Region) gives."


def split_grid(
    source: PictureLike,
    folder: Folder | None = None,
    stem: str | Sequence[str] | None = None,
    *,
    told: Mapping[str, object] | None = None,
) -> Cells:
    """
    Cut the file of a grid into four, `stem-1` to `stem-4` in reading order, with a sidecar each.

    Free of charge, at the resolution of a preview.  Each file is a PNG without loss, and written
    as a download is: never over another file, and the same picture not twice.  All pixels are
    used: where width or height are odd, the right or the lower pictures are one pixel larger.

    That it is a grid is told by the sidecar beside it; without one it is taken for granted.
    Takes Pillow (extra `images`).  Blocking, about a second for a large grid: in an event loop,
    take `TaskHandle.split`, or run it in a thread.

    Args:
        source: The path of the grid, or its bytes.
        folder: Where the files go; by default, beside the grid.
        stem: What they are called, with `/` for folders and without extension; by default, what
            the grid is called.  Four texts are the whole names, one for each.
        told: The content of the grid's sidecar; by default read from beside it.

    Raises:
        InvalidInput: It can't be read or decoded, or it is no grid; nothing is written.
        CannotWrite: The folder or the disk would not take them.
    """
    path = None if isinstance(source, bytes) else Path(source)
    home, stems = _place(path, folder, stem)
    told = read_sidecar(path) if told is None and path else told or {}
    grid = read(source, "grid", wanted=ONLY_GRIDS)
    _check_grid(grid.name, told)
    return cut(grid, home, stems, told=told, cut_from=path.name if path else None)


def cut(
    grid: Given,
    folder: Path,
    stems: Sequence[str],
    *,
    told: Mapping[str, object],
    cut_from: str | None = None,
) -> Cells:
    """
    Cut what is known to be a grid into four files with a sidecar each; blocking.

    Args:
        stems: Their names within the folder, with `/` for folders and without extension.
        told: What the sidecar of the grid says, or would say.
        cut_from: Name of the grid's file, if it has one.

    Raises:
        InvalidInput: It can't be decoded, or is too small; nothing is written.
        CannotWrite: The folder or the disk would not take them.
    """
    cells = _cells(decode(grid, "cutting it"), grid.name)
    one, two, three, four = (
        _save_cell(data, folder, stem, cell, told, cut_from)
        for cell, (data, stem) in enumerate(zip(cells, stems, strict=True), 1)
    )
    return one, two, three, four


def _place(
    path: Path | None, folder: Folder | None, stem: str | Sequence[str] | None
) -> tuple[Path, Sequence[str]]:
    if path is None and (folder is None or stem is None):
        raise InvalidInput("the pictures of a grid in memory need a folder and a name")
    beside = path or Path()
    home = beside.parent if folder is None else Path(folder)
    name = without_extension(beside.name) if stem is None else stem
    return home, [f"{name}-{cell}" for cell in range(1, 5)] if isinstance(name, str) else name


def _check_grid(name: str, told: Mapping[str, object]) -> None:
    if "cell" in told:
        raise InvalidInput(f"{name} is itself a picture of a grid", advice=ONLY_GRIDS)
    action, button = told.get("action"), told.get("button")
    stage = stage_of_action(action) if isinstance(action, str) else None
    if isinstance(button, str) and (does := traits(button)).known and does.yields == "picture":
        stage = Stage.PICTURE  # some servers call every click by one word
    if stage not in (Stage.GRID, None):
        raise InvalidInput(f"{name} is {_OTHERS.get(stage, 'no grid')}", advice=ONLY_GRIDS)


_OTHERS = {Stage.PICTURE: "a single picture", Stage.DESCRIBE: "the picture that was described"}


def _cells(grid: Image, name: str) -> list[bytes]:
    width, height = grid.size
    if width < 2 or height < 2:
        raise InvalidInput(f"{name} is only {width} x {height} pixels large", advice=ONLY_GRIDS)
    across = ((0, width // 2), (width // 2, width))
    down = ((0, height // 2), (height // 2, height))
    boxes = [(left, top, right, bottom) for top, bottom in down for left, right in across]
    return [encoded(for_png(grid.crop(box))) for box in boxes]


def _save_cell(
    data: bytes,
    folder: Path,
    stem: str,
    cell: int,
    told: Mapping[str, object],
    cut_from: str | None,
) -> Saved:
    saved = save([data], folder, stem)
    content = cell_sidecar(
        told,
        cell=cell,
        cut_from=cut_from,
        file=saved.path.name,
        whole=saved.whole,
        sha256=saved.sha256,
        saved_at=datetime.now(UTC),
        version=__version__,
    )
    replace_file(saved.path.with_name(saved.path.name + ENDING), render(content))
    return saved
