"""How a run stands, in words: pure, from numbers."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from mjflow.cli.flows.causes import EXAMPLES, MOST, Causes, cause_of
from mjflow.cli.flows.screen import board, end_of, table_of_causes
from mjflow.cli.flows.standing import Standing, rows, seen, sentence
from mjflow.engine.spend import Spent
from mjflow.errors import MjflowError, PromptRefused, SubmissionInDoubt, TaskFailed, TaskLost
from mjflow.flow.running.progress import Progress
from mjflow.fsm.states import State
from mjflow.protocol.failures import FailureKind

BEGAN = datetime(2026, 8, 31, 22, 0, tzinfo=UTC)
NOW = BEGAN + timedelta(seconds=3731)
ENDS = NOW + timedelta(seconds=2460)


def progress(**changes: Any) -> Progress:
    """Make the progress of a run in the middle of the night."""
    numbers: dict[str, Any] = {
        "items": 2000,
        "waiting": 697,
        "open": 96,
        "ended": 1180,
        "failed": 24,
        "stuck": 3,
        "branches": {"ended": 4766, "failed": 31, "stuck": 3},
        "in_flight": 12,
        "pictures": 4208,
        "last_pictures": tuple(f"{Path.cwd()}/out/cat-{number}.png" for number in range(5)),
        "spent": Spent(charged=120.4, refunded=2.1, in_doubt=0.2),
        "failures": {},
        "halted": None,
        "started_at": BEGAN,
        "ends_at": ENDS,
    }
    return Progress(**(numbers | changes))


def standing(**changes: Any) -> Standing:
    """Make a run's standing; what is no field of it is one of its progress."""
    own: dict[str, Any] = {"name": "night-1", "out": Path("out"), "max_cost": 200.0, "window": 15.0}
    own["states"] = {State.SUBMITTED: 4, State.IN_PROGRESS: 7, State.MODAL: 1}
    mine = {name: changes.pop(name) for name in list(changes) if name in {*own, "paused"}}
    return Standing(progress=progress(**changes), **(own | mine))


# --- words --------------------------------------------------------------------------------


def test_a_run_in_the_middle() -> None:
    """What is done, what is wrong, what it costs and when it ends, each in a line."""
    until = f"{ENDS.astimezone():%H:%M}"
    assert rows(standing(), NOW) == [
        ("items", "1,180 done · 24 failed · 3 left for later · 96 under way · 697 to come"),
        ("branches", "4,766 done · 31 failed · 3 left for later"),
        ("in flight", "12 of 15: 4 queued, 8 running"),
        ("spent", "$118.30 spent · $2.10 given back · $0.20 in doubt · at most $200.00"),
        ("time", f"1:02:11 so far, about 41:00 to go, until {until}"),
        ("pictures", "4,208 in out"),
        ("", "cat-4.png"),
        ("", "cat-3.png"),
        ("", "cat-2.png"),
    ]


@pytest.mark.parametrize(
    ("changes", "name", "said"),
    [
        ({"failed": 0, "stuck": 0}, "items", "1,180 done · 96 under way · 697 to come"),
        ({"branches": {}}, "branches", "0 done"),
        ({"branches": {"ended": 2, "dropped": 6}}, "branches", "2 done · 6 set aside"),
        ({"window": float("inf")}, "in flight", "12: 4 queued, 8 running"),
        ({"paused": "no room"}, "in flight", "nothing is submitted for now: no room"),
        ({"halted": MjflowError("x")}, "in flight", "12; nothing new is submitted"),
        ({"spent": Spent(), "max_cost": None}, "spent", "$0.00 spent"),
        (
            {"spent": Spent(charged=1, complete=False)},
            "spent",
            "about $1.00 spent · at most $200.00",
        ),
        ({"ends_at": None}, "time", "1:02:11"),
        ({"started_at": None}, "time", "0 s"),
        ({"ended": 1973}, "time", "1:02:11 in all"),
    ],
)
def test_what_else_may_be_said(changes: dict[str, Any], name: str, said: str) -> None:
    """What nobody knows, or what does not matter, is left out."""
    assert dict(rows(standing(**changes), NOW))[name] == said


@pytest.mark.parametrize("pictures", [0, 1, 3, 5])
def test_what_is_drawn_is_always_as_high(pictures: int) -> None:
    """The drawing does not jump when the first pictures come."""
    paths = tuple(f"/x/{number}.png" for number in range(pictures))
    assert len(rows(standing(last_pictures=paths), NOW)) == 9


def test_a_run_in_one_line() -> None:
    """For a log: what is over, what is wrong, what it costs, how long it takes."""
    assert sentence(standing(max_cost=None), NOW) == (
        "1,207 of 2,000 items, 24 failed, 3 left for later, 12 in flight, 4,208 pictures, "
        "$118.30 spent · $2.10 given back · $0.20 in doubt, about 41:00 to go"
    )


def test_a_run_that_is_over_in_one_line() -> None:
    """Nothing is in flight and nothing to go."""
    over = {"ended": 1, "failed": 0, "stuck": 0, "items": 1, "in_flight": 0, "pictures": 1}
    assert sentence(standing(spent=Spent(charged=0.1), max_cost=None, **over), NOW) == (
        "1 of 1 items, 1 picture, $0.10 spent"
    )


def test_paths_are_said_from_where_one_works() -> None:
    """What is below the working folder is relative to it, all else whole."""
    assert (seen(f"{Path.cwd()}/out/a.png"), seen("/mnt/a.png")) == ("out/a.png", "/mnt/a.png")


# --- the drawing --------------------------------------------------------------------------


def drawn(content: Any, width: int = 80) -> list[str]:
    """Draw something, and return its lines."""
    console = Console(file=io.StringIO(), width=width, force_terminal=True, color_system=None)
    console.print(content)
    return console.file.getvalue().splitlines()  # type: ignore[attr-defined,no-any-return]


@pytest.mark.parametrize("width", [60, 80, 132])
def test_the_drawing_fits(width: int) -> None:
    """Ten lines, none longer than the terminal is wide, whatever the run is called."""
    lines = drawn(board(standing(name="a-very-long-name-of-a-run" * 4), width), width)
    assert (len(lines), max(map(len, lines)) <= width) == (10, True)


def test_the_drawing_tells_how_much_is_over() -> None:
    """By name, bar, items and percent."""
    headline = drawn(board(standing(), 80))[0]
    assert (headline.split()[0], headline.split()[2:]) == (
        "night-1",
        ["1,207", "of", "2,000", "items", "60%"],
    )


def test_nobody_else_draws_on_the_terminal() -> None:
    """Names and paths come from others, and move no cursor."""
    lines = drawn(board(standing(name="a\x1b[2Jb", last_pictures=("/x/\x1b[2J.png",)), 80))
    assert not any("\x1b[2J" in line for line in lines)


@pytest.mark.parametrize(
    ("room", "said"), [(20, "cats/grey/U1-7.png"), (12, "…ey/U1-7.png"), (7, "…-7.png")]
)
def test_the_end_of_a_path_is_seen(room: int, said: str) -> None:
    """Its end tells a picture from others."""
    assert end_of("cats/grey/U1-7.png", room) == said


# --- causes -------------------------------------------------------------------------------


def failed(number: int) -> TaskFailed:
    """Fail like many others."""
    message = f"task 13200981734125{number:02} failed: no more credit"
    return TaskFailed(message, kind=FailureKind.UNKNOWN, task_id=str(number))


def test_what_failed_alike_is_one_cause() -> None:
    """Ids do not tell causes apart; the first places are named, the others counted."""
    causes = Causes()
    for number in range(7):
        causes.add(failed(number), f"item-{number}", waits=False)
    (group,) = causes
    assert (group.count, group.cause.what, group.where) == (
        7,
        "task … failed: no more credit",
        "item-0, item-1, item-2, and 4 more",
    )
    assert len(group.places) == EXAMPLES


def test_causes_are_told_by_weight() -> None:
    """Failures before what only waits, the most frequent first."""
    causes = Causes()
    causes.add(TaskLost("task 7 is lost"), "a", waits=True)
    causes.add(TaskLost("task 8 is lost"), "b", waits=True)
    causes.add(PromptRefused("blood"), "c", waits=False)
    causes.add(failed(1), "d", waits=False)
    causes.add(failed(2), "e", waits=False)
    assert [(group.count, group.cause.waits) for group in causes] == [
        (2, False),
        (1, False),
        (2, True),
    ]
    assert causes.codes == {1, 3}


def test_tokens_are_one_doubts_own() -> None:
    """Doubts are of one cause, whatever their tokens."""
    one, other = (
        SubmissionInDoubt(f"the submit was sent: cut (token {token})", token=token)
        for token in ("abcdefgh", "u5fli5ziqznbbzhnr5ba")
    )
    assert cause_of(one, waits=True) == cause_of(other, waits=True)


def test_causes_take_a_bounded_space() -> None:
    """Ten thousand reasons do not fill the memory: the last of them are one."""
    causes = Causes()
    for number in range(MOST + 50):
        causes.add(MjflowError("reason " + "x" * number), "item", waits=False)
    groups = list(causes)
    assert (len(groups), groups[0].cause.what, groups[0].count) == (MOST + 1, "other causes", 50)


def test_the_table_of_causes() -> None:
    """Each with its count, what to do, and where."""
    causes = Causes()
    causes.add(PromptRefused("blood"), "item-7 > U1", waits=False)
    lines = [line.strip() for line in drawn(table_of_causes(causes))]
    assert "1   the server refuses the prompt for a banned word: 'blood'" in lines
    assert "item-7 > U1" in lines
