"""The simulator inside a command: `--simulate[=DIR]`."""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from mjflow.cli.checks import check_folder
from mjflow.errors import InvalidInput
from mjflow.media.store import replace_file
from mjflow.simulator import Simulator

#: Virtual seconds in one second: a grid takes three seconds or so.
SPEED = 20.0
#: What the simulator's books are called in the folder they are left in.
LEDGER = "ledger.json"


@asynccontextmanager
async def opened(seed: str, folder: Path | None) -> AsyncIterator[Simulator]:
    """
    Run a simulator on a free port; leave its books in `folder` at the end.

    Raises:
        InvalidInput: Pillow is not installed.
        CannotWrite: The folder takes no files.
    """
    if folder is not None:
        await check_folder(folder)
    try:
        simulator = Simulator(speed=SPEED, seed=zlib.crc32(seed.encode()))
    except ModuleNotFoundError as error:
        raise InvalidInput(str(error)) from error
    try:
        async with simulator:
            yield simulator
    finally:
        if folder is not None:
            books = json.dumps(simulator.ledger.as_json(), indent=2)
            await asyncio.to_thread(replace_file, folder / LEDGER, books.encode())
