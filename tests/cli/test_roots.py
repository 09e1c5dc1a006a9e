"""The acts that begin a chain, other than imagine, against a simulator."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from mjflow.cli import sandbox
from mjflow.simulator import Simulator
from tests.cli.conftest import Done, Mjflow
from tests.cli.test_acts import facts


@pytest.fixture(autouse=True)
def pictures(desk: Path) -> None:
    """Put two pictures, one with a hole, and a text on the desk."""
    Image.new("RGB", (60, 40), "navy").save(desk / "a.png")
    Image.new("RGB", (60, 40), "teal").save(desk / "b.jpg")
    hole = Image.new("RGBA", (60, 40), "maroon")
    hole.paste((0, 0, 0, 0), (10, 10, 40, 30))
    hole.save(desk / "hole.png")
    (desk / "text.txt").write_text("this is no picture")


def body(simulator: Simulator) -> str:
    """Tell which act the simulator was asked for last."""
    return simulator.ledger.submits[-1].act


def saved(done: Done) -> list[Path]:
    """List the files that a command has saved."""
    assert done.code == 0, done.err
    return [Path(line) for line in done.out.splitlines()]


# --- what they give -----------------------------------------------------------------------


def test_a_blend_is_a_grid(served: Mjflow) -> None:
    """Pictures are blended, in the shape that was asked for, and the grid is clicked on."""
    typed = ["blend", "a.png", "b.jpg", "--dimensions", "landscape", "--click", "U2"]
    (picture,) = saved(served(*typed, "--out", "o"))
    told = facts(picture)
    assert told["parents"] == [{"id": told["parents"][0]["id"], "action": "BLEND", "button": None}]  # type: ignore[index]
    with Image.open(picture) as image:
        assert image.width > image.height


def test_describe_prints_its_texts(served: Mjflow, simulator: Simulator) -> None:
    """Four numbered texts are the data, nothing is saved, and the way on is said."""
    done = served("describe", "a.png")
    assert (done.code, [line[:3] for line in done.out.splitlines()]) == (
        0,
        ["1. ", "2. ", "3. ", "4. "],
    )
    assert not Path("mjflow-out").exists()
    task_id = done.said[0].partition("(task ")[2].rstrip(")")
    assert done.said[-1] == (
        f"Draw the first with: mjflow click {task_id} 1 --base-url {simulator.base_url}"
    )


def test_describe_as_json(served: Mjflow) -> None:
    """Each text is an object with the number of its button."""
    done = served("describe", "a.png", "--json")
    texts = [json.loads(line) for line in done.out.splitlines() if '"type": "text"' in line]
    assert [text["number"] for text in texts] == [1, 2, 3, 4]
    assert all(text["text"][0].isalpha() and text["task_id"] for text in texts)


def test_a_described_text_is_drawn(served: Mjflow) -> None:
    """A click on a number draws that text; a second click goes on with the grid."""
    texts = served("describe", "a.png").out.splitlines()
    chain = ["--click", "1", "--click", "U3"]
    (picture,) = saved(served("describe", "a.png", *chain, "--out", "o"))
    told = facts(picture)
    assert [parent["button"] for parent in told["parents"]] == [None, "1"]  # type: ignore[attr-defined]
    assert len(texts) == 4


def test_texts_that_are_paid_are_printed_whatever_comes_of_their_drawing(mjflow: Mjflow) -> None:
    """A refused click leaves the texts of the describe before it, and nothing to pick up."""
    typed = ["describe", "a.png", "--click", "1", "--out", "o"]
    done = mjflow(*typed, "--simulate", "--fault", "banned-24@clicks")
    assert (done.code, [line[:3] for line in done.out.splitlines()]) == (
        1,
        ["1. ", "2. ", "3. ", "4. "],
    )
    assert done.said[-2].startswith("error: the server refuses the prompt for a banned word")


def test_the_prompt_words_a_described_text_anew(served: Mjflow) -> None:
    """`--prompt` goes to the dialog that a number opens."""
    typed = ["describe", "a.png", "--click", "2", "--prompt", "a red barn --v 6.1"]
    (picture,) = saved(served(*typed, "--out", "o"))
    assert facts(picture)["final_prompt"] == "a red barn --v 6.1"


def test_shorten_prints_its_texts(served: Mjflow) -> None:
    """The shorter prompts are numbered as the buttons that draw them."""
    done = served("shorten", "a very very long prompt about a cat in the rain --ar 3:2")
    lines = done.out.splitlines()
    assert (done.code, [line.partition(".")[0] for line in lines]) == (0, ["1", "2", "3", "4", "5"])
    assert all(line.endswith("--ar 3:2") for line in lines)


def test_reroll_of_a_describe_gives_texts_again(served: Mjflow) -> None:
    """Of buttons that are written alike, the one that a describe has is meant."""
    done = served("describe", "a.png", "--click", "reroll")
    assert (done.code, len(done.out.splitlines())) == (0, 4)


def test_a_video_is_four_clips(served: Mjflow) -> None:
    """All clips are saved, and called clips."""
    done = served("video", "the sun rises", "--image", "a.png", "--motion", "high", "--out", "o")
    assert [path.suffix for path in saved(done)] == [".mp4"] * 4
    assert done.said[-1] == "The 4 clips are in o"


def test_a_clip_is_made_longer(served: Mjflow) -> None:
    """`--extend` and `--index` go on from one of the clips of a video task."""
    drawn = served("video", "the sun rises", "--image", "a.png", "--out", "o", "--name", "{id}")
    task_id = saved(drawn)[0].stem
    longer = served("video", "it sets", "--extend", task_id, "--index", "2", "--out", "p")
    assert len(saved(longer)) >= 1


def test_the_transparent_part_is_edited(served: Mjflow) -> None:
    """A picture with a hole needs no mask; the result is a grid."""
    (picture,) = saved(served("edits", "hole.png", "a crown", "--click", "U1", "--out", "o"))
    assert facts(picture)["button"] == "U1"


def test_the_masked_part_is_edited(served: Mjflow) -> None:
    """Without transparency, `--mask` says what is edited."""
    done = served("edits", "a.png", "a crown", "--mask", "rect:0.3,0,0.7,0.35", "--out", "o")
    assert len(saved(done)) == 1


def test_a_face_is_swapped(served: Mjflow) -> None:
    """Two pictures give one."""
    (picture,) = saved(served("swap-face", "a.png", "b.jpg", "--out", "o"))
    assert facts(picture)["action"] == "SWAP_FACE"


def test_imagine_with_reference_pictures(served: Mjflow, simulator: Simulator) -> None:
    """Files go along with the prompt, links into it."""
    typed = ["imagine", "a cat", "--image", "a.png", "--image", "https://example.com/x.png"]
    (picture,) = saved(served(*typed, "--out", "o"))
    assert "https://example.com/x.png a cat" in str(facts(picture)["prompt"])


def test_fields_of_one_vendor_are_passed_on(served: Mjflow, simulator: Simulator) -> None:
    """`--extra` travels with the first act, JSON where it is JSON."""
    done = served("imagine", "a cat", "--extra", 'accountFilter={"modes": ["FAST"]}', "--out", "o")
    assert done.code == 0


# --- bad input ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        (["blend", "a.png"], "a blend takes 2 to 5 pictures, not 1"),
        (["blend", *["a.png"] * 6], "a blend takes 2 to 5 pictures, not 6"),
        (
            ["blend", "a.png", "gone.png"],
            "the picture to blend 2 'gone.png' can't be read: No such file or directory",
        ),
        (
            ["describe", "text.txt"],
            "the picture to describe 'text.txt' can't be used: this is no picture; "
            "it begins with 'this is no picture'",
        ),
        (["describe", "."], "the picture to describe '.' can't be read: Is a directory"),
        (
            ["describe", "a.png", "--out", "o"],
            "there is no picture to save: this gives texts, on standard output",
        ),
        (
            ["describe", "a.png", "--click", "U1"],
            "'U1' is a button of a grid of four, "
            "and here it would be pressed on a describe's texts",
        ),
        (
            ["shorten", "a b c", "--click", "1", "--click", "1"],
            "'text 1' is a button of a describe's texts, "
            "and here it would be pressed on a grid of four",
        ),
        (["shorten", " "], "the prompt is empty"),
        (["video", "x"], "there is nothing to set in motion"),
        (
            ["video", "x", "--image", "a.png", "--extend", "7"],
            "--image and --extend exclude each other: a clip goes on by itself",
        ),
        (
            ["video", "x", "--extend", "7"],
            "--extend wants --index, which of the four clips: 0, 1, 2 or 3",
        ),
        (
            ["video", "x", "--image", "a.png", "--index", "1"],
            "--index says which clip is made longer, and wants --extend",
        ),
        (
            ["video", "x", "--image", "a.png", "--loop", "--end-image", "b.jpg"],
            "--loop and --end-image exclude each other: a loop has no other end",
        ),
        (
            ["video", "x", "--image", "text.txt"],
            "the first frame 'text.txt' can't be used: this is no picture; "
            "it begins with 'this is no picture'",
        ),
        (
            ["video", "x", "--image", "a.png", "--click", "Vary (Region)"],
            "'Vary (Region)' is a button of a single picture, "
            "and here it would be pressed on a video's four clips",
        ),
        (["edits", "a.png", "a crown"], "the picture is not transparent anywhere"),
        (["edits", "a.png", " ", "--mask", "rect:0,0,1,0.5"], "the prompt is empty"),
        (
            ["edits", "a.png", "x", "--mask", "gone.png"],
            "the mask 'gone.png' can't be read: No such file or directory",
        ),
        (
            ["swap-face", "a.png", "a.png"],
            "the picture with the face and the one to put it into are the same",
        ),
        (
            ["imagine", "x", "--image", "gone.png"],
            "the reference picture 'gone.png' can't be read: No such file or directory",
        ),
        (["imagine", "x", "--extra", "fast"], "--extra 'fast' is no KEY=VALUE"),
        (["imagine", "x", "--extra", "a=1", "--extra", "a=2"], "--extra a is given twice"),
        (
            ["imagine", "x", "--extra", "prompt=y"],
            "extra= cannot replace what the request sets: prompt",
        ),
        (
            ["imagine", "x", "--click", "U1", "--click", "zoom custom", "--prompt", "x --zoom 3"],
            "--zoom is 3; it is from 1 to 2",
        ),
    ],
)
def test_what_cannot_work_is_refused_before_anything_is_sent(
    served: Mjflow, simulator: Simulator, typed: list[str], error: str
) -> None:
    """A mistake is one clear error, and the server never hears of it."""
    before = len(simulator.ledger.submits)
    done = served(*typed)
    assert (done.code, done.out, done.said[0]) == (2, "", f"error: {error}")
    assert len(simulator.ledger.submits) == before


def test_a_picture_that_is_cut_short(served: Mjflow, desk: Path) -> None:
    """Half a picture is no picture."""
    whole = (desk / "a.png").read_bytes()
    (desk / "half.png").write_bytes(whole[: len(whole) // 2])
    done = served("describe", "half.png")
    assert (done.code, "cut short" in done.said[0]) == (2, True)


# --- kinds of servers ---------------------------------------------------------------------

CROWN = [
    *("imagine", "a portrait --v 6.1", "--click", "U1", "--click", "Vary (Region)"),
    *("--prompt", "golden crown", "--mask", "rect:0.3,0,0.7,0.35"),
]


@pytest.mark.parametrize("profile", ["gateway", "trueai"])
def test_a_crown_at_servers_with_dialogs(
    mjflow: Mjflow, monkeypatch: pytest.MonkeyPatch, profile: str
) -> None:
    """The whole chain, dialog and mask included, works wherever there are dialogs."""
    monkeypatch.setattr(sandbox, "SPEED", 600.0)
    done = mjflow(*CROWN, "--simulate=books", "--profile", profile, "--out", "o")
    (picture,) = saved(done)
    assert facts(picture)["final_prompt"] == "golden crown --v 6.1"
    assert json.loads(Path("books/ledger.json").read_text())["charges"] == 3


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        (
            CROWN,
            "a novicezk server has no buttons beyond U1-U4, V1-V4 and reroll, so Vary (Region) is "
            "not possible there; a gateway or a trueai server offers it",
        ),
        (
            ["describe", "a.png", "--click", "1"],
            "a novicezk server has no buttons beyond U1-U4, V1-V4 and reroll, so 1 is "
            "not possible there; a gateway or a trueai server offers it",
        ),
        (
            ["imagine", "x", "--click", "V1", "--prompt", "y"],
            "a novicezk server opens no dialog on V1, so --prompt would go unused; "
            "a gateway or a trueai server opens one in remix mode",
        ),
        (
            ["shorten", "a b c"],
            "a server of the dialect 'novicezk' does not offer 'shorten'; "
            "nothing was sent or paid. It takes another server: gateway or trueai",
        ),
        (
            ["upload", "a.png"],
            "a server of the dialect 'novicezk' does not offer 'upload'; "
            "nothing was sent or paid. It takes another server: gateway or trueai",
        ),
    ],
)
def test_what_a_server_lacks_is_said_in_one_line(
    mjflow: Mjflow, typed: list[str], error: str
) -> None:
    """Why not, and what would do, before anything is sent or paid."""
    done = mjflow(*typed, "--simulate=books", "--profile", "novicezk")
    assert (done.code, done.out, done.said) == (2, "", [f"error: {error}"])
    assert json.loads(Path("books/ledger.json").read_text())["submits"] == []


def test_what_a_server_without_buttons_can_do(
    mjflow: Mjflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """U, V and reroll are pressed there in the classic way."""
    monkeypatch.setattr(sandbox, "SPEED", 600.0)
    typed = ["imagine", "a cat", "--click", "V2", "--click", "U1", "--out", "o"]
    (picture,) = saved(mjflow(*typed, "--simulate", "--profile", "novicezk"))
    assert facts(picture)["button"] == "U1"
