"""The page of the commands, made from their own help."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from cyclopts import App

from mjflow.cli.app import app
from mjflow.cli.reference import called, main, page

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "commands.md"


def test_the_checked_in_page_is_fresh() -> None:
    """The page in the repository is what the help says today."""
    assert PAGE.read_text(encoding="utf-8") == page(), (
        "stale: run `python -m mjflow.cli.reference --write docs/reference/commands.md`"
    )


def names(command: App = app, before: str = "") -> list[str]:
    """Name all commands, and the commands of commands."""
    found = []
    for name in command:
        if not name.startswith("-"):
            found += [f"{before}{name}", *names(command[name], f"{before}{name} ")]
    return found


def test_every_command_is_explained() -> None:
    """No command and no option is missing from the page."""
    written = page()
    assert [name for name in names() if f"\n## mjflow {name}\n" not in written] == []
    options = {
        argument.name
        for name in names()
        for argument in called(name).assemble_argument_collection()
        if argument.show
    }
    assert {option for option in options if f"| `{option}" not in written} == set()


def test_main_prints_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a file, the page goes to standard output."""
    main([])
    assert capsys.readouterr().out == page()


def test_main_writes_the_page(tmp_path: Path) -> None:
    """With `--write`, the page goes to that file."""
    main(["--write", str(tmp_path / "commands.md")])
    assert (tmp_path / "commands.md").read_text(encoding="utf-8") == page()


def test_the_module_can_be_run() -> None:
    """The command that the page names works."""
    command = [sys.executable, "-W", "error", "-m", "mjflow.cli.reference"]
    done = subprocess.run(command, capture_output=True, check=True, encoding="utf-8")
    assert done.stdout == page()
