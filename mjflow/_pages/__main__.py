"""Writes the pages of the reference that are made from the code into a folder."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from mjflow._pages import api, errors, flows

#: Every page that is made here, by the name of its file.
PAGES: Mapping[str, Callable[[], str]] = {
    "api.md": api.page,
    "errors.md": errors.page,
    "flows.md": flows.page,
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the pages of the public names, of the errors and of flows."""
    parser = argparse.ArgumentParser(prog="python -m mjflow._pages", description=main.__doc__)
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args(arguments).folder
    for name, page in PAGES.items():
        (folder / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
