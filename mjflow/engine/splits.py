"""
Grids cut into their four pictures, straight from the server: free of charge.

The cells are always cut from the grid, also where a server names single pictures beside it
(`imageUrls`): that way they are the same on every server, pixel by pixel those of the grid.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Sequence
from functools import partial
from pathlib import Path

from mjflow.engine.downloads import Downloads
from mjflow.engine.provenance import FIELDS, fields_of, told_of
from mjflow.engine.record import Record
from mjflow.engine.threads import in_thread
from mjflow.errors import DownloadFailed, InvalidInput
from mjflow.media.given import Given, can_decode
from mjflow.media.grids import ONLY_GRIDS, Cells, cut
from mjflow.media.names import NameTemplate
from mjflow.media.store import Saved
from mjflow.media.whole import check
from mjflow.protocol.grammar import Stage
from mjflow.protocol.stages import stage_of
from mjflow.protocol.task import Task

#: What the file of a cell is called when nobody says.
DEFAULT_NAME = "{button}-{id}-{cell}"


def cells_template(name: str) -> NameTemplate:
    """
    Read a template for names of cells, and make sure that a grid can be cut at all.

    Raises:
        InvalidInput: It is malformed, names an unknown field, or leads out of the folder; or
            there is no Pillow.
    """
    if not can_decode():
        raise InvalidInput(
            "splitting a grid takes Pillow", advice="Install it: pip install 'mjflow[images]'."
        )
    return NameTemplate.parse(name, known=(*FIELDS, "cell"))


async def split(
    downloads: Downloads, record: Record, folder: Path, template: NameTemplate
) -> tuple[Saved, ...]:
    """
    Cut the grid of a record that ended in success into four files, with a sidecar each.

    Of an act that started several tasks, all grids are cut, the first one's cells first.

    Raises:
        InvalidInput: It is no grid; nothing was fetched and nothing is written.
        DownloadFailed: The grid could not be fetched whole.
        CannotWrite: The folder or the disk would not take them.
    """
    grids = [(one, await downloads.linked(one)) for one in record.children or (record,)]
    for _, task in grids:
        _check_grid(task)
    saved: list[Saved] = []
    for one, task in grids:
        saved += await _split(downloads, one, task, folder, template)
    return tuple(saved)


async def _split(
    downloads: Downloads, record: Record, task: Task, folder: Path, template: NameTemplate
) -> Cells:
    stems = _stems(record, task, template)

    async def take(link: str, chunks: AsyncIterator[bytes]) -> Cells:
        # Still in our turn: at most a few grids are in memory, however many are asked for.
        return await in_thread(partial(_cut, record, task, folder, stems), link, await _all(chunks))

    cells = await downloads.fetch(task, 0, take)
    for cell in cells:
        await downloads.note(task, cell)
    return cells


def _stems(record: Record, task: Task, template: NameTemplate) -> Sequence[str]:
    values = fields_of(record, task)
    stems = [template.fill({**values, "cell": cell}) for cell in range(1, 5)]
    if "cell" in template.fields:
        return stems
    return [f"{stem}-{cell}" for cell, stem in enumerate(stems, 1)]


async def _all(chunks: AsyncIterator[bytes]) -> bytes:
    data = bytearray()
    async for chunk in chunks:
        data += chunk
    return bytes(data)


def _cut(
    record: Record, task: Task, folder: Path, stems: Sequence[str], link: str, data: bytes
) -> Cells:
    """Cut what was fetched; blocking."""
    whole, digest = check(data), hashlib.sha256(data).hexdigest()
    told = told_of(record, task, file="", whole=whole, sha256=digest, url=link)
    try:
        return cut(Given("the grid", data, whole), folder, stems, told=told)
    except InvalidInput as error:  # a grid that the server gave is none of the caller's doing
        raise DownloadFailed(error.message) from error


def _check_grid(task: Task) -> None:
    """
    Make sure that a task ended with a grid.

    Raises:
        InvalidInput: It did not; says what it is, and what to do instead.
    """
    stage = stage_of(task)
    if stage is not Stage.GRID:
        what, advice = _OTHERS[stage]
        raise InvalidInput(f"task {task.id} {what}", advice=f"{advice} {ONLY_GRIDS}")
    if task.image_urls and not task.image_url:
        raise InvalidInput(
            f"the server gives the pictures of task {task.id} one by one, and no grid",
            advice="Nothing is left to split: download() saves all of them.",
        )


_TEXTS = "Its texts are in task.final_prompt or task.prompt."
_VIDEO = ("is a video", "download() saves its clips.")
_OTHERS: dict[Stage | None, tuple[str, str]] = {
    Stage.PICTURE: ("is a single picture", "download() saves it."),
    Stage.CLIPS: _VIDEO,
    Stage.CLIP: _VIDEO,
    Stage.DESCRIBE: ("is a describe, which ends in texts", _TEXTS),
    Stage.SHORTEN: ("is a shorten, which ends in texts", _TEXTS),
    None: (
        "does not tell, by buttons or action, whether it is a grid",
        "If you know that it is one, download() it, and cut the file: mjflow.split_grid(path).",
    ),
}
