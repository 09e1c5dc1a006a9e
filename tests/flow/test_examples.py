"""The flows of `docs/examples`: each runs, leaves its pictures, and is paid as it was planned."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from mjflow.testing import assert_paid_once
from tests.client.worlds import world
from tests.virtual import virtual_time

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"

#: Pictures that each leaves, by the folder and the beginning of the name.
PICTURES = {
    "portraits": {"cat/upscale subtle": 2, "dog/upscale subtle": 2},
    "upscale-all": {"*/grid": 1, "*/U": 4},
    "fork": {"cells/": 4, "wide/": 1, "subtle/": 1},
    "remix-variations": {"porcelain": 1, "copper": 1, "paper": 1},
    "describe-and-redraw": {"redrawn": 2},
    "video": {"still": 1, "clip": 4},
}
#: Tasks that each pays for.
TASKS = {
    "portraits": 18,
    "upscale-all": 5,
    "fork": 7,
    "remix-variations": 9,
    "describe-and-redraw": 5,
    "video": 3,
}


def found(out: Path) -> list[str]:
    """Give the pictures and clips below a folder, relative to it."""
    files = (path for path in out.rglob("*") if path.is_file() and path.suffix != ".json")
    return sorted(str(path.relative_to(out)) for path in files)


def test_every_example_is_tested() -> None:
    """No flow lies beside the others without having been run."""
    assert {path.stem for path in EXAMPLES.glob("*.yaml")} == set(PICTURES)


@pytest.mark.parametrize("name", PICTURES)
@virtual_time
async def test_an_example_leaves_its_pictures(name: str, tmp_path: Path) -> None:
    """Every branch comes to its end, the files lie where the flow says, and nothing twice."""
    async with world(simulator={"remix": name == "remix-variations"}) as it:
        items = await it.client.run(EXAMPLES / f"{name}.yaml", out=tmp_path).collect()
        books = it.simulator.ledger
    assert [str(branch.error) for item in items for branch in item.failures] == []
    files = found(tmp_path)
    assert len(files) == sum(PICTURES[name].values())
    assert len({submit.task_id for submit in books.submits if submit.exists}) == TASKS[name]
    assert_paid_once(books)


def test_the_example_in_python(tmp_path: Path) -> None:
    """It keeps the brightest of four, upscales that one, and says where the pictures are."""
    done = subprocess.run(
        [sys.executable, "-W", "error", str(EXAMPLES / "best_of_four.py")],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(EXAMPLES.parents[1])},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    lines = [line.split(" ", 1) for line in done.stdout.splitlines()]
    assert sorted(season for season, _ in lines) == ["spring", "winter"]
    for _, path in lines:
        with Image.open(tmp_path / path) as picture:
            picture.verify()
