"""Whether a folder takes pictures, found out before anything is paid."""

from __future__ import annotations

import asyncio
from pathlib import Path

from mjflow.cli.bundles import Saving
from mjflow.engine.downloads import name_template
from mjflow.media.store import Draft

#: Bytes written to try a folder out: more than any file system keeps in its own books.
_PROBE = 64 * 1024


async def check_saving(saving: Saving) -> None:
    """
    Make the folder for pictures, and try whether it takes one.

    Raises:
        InvalidInput: The name template is wrong.
        CannotWrite: The folder can't be made or written to, or the disk is full.
    """
    name_template(saving.name)
    await check_folder(saving.out)


async def check_folder(folder: Path) -> None:
    """
    Make a folder, and try whether it takes a file.

    Raises:
        CannotWrite: It can't be made or written to, or the disk is full.
    """
    await asyncio.to_thread(_probe, folder)


def _probe(folder: Path) -> None:
    with Draft(folder, "probe") as draft:
        draft.write(bytes(_PROBE))
