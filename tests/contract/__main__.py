"""
Writes the pages of the contract suite, or tells the story of one fault.

    python -m tests.contract --write docs/reference
    python -m tests.contract lost-reply
"""

from __future__ import annotations

import argparse
import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.contract.actpage import acts_page
from tests.contract.cases import cases, result
from tests.contract.faultpage import faults_page
from tests.contract.words import words

#: Every page by the name of its file.
PAGES: Mapping[str, Callable[[], str]] = {"acts.md": acts_page, "faults.md": faults_page}


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the pages into a folder, or show what faults lead to."""
    parser = argparse.ArgumentParser(prog="python -m tests.contract")
    parser.add_argument("--write", metavar="FOLDER", type=Path, help="write the pages there")
    parser.add_argument("fault", nargs="*", help="show what this fault leads to")
    given = parser.parse_args(arguments)
    if given.write is not None:
        for name, page in PAGES.items():
            (given.write / name).write_text(page(), encoding="utf-8")
    for fault in given.fault:
        show(fault)


def show(fault: str) -> None:
    """Print what a fault leads to, beside what is expected of it."""
    for case in cases():
        if case.fault == fault:
            seen = result(case)
            mark = " " if (seen.outcome, seen.wrongs) == (case.expected, ()) else "!"
            print(f"{mark} {case}: {seen.outcome} (expected {case.expected}): {words(seen)}")
            for wrong in seen.wrongs:
                print(f"      {wrong}")


if __name__ == "__main__":
    logging.disable()
    main()
