"""Everything wrong with a flow that can be known before it is paid: each with its exact text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mjflow.errors import FlowInvalid
from mjflow.flow import Click, Flow, Imagine
from mjflow.flow.items import items
from mjflow.flow.planning.plan import plan
from mjflow.media import inputs
from mjflow.media.given import Given
from mjflow.protocol.dialect import GATEWAY, NOVICEZK, TRUEAI, Dialect
from mjflow.protocol.requests import Mode

from .plans import SHAPE, draw_files, flow_of, planned

CAT = "imagine: a cat"


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Flows name files as they are in the folder that the tests are in."""
    draw_files(tmp_path)
    monkeypatch.chdir(tmp_path)


def complaints(*steps: str, **options: Any) -> list[str]:
    return [str(one) for one in planned(*steps, **options).complaints]


def warnings(*steps: str, **options: Any) -> list[str]:
    made = planned(*steps, **options)
    assert made.complaints == ()
    return [str(one) for one in made.warnings]


BUTTONS = {
    "the vendor's FAQ: a region of a grid": (
        (CAT, f"{{click: Vary (Region), prompt: a hat, {SHAPE}}}"),
        "f.yaml:3:13: 'Vary (Region)' is a button of a single picture, and here it would be "
        "pressed on a grid of four. Click U1, U2, U3 or U4 first.",
    ),
    "a cell of a single picture": (
        (CAT, "click: U1", "click: U2"),
        "f.yaml:4:12: 'U2' is a button of a grid of four, and here it would be pressed on a "
        "single picture. Press it on the grid, before a picture is picked by U1-U4.",
    ),
    "a picture's button on texts": (
        ("describe: red.png", "click: Upscale (Subtle)"),
        "f.yaml:3:12: 'Upscale (Subtle)' is a button of a single picture, and here it would be "
        "pressed on a describe's texts. Click 1 first, to draw one of its texts.",
    ),
    "the classic call on a single picture": (
        (CAT, "click: U1", "change: V2"),
        "f.yaml:4:5: 'V2' is a button of a grid of four, and here it would be pressed on a "
        "single picture. Press it on the grid, before a picture is picked by U1-U4.",
    ),
    "several at one place": (
        (CAT, "click: [U1, Zoom Out 2x]"),
        "f.yaml:3:12: 'Zoom Out 2x' is a button of a single picture, and here it would be "
        "pressed on a grid of four. Click U1, U2, U3 or U4 first.",
    ),
    "no mask": (
        (CAT, "click: U1", "{click: Vary (Region), prompt: a hat}"),
        "f.yaml:4:13: 'Vary (Region)' needs a mask. Write `mask:` beside the click: a shape such "
        "as {rect: [0.3, 0, 0.7, 0.35]} (left, top, right, bottom), or the path of a picture as "
        "large as the result, black where it stays and white where it changes.",
    ),
    "no prompt for a zoom": (
        (CAT, "click: U1", "click: Custom Zoom"),
        "f.yaml:4:12: 'Custom Zoom' opens a dialog that needs a prompt. Write `prompt:` beside "
        "the click: what the wider picture shows, with `--zoom 1.5` or any factor from 1 to 2.",
    ),
    "a zoom too far": (
        (CAT, "click: U1", "{click: Custom Zoom, prompt: a cat --zoom 3}"),
        "f.yaml:4:34: --zoom is 3; it is from 1 to 2. Nothing was sent. Larger steps take "
        "several zooms.",
    ),
    "data that no button takes": (
        (CAT, "{click: U1, prompt: a dog}"),
        "f.yaml:3:13: 'U1' opens no dialog, so it takes no prompt. Give it to a button that "
        "does: Vary (Region), Custom Zoom, V1-V4, reroll, ...",
    ),
    "a mask for a variation": (
        (CAT, f"{{click: V1, {SHAPE}}}"),
        "f.yaml:3:13: 'V1' takes no mask. Vary (Region) is the button that does.",
    ),
    "texts saved": (
        ("describe: red.png", "download"),
        "f.yaml:3:5: here the branch has a describe's texts, and no picture to save. Click 1 "
        "first, to draw one of its texts. The texts are in the results of the run.",
    ),
    "a single picture split": (
        (CAT, "click: U1", "split"),
        "f.yaml:4:5: here the branch has a single picture, and only a grid can be split. Save it "
        "by a `download` step.",
    ),
    "texts as current picture": (
        ("describe: red.png", "describe: current"),
        "f.yaml:3:5: `current` is a picture, and here the branch has a describe's texts. Click "
        "1 first, to draw one of its texts.",
    ),
    "clips as current picture": (
        ("video: {image: red.png}", "describe: current"),
        "f.yaml:3:5: `current` is a picture, and here the branch has a video's four clips",
    ),
    "more branches than anybody wants": (
        (CAT, *["click: [V1, V2, V3, V4]"] * 8),
        "f.yaml: the steps branch into more than 10,000 commands for one item. Press fewer "
        "buttons at once.",
    ),
}


@pytest.mark.parametrize(("steps", "expected"), BUTTONS.values(), ids=BUTTONS)
def test_what_no_result_offers_is_refused_with_what_to_do_first(
    steps: tuple[str, ...], expected: str
) -> None:
    """A button that cannot be where it stands, or lacks its data, is told with its place."""
    assert complaints(*steps) == [expected]


def test_a_wrong_step_hides_nothing_that_is_wrong_further_down() -> None:
    """What follows a step that cannot be is looked at all the same."""
    found = complaints(CAT, "click: Zoom Out 2x", "{click: Custom Zoom, prompt: '{{a, b}}'}")
    assert [one.split(":")[1] for one in found] == ["3", "4"]


FILES = {
    "missing": (
        ("describe: gone.png",),
        "f.yaml:2:15: the picture to describe 'gone.png' can't be read: No such file or "
        "directory. Give the path of a picture file that you may read.",
    ),
    "broken": (
        ("describe: broken.png",),
        "f.yaml:2:15: the picture to describe 'broken.png' can't be used: the PNG is cut short: "
        "50 bytes came, at least 140 belong to it. Give a PNG, JPEG, WebP or GIF.",
    ),
    "no picture": (
        ("{imagine: a cat, images: [page.png]}",),
        "f.yaml:2:30: the reference picture 'page.png' can't be used: this is no picture; it "
        "begins with '<html>'. Give a PNG, JPEG, WebP or GIF.",
    ),
    "a link beside a prompt": (
        ("{imagine: a cat, images: ['https://example.com/a.png']}",),
        "f.yaml:2:30: the reference picture is a link, and here only a picture itself will do. "
        "Put the link in front of the prompt: `imagine: https://... a cat`.",
    ),
    "too few to blend": (
        ("blend: [red.png]",),
        "f.yaml:2:5: a blend takes 2 to 5 pictures, not 1. List their paths under `images:`.",
    ),
    "too many to blend": (
        ("blend: [red.png, red.png, red.png, red.png, red.png, red.png]",),
        "f.yaml:2:5: a blend takes 2 to 5 pictures, not 6. List their paths under `images:`.",
    ),
    "faces": (
        ("swap_face: {source: '{face}', target: red.png}",),
        "f.yaml:2:25: the picture with the face and the one to put it into are the same",
    ),
    "an empty path": (
        ("describe: '{empty}'",),
        "f.yaml:2:15: the path of the picture to describe is empty",
    ),
    "a mask that is missing": (
        (CAT, "click: U1", "{click: Vary (Region), prompt: a hat, mask: alpha:gone.png}"),
        "f.yaml:4:49: the picture 'gone.png' can't be read: No such file or directory. A mask is "
        "the path of a picture, or rect:LEFT,TOP,RIGHT,BOTTOM, ellipse:X,Y,RADIUS_X,RADIUS_Y, "
        "polygon:X,Y X,Y X,Y, file:PATH or alpha:PATH, in shares from 0 to 1; + joins several, "
        "not: in front turns it round, +feather=0.02 or +resized may follow.",
    ),
    "a mask of one colour": (
        (CAT, "click: U1", "{click: Vary (Region), prompt: a hat, mask: black.png}"),
        "f.yaml:4:49: the mask 'black.png' is black all over: nothing would change. White "
        "changes. If what is transparent is to change, take alpha instead.",
    ),
    "a mask that does not fit its picture": (
        ("edits: {image: red.png, prompt: a hat, mask: wide.png}",),
        "f.yaml:2:50: the mask has 80 x 40 pixels and the picture 64 x 64. Make it as large as "
        "the picture, or add +resized behind its path.",
    ),
    "nothing transparent to edit": (
        ("edits: {image: red.png, prompt: a hat}",),
        "f.yaml:2:20: the picture 'red.png' is not transparent anywhere. Say by `mask:` what is to "
        "change, or give a PNG in which that is transparent.",
    ),
}


@pytest.mark.parametrize(("steps", "expected"), FILES.values(), ids=FILES)
def test_files_that_cannot_be_used_are_refused(steps: tuple[str, ...], expected: str) -> None:
    """A picture or a mask is read, found whole, and held against what it is for."""
    found = complaints(*steps, top={"vars": {"face": "red.png", "empty": " "}})
    assert found == [expected]


def test_pictures_too_large_together_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """One request has to hold all pictures of a step."""
    both = sum(4 * Path(name).stat().st_size / 3 for name in ("red.png", "square.png"))
    monkeypatch.setattr(inputs, "MOST_TOGETHER", both - 1)
    assert complaints("blend: [red.png, square.png]") == [
        "f.yaml:2:12: the pictures would make a request of 0.0 MB, and servers take 30 MB. Scale "
        "them down, or save them as JPEG."
    ]


def test_files_that_fit_are_not_complained_of() -> None:
    """Masks that fit, transparent pictures, and links where links will do."""
    made = planned(
        "edits: {image: red.png, prompt: a hat, mask: square.png}",
        "click: U1",
        f"{{click: Vary (Region), prompt: a hat, {SHAPE}}}",
        "edits: {image: current, prompt: a hat, mask: square.png}",
    )
    assert made.complaints == ()


def test_a_file_is_read_once_however_many_items_name_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of items may name one picture."""
    reads: list[object] = []
    load = inputs.load

    def counted(source: inputs.ImageLike, what: str) -> Given:
        reads.append(source)
        return load(source, what)

    monkeypatch.setattr(inputs, "load", counted)
    rows = [{"file": "red.png", "n": str(n)} for n in range(50)]
    assert complaints("describe: '{file}'", "click: 1", "download: '{n}'", rows=rows) == []
    assert len(reads) == 1


def test_contents_that_a_run_has_kept_are_not_read_again() -> None:
    """A run whose files are gone is planned with what it has of them."""
    kept = {"gone.png": Path("red.png").read_bytes()}
    assert complaints("describe: gone.png", files=kept) == []


PROMPTS = {
    "permutations": (
        "a {{cat, dog}}",
        "the prompt has a list in braces: Midjourney draws, and charges, every one of it, and "
        "only one task can be followed. Take `matrix:` or a column of the inputs for what "
        "varies, or escape the comma: \\,",
    ),
    "repetitions": (
        "a cat --repeat 4",
        "the prompt has --repeat: every repetition is charged, and only one task can be "
        "followed. Leave it out, and give the prompt as several items.",
    ),
    "nothing": ("{empty}", "the prompt is empty. Say what is to be drawn; nothing was sent."),
    "half a character": (
        "{broken}",
        "the prompt is not text from character 3 on. Check the encoding of your file or "
        "terminal (UTF-8); nothing was sent.",
    ),
}


@pytest.mark.parametrize(("prompt", "expected"), PROMPTS.values(), ids=PROMPTS)
def test_prompts_that_must_not_be_sent_are_refused(prompt: str, expected: str) -> None:
    """What cannot be followed, or cannot be drawn, is known from the text."""
    flow = Flow(
        [{"imagine": prompt}], vars={"empty": " ", "broken": "a \ud83d cat"}, file="night.py"
    )
    (found,) = plan(flow, items(flow)).complaints
    assert str(found) == f"night.py, steps[0].imagine: {expected}"


def test_complaints_name_the_items_that_they_are_about() -> None:
    """By the line of the inputs, and how many there are of the same kind."""
    rows = [{"prompt": "a cat"}, {"prompt": " "}, {"prompt": "a dog"}, {"prompt": "  "}]
    found = complaints("imagine: '{prompt}'", rows=rows)
    assert found == [
        "f.yaml:2:14: the prompt is empty (row 2 and 1 more). Say what is to be drawn; nothing "
        "was sent."
    ]


def test_of_thousands_of_things_wrong_at_one_place_some_are_told() -> None:
    """Nobody reads ten thousand lines; the others are counted."""
    found = complaints(
        "describe: '{file}.png'", "click: U1", rows=[{"file": f"gone-{n}"} for n in range(2000)]
    )
    assert len(found) == 11 + 1
    assert found[9].startswith("f.yaml:2:15: the picture to describe 'gone-9.png' can't be read")
    assert found[10] == "f.yaml:2:15: and 1,990 more like these"


def test_a_row_of_a_file_is_named_by_its_line(tmp_path: Path) -> None:
    """Whoever has ten thousand rows wants to know which."""
    from mjflow.flow.language.inputs import read

    (tmp_path / "cats.csv").write_text("prompt,hat\na cat,red\na dog,\n")
    flow = flow_of("imagine: '{prompt}'", "{click: V1, prompt: '{hat}'}")
    (found,) = plan(flow, items(flow, read("cats.csv"))).complaints
    assert found.message == "the prompt is empty (cats.csv:3)"


@pytest.mark.parametrize(
    ("dialect", "steps", "options", "expected"),
    [
        (
            NOVICEZK,
            (CAT, "click: U1", "click: Upscale (Subtle)"),
            {},
            "f.yaml:4:12: a novicezk server has no buttons beyond U1-U4, V1-V4 and reroll, so "
            "Upscale (Subtle) is not possible there. A gateway or a trueai server offers it.",
        ),
        (
            NOVICEZK,
            (CAT, "{click: V1, prompt: a dog}"),
            {},
            "f.yaml:3:13: a novicezk server has no dialogs, so what is given with V1 would go "
            "unused. Leave the prompt and the mask out; a gateway or a trueai server asks for "
            "them.",
        ),
        (
            NOVICEZK,
            ("shorten: a very long prompt",),
            {},
            "f.yaml:2:5: a server of the dialect 'novicezk' does not offer 'shorten'. Nothing "
            "was sent or paid. It takes another server: gateway or trueai.",
        ),
        (
            NOVICEZK,
            ("{imagine: a cat, mode: turbo}",),
            {},
            "f.yaml:2:28: a server of the dialect 'novicezk' has no turbo mode. Leave the mode "
            "out, or write --turbo into the prompt.",
        ),
        (
            NOVICEZK,
            (CAT,),
            {"mode": Mode.FAST},
            "f.yaml: a server of the dialect 'novicezk' has no fast mode. Leave the mode out, or "
            "write --fast into the prompt.",
        ),
    ],
)
def test_what_a_kind_of_server_lacks_is_refused(
    dialect: Dialect, steps: tuple[str, ...], options: dict[str, Any], expected: str
) -> None:
    """Acts, buttons, dialogs and modes that a server is known not to have."""
    assert complaints(*steps, dialect=dialect, **options) == [expected]
    assert complaints(*steps, dialect=TRUEAI, **options) == []


def test_pictures_are_cut_by_pillow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it is not installed, steps that need it are refused."""
    monkeypatch.setattr("mjflow.flow.planning.forecast.can_decode", lambda: False)
    assert complaints(CAT, "split") == [
        "f.yaml:3:5: splitting a grid takes Pillow. Install it: pip install 'mjflow[images]'."
    ]
    assert complaints("edits: {image: red.png, prompt: a hat, mask: square.png}") == [
        "f.yaml:2:5: cutting a part out takes Pillow. Install it: pip install 'mjflow[images]'."
    ]


def test_limits_are_kept_to() -> None:
    """A plan that is over what it may cost, or start, is refused."""
    steps = (CAT, "click: [U1, U2]")
    assert complaints(*steps, max_cost=0.2, max_tasks=3) == []
    assert complaints(*steps, max_cost=0.19, max_tasks=2) == [
        "f.yaml: the plan costs 0.20, more than the 0.19 that it may. Take fewer items or fewer "
        "branches, or raise the limit.",
        "f.yaml: the plan starts 3 tasks, more than the 2 that it may. Take fewer items or fewer "
        "branches, or raise the limit.",
    ]


def test_a_plan_with_complaints_raises_them_all_at_once() -> None:
    """Whoever is about to run a flow calls `check`."""
    made = planned(CAT, "click: Zoom Out 2x", "click: Custom Zoom")
    with pytest.raises(FlowInvalid) as caught:
        made.check()
    assert caught.value.complaints == made.complaints
    assert [one.line for one in made.complaints] == [3, 4]
    planned(CAT).check()


def test_a_flow_made_in_python_is_told_by_its_steps() -> None:
    """It has no lines."""
    flow = Flow(
        [
            Imagine(prompt="a cat"),
            {"fork": {"wide": [Click(buttons=("Zoom Out 2x",))], "large": [{"click": "U1"}]}},
        ]
    )
    assert [str(one) for one in plan(flow, items(flow), dialect=GATEWAY).complaints] == [
        "steps[1].fork.wide[0].click: 'Zoom Out 2x' is a button of a single picture, and here it "
        "would be pressed on a grid of four. Click U1, U2, U3 or U4 first."
    ]


def test_steps_under_conditions_are_told_of_the_items_that_meet_them() -> None:
    """A condition on an item's values decides what is done for it."""
    steps = (
        "imagine: '{prompt}'",
        "{click: '{button}', when: {param: {go: 'yes'}}}",
        "download",
    )
    rows = [
        {"prompt": "a", "go": "yes", "button": "U1"},
        {"prompt": "b", "go": "no", "button": "U9"},
        {"prompt": "c", "go": "yes", "button": "zoom 2"},
    ]
    assert complaints(*steps, rows=rows) == [
        "f.yaml:3:13: 'Zoom Out 2x' is a button of a single picture, and here it would be "
        "pressed on a grid of four (row 3). Click U1, U2, U3 or U4 first."
    ]
