"""What can be known before anything is paid."""

from __future__ import annotations

import errno
import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from mjflow.cli.bundles import NO_DIALOG, Dialog, Saving
from mjflow.cli.checks import Press, chained, check_deadline
from mjflow.cli.disk import check_folder, check_saving
from mjflow.errors import CannotWrite, InvalidInput
from mjflow.protocol.grammar import Stage

REGION, ZOOM = "Vary (Region)", "Custom Zoom"


@pytest.fixture
def mask(tmp_path: Path) -> Path:
    """Give the path of a mask."""
    path = tmp_path / "mask.png"
    picture = Image.new("L", (8, 8))
    picture.paste(255, (0, 0, 4, 8))
    picture.save(path)
    return path


@pytest.mark.parametrize(
    "chain",
    [
        (),
        ("U2",),
        ("u 2", "upscale subtle"),
        ("V1", "U1", "zoom 1.5", "U4"),
        ("reroll", "U1", "reroll"),
        ("U1", "Make Variations", "V2"),
        ("U1", "animate high", "U2", "extend low"),
        ("U1", "*creative*", "U1"),
        ("MJ::JOB::upsample::1::abc", "Vary (Subtle)"),
    ],
)
def test_chains_that_can_be(chain: tuple[str, ...]) -> None:
    """Buttons in an order in which results offer them are taken, in any spelling."""
    assert [press.button for press in chained(chain, NO_DIALOG, Stage.GRID).presses] == list(chain)


@pytest.mark.parametrize(
    ("chain", "message", "advice"),
    [
        (
            ("Upscale (Subtle)",),
            "'Upscale (Subtle)' is a button of a single picture, "
            "and here it would be pressed on a grid of four",
            "Click U1, U2, U3 or U4 first.",
        ),
        (
            ("U1", "U2"),
            "'U2' is a button of a grid of four, and here it would be pressed on a single picture",
            "Press it on the grid, before a picture is picked by U1-U4.",
        ),
        (
            ("V1", "extend high"),
            "'Extend (High motion)' is a button of a single clip, "
            "and here it would be pressed on a grid of four",
            "Nothing was sent.",
        ),
        (
            ("U1", "animate low", "extend high"),
            "'Extend (High motion)' is a button of a single clip, "
            "and here it would be pressed on a video's four clips",
            "Click U1, U2, U3 or U4 first.",
        ),
    ],
)
def test_chains_that_cannot_be(chain: tuple[str, ...], message: str, advice: str) -> None:
    """A button that no result offers at its place is refused, with what to press first."""
    with pytest.raises(InvalidInput) as caught:
        chained(chain, NO_DIALOG, Stage.GRID)
    assert (caught.value.message, caught.value.advice) == (message, advice)


def test_on_an_unknown_result_any_button_may_be_pressed() -> None:
    """Where nobody knows what is pressed, the server's own list of buttons decides."""
    assert [press.name for press in chained(["Upscale (Subtle)"], NO_DIALOG, None).presses] == [
        "upscale_subtle"
    ]


def test_a_misspelt_button_is_bad_input() -> None:
    """A name that no button has is a slip of the keyboard, and names what comes near."""
    with pytest.raises(InvalidInput) as caught:
        chained(["vary regoin"], NO_DIALOG, Stage.GRID)
    assert (caught.value.exit_code, caught.value.message) == (
        2,
        "no button is called 'vary regoin'",
    )
    assert caught.value.advice.startswith("Did you mean 'vary_region'?")


@pytest.mark.parametrize(
    ("chain", "taker"),
    [
        (("V1",), 0),
        (("V1", "U1", "Vary (Subtle)"), 2),
        (("U1", ZOOM, "U1", "Vary (Subtle)"), 1),
        (("*creative*",), 0),
    ],
)
def test_who_gets_the_prompt(chain: tuple[str, ...], taker: int) -> None:
    """The prompt goes to the last button that always opens a dialog, else the last that may."""
    given = [press.prompt for press in chained(chain, Dialog(prompt="a dog"), Stage.GRID).presses]
    assert given == ["a dog" if place == taker else "" for place in range(len(chain))]


def test_mask_and_prompt_go_to_vary_region(mask: Path) -> None:
    """The click on Vary (Region) carries both."""
    dialog = Dialog(prompt="a crown", mask=str(mask))
    last = chained(["V1", "U1", REGION], dialog, Stage.GRID).presses[-1]
    assert (last.prompt, last.mask is not None) == ("a crown", True)


@pytest.mark.parametrize(
    ("chain", "dialog", "message"),
    [
        (("U1",), Dialog(prompt="x"), "--prompt is given, and no button here opens a dialog"),
        (("U1",), Dialog(mask="x"), "--mask is given, and no button here takes a mask"),
        ((), Dialog(prompt="x"), "--prompt is given, and no button here opens a dialog"),
        (("U1", REGION), NO_DIALOG, "'Vary (Region)' needs a mask"),
    ],
)
def test_data_that_does_not_fit_is_refused(
    chain: tuple[str, ...], dialog: Dialog, message: str
) -> None:
    """Data that no button takes, and a mask that is missing, are told before anything is sent."""
    with pytest.raises(InvalidInput) as caught:
        chained(chain, dialog, Stage.GRID)
    assert caught.value.message == message


def test_one_mask_serves_one_button(mask: Path) -> None:
    """A second Vary (Region) in a chain has no mask, and is refused."""
    chain = ["U1", REGION, "U1", REGION]
    with pytest.raises(InvalidInput, match="needs a mask"):
        chained(chain, Dialog(mask=str(mask)), Stage.GRID)


@pytest.mark.parametrize(
    ("button", "label"),
    [
        ("vary subtle", "Vary (Subtle)"),
        ("u2", "U2"),
        ("🔄", "reroll"),
        ("left", "pan_left"),
        ("*subtle*", "*subtle*"),
    ],
)
def test_labels(button: str, label: str) -> None:
    """A button is called what stands on it, in letters."""
    (press,) = chained([button], NO_DIALOG, None).presses
    assert press.label == label


def test_what_a_press_does_is_known() -> None:
    """A checked button knows what a click on it does."""
    assert Press(button="u2", name="U2").traits.yields == "picture"


@pytest.mark.parametrize("seconds", [0.0, -1.0, float("nan"), float("inf")])
def test_a_deadline_that_nothing_meets_is_refused(seconds: float) -> None:
    """A deadline is a finite number of seconds above zero."""
    with pytest.raises(InvalidInput, match="more than 0 seconds"):
        check_deadline(seconds)


@pytest.mark.parametrize("seconds", [None, 0.1, 4200.0])
def test_other_deadlines_are_taken(seconds: float | None) -> None:
    """No deadline, and any above zero, are fine."""
    check_deadline(seconds)


async def test_the_folder_is_made_and_left_empty(tmp_path: Path) -> None:
    """Trying a folder out makes it, and leaves nothing in it."""
    await check_saving(Saving(out=tmp_path / "a" / "b"))
    assert list((tmp_path / "a" / "b").iterdir()) == []


async def test_a_file_is_no_folder(tmp_path: Path) -> None:
    """A folder that is a file is told of before anything is sent."""
    (tmp_path / "file").touch()
    with pytest.raises(CannotWrite, match="there is a file where the folder should be"):
        await check_folder(tmp_path / "file")


async def test_a_full_disk_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that takes names and no bytes is told of before anything is sent."""

    class Full(io.BytesIO):
        def write(self, data: Any, /) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "open", lambda self, mode: Full())
    with pytest.raises(CannotWrite, match="the disk is full"):
        await check_folder(tmp_path)


async def test_a_wrong_template_is_refused(tmp_path: Path) -> None:
    """A name template with an unknown field is refused before the folder is made."""
    with pytest.raises(InvalidInput, match="no field 'nope'"):
        await check_saving(Saving(out=tmp_path / "new", name="{nope}"))
    assert not (tmp_path / "new").exists()
