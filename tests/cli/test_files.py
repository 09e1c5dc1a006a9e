"""`upload` and `split`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from mjflow.simulator import Simulator
from tests.cli.conftest import Mjflow
from tests.cli.test_acts import draw, facts


@pytest.fixture(autouse=True)
def pictures(desk: Path) -> None:
    """Put two pictures and a text on the desk."""
    Image.new("RGB", (60, 40), "navy").save(desk / "a.png")
    Image.new("RGB", (60, 40), "teal").save(desk / "b.jpg")
    (desk / "text.txt").write_text("this is no picture")


# --- upload -------------------------------------------------------------------------------


def test_a_link_for_each_picture(served: Mjflow) -> None:
    """The links come in the order of the files, one per line."""
    done = served("upload", "a.png", "b.jpg")
    links = done.out.splitlines()
    assert (done.code, done.err, len(set(links))) == (0, "", 2)
    assert all(link.startswith("http://") for link in links)


def test_links_as_json(served: Mjflow) -> None:
    """Each link is an object with the file it stands for."""
    told = [
        json.loads(line)
        for line in served("upload", "a.png", "b.jpg", "--json").out.split("\n")[:-1]
    ]
    assert [(one["type"], one["source"]) for one in told] == [("link", "a.png"), ("link", "b.jpg")]


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        (["gone.png"], "the picture to upload 1 'gone.png' can't be read: No such file"),
        (["a.png", "text.txt"], "the picture to upload 2 'text.txt' can't be used: "),
        (["https://example.com/x.png"], "the picture to upload 1 is a link"),
    ],
)
def test_uploads_that_cannot_be(
    served: Mjflow, simulator: Simulator, typed: list[str], error: str
) -> None:
    """What is no picture is never sent."""
    before = len(simulator.ledger.submits)
    done = served("upload", *typed)
    assert (done.code, done.out) == (2, "")
    assert done.said[0].startswith(f"error: {error}")
    assert len(simulator.ledger.submits) == before


def test_an_upload_in_doubt(mjflow: Mjflow) -> None:
    """A lost reply is doubt, and what would pay twice is said."""
    done = mjflow("upload", "a.png", "--simulate", "--fault", "lost-reply")
    assert (done.code, done.out) == (3, "")
    assert done.said[0].startswith("error: the upload of a picture was sent, and nothing says ")
    assert done.said[1] == (
        "  It was not sent again, lest its fee be paid twice. "
        "The same command with --again would send it."
    )


# --- split --------------------------------------------------------------------------------


def quarters(told: str) -> list[str]:
    """List what was saved, and make sure that all four are of one size."""
    paths = told.splitlines()
    sizes = set()
    for path in paths:
        with Image.open(path) as image:
            sizes.add(image.size)
    assert (len(paths), len(sizes)) == (4, 1)
    return paths


def test_a_grid_on_disk_is_split_beside_itself(served: Mjflow, mjflow: Mjflow) -> None:
    """No server is asked; the four stand beside the grid, with sidecars that tell of it."""
    grid = Path(served("imagine", "a cat", "--out", "o", "--name", "grid").out.strip())
    done = mjflow("split", str(grid))
    assert (done.code, done.said) == (0, ["4 pictures in o"])
    assert quarters(done.out) == [f"o/grid-{cell}.png" for cell in (1, 2, 3, 4)]
    assert (facts(Path("o/grid-3.png"))["cell"], facts(Path("o/grid-3.png"))["prompt"]) == (
        3,
        "a cat",
    )


def test_the_quarters_are_named_by_a_template(served: Mjflow, mjflow: Mjflow) -> None:
    """The fields are those of the grid's sidecar."""
    grid = served("imagine", "a cat", "--out", "o").out.strip()
    done = mjflow("split", grid, "--out", "p", "--name", "{prompt}/{action}")
    assert quarters(done.out) == [f"p/a cat/imagine-{cell}.png" for cell in (1, 2, 3, 4)]


@pytest.mark.parametrize("of_task", [False, True])
def test_a_template_may_number_the_quarters_itself(served: Mjflow, *, of_task: bool) -> None:
    """With `{cell}` in it, nothing is put behind the name."""
    grid = served("imagine", "a cat", "--out", "o").out.strip()
    source = Path(grid).stem.removeprefix("imagine-") if of_task else grid
    done = served("split", source, "--out", "p", "--name", "{cell}/{prompt}")
    assert quarters(done.out) == [f"p/{cell}/a cat.png" for cell in (1, 2, 3, 4)]


def test_a_grid_at_the_server_is_split(served: Mjflow) -> None:
    """A task is fetched and cut, without its grid being kept."""
    grid = draw(served)
    done = served("split", grid, "--out", "o")
    assert done.code == 0
    assert quarters(done.out) == [f"o/imagine-{grid}-{cell}.png" for cell in (1, 2, 3, 4)]
    assert not Path(f"o/imagine-{grid}.png").exists()


def test_a_task_that_is_no_grid_is_refused(served: Mjflow) -> None:
    """A single picture is not fetched, and the way to have it whole is said."""
    one = Path(served("imagine", "x", "--click", "U1", "--name", "{id}").out.strip()).stem
    done = served("split", one, "--out", "o")
    assert (done.code, done.out, list(Path("o").iterdir())) == (2, "", [])
    assert done.said[-2:] == [
        f"error: task {one} is no grid",
        "  Only a grid has four pictures: what imagine, V1-V4, reroll or Vary (Region) gives. "
        f"What it is: mjflow show {one} --out o",
    ]


def test_a_file_that_is_no_grid_is_refused(served: Mjflow, mjflow: Mjflow) -> None:
    """The sidecar tells that a picture is a single one."""
    one = served("imagine", "x", "--click", "U1", "--name", "one", "--out", "o").out.strip()
    done = mjflow("split", one)
    assert (done.code, done.said[0]) == (2, "error: the grid 'o/one.png' is a single picture")


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        (["gone.png"], "the grid 'gone.png' can't be read: No such file or directory"),
        (["o/gone"], "the grid 'o/gone' can't be read: No such file or directory"),
        (["text.txt"], "the grid 'text.txt' can't be used: this is no picture; it begins with"),
        (["."], "the grid '.' can't be read: Is a directory"),
        (["a.png", "--name", "{nope}"], "there is no field 'nope' for the file name template"),
        (["7", "--name", "{nope}"], "there is no field 'nope' for the file name template"),
    ],
)
def test_what_cannot_be_split(served: Mjflow, typed: list[str], error: str) -> None:
    """A mistake is told before anything is fetched or written."""
    done = served("split", *typed)
    assert (done.code, done.out) == (2, "")
    assert done.said[0].startswith(f"error: {error}")
