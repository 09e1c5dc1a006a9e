"""`show` and `watch` against a simulator."""

from __future__ import annotations

import json
from pathlib import Path

from mjflow.simulator import Simulator
from tests.cli.conftest import Mjflow
from tests.cli.test_acts import draw
from tests.docs.servers import answering


def test_show_describes_a_task(served: Mjflow, simulator: Simulator) -> None:
    """One look tells status, prompt, buttons and picture, on standard output."""
    grid = draw(served, "a red cat")
    done = served("show", grid)
    told = dict(line.split(maxsplit=1) for line in done.out.splitlines())
    assert (done.code, done.err) == (0, "")
    assert {name: told[name] for name in ("id", "status", "action", "prompt", "picture")} == {
        "id": grid,
        "status": "SUCCESS",
        "action": "IMAGINE",
        "prompt": "a red cat",
        "picture": f"{simulator.base_url}/mj/image/{grid}",
    }
    assert told["buttons"].startswith("U1, U2, U3, U4, ")


def test_show_as_json(served: Mjflow) -> None:
    """With `--json` the task is one object."""
    grid = draw(served)
    (line,) = served("show", grid, "--json").out.splitlines()
    told = json.loads(line)
    assert (told["type"], told["id"], told["status"]) == ("task", grid, "SUCCESS")


def test_show_saves_the_picture_if_asked(served: Mjflow) -> None:
    """With `--out` the picture is fetched again, and its path is the last line of the data."""
    grid = draw(served)
    done = served("show", grid, "--out", "o", "--name", "again")
    assert (done.out.splitlines()[-1], done.said) == ("o/again.png", ["1 picture in o"])
    assert Path("o/again.png").is_file()


def test_show_of_an_unknown_task(served: Mjflow) -> None:
    """An id that nobody knows is an error."""
    done = served("show", "nope")
    assert (done.code, done.out, done.said[0]) == (
        1,
        "",
        "error: the server does not know the task nope",
    )


def test_watch_waits_for_several(served: Mjflow) -> None:
    """Each task is told of once, however often it was named; pictures are saved if asked."""
    one, two = draw(served), draw(served)
    done = served("watch", one, two, one, "--out", "o", "--name", "{id}")
    assert (done.code, sorted(done.out.splitlines())) == (
        0,
        sorted([f"o/{one}.png", f"o/{two}.png"]),
    )
    assert sorted(done.said) == sorted([f"{one}: done", f"{two}: done", "2 pictures in o"])


def test_watch_without_a_folder_saves_nothing(served: Mjflow, desk: Path) -> None:
    """Watching alone leaves the disk as it is."""
    grid = draw(served)
    before = sorted(desk.rglob("*"))
    assert served("watch", grid).code == 0
    assert sorted(desk.rglob("*")) == before


def test_watch_tells_of_the_others_when_one_is_unknown(served: Mjflow) -> None:
    """A wrong id among good ones is an error of its own."""
    grid = draw(served)
    done = served("watch", "nope", grid)
    assert (done.code, done.said[0], done.said[-1]) == (
        1,
        "error: the server does not know the task nope",
        f"{grid}: done",
    )


def test_a_task_that_failed(mjflow: Mjflow) -> None:
    """What the server says of a failure is told by every command that meets it."""
    with answering(Simulator(speed=600, faults=["fails"])) as url:
        drawn = mjflow("imagine", "a cat", "--click", "U1", "--json", "--base-url", url)
        error, left = (json.loads(line) for line in drawn.out.splitlines()[-2:])
        task_id = error["task_id"]
        watched = mjflow("watch", task_id, "--base-url", url)
        shown = mjflow("show", task_id, "--base-url", url)
        saved = mjflow("show", task_id, "--out", "o", "--base-url", url)
    assert (error["error"], error["retryable"], left["unsent"]) == ("TaskFailed", True, ["U1"])
    assert [done.code for done in (drawn, watched, shown, saved)] == [1, 1, 0, 1]
    assert watched.said[0] == f"{task_id}: failed"
    assert "failed    [Internal Server Error]" in shown.out


def test_a_task_that_still_runs_has_no_picture_to_save(mjflow: Mjflow) -> None:
    """Asked for a picture too early, `show` says how to wait for it."""
    with answering(Simulator(speed=600, faults=["never-ends"])) as url:
        drawn = mjflow("imagine", "a cat", "--deadline", "0.5", "--json", "--base-url", url)
        error, left = (json.loads(line) for line in drawn.out.splitlines()[-2:])
        task_id = error["task_id"]
        shown = mjflow("show", task_id, "--out", "o", "--base-url", url)
    assert (drawn.code, error["error"], left["running"]) == (3, "TaskLost", [task_id])
    assert (shown.code, shown.said) == (
        1,
        [
            f"error: task {task_id} has no picture yet",
            f"  `mjflow watch {task_id} --out o` waits for it and saves it.",
        ],
    )
