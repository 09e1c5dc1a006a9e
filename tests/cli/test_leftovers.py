"""What a command leaves at the server, and how it is picked up."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest
from attrs import define

from mjflow.cli.bundles import SERVER_AS_SET, Server
from mjflow.cli.leftovers import Leftovers, Step, leftovers
from mjflow.errors import (
    AnswerInDoubt,
    ClientClosed,
    MjflowError,
    ModalRequired,
    ParentUnusable,
    PromptRefused,
)
from mjflow.fsm.states import State
from mjflow.handle import TaskHandle

OUT = Path("out")


@define
class Fake:
    """As much of a handle as counts here."""

    state: State
    id: str | None = None
    outcome: MjflowError | None = None


def step(state: State, task_id: str | None = None, label: str = "U1", **more: Any) -> Step:
    """Make a step whose handle stands so."""
    wanted = more.pop("wanted", True)
    return Step(cast(TaskHandle, Fake(state, task_id, **more)), label, wanted)


def sort(*steps: Step, chained: bool = True, out: Path | None = OUT, **more: Any) -> Leftovers:
    """Sort out what is left of steps."""
    return leftovers(steps, SERVER_AS_SET, out, chained=chained, **more)


def test_nothing_is_left_when_all_is_saved() -> None:
    """A chain whose last pictures are on disk leaves nothing."""
    left = sort(step(State.SUCCESS, "1"), step(State.SUCCESS, "2", wanted=False))
    assert not left


@pytest.mark.parametrize(
    "state",
    [
        State.SUBMITTED,
        State.IN_PROGRESS,
        State.MODAL,
        State.ANSWERING,
        State.ANSWER_IN_DOUBT,
        State.LOST,
    ],
)
def test_what_runs_is_named_with_the_command_that_waits_for_it(state: State) -> None:
    """A task that goes on is named, and so is what was not sent behind it."""
    left = sort(step(State.SUCCESS, "1"), step(state, "2"), step(State.NEW, label="U3"))
    assert left.lines == [
        "1 paid task still runs at the server: 2",
        "Not submitted and not paid: U3",
        "Pick up with: mjflow watch 2 --out out",
    ]


def test_of_a_broken_chain_the_last_result_is_offered() -> None:
    """The result before the act that failed is paid, and can be fetched."""
    left = sort(step(State.SUCCESS, "1"), step(State.SUCCESS, "2"), step(State.FAILURE, "3"))
    assert left.lines == [
        "Done and paid, but not saved: 2",
        "Pick up with: mjflow show 2 --out out",
    ]


def test_of_tasks_that_are_watched_each_counts() -> None:
    """Tasks that do not build on each other are each named, and waited for by one command."""
    left = sort(
        step(State.SUCCESS, "1"),
        step(State.SUBMITTED, "2"),
        step(State.IN_PROGRESS, "3"),
        chained=False,
    )
    assert left.lines == [
        "2 paid tasks still run at the server: 2 3",
        "Done and paid, but not saved: 1",
        "Pick up with: mjflow watch 2 3 --out out",
        "Pick up with: mjflow show 1 --out out",
    ]


def test_pictures_nobody_asked_for_are_not_missed() -> None:
    """Where no folder was given, a finished task leaves nothing."""
    assert not sort(step(State.SUCCESS, "1"), chained=False, out=None)


def test_a_dialog_left_to_a_person_is_not_running() -> None:
    """An open dialog that nobody answered waits for somebody; its error says so."""
    required = ModalRequired("a dialog waits", task_id="1", wants="prompt")
    assert not sort(step(State.MODAL, "1", outcome=required))


def test_an_answer_in_doubt_is_not_said_to_run() -> None:
    """Whether such a task goes on nobody knows; its error says how to find out."""
    doubt = AnswerInDoubt("no answer", token="t", task_id="1")
    assert not sort(step(State.ANSWER_IN_DOUBT, "1", outcome=doubt))


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (None, ("U1",)),
        (ClientClosed("closed"), ("U1",)),
        (ParentUnusable("no parent"), ("U1",)),
        (PromptRefused("blood"), ()),
    ],
)
def test_an_act_that_never_left_is_named_unless_its_error_does(
    outcome: MjflowError | None, said: tuple[str, ...]
) -> None:
    """An act with an error of its own is not named again."""
    assert sort(step(State.WITHDRAWN, outcome=outcome)).unsent == said


def test_commands_can_be_pasted() -> None:
    """Server and folder are part of the command, quoted for a shell."""
    server = Server(base_url="http://127.0.0.1:1", dialect="trueai")
    left = leftovers([step(State.SUBMITTED, "1")], server, Path("my cats"), chained=True)
    assert left.commands == (
        "mjflow watch 1 --base-url http://127.0.0.1:1 --dialect trueai --out 'my cats'",
    )


def test_a_simulator_leaves_nothing_to_pick_up() -> None:
    """The tasks of a simulator inside the command end with it."""
    left = sort(step(State.SUBMITTED, "1"), simulated=True, interrupted=True)
    assert (left.lines, left.commands) == (
        ["Interrupted.", "The simulator has ended, and its tasks with it; nothing was paid."],
        (),
    )


def test_an_interrupt_that_leaves_nothing_says_so() -> None:
    """Whoever interrupts is told that nothing goes on."""
    assert sort(interrupted=True).lines == ["Interrupted.", "Nothing goes on at the server."]
