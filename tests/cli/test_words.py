"""What the command line calls things."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mjflow.cli.words import STATES, hitch, lapse, number, standing, table, texts_of
from mjflow.errors import NotAuthorized
from mjflow.fsm.states import State
from mjflow.observers import Update
from mjflow.protocol.status import Status
from mjflow.protocol.task import Button, Task


def test_every_state_has_a_word() -> None:
    """A person is never shown a state that nobody has named."""
    assert set(STATES) == set(State)


@pytest.mark.parametrize(
    ("update", "said"),
    [
        (Update(kind="state", state=State.SUBMITTED), "queued"),
        (Update(kind="state", state=State.SUBMITTED, queue_place=3), "queued, 3 ahead"),
        (Update(kind="progress", state=State.IN_PROGRESS, progress=47), "running, 47%"),
        (Update(kind="state", state=State.IN_PROGRESS), "running"),
        (Update(kind="state", state=State.SUCCESS, progress=100), "done"),
        (Update(kind="paused"), ""),
    ],
)
def test_standing(update: Update, said: str) -> None:
    """A task's state is said with its place in the queue, or its progress."""
    assert standing(update) == said


@pytest.mark.parametrize(
    ("update", "said"),
    [
        (
            Update(kind="retry", reason="the queue is full", delay=4.2),
            "the queue is full; again in 4 s",
        ),
        (
            Update(kind="retry", reason="the queue is full", delay=0.3),
            "the queue is full; again at once",
        ),
        (Update(kind="retry", reason="the queue is full"), "the queue is full"),
        (
            Update(kind="paused", error=NotAuthorized("the key is refused")),
            "nothing is submitted for now: the key is refused",
        ),
        (Update(kind="paused"), "nothing is submitted for now: the server has no room"),
    ],
)
def test_hitch(update: Update, said: str) -> None:
    """A hitch is said with its reason, and with the time of the next try."""
    assert hitch(update) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.0, "0 s"), (8.4, "8 s"), (59.6, "1:00"), (65.0, "1:05"), (7265.0, "2:01:05")],
)
def test_lapse(seconds: float, said: str) -> None:
    """Seconds are said as a person would read them off a watch."""
    assert lapse(seconds) == said


@pytest.mark.parametrize(
    ("count", "said"), [(0, "0 pictures"), (1, "1 picture"), (2, "2 pictures")]
)
def test_number(count: int, said: str) -> None:
    """One is one, everything else is many."""
    assert number(count, "picture") == said


def test_table_of_a_finished_task() -> None:
    """A finished task is described with its buttons, its picture and how long it took."""
    task = Task(
        id="7",
        status=Status.SUCCESS,
        progress=100,
        action="IMAGINE",
        prompt="a cat",
        final_prompt="a cat --v 6.1",
        buttons=(Button(custom_id="MJ::JOB::upsample::1::x", label="U1"),),
        image_url="http://host/7.png",
        submitted_at=datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC),
        finished_at=datetime(2026, 1, 1, 12, 1, 5, tzinfo=UTC),
    )
    described = dict(line.split(maxsplit=1) for line in table(task))
    assert len(described.pop("submitted")) == len("2026-01-01 12:00:00")
    assert described.pop("finished").endswith("(after 1:05)")
    assert described == {
        "id": "7",
        "status": "SUCCESS",
        "action": "IMAGINE",
        "prompt": "a cat",
        "final": "a cat --v 6.1",
        "buttons": "U1",
        "picture": "http://host/7.png",
    }


def test_table_of_a_task_that_nobody_has_looked_at() -> None:
    """Of a task whose status is not known yet only that is said."""
    assert table(Task(id="7")) == ["id        7", "status    not known yet"]


def test_table_of_a_running_task() -> None:
    """A running task shows its progress, and its picture as a preview."""
    task = Task(
        id="7", status=Status.IN_PROGRESS, progress=47, image_url="http://host/7.png?rand=1"
    )
    assert table(task) == [
        "id        7",
        "status    IN_PROGRESS, 47%",
        "preview   http://host/7.png?rand=1",
    ]


@pytest.mark.parametrize(
    ("said", "texts"),
    [
        ("1\ufe0f\u20e3 a cat\n2\ufe0f\u20e3 a dog --ar 3:2", ["a cat", "a dog --ar 3:2"]),
        ("1\u20e3 a cat", ["a cat"]),
        ("a cat\n\n a dog ", ["a cat", "a dog"]),
        ("", []),
    ],
)
def test_texts_of(said: str, texts: list[str]) -> None:
    """The texts of a describe come without their numbers, in whatever way they are written."""
    task = Task(id="7", status=Status.SUCCESS, action="DESCRIBE", final_prompt=said)
    assert texts_of(task) == texts


def test_table_of_a_describe() -> None:
    """Of a task that found texts, each text has a line."""
    said = "1\ufe0f\u20e3 a cat\n2\ufe0f\u20e3 a dog"
    task = Task(id="7", status=Status.SUCCESS, action="DESCRIBE", prompt=said)
    assert table(task)[-2:] == ["text 1    a cat", "text 2    a dog"]
