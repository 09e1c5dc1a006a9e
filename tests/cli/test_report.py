"""What the reports write: plain lines, JSON, and a drawing on a terminal."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from mjflow.cli.leftovers import Leftovers
from mjflow.cli.report import JsonReport, Report
from mjflow.cli.view import LiveReport, can_draw
from mjflow.cli.words import words_of
from mjflow.errors import (
    CannotWrite,
    NotAuthorized,
    PromptRefused,
    SubmissionInDoubt,
    TaskFailed,
    TaskLost,
)
from mjflow.fsm.states import State
from mjflow.media.kinds import PNG
from mjflow.media.store import Saved
from mjflow.media.whole import Whole
from mjflow.observers import Update, UpdateKind
from mjflow.protocol.failures import FailureKind
from mjflow.protocol.status import Status
from mjflow.protocol.task import Task

SAVED = Saved(Path("out/U2-7.png"), Whole(PNG, 9, 3, 2), "abc", reused=False)


class Streams:
    """Where a report writes to."""

    def __init__(self) -> None:
        self.out, self.err = io.StringIO(), io.StringIO()

    @property
    def lines(self) -> tuple[list[str], list[str]]:
        """What was written to standard output and error."""
        return self.out.getvalue().splitlines(), self.err.getvalue().splitlines()

    @property
    def objects(self) -> list[Any]:
        """What was written to standard output, as JSON."""
        return [json.loads(line) for line in self.lines[0]]


@pytest.fixture
def streams() -> Streams:
    """Give two streams."""
    return Streams()


@pytest.fixture
def plain(streams: Streams) -> Report:
    """Give a plain report that follows one act."""
    report = Report(streams.out, streams.err)
    report.follow("k", "U2")
    return report


@pytest.fixture
def objects(streams: Streams) -> JsonReport:
    """Give a report in JSON that follows one act."""
    report = JsonReport(streams.out, streams.err)
    report.follow("k", "U2")
    return report


def news(state: State, kind: UpdateKind = "state", **more: Any) -> Update:
    """Make news of the act that is followed."""
    return Update(kind=kind, key=more.pop("key", "k"), state=state, **more)


# --- plain --------------------------------------------------------------------------------


def test_the_life_of_an_act_in_lines(plain: Report, streams: Streams) -> None:
    """Each new standing is one line; the id is said once, and nothing is said twice."""
    for update in [
        news(State.SUBMITTING),
        news(State.SUBMITTED, id="7", queue_place=2),
        news(State.SUBMITTED, "progress", id="7", queue_place=2, progress=0),
        news(State.IN_PROGRESS, "preview", id="7", progress=40, preview="http://host/1"),
        news(State.IN_PROGRESS, "progress", id="7", progress=40),
        news(State.SUCCESS, id="7", progress=100),
    ]:
        plain.update(update)
    assert streams.lines == (
        [],
        [
            "U2: queued, 2 ahead (task 7)",
            "U2: running, 40%",
            "U2: done after 0 s",
        ],
    )


def test_a_task_of_somebody_else_has_no_duration(streams: Streams) -> None:
    """How long a task took is said only when this command submitted it."""
    report = Report(streams.out, streams.err)
    report.follow("k", "7", named=True)
    report.update(news(State.SUCCESS, id="7"))
    assert streams.lines == ([], ["7: done"])


def test_news_of_other_acts_are_left_out(plain: Report, streams: Streams) -> None:
    """What nobody asked to follow is not told."""
    plain.update(news(State.SUCCESS, key="other", id="9"))
    assert streams.lines == ([], [])


def test_tasks_that_one_button_started_are_told_apart(plain: Report, streams: Streams) -> None:
    """The children of an act are named after it."""
    plain.update(news(State.SUBMITTED, key="k/2", id="9"))
    assert streams.lines == ([], ["U2 2: queued (task 9)"])


def test_a_stall_is_told(plain: Report, streams: Streams) -> None:
    """With how long nothing has changed."""
    plain.update(news(State.IN_PROGRESS, "stalled", reason="nothing has changed for 600 s"))
    assert streams.lines == ([], ["U2: nothing has changed for 600 s"])


def test_a_retry_is_explained(plain: Report, streams: Streams) -> None:
    """Why an act is sent again later is said each time."""
    plain.update(news(State.NEW, "retry", reason="the queue is full", delay=3.0))
    assert streams.lines == ([], ["U2: the queue is full; again in 3 s"])


def test_a_pause_is_told_while_something_runs(plain: Report, streams: Streams) -> None:
    """That nothing is submitted is said beside what runs; before that the error says it."""
    pause = Update(kind="paused", error=NotAuthorized("the key is refused"))
    plain.update(pause)
    plain.update(news(State.SUBMITTED, id="7"))
    plain.update(pause)
    plain.update(Update(kind="resumed"))
    assert streams.lines[1] == [
        "U2: queued (task 7)",
        "nothing is submitted for now: the key is refused",
        "submitting again",
    ]


def test_data_and_talk_have_a_stream_each(plain: Report, streams: Streams) -> None:
    """Paths and tasks go to standard output; all that is said goes to standard error."""
    plain.saved(SAVED, "7")
    plain.task(Task(id="7", status=Status.IN_PROGRESS))
    plain.say("by the way")
    plain.warn("mind this")
    plain.left(Leftovers(running=("7",), commands=("mjflow watch 7",)))
    assert streams.lines == (
        [str(SAVED.path), "id        7", "status    IN_PROGRESS"],
        [
            "by the way",
            "warning: mind this",
            "1 paid task still runs at the server: 7",
            "Pick up with: mjflow watch 7",
        ],
    )


@pytest.mark.parametrize(
    ("error", "lines", "code"),
    [
        (
            CannotWrite("can't write to 'out': the disk is full", advice="Make room."),
            ["error: can't write to 'out': the disk is full", "  Make room."],
            1,
        ),
        (TaskLost("task 7 is lost", advice=""), ["error: task 7 is lost"], 3),
        (NotAuthorized("the key is refused", advice=""), ["error: the key is refused"], 4),
        (FileNotFoundError(2, "No such file", "x"), ["error: No such file: x"], 1),
    ],
)
def test_an_error_says_what_and_what_to_do(
    plain: Report, streams: Streams, error: Any, lines: list[str], code: int
) -> None:
    """An error is a line of what happened and one of what to do, and has its exit code."""
    plain.error(error)
    assert (streams.lines[1], plain.code) == (lines, code)


@pytest.mark.parametrize(
    ("codes", "worst"),
    [([], 0), ([1], 1), ([1, 3], 3), ([3, 4, 1], 4), ([4, 130, 3], 130), ([2], 2)],
)
def test_the_worst_code_counts(plain: Report, codes: list[int], worst: int) -> None:
    """Of several things that went wrong the worst makes the exit code."""
    for code in codes:
        plain.blame(code)
    assert plain.code == worst


# --- JSON ---------------------------------------------------------------------------------


def test_news_as_objects(objects: JsonReport, streams: Streams) -> None:
    """Every step is an object without empty fields; a preview has its link or is left out."""
    objects.update(news(State.SUBMITTED, id="7", queue_place=2))
    objects.update(news(State.SUBMITTED, "preview", id="7"))
    objects.update(news(State.IN_PROGRESS, "preview", id="7", preview="http://host/1"))
    objects.say("nobody hears this")
    assert streams.objects == [
        {
            "type": "state",
            "act": "U2",
            "key": "k",
            "id": "7",
            "state": "SUBMITTED",
            "queue_place": 2,
        },
        {
            "type": "preview",
            "act": "U2",
            "key": "k",
            "id": "7",
            "state": "IN_PROGRESS",
            "preview": "http://host/1",
        },
    ]
    assert streams.lines[1] == []


def test_the_end_of_a_task_brings_the_task(objects: JsonReport, streams: Streams) -> None:
    """The last step of an act has the whole task, every field of it."""
    task = Task(id="7", status=Status.SUCCESS, prompt="a cat", image_url="http://host/7.png")
    objects.update(news(State.SUCCESS, id="7", task=task))
    assert streams.objects[0]["task"] == {
        "id": "7",
        "status": "SUCCESS",
        "progress": None,
        "action": "",
        "prompt": "a cat",
        "final_prompt": "",
        "buttons": [],
        "image_url": "http://host/7.png",
        "video_url": None,
        "seed": None,
        "fail_reason": "",
        "submitted_at": None,
        "started_at": None,
        "finished_at": None,
    }


def test_a_saved_picture_as_an_object(objects: JsonReport, streams: Streams) -> None:
    """A picture on disk is told with its hash, its size and its sidecar."""
    objects.saved(SAVED, "7")
    assert streams.objects == [
        {
            "type": "saved",
            "task_id": "7",
            "path": str(SAVED.path),
            "sha256": "abc",
            "size": 9,
            "width": 3,
            "height": 2,
            "sidecar": f"{SAVED.path}.json",
        }
    ]


@pytest.mark.parametrize(
    ("error", "more"),
    [
        (
            TaskFailed("task 7 failed", kind=FailureKind.TRANSIENT, task_id="7"),
            {"task_id": "7", "kind": "transient", "retryable": True, "exit_code": 1},
        ),
        (PromptRefused("blood"), {"word": "blood", "exit_code": 1}),
        (
            SubmissionInDoubt("in doubt", token="abc", key="k"),
            {"token": "abc", "exit_code": 3},
        ),
    ],
)
def test_an_error_as_an_object(
    objects: JsonReport, streams: Streams, error: Any, more: dict[str, Any]
) -> None:
    """An error is an object with its class and what it knows, and is said to a person too."""
    objects.error(error)
    assert streams.objects == [
        {
            "type": "error",
            "error": type(error).__name__,
            "message": error.message,
            "advice": words_of(error)[1],
            **more,
        }
    ]
    assert streams.lines[1][0] == f"error: {error.message}"


def test_what_is_left_as_an_object(objects: JsonReport, streams: Streams) -> None:
    """What goes on at the server is an object, and is said to a person too."""
    objects.left(Leftovers(running=("7",), commands=("mjflow watch 7",), interrupted=True))
    assert streams.objects == [
        {
            "type": "left",
            "interrupted": True,
            "running": ["7"],
            "unsaved": [],
            "unsent": [],
            "commands": ["mjflow watch 7"],
        }
    ]
    assert streams.lines[1][0] == "Interrupted."


def test_a_dumb_terminal_gets_plain_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal on which nothing can be drawn over is written to like a pipe."""
    monkeypatch.setenv("TERM", "xterm")
    assert can_draw(Terminal())
    monkeypatch.setenv("TERM", "dumb")
    assert not can_draw(Terminal())
    assert not can_draw(io.StringIO())


# --- a terminal ---------------------------------------------------------------------------


class Terminal(io.StringIO):
    """A stream that takes itself for a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Give a terminal of 100 columns without colours."""
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("TERM", "dumb")  # else the lines would be drawn over each other
    return Terminal()


def drawn(terminal: Terminal) -> list[list[str]]:
    """Return the words of the lines written last, without bars."""
    lines = terminal.getvalue().replace("\x1b", "\n").splitlines()
    return [[word for word in line.split() if "━" not in word] for line in lines if line.strip()]


def test_a_drawing_has_a_line_per_act(terminal: Terminal) -> None:
    """At rest each act has a line: how it ended, or that it waits."""
    report = LiveReport(io.StringIO(), terminal)
    report.follow("a", "imagine")
    report.follow("b", "U2")
    report.follow("c", "V1")
    report.update(news(State.SUBMITTING, key="a"))
    report.update(news(State.SUCCESS, key="a", id="7", progress=100))
    report.update(news(State.SUBMITTING, key="b"))
    report.update(news(State.FAILURE, key="b", id="8"))
    report.rest()
    assert drawn(terminal)[-3:] == [
        ["✓", "imagine", "done", "0", "s", "7"],
        ["✗", "U2", "failed", "0", "s", "8"],
        ["·", "V1", "waiting"],
    ]


def test_on_one_terminal_paths_stand_above_the_drawing(terminal: Terminal) -> None:
    """While acts are drawn, data for the same terminal does not break the drawing."""
    report = LiveReport(terminal, terminal)
    report.follow("a", "imagine")
    report.saved(SAVED, "7")
    report.rest()
    assert [line for line in drawn(terminal) if line == [str(SAVED.path)]] == [[str(SAVED.path)]]


def test_data_goes_to_standard_output_when_that_is_elsewhere(terminal: Terminal) -> None:
    """Piped data is never drawn on the terminal."""
    out = io.StringIO()
    report = LiveReport(out, terminal)
    report.follow("a", "imagine")
    report.saved(SAVED, "7")
    report.rest()
    assert out.getvalue() == f"{SAVED.path}\n"
    assert str(SAVED.path) not in terminal.getvalue()


def test_talk_on_a_terminal(terminal: Terminal) -> None:
    """Warnings, errors and hitches are lines of their own, brackets and all."""
    report = LiveReport(io.StringIO(), terminal)
    report.follow("a", "imagine")
    report.update(news(State.NEW, "retry", key="a", reason="full [now]", delay=3.0))
    report.rest()
    report.warn("mind [this]")
    report.error(TaskLost("task 7 is lost", advice="Watch it."))
    assert [
        line for line in terminal.getvalue().splitlines() if ":" in line or "Watch" in line
    ] == [
        "imagine: full [now]; again in 3 s",
        "warning: mind [this]",
        "error: task 7 is lost",
        "  Watch it.",
    ]
    assert report.code == 3
