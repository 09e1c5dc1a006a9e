"""Where a command's journal is: the user's own file, a simulator's, or memory."""

from __future__ import annotations

import asyncio
from pathlib import Path

from mjflow import config
from mjflow.cli.bundles import Keeping, Sandbox
from mjflow.errors import CannotWrite, InvalidInput
from mjflow.journal.memory import MemoryStore
from mjflow.journal.store import Store

#: Where it is when nobody says: in the folder that commands are run in.
DEFAULT = Path(".mjflow/journal.db")
#: What its file is called in a simulator's folder.
NAME = "journal.db"

#: Keeps prompts out of what is published.
_IGNORE = "*\n"


async def journal_of(keeping: Keeping | None, sandbox: Sandbox) -> Store | str:
    """
    Return what a command's client is to remember in; a default folder is made.

    Args:
        keeping: `None` for a command that sends nothing that is paid: it needs no journal.

    Raises:
        InvalidInput: `--journal` stands beside a simulator.
        CannotWrite: The folder can't be made.
    """
    if sandbox.simulate is not False:
        return _simulated(keeping, sandbox.simulate)
    if keeping is None or (path := chosen(keeping.journal)) is None:
        return MemoryStore()
    await asyncio.to_thread(_prepare, path)
    return str(path)


def chosen(given: Path | None) -> Path | None:
    """Return the user's journal, from the option, the environment or by default; `None`: memory."""
    text = str(given) if given is not None else _from_environment()
    if text is None:
        return DEFAULT
    return None if text == config.MEMORY else Path(text)


def existing(given: Path | None) -> Path | None:
    """
    Return the user's journal for those who only read it; `None` if nothing was written yet.

    Raises:
        InvalidInput: A file was named that is not there.
    """
    path = chosen(given)
    if path is None or path.exists():
        return path
    if path == DEFAULT:
        return None
    raise InvalidInput(
        f"there is no journal {str(path)!r}",
        advice=f"Commands that submit begin one: {str(DEFAULT)!r}, if --journal names no other.",
    )


def read_key(text: str | None) -> str | None:
    """
    Return the caller's own name for an act.

    Raises:
        InvalidInput: It has the looks of an API key, which is never an argument.
    """
    if text is not None and text.startswith("sk-"):
        raise InvalidInput(
            "this has the looks of an API key, and --key is your own name for an act",
            advice="An API key is never an argument: put it into MJFLOW_API_KEY.",
        )
    return text


def _simulated(keeping: Keeping | None, simulate: Path | bool) -> Store | str:
    if keeping is not None and keeping.journal is not None:
        raise InvalidInput(
            "--simulate and --journal exclude each other",
            advice=f"A simulator has a journal of its own: --simulate=DIR leaves it in DIR/{NAME}.",
        )
    return str(simulate / NAME) if isinstance(simulate, Path) else MemoryStore()


def _from_environment() -> str | None:
    return config.load(base_url="http://localhost", api_key="none").journal


def _prepare(path: Path) -> None:
    """Make the default folder, which keeps itself out of version control."""
    if path != DEFAULT:
        return  # the store makes what is missing
    folder = path.parent
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        if not (ignore := folder / ".gitignore").exists():
            ignore.write_text(_IGNORE)
    except OSError as error:
        raise CannotWrite(
            f"can't keep a journal in {str(folder)!r}: {error.strerror}",
            advice=(
                "Nothing was sent. Work in another folder, or name a file that can be written by "
                "--journal or MJFLOW_JOURNAL."
            ),
        ) from error
