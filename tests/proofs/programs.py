"""A program that uses the client in every way there is, and can be run again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from mjflow import Client, ModalRequired, TaskHandle
from mjflow.media.masks import Mask

from ..media.pictures import PNG

MASK = Mask.rect(0.3, 0, 0.7, 0.35)

#: Called with the name of an act and its handle, as soon as there is one.
Keep = Callable[[str, TaskHandle], TaskHandle]
#: What the program pays for: the acts that are charged, by name.
PAID = ("upload", "grid", "single", "region", "zoom", "dog", "owl")


async def program(client: Client, folder: Path, keep: Keep) -> None:
    """Upload, draw, click, answer dialogs both ways, watch, race, read, attach and download."""
    await client.upload(PNG)
    grid = keep("grid", client.imagine("a cat --v 6.1", key="grid"))
    await grid.submitted()
    async for _ in grid.events():
        pass
    single = keep("single", grid.click("U1"))
    region = keep("region", single.click("Vary (Region)", prompt="a crown", mask=MASK))
    await region.download(folder)
    await _zoom(single, keep)
    await _race(client, grid, keep)
    assert grid.id is not None
    await client.get(grid.id)
    await client.attach(grid.id)
    await grid.wait(timeout=60.0)


async def _zoom(single: TaskHandle, keep: Keep) -> None:
    """Answer a dialog by hand."""
    zoom = keep("zoom", single.click("Custom Zoom", on_dialog="raise"))
    try:
        await zoom
    except ModalRequired:
        zoom.modal("a cat --zoom 1.5")
    await zoom


async def _race(client: Client, grid: TaskHandle, keep: Keep) -> None:
    others = [keep(name, client.imagine(f"a {name}", key=name)) for name in ("dog", "owl")]
    async for _ in client.as_completed([*others, grid], limit=2):
        pass
