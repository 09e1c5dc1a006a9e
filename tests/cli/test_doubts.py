"""`doubts`, `runs`, `export` and `prune`: what a journal tells, without a key or a network."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image

from mjflow.cli.journal.chores import instant
from mjflow.errors import InvalidInput
from mjflow.simulator import Simulator
from tests.cli.conftest import Mjflow
from tests.cli.nights import objects, write_flow, write_rows
from tests.docs.servers import answering


@pytest.fixture(autouse=True)
def with_a_journal(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work with the journal that there is by default."""
    monkeypatch.delenv("MJFLOW_JOURNAL")


@pytest.fixture
def losing(monkeypatch: pytest.MonkeyPatch) -> Iterator[Simulator]:
    """Give a gateway that loses the first answer to a submit, as the server in use."""
    simulator = Simulator(speed=600, faults=["lost-reply@submits=1:1"])
    with answering(simulator) as url:
        monkeypatch.setenv("MJFLOW_BASE_URL", url)
        yield simulator


def doubted(mjflow: Mjflow, *typed: str) -> dict[str, str]:
    """Submit something that comes to be in doubt, and return what `doubts` says of it."""
    assert mjflow("imagine", "a cat", *typed).code == 3
    (doubt,) = objects(mjflow("doubts", "--json"), "doubt")
    return doubt


# --- listing ------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["doubts", "runs"])
def test_without_a_journal_there_is_nothing(mjflow: Mjflow, command: str) -> None:
    """That is no error, and leaves no journal behind."""
    done = mjflow(command)
    assert (done.code, done.out, len(done.said)) == (0, "", 1)
    assert not Path(".mjflow").exists()


def test_a_doubt_is_told_with_all_that_is_known(mjflow: Mjflow, losing: Simulator) -> None:
    """What was asked for, when, why nobody knows, and what to look for; then what can be done."""
    doubt = doubted(mjflow, "--key", "order-17")
    done = mjflow("doubts")
    said = done.out.splitlines()
    assert (done.code, said[0], said[1], said[3]) == (
        0,
        "order-17",
        '  imagine "a cat"',
        f"  token {doubt['token']}",
    )
    assert "closed the connection without a whole answer" in said[2]
    assert done.said[1].startswith("Look for each") and done.said[1].endswith(
        "the state of the task begins with mj1. and the token."
    )
    assert losing.ledger.by_state(f"mj1.{doubt['token']}")


def test_a_doubt_needs_no_server(mjflow: Mjflow, losing: Simulator) -> None:
    """The list is the journal's, whoever is reachable."""
    doubt = doubted(mjflow, "--key", "order-17")
    assert (doubt["key"], doubt["act"], doubt["prompt"], doubt["base_url"]) == (
        "order-17",
        "imagine",
        "a cat",
        losing.base_url,
    )
    assert doubt["commands"][1] == "mjflow doubts settle order-17 --task ID"


def test_one_without_a_key_has_its_token(mjflow: Mjflow, losing: Simulator) -> None:
    """What was made up for it nobody could type."""
    doubt = doubted(mjflow)
    assert mjflow("doubts").out.splitlines()[0] == doubt["token"]


def test_doubts_of_one_run(mjflow: Mjflow, losing: Simulator) -> None:
    """Others are left out."""
    mjflow("run", write_flow(), "--set", "animal=cat", "--run", "r1")
    listed = [mjflow("doubts", "--run", name) for name in ("r1", "r2")]
    assert [done.out.partition("/")[0] for done in listed] == ["@r1", ""]


def test_an_upload_in_doubt(mjflow: Mjflow, losing: Simulator, desk: Path) -> None:
    """There is no task to look for; it can be uploaded again."""
    Image.new("RGB", (60, 40)).save(desk / "a.png")
    assert mjflow("upload", "a.png").code == 3
    (doubt,) = objects(mjflow("doubts", "--json"), "doubt")
    assert (doubt["act"], doubt["commands"]) == ("upload", [])
    refused, sent = mjflow("upload", "a.png"), mjflow("upload", "a.png", "--again")
    assert (refused.code, sent.code, len(sent.out.splitlines())) == (3, 0, 1)
    assert mjflow("doubts").said == ["Nothing is in doubt."]


# --- settling -----------------------------------------------------------------------------


def test_a_task_that_was_found(mjflow: Mjflow, losing: Simulator) -> None:
    """The doubt is settled, and the same command gives the picture that is paid."""
    doubt = doubted(mjflow, "--key", "order-17", "--out", "o")
    (mine,) = losing.ledger.by_state(f"mj1.{doubt['token']}")
    done = mjflow("doubts", "settle", "order-17", "--task", mine.task_id)
    assert (done.code, mjflow("doubts").said) == (0, ["Nothing is in doubt."]), done.err
    again = mjflow("imagine", "a cat", "--key", "order-17", "--out", "o")
    assert (again.code, len(again.out.splitlines()), len(losing.ledger.charges)) == (0, 1, 1)


def test_the_first_letters_of_a_token_will_do(mjflow: Mjflow, losing: Simulator) -> None:
    """For keys are long."""
    doubt = doubted(mjflow)
    done = mjflow("doubts", "write-off", doubt["token"][:6])
    assert (done.code, done.out) == (
        0,
        f"{doubt['token']}: written off; the same may be asked for again\n",
    )


def test_looking_may_prove_nothing(mjflow: Mjflow, losing: Simulator) -> None:
    """At a gateway there is no list of tasks: it stays in doubt, and the exit code says so."""
    doubted(mjflow, "--key", "k")
    done = mjflow("doubts", "look", "k")
    assert (done.code, done.out, done.said) == (
        3,
        "k: still in doubt\n",
        ["Looking has proven nothing: only you can find out."],
    )


def test_what_is_written_off_is_paid_anew(mjflow: Mjflow, losing: Simulator) -> None:
    """Nothing stands in the way of asking again."""
    doubted(mjflow, "--key", "k")
    assert mjflow("doubts", "write-off", "k").code == 0
    again = mjflow("imagine", "a cat", "--key", "k", "--out", "o")
    assert (again.code, len(losing.ledger.charges)) == (0, 2)


def test_what_is_sent_once_more_may_be_paid_twice(mjflow: Mjflow, losing: Simulator) -> None:
    """Here it is: a second task is there, and said."""
    doubted(mjflow, "--key", "k")
    done = mjflow("doubts", "resubmit", "k")
    task_id = losing.ledger.charges[-1].task_id
    assert (done.code, len(losing.ledger.charges), task_id in done.out) == (0, 2, True)
    assert done.said == [f"Wait for it with: mjflow watch {task_id} --out DIR"]


def test_somebody_elses_task_settles_nothing(mjflow: Mjflow, losing: Simulator) -> None:
    """A wrong id is refused, and the doubt stays."""
    doubted(mjflow, "--key", "k")
    other = mjflow("imagine", "a dog", "--name", "{id}", "--out", "o").out
    done = mjflow("doubts", "settle", "k", "--task", Path(other.strip()).stem)
    assert (done.code, "is another one" in done.said[0]) == (2, True), done.err
    assert len(objects(mjflow("doubts", "--json"), "doubt")) == 1


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("order-18", ["error: 'order-18' is not in doubt", "  Did you mean 'order-17'?"]),
        ("x", ["error: 'x' is not in doubt", "  `mjflow doubts` lists what is."]),
    ],
)
def test_a_key_that_is_not_in_doubt(
    mjflow: Mjflow, losing: Simulator, key: str, said: list[str]
) -> None:
    """The nearest is offered, and no server is asked."""
    doubted(mjflow, "--key", "order-17")
    done = mjflow("doubts", "look", key)
    assert (done.code, done.said) == (2, said)


def test_a_doubt_at_another_server(
    mjflow: Mjflow, losing: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told where it is, and that server has a key of its own."""
    doubted(mjflow, "--key", "k", "--base-url", losing.base_url)
    mjflow("run", write_flow(), "--set", "animal=cat", "--base-url", losing.base_url)
    monkeypatch.setenv("MJFLOW_BASE_URL", "http://127.0.0.1:1")
    done = mjflow("doubts", "look", "k")
    assert (done.code, losing.base_url in done.said[0]) == (2, True), done.err
    (doubt,) = objects(mjflow("doubts", "--json"), "doubt")
    assert shlex.split(doubt["commands"][0])[-2:] == ["--base-url", losing.base_url]


def test_nothing_to_settle_without_a_journal(mjflow: Mjflow) -> None:
    """It says that there is none."""
    done = mjflow("doubts", "look", "k")
    assert (done.code, done.said[0].startswith("error: there is no journal here")) == (2, True)


# --- runs ---------------------------------------------------------------------------------


def test_runs_are_listed_with_what_became_of_them(mjflow: Mjflow, losing: Simulator) -> None:
    """Items done and left, and whether anything is in doubt."""
    mjflow("run", write_flow(), "--inputs", write_rows(3), "--run", "r1")
    mjflow("run", write_flow(), "--set", "animal=dog", "--run", "r2")
    one, two = objects(mjflow("runs", "--json"), "run")
    told = ("run", "flow", "items", "done", "failed", "left", "in_doubt", "state")
    assert [one[name] for name in told] == ["r1", "cats", 3, 2, 0, 1, 1, "stopped"]
    assert [two[name] for name in told] == ["r2", "cats", 1, 1, 0, 0, 0, "ended"]


def test_runs_line_up(mjflow: Mjflow, losing: Simulator) -> None:
    """Columns below a header, which is no data."""
    mjflow("run", write_flow(), "--inputs", write_rows(1), "--run", "a-long-name")
    done = mjflow("runs")
    head, row = done.said[0], done.out.rstrip("\n")
    assert head.split() == [
        *("run", "flow", "begun", "items", "done", "failed", "left", "in", "doubt", "state")
    ]
    assert (head.index("state"), row.split()[0]) == (row.index("stopped"), "a-long-name")


def test_a_picture_that_is_gone_is_left_to_be_done(served: Mjflow, mjflow: Mjflow) -> None:
    """A run is at its end when its pictures are there."""
    done = served("run", write_flow(), "--inputs", write_rows(1), "--run", "r")
    Path(done.out.splitlines()[0]).unlink()
    (run,) = objects(mjflow("runs", "--json"), "run")
    assert (run["done"], run["left"], run["state"]) == (0, 1, "stopped")


# --- the journal as a whole ---------------------------------------------------------------


def test_a_journal_is_exported(served: Mjflow, mjflow: Mjflow) -> None:
    """Runs, requests with what came of them, marks and pictures: an object to a line."""
    served("run", write_flow(), "--inputs", write_rows(1), "--run", "r")
    served("imagine", "a dog")
    rows = [json.loads(line) for line in mjflow("export").out.splitlines()]
    kinds = [row["kind"] for row in rows]
    assert {kind: kinds.count(kind) for kind in kinds} == {
        "run": 1,
        "attempt": 4,
        "mark": 2,
        "picture": 3,
    }
    done = mjflow("export", "--run", "r", "--out", "r.jsonl")
    exported = [json.loads(line)["kind"] for line in Path("r.jsonl").read_text().splitlines()]
    assert (done.out, done.said, exported) == (
        "",
        ["6 lines exported"],
        ["run", *["attempt"] * 3, *["mark"] * 2],
    )


def test_what_ended_is_forgotten(served: Mjflow, mjflow: Mjflow) -> None:
    """Counted first, then done; no picture is touched."""
    picture = served("imagine", "a dog").out.strip()
    tried, done = (
        objects(mjflow("prune", "--before", "0", "--json", *dry), "pruned")[0]
        for dry in (["--dry-run"], [])
    )
    assert (tried["attempts"], done["attempts"], done["dry_run"]) == (1, 1, False)
    assert (mjflow("export").out, Path(picture).is_file()) == ("", True)


def test_what_is_in_doubt_is_never_forgotten(mjflow: Mjflow, losing: Simulator) -> None:
    """Somebody has still to look for it."""
    doubted(mjflow)
    assert "0 attempts" in mjflow("prune", "--before", "0").out
    assert len(objects(mjflow("doubts", "--json"), "doubt")) == 1


NOW = datetime(2026, 8, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("30", NOW - timedelta(days=30)),
        ("0.5d", NOW - timedelta(hours=12)),
        ("2026-08-01T00:00+00:00", datetime(2026, 8, 1, tzinfo=UTC)),
    ],
)
def test_times_can_be_written_so(text: str, at: datetime) -> None:
    """As a number of days, or as a date."""
    assert instant(text, NOW) == at


@pytest.mark.parametrize("text", ["yesterday", "", "nan", "1e99"])
def test_what_is_no_time(text: str) -> None:
    """It is refused, lest too much be forgotten."""
    with pytest.raises(InvalidInput):
        instant(text, NOW)
