"""The simulator inside a command: `--simulate[=DIR]`, `--profile`, `--fault`."""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from difflib import get_close_matches
from pathlib import Path

from mjflow.cli.bundles import Sandbox
from mjflow.cli.disk import check_folder
from mjflow.errors import InvalidInput
from mjflow.media.store import replace_file
from mjflow.simulator import CATALOGUE, Fault, Simulator
from mjflow.simulator.profiles import profile_of

#: Virtual seconds in one second: a grid takes three seconds or so.
SPEED = 20.0
#: What the simulator's books are called in the folder they are left in.
LEDGER = "ledger.json"


def check_sandbox(sandbox: Sandbox, base_url: str | None) -> None:
    """
    Refuse settings of a simulator that there is not, or beside a server that there is.

    Raises:
        InvalidInput: `--profile`, `--fault` or `--base-url` stand where they cannot.
    """
    if sandbox.simulate is False:
        if sandbox.profile or sandbox.fault:
            option = "--profile" if sandbox.profile else "--fault"
            raise InvalidInput(f"{option} is about the simulator: add --simulate")
    elif base_url:
        raise InvalidInput(
            "--simulate and --base-url exclude each other",
            advice="A simulator that serves others is started by `mjflow simulate`.",
        )


@asynccontextmanager
async def opened(sandbox: Sandbox, seed: str) -> AsyncIterator[Simulator]:
    """
    Run a simulator on a free port; leave its books in the sandbox's folder at the end.

    Args:
        seed: The same text gives the same ids and pictures.

    Raises:
        InvalidInput: A fault cannot be, or Pillow is not installed.
        CannotWrite: The folder takes no files.
    """
    profile = sandbox.profile or "gateway"
    faults = read_faults(sandbox.fault, profile)
    folder = sandbox.simulate if isinstance(sandbox.simulate, Path) else None
    if folder is not None:
        await check_folder(folder)
    try:
        simulator = Simulator(
            profile=profile,
            speed=SPEED,
            seed=zlib.crc32(seed.encode()),
            faults=faults,
        )
    except ModuleNotFoundError as error:
        raise InvalidInput(str(error)) from error
    try:
        async with simulator:
            yield simulator
    finally:
        if folder is not None:
            books = json.dumps(simulator.ledger.as_json(), indent=2)
            await asyncio.to_thread(replace_file, folder / LEDGER, books.encode())


def read_faults(texts: Iterable[str], profile: str) -> list[Fault]:
    """
    Read faults as they are typed.

    Args:
        profile: What the simulator plays.

    Raises:
        InvalidInput: There is no such fault, or not at this kind of server, or what stands behind
            its name cannot be.
    """
    return [_fault(text, profile_of(profile).family) for text in texts]


def _fault(text: str, family: str) -> Fault:
    name = text.partition("=")[0].partition("@")[0].strip()
    if name not in CATALOGUE:
        raise _unheard_of(name)
    kind = CATALOGUE[name]
    if family not in kind.profiles:
        raise InvalidInput(
            f"--fault {name} never strikes a {family} server, only {' or '.join(kind.profiles)}"
        )
    try:
        return Fault.parse(text)
    except ValueError as error:
        places = ", ".join(where.value for where in kind.occasions)
        raise InvalidInput(
            f"--fault {text} cannot be read",
            advice=(
                f"Write {name}=0.5 for a chance from 0 to 1, {name}=0.5:3 for three times at "
                f"most; {name}@WHERE leaves it to one of: {places}."
            ),
        ) from error


def _unheard_of(name: str) -> InvalidInput:
    near = get_close_matches(name, CATALOGUE, n=3)
    meant = f"Did you mean {' or '.join(near)}?" if near else f"There are: {', '.join(CATALOGUE)}."
    return InvalidInput(f"there is no fault {name!r}", advice=meant)
