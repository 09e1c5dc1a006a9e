"""Going on with a task that is there: `modal`, `seed`, `cancel`, and wrong ids and clicks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import frozen
from PIL import Image

import mjflow as library
from mjflow.simulator import Simulator
from tests.cli.conftest import Mjflow
from tests.cli.test_acts import draw, facts, half_mask
from tests.docs.servers import answering


async def _open_dialog(url: str, button: str) -> str:
    """Press a button of a fresh picture and leave its dialog open."""
    async with library.Client(url, poll_interval=0.02, speed=600, on_dialog="raise") as client:
        handle = client.imagine("a cat").click("U1").click(button)
        with pytest.raises(library.ModalRequired):
            await handle
        assert handle.id is not None
        return handle.id


def open_dialog(url: str, button: str = "Vary (Region)") -> str:
    """Give the id of a task that waits in a dialog."""
    return asyncio.run(_open_dialog(url, button))


@frozen
class Kind:
    """A simulator of one kind."""

    name: str
    simulator: Simulator

    @property
    def url(self) -> str:
        """Where it is."""
        return self.simulator.base_url


@pytest.fixture(params=["gateway", "trueai"])
def kind(request: pytest.FixtureRequest) -> Iterator[Kind]:
    """Give one kind of server with dialogs after the other."""
    simulator = Simulator(profile=request.param, speed=600)
    with answering(simulator):
        yield Kind(request.param, simulator)


# --- modal --------------------------------------------------------------------------------


def test_an_open_dialog_is_answered(mjflow: Mjflow, kind: Kind, desk: Path) -> None:
    """The task goes on with the mask and the prompt, and its picture is saved."""
    task_id = open_dialog(kind.url)
    mask = half_mask(desk / "mask.png")
    typed = ["modal", task_id, "--prompt", "a crown", "--mask", str(mask), "--out", "o"]
    done = mjflow(*typed, "--base-url", kind.url)
    assert (done.code, done.said[-1]) == (0, "The picture is in o"), done.err
    assert facts(Path(done.out.strip()))["final_prompt"] == "a crown --v 6.1"
    with Image.open(done.out.strip()) as image:
        assert image.width > 0


def test_a_shape_needs_the_size_of_the_picture(mjflow: Mjflow, kind: Kind) -> None:
    """A shape is drawn where the server tells the size; elsewhere it is told that it can't be."""
    task_id = open_dialog(kind.url)
    typed = ["modal", task_id, "--prompt", "a crown", "--mask", "rect:0.3,0,0.7,0.35"]
    done = mjflow(*typed, "--base-url", kind.url, "--out", "o")
    if kind.name == "trueai":
        assert (done.code, done.said[-1]) == (0, "The picture is in o"), done.err
    else:
        error = "the server does not tell how large the picture is that the mask is laid over"
        assert (done.code, f"error: {error}" in done.said) == (2, True), done.err


def test_a_dialog_that_was_answered_is_not_answered_again(mjflow: Mjflow, kind: Kind) -> None:
    """A second answer finds no dialog, says so, and costs nothing."""
    task_id = open_dialog(kind.url, "Custom Zoom")
    typed = ["modal", task_id, "--prompt", "a house --zoom 2", "--base-url", kind.url, "--out", "o"]
    first = mjflow(*typed)
    ended = mjflow("show", task_id, "--json", "--base-url", kind.url)
    before = len(kind.simulator.ledger.charges)
    again = mjflow(*typed)
    assert (first.code, json.loads(ended.out)["status"]) == (0, "SUCCESS")
    assert (again.code, again.out, again.said) == (
        1,
        "",
        [
            f"error: task {task_id} waits in no dialog: it is SUCCESS",
            f"  Its buttons: mjflow show {task_id}",
        ],
    )
    assert len(kind.simulator.ledger.charges) == before


@pytest.mark.parametrize(
    ("typed", "code", "error"),
    [
        (["7"], 2, "there is nothing to answer with"),
        (["7", "--prompt", " "], 2, "the prompt is empty"),
        (["7", "--mask", "gone.png"], 2, "the mask 'gone.png' can't be read: "),
        (["nope", "--prompt", "x"], 1, "the server does not know the task nope"),
    ],
)
def test_answers_that_cannot_be(served: Mjflow, typed: list[str], code: int, error: str) -> None:
    """An answer without content, or to nobody, is refused."""
    done = served("modal", *typed)
    assert (done.code, done.out) == (code, "")
    assert done.said[0].startswith(f"error: {error}")


def test_an_answer_to_a_task_without_a_dialog(served: Mjflow) -> None:
    """A task that waits for nobody is told as what it is."""
    grid = draw(served)
    done = served("modal", grid, "--prompt", "x")
    assert (done.code, done.said[0]) == (
        1,
        f"error: task {grid} waits in no dialog: it is SUCCESS",
    )


def test_an_answer_to_a_task_that_runs(mjflow: Mjflow) -> None:
    """A task that is being drawn has no dialog any more, or never had one."""
    with answering(Simulator(profile="trueai", speed=600, faults=["never-ends"])) as url:
        drawn = mjflow("imagine", "a cat", "--deadline", "0.5", "--json", "--base-url", url)
        (task_id,) = json.loads(drawn.out.splitlines()[-1])["running"]
        done = mjflow("modal", task_id, "--prompt", "x", "--base-url", url)
    assert (done.code, done.said) == (
        1,
        [
            f"error: task {task_id} waits in no dialog: it is IN_PROGRESS",
            f"  Wait for its end: mjflow watch {task_id}",
        ],
    )


def test_an_answer_without_its_mask(mjflow: Mjflow, kind: Kind) -> None:
    """What the dialog wants is said with the command that gives it, and nothing is paid."""
    task_id = open_dialog(kind.url)
    before = len(kind.simulator.ledger.charges)
    done = mjflow("modal", task_id, "--prompt", "x", "--base-url", kind.url)
    assert (done.code, done.said[-1]) == (
        1,
        f"  Answer it: mjflow modal {task_id} --prompt TEXT --mask MASK",
    )
    assert len(kind.simulator.ledger.charges) == before


def test_others_that_meet_an_open_dialog(mjflow: Mjflow, kind: Kind) -> None:
    """`click` and `watch` say how to answer it."""
    task_id = open_dialog(kind.url, "Custom Zoom")
    clicked = mjflow("click", task_id, "U1", "--base-url", kind.url)
    watched = mjflow("watch", task_id, "--base-url", kind.url)
    answer = f"  Answer it: mjflow modal {task_id} --prompt TEXT"
    assert (clicked.code, answer in clicked.said) == (1, True)
    assert (watched.code, watched.said[-1]) == (1, answer)


# --- click --------------------------------------------------------------------------------


def test_a_click_on_a_task_that_failed(mjflow: Mjflow) -> None:
    """What became of the task is said, and no button is pressed."""
    simulator = Simulator(speed=600, faults=["fails"])
    with answering(simulator) as url:
        drawn = mjflow("imagine", "a cat", "--json", "--base-url", url)
        task_id = json.loads(drawn.out.splitlines()[-1])["task_id"]
        done = mjflow("click", task_id, "U1", "--base-url", url)
    assert (done.code, len(simulator.ledger.submits)) == (1, 1)
    assert done.said[0].startswith(f"error: task {task_id} failed: ")


# --- seed and cancel ----------------------------------------------------------------------


def test_the_seed_of_a_task(served: Mjflow) -> None:
    """The seed is the one line of data."""
    grid = draw(served)
    done = served("seed", grid)
    told = json.loads(served("seed", grid, "--json").out)
    assert (done.code, done.out.strip().isdecimal(), done.err) == (0, True, "")
    assert told == {"type": "seed", "task_id": grid, "seed": done.out.strip()}


@pytest.mark.parametrize("verb", ["seed", "split"])
def test_an_unknown_id(served: Mjflow, verb: str) -> None:
    """An id that nobody knows is told as such."""
    done = served(verb, "nope")
    assert (done.code, done.out, done.said[0]) == (
        1,
        "",
        "error: the server does not know the task nope",
    )


def test_a_gateway_lets_nobody_cancel(served: Mjflow) -> None:
    """Where a server has no such thing, it is said that the task goes on."""
    done = served("cancel", draw(served))
    assert (done.code, done.said[-1]) == (
        1,
        "  The task goes on: mjflow can only stop waiting for it.",
    )


def test_an_admin_cancels_a_task(mjflow: Mjflow, monkeypatch: pytest.MonkeyPatch) -> None:
    """What became of the task is the data."""
    monkeypatch.setenv("MJFLOW_API_KEY", "boss")
    simulator = Simulator(profile="trueai", speed=600, admins={"boss"}, faults=["never-ends"])
    with answering(simulator) as url:
        drawn = mjflow("imagine", "a cat", "--deadline", "0.5", "--json", "--base-url", url)
        (task_id,) = json.loads(drawn.out.splitlines()[-1])["running"]
        done = mjflow("cancel", task_id, "--base-url", url)
    assert (done.code, done.out) == (0, f"{task_id} FAILURE\n")


def test_a_wrong_key(mjflow: Mjflow, monkeypatch: pytest.MonkeyPatch, desk: Path) -> None:
    """Every command that meets a server says that the key is refused, and never shows it."""
    monkeypatch.setenv("MJFLOW_API_KEY", "sk-wrong")
    Image.new("RGB", (60, 40), "navy").save(desk / "a.png")
    with answering(Simulator(speed=600, keys={"sk-right"})) as url:
        for typed in (["imagine", "x"], ["upload", "a.png"], ["seed", "7"], ["click", "7", "U1"]):
            done = mjflow(*typed, "--base-url", url)
            assert (done.code, done.out, "sk-wrong" in done.err) == (4, "", False)
            assert "MJFLOW_API_KEY" in done.said[-1]
