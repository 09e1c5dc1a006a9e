"""What a person should know before a flow is run: each warning with its exact text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mjflow.protocol.dialect import TRUEAI

from .plans import draw_files, planned

CAT = "imagine: a cat"


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Flows name files as they are in the folder that the tests are in."""
    draw_files(tmp_path)
    monkeypatch.chdir(tmp_path)


def warnings(*steps: str, **options: Any) -> list[str]:
    made = planned(*steps, **options)
    assert made.complaints == ()
    return [str(one) for one in made.warnings]


REFUSED = "Midjourney may refuse it once it is paid."
PARAMETERS = {
    "—ar 3:2": "long dashes were mended to '--' in: —ar",
    "--chaos 101": f"--c is '101'; it is a whole number from 0 to 100. {REFUSED}",
    "--stylize 1001": f"--s is '1001'; it is a whole number from 0 to 1000. {REFUSED}",
    "--weird 3.5": f"--w is '3.5'; it is a whole number from 0 to 3000. {REFUSED}",
    "--seed x": f"--seed is 'x'; it is a whole number from 0 to 4294967295. {REFUSED}",
    "--stop 5": f"--stop is '5'; it is a whole number from 10 to 100. {REFUSED}",
    "--iw 3.1": f"--iw is '3.1'; it is from 0 to 3. {REFUSED}",
    "--ar 16/9": f"--ar is '16/9'; it is two whole numbers, such as 16:9. {REFUSED}",
    "--ar 0:1": f"--ar is '0:1'; it is two whole numbers, such as 16:9. {REFUSED}",
    "--q 3": f"--q is '3'; it is one of .25, 0.25, .5, 0.5, 1, 2, 4. {REFUSED}",
    "--v 6.2": (
        "--v is '6.2'; it is one of 1, 2, 3, 4, 5, 5.1, 5.2, 6, 6.1, 7, 8, 8.1. " + REFUSED
    ),
    "--niji 8": f"--niji is '8'; it is one of 4, 5, 6, 7. {REFUSED}",
    "--motion fast": f"--motion is 'fast'; it is one of low, high. {REFUSED}",
    "--tile yes": (
        f"--tile is 'yes'; it takes no value, and parameters stand at the end. {REFUSED}"
    ),
    "--no": f"--no is ''; it takes a value. {REFUSED}",
    "--ar 16:9 and a dog": (
        f"--ar is '16:9 and a dog'; it is two whole numbers, such as 16:9. {REFUSED}"
    ),
    "--chaso 10": "no parameter is called --chaso. Did you mean --chaos?",
    "--qqqqq 10": "no parameter is called --qqqqq. It may be refused once it is paid.",
    "--zoom 2": "--zoom works in the dialog of Custom Zoom alone. Leave it out here.",
}


@pytest.mark.parametrize(("parameter", "expected"), PARAMETERS.items())
def test_parameters_that_midjourney_would_not_take(parameter: str, expected: str) -> None:
    """They are told and not refused: what is known of them is not the server's own word."""
    assert warnings(f"imagine: 'a cat {parameter}'") == [f"f.yaml:2:14: {expected}"]


@pytest.mark.parametrize(
    "parameters",
    [
        "--ar 16:9 --chaos 0 --stylize 1000 --weird 3000 --q .25 --v 6.1 --seed 4294967295",
        "--niji --iw 0.5 --no cars, trees --stop 10 --tile --raw --fast",
        "--niji 6 --sref random --sw 100 --cref https://example.com/a.png --cw 0 --p abc",
        "--aspect 3:2 --version 7 --draft --style raw --exp 10 --ow 400 --p",
    ],
)
def test_parameters_that_midjourney_takes(parameters: str) -> None:
    """Nothing is said of them."""
    assert warnings(f"imagine: 'a cat {parameters}'") == []


OTHERS = {
    "a mask of another shape": (
        (
            "imagine: a cat --ar 3:2",
            "click: U1",
            "click: Zoom Out 2x",
            "click: U1",
            "{click: Vary (Region), prompt: a hat, mask: wide.png}",
        ),
        "f.yaml:6:49: the mask has 80 x 40 pixels, and the picture will have the shape 3:2. It "
        "has to be as large as the picture: add +resized behind its path, or take a shape.",
    ),
    "a link to be described": (
        ("describe: https://example.com/a.png",),
        "f.yaml:2:15: only a trueai server describes a picture by its link. Give the path of the "
        "picture's file.",
    ),
    "a whole grid as one picture": (
        (CAT, "describe: current"),
        "f.yaml:3:15: `current` is here the whole grid of four, as one picture. Click U1, U2, U3 "
        "or U4 first to go on with one of them.",
    ),
    "one path for two pictures": (
        (CAT, "click: [U1, U2]", "download: cats/cat"),
        "f.yaml:4:15: several pictures get the same path, such as 'cats/cat'. The later ones get "
        "-2, -3 and so on behind it. Add {id} to tell them apart.",
    ),
    "one parent for two pictures": (
        (CAT, "click: [U1, U2]", "download: '{parent}'"),
        "f.yaml:4:15: several pictures get the same path, such as '{parent}'. The later ones get "
        "-2, -3 and so on behind it. Add {id} to tell them apart.",
    ),
    "a condition that never holds": (
        (CAT, "{click: Upscale (Subtle), when: {has_button: Vary (Region)}}"),
        "f.yaml:3:37: this step is never done: its `when` does not hold for any item. Mind the "
        "spelling; a result of another kind has other buttons.",
    ),
    "nothing to choose": (
        (CAT, "click: [U1, U2]", "{choose: a:b, best: 2}"),
        "f.yaml:4:5: nothing is chosen here: `best` keeps as many branches as there are. Leave "
        "the step out, or press more buttons above it.",
    ),
    "a custom id": (
        (CAT, "click: 'MJ::JOB::upsample::1::3f2a'"),
        "f.yaml:3:12: 'MJ::JOB::upsample::1::3f2a' is a custom id, and those belong to one task "
        "alone. Give the button's name, or a glob such as '*creative*'.",
    ),
    "a region without a prompt": (
        (CAT, "click: U1", "{click: Vary (Region), mask: 'rect:0.3,0,0.7,0.35'}"),
        "f.yaml:4:13: without a prompt the region is drawn after the picture's own. Write "
        "`prompt:` beside the click to say what is to be drawn there.",
    ),
    "a prompt that nobody asks for": (
        (CAT, "{click: V1, prompt: a dog, enable_remix: 'no'}"),
        "f.yaml:3:13: enable_remix is off, so the prompt goes unused unless the account has "
        "remix mode on. Leave enable_remix out: the prompt asks for the dialog by itself.",
    ),
}


@pytest.mark.parametrize(("steps", "expected"), OTHERS.values(), ids=OTHERS)
def test_what_may_be_meant_otherwise_is_told(steps: tuple[str, ...], expected: str) -> None:
    """A slip that would be paid for is worth a word."""
    assert warnings(*steps) == [expected]


@pytest.mark.parametrize(
    "steps",
    [
        (
            "imagine: a cat --ar 2:1",
            "click: U1",
            "{click: Vary (Region), prompt: x, mask: wide.png}",
        ),
        # After a pan nobody knows the shape.
        (
            CAT,
            "click: U1",
            "click: pan_left",
            "click: U1",
            "{click: Vary (Region), prompt: x, mask: wide.png}",
        ),
        (CAT, "click: [U1, U2]", "download: '{button}'"),
        (CAT, "click: [U1, U2]", "download: 'cat-{id}'"),
        (CAT, "click: [U1, U2]", "download: '{branch}'"),
        # Twice the same picture is one file.
        (CAT, "download: cat", "download: cat"),
        (CAT, "split: '{item}'"),
        (CAT, "click: U1", "{click: '*subtle*', when: {has_button: Upscale (Subtle)}}"),
        (CAT, "click: [U1, U2, U3]", "{choose: a:b, best: 2}"),
        ("{video: {image: red.png, prompt: '{nothing}'}}",),
    ],
)
def test_what_is_well_is_not_told(steps: tuple[str, ...]) -> None:
    """No warning where there is nothing to be mended."""
    assert warnings(*steps, top={"vars": {"nothing": ""}}, dialect=TRUEAI) == []


AGAIN = (
    "another item asks for the same: nothing differs in its prompts, buttons and pictures ({}). "
    "Each is drawn and paid for. Where one will do, leave the others out."
)


def test_items_that_ask_for_the_same_are_told() -> None:
    """Most likely a row was copied, or the flow does not use what tells the rows apart."""
    rows = [{"prompt": prompt, "id": str(n)} for n, prompt in enumerate(("a", "b", "a", "a"))]
    steps = ("imagine: '{prompt}'", "download: '{item}'")
    assert warnings(*steps, rows=rows) == ["f.yaml:2:14: " + AGAIN.format("row 3 and 1 more")]
    assert warnings(CAT, rows=rows) == ["f.yaml:2:14: " + AGAIN.format("row 2 and 2 more")]
    assert warnings(CAT, rows=rows[:1]) == []


def test_items_that_differ_further_down_are_others() -> None:
    """The same grid may be wanted for each of them, with other pictures or other variations."""
    rows = [{"file": "red.png"}, {"file": "square.png"}]
    step = "{imagine: a cat, images: ['{file}']}"
    assert warnings(step, rows=rows) == []
    assert len(warnings(step, rows=[*rows, rows[0]])) == 1
    remix = "{click: V1, prompt: 'a cat of {file}'}"
    assert warnings(CAT, remix, rows=rows) == []


def test_paths_of_different_items_are_told() -> None:
    """File systems that know no capitals have one file for both."""
    rows = [{"animal": "Cat"}, {"animal": "cat"}, {"animal": "dog"}]
    (found,) = warnings("imagine: 'a {animal}'", "download: '{animal}'", rows=rows)
    assert found == (
        "f.yaml:3:15: several pictures get the same path, such as 'cat' (row 2). The later ones "
        "get -2, -3 and so on behind it. Add {id} to tell them apart."
    )
