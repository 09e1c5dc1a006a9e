"""How a run is told of as it goes: in lines now and then, and in JSON."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from attrs import define, evolve, field

from mjflow.cli.flows.boards import Board, JsonBoard, LiveBoard, board_for
from mjflow.cli.flows.causes import Causes
from mjflow.cli.report import JsonReport, Report
from mjflow.cli.view import LiveReport
from mjflow.errors import MjflowError, PromptRefused
from mjflow.flow.machine.commands import File
from mjflow.flow.machine.results import BranchResult, ItemResult
from tests.cli.test_standing import standing


@define
class Clock:
    """A clock that is set by hand."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@define
class Desk:
    """A board in plain lines, with what it has written and a clock."""

    clock: Clock = field(factory=Clock)
    out: io.StringIO = field(factory=io.StringIO)
    err: io.StringIO = field(factory=io.StringIO)

    def board(self, kind: type[Board] = Board) -> Board:
        """Make a board that writes here."""
        report = JsonReport if kind is JsonBoard else Report
        return kind(report(self.out, self.err), self.clock)

    @property
    def said(self) -> list[str]:
        """The lines on standard error."""
        return self.err.getvalue().splitlines()

    @property
    def told(self) -> list[dict[str, object]]:
        """The objects on standard output."""
        return [json.loads(line) for line in self.out.getvalue().splitlines()]


def item(error: MjflowError | None = None, *, key: str = "item-7") -> ItemResult:
    """Make an item of one branch, with one picture."""
    picture = File(f"{Path.cwd()}/out/a.png", 9, "abc")
    branch = BranchResult(name="U1", lineage=(), files=(picture,), error=error)
    return ItemResult(key=key, values={"animal": "cat"}, branches=(branch,))


def test_lines_get_rarer_as_the_night_goes_on() -> None:
    """At first every few seconds, later once a minute, however often it is asked for."""
    desk = Desk()
    board, times = desk.board(), []
    for second in range(300):
        desk.clock.now = float(second)
        before = len(desk.said)
        board.stands(standing())
        times += [second] * (len(desk.said) - before)
    assert times == [5, 15, 35, 75, 135, 195, 255]


def test_pictures_are_data() -> None:
    """Their paths go to standard output, from where one works."""
    desk = Desk()
    desk.board().item(item(), [])
    assert (desk.out.getvalue(), desk.said) == ("out/a.png\n", [])


def test_a_flood_of_failures_is_not_told_one_by_one() -> None:
    """The first of a cause are told as they come; the others are only counted."""
    desk, causes = Desk(), Causes()
    board = desk.board()
    for number in range(100):
        one = item(PromptRefused("blood"), key=f"item-{number}")
        board.item(one, causes.take(one))
    why = "the server refuses the prompt for a banned word: 'blood'"
    assert desk.said == [
        *(f"failed: item-{number} > U1: {why}" for number in range(4)),
        f"failed: item-4 > U1: {why} (others for the same reason are only counted)",
    ]


def test_the_end_tells_causes_and_sums() -> None:
    """What failed and why, then how it stands."""
    desk, causes = Desk(), Causes()
    causes.take(item(PromptRefused("blood")))
    over = standing(ended=1976, in_flight=0)
    desk.board().ends(over, causes)
    assert [line.split(" ")[0] for line in desk.said] == ["1", "", "", "night-1:"]


def test_json_tells_items_and_sums() -> None:
    """An object each; what is not known is left out."""
    desk, causes = Desk(), Causes()
    board, bad = desk.board(JsonBoard), item(PromptRefused("blood"))
    board.item(bad, causes.take(bad))
    board.ends(standing(), causes)
    assert [one["type"] for one in desk.told] == ["item", "cause", "standing"]
    assert (desk.told[1]["places"], desk.told[2]["done"]) == (["item-7 > U1"], 1180)
    assert desk.said == []


@pytest.mark.parametrize(
    ("report", "kind"),
    [(Report, Board), (LiveReport, LiveBoard)],
)
def test_who_tells(report: type[Report], kind: type[Board]) -> None:
    """On a terminal it is drawn, elsewhere said; programs get JSON."""
    made = report(io.StringIO(), io.StringIO())
    assert type(board_for(made, json=False)) is kind
    assert type(board_for(JsonReport(io.StringIO(), io.StringIO()), json=True)) is JsonBoard


def test_a_run_without_an_end_says_none() -> None:
    """As long as nobody can tell when it ends, nothing is said about it."""
    desk = Desk()
    desk.clock.now = 0.0
    board = desk.board(JsonBoard)
    desk.clock.now = 6.0
    board.stands(evolve(standing(ends_at=None)))
    (told,) = desk.told
    assert ("ends_at" in told, told["started_at"]) == (
        False,
        datetime(2026, 8, 31, 22, tzinfo=UTC).isoformat(),
    )
