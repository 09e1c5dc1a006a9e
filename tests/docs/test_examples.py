"""
The examples of the pages, run as they stand.

The `python` blocks of a page run in order and share their names, as in one program.  In a
`console` block every line after `$ ` is run as a command.  A `text` block right behind one of
them, or what stands below a command, is what must be printed; `...` stands for any text, and
alone on a line for any lines.  All happens in an empty folder, with a simulator where the
environment says that the server is.
"""

from __future__ import annotations

import logging
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mjflow.simulator import Simulator

from .pages import DOCS, ROOT, Block, blocks, name_of, read
from .servers import answering

PAGES = [
    ROOT / "README.md",
    DOCS / "index.md",
    DOCS / "tutorial.md",
    *sorted((DOCS / "howto").glob("*.md")),
    DOCS / "explanation" / "flows.md",
]
#: Where `mjflow` and `python` are found.
_PROGRAMS = Path(sys.executable).parent


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    """A server that is in a hurry."""
    with answering(Simulator(speed=300.0)) as url:
        yield url


@pytest.fixture(autouse=True)
def _surroundings(base_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty folder, and the environment of somebody with a server and a key."""
    for name in [name for name in os.environ if name.startswith("MJFLOW_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("MJFLOW_BASE_URL", base_url)
    monkeypatch.setenv("MJFLOW_API_KEY", "sk-anything")
    monkeypatch.setenv("MJFLOW_POLL_INTERVAL", "0.05")
    monkeypatch.setenv("PATH", str(_PROGRAMS), prepend=os.pathsep)
    monkeypatch.setenv("PYTHONIOENCODING", "utf-8")
    monkeypatch.chdir(tmp_path)


@pytest.fixture(autouse=True)
def _quiet_afterwards() -> Iterator[None]:
    """A page about logging must not make the others talk."""
    logger = logging.getLogger("mjflow")
    handlers, level = list(logger.handlers), logger.level
    yield
    logger.handlers[:] = handlers
    logger.setLevel(level)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_the_examples_do_what_the_page_says(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every program on a page runs without an error or a warning, and prints what is shown."""
    names: dict[str, Any] = {"__name__": "__main__"}
    found = list(blocks(read(page)))
    for block, after in zip(found, [*found[1:], None], strict=True):
        if block.language == "python":
            run_program(block, page, names)
            check(capsys.readouterr().out, after, page)
        elif block.language == "console":
            run_commands(block, page)


def run_program(block: Block, page: Path, names: dict[str, Any]) -> None:
    """Run a block; tracebacks show the line on the page."""
    source = "\n" * (block.line - 1) + block.text
    exec(compile(source, page, "exec", dont_inherit=True), names)


def run_commands(block: Block, page: Path) -> None:
    """Run each command of a block, and compare what it prints with what is below it."""
    for part in f"\n{block.text}".split("\n$ ")[1:]:
        command, _, wanted = part.partition("\n")
        done = subprocess.run(
            command,
            shell=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == 0, f"{place(page, block)}: {command}\n{done.stdout}"
        compare(done.stdout, wanted, place(page, block))


def check(printed: str, after: Block | None, page: Path) -> None:
    """Compare what was printed with the block behind, if it shows output."""
    if after is not None and after.language == "text":
        compare(printed, after.text, place(page, after))


def compare(printed: str, wanted: str, where: str) -> None:
    if wanted.strip():
        same = is_like(printed, wanted)
        assert same, f"{where} shows\n{wanted}\nbut this was printed:\n{printed}"


def is_like(printed: str, wanted: str) -> bool:
    """Compare a text with one that has gaps."""
    lines = [
        r"(.*\n)*" if line == "..." else re.escape(line).replace(r"\.\.\.", ".*") + r"\n"
        for line in wanted.splitlines()
    ]
    return re.fullmatch("".join(lines), printed) is not None


@pytest.mark.parametrize(
    ("printed", "wanted", "same"),
    [
        ("a\nb\n", "a\nb\n", True),
        ("a\nb\n", "a\n", False),
        ("a 17 b\n", "a ... b\n", True),
        ("a 17\nb\n", "a ... b\n", False),
        ("a\nx\ny\nb\n", "a\n...\nb\n", True),
        ("a\nb\n", "a\n...\nb\n", True),
        ("a.b\n", "a+b\n", False),
    ],
)
def test_gaps_stand_for_what_the_rule_says(printed: str, wanted: str, same: bool) -> None:
    """Three dots stand for any text in a line, and alone for any lines, but for nothing else."""
    assert is_like(printed, wanted) is same


def place(page: Path, block: Block) -> str:
    return f"{name_of(page)}, line {block.line}"
