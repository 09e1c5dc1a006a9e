"""The page of the states, made from the table."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from mjflow.fsm.diagram import how_looking_ends, late_evidence, life, main, page
from mjflow.fsm.events import Event
from mjflow.fsm.states import ENDED, State
from mjflow.fsm.transitions import TABLE, Guarded

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "states.md"
#: How the three ended states are drawn.
LAST_WORDS = "SUCCESS_FAILURE_CANCEL"

BOX = re.compile(r'state "(.+)" as (\w+)')
ARROW = re.compile(r"(\w+) --> (\w+) : (.+)")


def test_the_checked_in_page_is_fresh() -> None:
    """The page in the repository is what the table says today."""
    fresh = page()
    assert PAGE.read_text(encoding="utf-8") == fresh, (
        "stale: run `python -m mjflow.fsm.diagram --write docs/reference/states.md`"
    )


def test_main_prints_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a file, the page goes to standard output."""
    main([])
    assert capsys.readouterr().out == page()


def test_main_writes_the_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With `--write`, the page goes to that file and nowhere else."""
    main(["--write", str(tmp_path / "states.md")])
    assert (tmp_path / "states.md").read_text(encoding="utf-8") == page()
    assert capsys.readouterr().out == ""


def test_the_module_can_be_run() -> None:
    """The command that the page names works."""
    command = [sys.executable, "-W", "error", "-m", "mjflow.fsm.diagram"]
    done = subprocess.run(command, capture_output=True, check=True, encoding="utf-8")
    assert done.stdout == page()


@pytest.mark.parametrize("member", [*State, *Event])
def test_everything_is_explained(member: State | Event) -> None:
    """Every state and every event has a row that says what it means."""
    assert f"\n| {member.name} | " in page()


def _drawn(diagram: str) -> list[tuple[str, str, str]]:
    """Read the arrows of a diagram back: from, event, to; one for each state in a box."""
    boxes = {name: states.split(" · ") for states, name in BOX.findall(diagram)}
    return [
        (source, event, target)
        for begin, target, events in ARROW.findall(diagram)
        for source in boxes.get(begin, [begin])
        for event in events.split(", ")
    ]


def test_every_move_is_drawn_once_and_nothing_else() -> None:
    """The three diagrams together draw exactly the moves of the table."""
    moves = [
        (state.value, event.name, LAST_WORDS if target in ENDED else target.value)
        for state, row in TABLE.items()
        for event, cell in row.items()
        if isinstance(target := cell.target if isinstance(cell, Guarded) else cell, State)
    ]
    drawn = _drawn(life()) + _drawn(how_looking_ends()) + _drawn(late_evidence())
    assert sorted(drawn) == sorted(moves)


def test_every_diagram_is_on_the_page() -> None:
    """The page shows the three diagrams."""
    assert [life() in page(), how_looking_ends() in page(), late_evidence() in page()] == [True] * 3
