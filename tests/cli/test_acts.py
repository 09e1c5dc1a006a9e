"""`imagine` and `click` against a simulator."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from mjflow.cli import sandbox
from mjflow.simulator import Simulator
from tests.cli.conftest import Mjflow


def facts(picture: Path) -> dict[str, object]:
    """Read the JSON beside a picture."""
    facts = json.loads(Path(f"{picture}.json").read_text())
    assert isinstance(facts, dict)
    return facts


def draw(served: Mjflow, prompt: str = "a cat") -> str:
    """Draw a grid, and return its id."""
    done = served("imagine", prompt, "--name", "{id}")
    assert done.code == 0
    return Path(done.out.strip()).stem


def half_mask(path: Path) -> Path:
    """Write a mask as large as a single picture, white on its left half."""
    picture = Image.new("L", (1024, 1024))
    picture.paste(255, (0, 0, 512, 1024))
    picture.save(path)
    return path


def test_a_prompt_becomes_a_picture(served: Mjflow, simulator: Simulator) -> None:
    """The grid is in the default folder; its path is the data, the last line says where it is."""
    before = len(simulator.ledger.charges)
    done = served("imagine", "a cute cat --v 6.1")
    picture = Path(done.out.strip())
    assert (done.code, picture.parent, done.said[-1]) == (
        0,
        Path("mjflow-out"),
        "The picture is in mjflow-out",
    )
    assert facts(picture)["prompt"] == "a cute cat --v 6.1"
    assert len(simulator.ledger.charges) - before == 1


def test_a_chain_saves_its_last_result(served: Mjflow, simulator: Simulator) -> None:
    """Each click is pressed on the result of the one before, and only the last one is saved."""
    before = len(simulator.ledger.charges)
    done = served("imagine", "a cat", "--click", "U2", "--click", "upscale subtle", "--out", "o")
    picture = Path(done.out.strip())
    assert (done.code, done.said[-1]) == (
        0,
        "The picture of Upscale (Subtle) is in o",
    )
    assert [parent["button"] for parent in facts(picture)["parents"]] == [None, "U2"]  # type: ignore[attr-defined]
    assert sorted(Path("o").iterdir()) == [picture, Path(f"{picture}.json")]
    assert len(simulator.ledger.charges) - before == 3


def test_vary_region_with_mask_and_prompt(served: Mjflow, desk: Path) -> None:
    """The dialog is answered with the mask and the prompt that were given."""
    mask = half_mask(desk / "mask.png")
    chain = ["--click", "U1", "--click", "Vary (Region)", "--mask", str(mask)]
    done = served("imagine", "a cat", *chain, "--prompt", "a crown")
    assert done.code == 0
    assert facts(Path(done.out.strip()))["final_prompt"] == "a crown --v 6.1"


def test_a_template_names_the_picture(served: Mjflow) -> None:
    """The file is called what the template says, folders included."""
    done = served("imagine", "a cat", "--out", "o", "--name", "{action}/{prompt}")
    assert Path(done.out.strip()) == Path("o/imagine/a cat.png")


def test_long_dashes_are_mended_with_a_warning(served: Mjflow) -> None:
    """A dash that an editor made long is mended before it is paid for."""
    done = served("imagine", "a cat —ar 3:2")
    assert done.said[0] == "warning: long dashes were mended to '--' in: —ar"
    assert facts(Path(done.out.strip()))["prompt"] == "a cat --ar 3:2"


def test_json_tells_all_that_happens(served: Mjflow) -> None:
    """With `--json` standard output has the whole story, and standard error nothing."""
    done = served("imagine", "a cat", "--click", "U3", "--json")
    story = [json.loads(line) for line in done.out.splitlines()]
    steps = [(s["act"], s["state"]) for s in story if s["type"] == "state"]
    assert [state for act, state in steps if act == "imagine"][:2] == ["SUBMITTING", "SUBMITTED"]
    assert [state for act, state in steps if act == "U3"][-1] == "SUCCESS"
    assert story[-1]["type"] == "saved"
    picture = Path(story[-1]["path"])
    assert (picture.stat().st_size, facts(picture)["sha256"]) == (
        story[-1]["size"],
        story[-1]["sha256"],
    )
    assert done.err == ""


def test_a_click_on_a_finished_task(served: Mjflow) -> None:
    """A button of a task that somebody else submitted is pressed, and its result saved."""
    grid = draw(served)
    done = served("click", grid, "U4", "--out", "o")
    assert (done.code, done.said[-1]) == (0, "The picture of U4 is in o")
    assert facts(Path(done.out.strip()))["parents"] == [
        {"id": grid, "action": "IMAGINE", "button": None}
    ]


def test_a_click_that_the_task_does_not_offer(served: Mjflow, simulator: Simulator) -> None:
    """A button that the task does not have is told with those it has, and costs nothing."""
    grid = draw(served)
    before = len(simulator.ledger.charges)
    done = served("click", grid, "Upscale (Subtle)")
    assert (done.code, done.out, done.said[-2]) == (
        1,
        "",
        "error: there is no button 'Upscale (Subtle)'",
    )
    assert done.said[-1].startswith("  The buttons here: U1, U2, U3, U4,")
    assert len(simulator.ledger.charges) == before


def test_a_click_on_an_unknown_task(served: Mjflow) -> None:
    """An id that nobody knows is told at once."""
    done = served("click", "nope", "U1")
    assert (done.code, done.said[0]) == (1, "error: the server does not know the task nope")


def test_a_button_without_a_picture(served: Mjflow, simulator: Simulator) -> None:
    """What a refused click leaves is said: the result before it is paid, and can be fetched."""
    done = served("imagine", "a cat", "--click", "U1", "--click", "bookmark", "--out", "o")
    paid = simulator.ledger.charges[-1].task_id
    assert done.code == 1
    assert done.said[-2:] == [
        f"Done and paid, but not saved: {paid}",
        f"Pick up with: mjflow show {paid} --base-url {simulator.base_url} --out o",
    ]


def test_a_prompt_that_no_dialog_asked_for_is_told(served: Mjflow) -> None:
    """Data that went unused is warned of, for the picture is not what was asked for."""
    done = served("imagine", "a cat", "--click", "U[1]", "--prompt", "a dog")
    assert done.code == 0
    assert done.said[-2] == (
        "warning: U[1] opened no dialog, so --prompt and --mask went unused "
        "(is remix mode off at this account?)"
    )


def test_the_simulator_inside_leaves_its_books(
    mjflow: Mjflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With `--simulate=DIR` the charges of the command are in the folder's ledger."""
    monkeypatch.setattr(sandbox, "SPEED", 600.0)
    done = mjflow("imagine", "a cat", "--click", "U1", "--simulate=books", "--out", "o")
    books = json.loads(Path("books/ledger.json").read_text())
    assert (done.code, books["charges"], books["refunds"]) == (0, 2, 0)


def test_the_same_prompt_gives_the_same_picture(
    mjflow: Mjflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Repeated in the simulator, a command finds its picture there already."""
    monkeypatch.setattr(sandbox, "SPEED", 600.0)
    first = mjflow("imagine", "--simulate", "a cat", "--out", "o")
    assert mjflow("imagine", "--simulate", "a cat", "--out", "o").out == first.out
    assert mjflow("imagine", "--simulate", "a dog", "--out", "o").out != first.out
