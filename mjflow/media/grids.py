"""
Grids cut into their four pictures.

This costs nothing, and gives the pictures at the resolution of a preview: U1-U4 let the server
make a larger one, for money.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from mjflow._version import __version__
from mjflow.errors import InvalidInput
from mjflow.media.given import PictureLike, decode, read
from mjflow.media.names import without_extension
from mjflow.media.sidecar import ENDING, cell_sidecar, read_sidecar, render
from mjflow.media.store import Saved, replace_file, save

if TYPE_CHECKING:
    from PIL.Image import Image

Folder = str | os.PathLike[str]
#: The four pictures, from left to right and from top to bottom.
Cells = tuple[Saved, Saved, Saved, Saved]

_ONLY_GRIDS = "Only a grid has four pictures: what imagine, V1-V4, reroll or Vary (Region) gives."


def split_grid(
    source: PictureLike,
    folder: Folder | None = None,
    stem: str | None = None,
    *,
    told: Mapping[str, object] | None = None,
) -> Cells:
    """
    Cut a grid into four files, `stem-1` to `stem-4` in reading order, with a sidecar each.

    Free of charge, at the resolution of a preview.  Each file is a PNG without loss, and written
    as `store.save` writes; doing it again finds them there.  All pixels are used: where width or
    height are odd, the right or the lower pictures are one pixel larger.  Takes Pillow (extra
    `images`); blocking.

    Args:
        source: The path of the grid, or its bytes.
        folder: Where the files go; by default, beside the grid.
        stem: What they are called, with `/` for folders, as from `NameTemplate.fill`; by default,
            what the grid is called.
        told: The content of the grid's sidecar; by default read from beside it.

    Raises:
        InvalidInput: It can't be read or decoded, or it is no grid.
        CannotWrite: The folder or the disk would not take them.
    """
    path = None if isinstance(source, bytes) else Path(source)
    home, name = _place(path, folder, stem)
    told = read_sidecar(path) if told is None and path else told or {}
    given = read(source, "grid", wanted=_ONLY_GRIDS)
    _check_grid(given.name, told)
    cells = _cells(decode(given, "cutting it"), given.name)
    one, two, three, four = (
        _save_cell(data, home, f"{name}-{cell}", cell, told, path)
        for cell, data in enumerate(cells, 1)
    )
    return one, two, three, four


def _place(path: Path | None, folder: Folder | None, stem: str | None) -> tuple[Path, str]:
    if path is None and (folder is None or stem is None):
        raise InvalidInput("the pictures of a grid in memory need a folder and a name")
    beside = path or Path()
    home = beside.parent if folder is None else Path(folder)
    return home, without_extension(beside.name) if stem is None else stem


def _check_grid(name: str, told: Mapping[str, object]) -> None:
    if "cell" in told:
        raise InvalidInput(f"{name} is itself a picture of a grid", advice=_ONLY_GRIDS)
    if told.get("action") == "UPSCALE":
        raise InvalidInput(f"{name} is a single picture", advice=_ONLY_GRIDS)


def _cells(grid: Image, name: str) -> list[bytes]:
    width, height = grid.size
    if width < 2 or height < 2:
        raise InvalidInput(f"{name} is only {width} x {height} pixels large", advice=_ONLY_GRIDS)
    across = ((0, width // 2), (width // 2, width))
    down = ((0, height // 2), (height // 2, height))
    boxes = [(left, top, right, bottom) for top, bottom in down for left, right in across]
    return [_png(grid.crop(box)) for box in boxes]


def _png(cell: Image) -> bytes:
    target = BytesIO()
    # PNG has no colours for print, and no others that it lacks come from these servers.
    picture = cell.convert("RGB") if cell.mode in ("CMYK", "YCbCr", "LAB", "HSV") else cell
    picture.save(target, "PNG")
    return target.getvalue()


def _save_cell(
    data: bytes, folder: Path, stem: str, cell: int, told: Mapping[str, object], grid: Path | None
) -> Saved:
    saved = save([data], folder, stem)
    content = cell_sidecar(
        told,
        cell=cell,
        cut_from=grid.name if grid else None,
        file=saved.path.name,
        whole=saved.whole,
        sha256=saved.sha256,
        saved_at=datetime.now(UTC),
        version=__version__,
    )
    replace_file(saved.path.with_name(saved.path.name + ENDING), render(content))
    return saved
