"""The page of the simulator, made from what it is."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from attrs import fields

from mjflow.simulator import FAULTS, PROFILES, Submit
from mjflow.simulator.faults import Fault
from mjflow.simulator.page import main, page, remarks
from mjflow.simulator.profiles import BUILDS

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "simulator.md"


def test_the_checked_in_page_is_fresh() -> None:
    """The page in the repository is what the code says today."""
    fresh = page()
    assert PAGE.read_text(encoding="utf-8") == fresh, (
        "stale: run `python -m mjflow.simulator.page --write docs/reference/simulator.md`"
    )


def test_main_prints_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a file, the page goes to standard output."""
    main([])
    assert capsys.readouterr().out == page()


def test_main_writes_the_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With `--write`, the page goes to that file and nowhere else."""
    main(["--write", str(tmp_path / "page.md")])
    assert (tmp_path / "page.md").read_text(encoding="utf-8") == page()
    assert capsys.readouterr().out == ""


def test_the_module_can_be_run() -> None:
    """The command that the page names works."""
    command = [sys.executable, "-W", "error", "-m", "mjflow.simulator.page"]
    done = subprocess.run(command, capture_output=True, check=True, encoding="utf-8")
    assert done.stdout == page()


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_has_one_row(name: str) -> None:
    """With what it does."""
    rows = [line for line in page().splitlines() if line.startswith(f"| `{name}` |")]
    assert len(rows) == 1
    assert FAULTS[name] in rows[0]


@pytest.mark.parametrize("name", [*PROFILES, *BUILDS])
def test_every_profile_is_named(name: str) -> None:
    """The three, and older builds of them."""
    assert f"`{name}`" in page()


def test_every_field_of_a_record_is_explained() -> None:
    """In the order in which they are written."""
    assert [name for name, _ in remarks()] == [field.name for field in fields(Submit)]


def test_the_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    """As it stands on the page."""
    code = page().partition("```python\n")[2].partition("```")[0]
    asyncio.run(asyncio.wait_for(_run(code), 30))
    assert capsys.readouterr().out.startswith("http://127.0.0.1:")


async def _run(code: str) -> None:
    names: dict[str, object] = {}
    exec(code.replace("asyncio.run(main())", ""), names)
    main = names["main"]
    assert callable(main)
    await main()


def test_the_faults_of_the_command_line_s_example_exist() -> None:
    """What the page tells to type can be read."""
    line = next(line for line in page().splitlines() if line.startswith("$ mjflow simulate"))
    words = line.split()
    given = [word for before, word in pairwise(words) if before == "--fault"]
    assert [Fault.parse(word).name for word in given] == ["queue-full", "lost-reply"]
