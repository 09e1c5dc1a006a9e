"""`run` and `resume` against a simulator: what they save, say, and leave in the journal."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from mjflow.cli import sandbox
from mjflow.simulator import Simulator
from tests.cli.conftest import Mjflow
from tests.cli.nights import CATS, objects, write_flow, write_rows
from tests.docs.servers import answering


@pytest.fixture(autouse=True)
def with_a_journal(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work with the journal that there is by default."""
    monkeypatch.delenv("MJFLOW_JOURNAL")


@pytest.fixture
def simulated(mjflow: Mjflow, monkeypatch: pytest.MonkeyPatch) -> Mjflow:
    """Give a function that runs a command with a simulator inside."""
    monkeypatch.setattr(sandbox, "SPEED", 600.0)
    return lambda *typed: mjflow(*typed, "--simulate")


@pytest.fixture
def losing() -> Iterator[Simulator]:
    """Give a simulator that loses the first answer to a click, and all its tasks are fine."""
    simulator = Simulator(speed=600, faults=["lost-reply@clicks=1:1"])
    with answering(simulator):
        yield simulator


# --- run ----------------------------------------------------------------------------------


def test_a_run_saves_its_pictures(served: Mjflow, simulator: Simulator) -> None:
    """Their paths are the data, and the last line says how it stands."""
    before = len(simulator.ledger.charges)
    done = served("run", write_flow(), "--inputs", write_rows(2), "--run", "r1", "--out", "o")
    assert (done.code, sorted(done.out.splitlines())) == (
        0,
        [f"o/cat{n}-U{button}.png" for n in (0, 1) for button in (1, 2)],
    ), done.err
    assert all(Path(line).is_file() for line in done.out.splitlines())
    assert done.said == [
        "r1: 2 items, 6 tasks to submit, $0.40",
        "r1: 2 of 2 items, 4 pictures, $0.40 spent",
    ]
    assert len(simulator.ledger.charges) - before == 6


def test_a_run_is_called_after_its_flow_and_the_time(served: Mjflow) -> None:
    """Who gives no name finds it in what is said."""
    done = served("run", write_flow(), "--set", "animal=cat")
    assert (done.code, done.said[-1][:7]) == (0, "cats-20"), done.err


def test_a_run_again_pays_for_nothing(served: Mjflow, simulator: Simulator) -> None:
    """The same name is the same run: what is done is taken from the journal, in the same folder."""
    typed = ["run", write_flow(), "--inputs", write_rows(2), "--run", "again"]
    first = served(*typed)
    before = len(simulator.ledger.charges)
    second = served(*typed)
    assert (second.code, sorted(second.out.splitlines())) == (0, sorted(first.out.splitlines()))
    assert second.said[0] == "again: 2 items, nothing new to submit"
    assert len(simulator.ledger.charges) == before


def test_rows_that_were_added_are_run(served: Mjflow, simulator: Simulator) -> None:
    """Twenty more cost twenty."""
    served("run", write_flow(), "--inputs", write_rows(1), "--run", "more")
    before = len(simulator.ledger.charges)
    done = served("run", write_flow(), "--inputs", write_rows(3), "--run", "more")
    assert (done.code, len(done.out.splitlines())) == (0, 6)
    assert len(simulator.ledger.charges) - before == 6


def test_another_flow_of_the_same_name_is_refused(served: Mjflow) -> None:
    """It says what is different, and to take another name."""
    served("run", write_flow(), "--inputs", write_rows(1), "--run", "same")
    flow = write_flow(CATS.replace("a {animal}", "two of {animal}"))
    done = served("run", flow, "--inputs", "rows.csv", "--run", "same")
    assert (done.code, done.out, "--run" in done.said[-1]) == (2, "", True), done.err


def test_failures_are_told_as_they_come_and_by_cause(mjflow: Mjflow) -> None:
    """Each with its place, then those of one cause together; other branches go on."""
    with answering(Simulator(speed=600, faults=["banned-24@clicks=1:1"])) as url:
        typed = ["run", write_flow(), "--inputs", write_rows(3), "--run", "r", "--base-url", url]
        done = mjflow(*typed)
    why = "the server refuses the prompt for a banned word: 'word'"
    place = done.said[1].split(": ")[1]
    assert (done.code, len(done.out.splitlines())) == (1, 5)
    assert done.said[1:] == [
        f"failed: {place}: {why}",
        f"1 x {why}",
        "  Nothing was paid. Reword the prompt; repeated offences can block an account.",
        f"  {place}",
        "r: 3 of 3 items, 1 failed, 5 pictures, $0.55 spent",
    ]


def test_what_is_left_is_told_with_the_way_on(mjflow: Mjflow, losing: Simulator) -> None:
    """A doubt keeps its branch waiting: exit code 3, and the last line resumes."""
    url = losing.base_url
    typed = ["run", write_flow(), "--set", "animal=cat", "--run", "night 1", "--base-url", url]
    done = mjflow(*typed)
    assert (done.code, len(done.out.splitlines())) == (3, 1)
    assert done.said[1].startswith("left for later: only > U")
    assert done.said[-3:] == [
        f"What is in doubt: mjflow doubts --run 'night 1' --base-url {url}",
        "1 item of night 1 is left; nothing is lost.",
        f"Go on with: mjflow resume 'night 1' --base-url {url}",
    ]


def test_money_is_a_brake(served: Mjflow, simulator: Simulator) -> None:
    """Beyond the limit nothing is submitted, and a higher one goes on."""
    before = len(simulator.ledger.charges)
    typed = ["run", write_flow(), "--inputs", write_rows(2), "--run", "dear"]
    braked = served(*typed, "--max-cost", "0.25")
    assert (braked.code, "may cost 0.25 at most" in braked.err) == (1, True), braked.err
    assert len(simulator.ledger.charges) - before < 6
    done = served("resume", "dear", "--max-cost", "10")
    assert (done.code, len(simulator.ledger.charges) - before) == (0, 6), done.err
    assert done.said[-1] == "dear: 2 of 2 items, 4 pictures, $0.40 spent · at most $10.00"


def test_json_tells_each_item_and_how_it_ended(served: Mjflow) -> None:
    """An object for each item with its branches, and one for the whole run."""
    done = served("run", write_flow(), "--inputs", write_rows(2), "--run", "j", "--json")
    (begin,) = objects(done, "begin")
    items, (end,) = objects(done, "item"), objects(done, "standing")
    assert (done.code, done.err) == (0, "")
    assert (begin["run"], begin["items"], begin["tasks"]) == ("j", 2, 6)
    assert sorted(item["item"] for item in items) == ["item-0", "item-1"]
    assert all(item["ok"] and len(item["branches"]) == 2 for item in items)
    assert (end["run"], end["items"], end["done"], end["pictures"], end["spent"]) == (
        "j",
        2,
        2,
        4,
        0.4,
    )


def test_a_simulator_needs_no_journal_of_ones_own(simulated: Mjflow) -> None:
    """Nothing of it is remembered, and nothing is left but the pictures."""
    done = simulated("run", write_flow(), "--set", "animal=cat", "--out", "o")
    assert (done.code, len(done.out.splitlines()), Path(".mjflow").exists()) == (0, 2, False)


def test_a_simulator_leaves_its_journal_in_its_folder(
    mjflow: Mjflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With `--simulate=DIR`, beside its books; its runs can be looked at."""
    monkeypatch.setattr(sandbox, "SPEED", 600.0)
    mjflow("run", write_flow(), "--set", "animal=cat", "--run", "r", "--simulate=books")
    listed = mjflow("runs", "--journal", "books/journal.db")
    assert listed.out.split()[:2] == ["r", "cats"]


# --- before anything is paid --------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["nope.yaml"], "error: nope.yaml: the file cannot be read: No such file or directory."),
        (["cats.yaml", "--inputs", "nope.csv"], "error: nope.csv: the file cannot be read: No"),
        (["cats.yaml", "--set", "animel=x"], "error: the flow has no variable 'animel'"),
        (["cats.yaml", "--set", "animal"], "error: --set 'animal' is no NAME=VALUE"),
        (["cats.yaml", "--set", "animal=1", "--set", "animal=2"], "error: --set animal is given"),
        (["cats.yaml"], "error: cats.yaml:3:14: there is no value 'animal'."),
        (["bad.yaml"], "error: bad.yaml:3:12: 'Vary (Region)' is a button of a single picture"),
        (["cats.yaml", "--set", "animal=x", "--run", "a/b"], "error: this is no name for a run:"),
        (["cats.yaml", "--set", "animal=x", "--run=-a"], "error: a run cannot be called '-a': "),
    ],
)
def test_mistakes_cost_nothing(
    served: Mjflow, simulator: Simulator, typed: list[str], said: str
) -> None:
    """They are told before anything is sent, and before there is a journal."""
    write_flow()
    write_flow('steps:\n  - imagine: "a cat"\n  - click: Vary (Region)\n', "bad.yaml")
    before = len(simulator.ledger.submits)
    done = served("run", *typed)
    assert (done.code, done.out, done.said[0][: len(said)]) == (2, "", said), done.err
    assert (len(simulator.ledger.submits), Path(".mjflow").exists()) == (before, False)


def test_all_that_is_wrong_is_told_at_once(mjflow: Mjflow) -> None:
    """A line for each mistake, and one that nothing was paid."""
    flow = write_flow('steps:\n  - imagine: "{a} {b}"\n')
    done = mjflow("run", flow, "--simulate")
    assert (done.code, [line[:19] for line in done.said[:2]]) == (2, ["error: cats.yaml:2:"] * 2)
    assert done.said[2] == "  Nothing was sent and nothing was paid."


def test_a_folder_that_takes_no_pictures(served: Mjflow, simulator: Simulator) -> None:
    """It is found out before anything is paid."""
    Path("o").write_text("a file")
    before = len(simulator.ledger.submits)
    done = served("run", write_flow(), "--set", "animal=x", "--out", "o")
    assert (done.code, done.said[0].startswith("error: can't write to 'o'")) == (1, True)
    assert len(simulator.ledger.submits) == before


# --- the journal --------------------------------------------------------------------------


def test_the_journal_keeps_to_itself(served: Mjflow) -> None:
    """Nobody else reads the prompts in it, and no commit takes them along."""
    served("run", write_flow(), "--set", "animal=cat")
    journal, ignored = Path(".mjflow/journal.db"), Path(".mjflow/.gitignore")
    assert ignored.read_text() == "*\n"
    assert [stat.S_IMODE(path.stat().st_mode) for path in (journal.parent, journal)] == [
        0o700,
        0o600,
    ]


def test_a_journal_elsewhere(served: Mjflow, monkeypatch: pytest.MonkeyPatch) -> None:
    """The option counts more than the environment, and that more than the default."""
    monkeypatch.setenv("MJFLOW_JOURNAL", "env.db")
    typed = ["run", write_flow(), "--set", "animal=cat", "--run", "r"]
    served(*typed, "--journal", "own/mine.db")
    assert (Path("own/mine.db").is_file(), Path("env.db").exists()) == (True, False)
    served(*typed)
    assert (Path("env.db").is_file(), Path(".mjflow").exists()) == (True, False)


def test_no_journal_at_all(served: Mjflow) -> None:
    """With `memory` nothing is left but the pictures."""
    done = served("run", write_flow(), "--set", "animal=cat", "--journal", "memory")
    assert (done.code, Path(".mjflow").exists(), Path("memory").exists()) == (0, False, False)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"this is no database at all, but a letter" * 40, "cannot be used: it is no whole SQLite"),
        (b"", ""),
    ],
)
def test_a_file_that_is_no_journal(
    served: Mjflow, simulator: Simulator, content: bytes, said: str
) -> None:
    """It is not overwritten, and nothing is paid; an empty file is taken."""
    Path("j.db").write_bytes(content)
    before = len(simulator.ledger.submits)
    done = served("run", write_flow(), "--set", "animal=cat", "--journal", "j.db")
    if said:
        assert (done.code, said in done.said[0], len(done.said)) == (1, True, 2), done.err
        assert (len(simulator.ledger.submits), Path("j.db").read_bytes()) == (before, content)
    else:
        assert done.code == 0


def test_a_file_where_the_journals_folder_should_be(served: Mjflow, simulator: Simulator) -> None:
    """The error names it, and nothing is paid."""
    Path(".mjflow").write_text("mine")
    before = len(simulator.ledger.submits)
    done = served("imagine", "a cat")
    assert (done.code, done.said) == (
        1,
        [
            "error: can't keep a journal in '.mjflow': File exists",
            "  Nothing was sent. Work in another folder, or name a file that can be written by "
            "--journal or MJFLOW_JOURNAL.",
        ],
    )
    assert len(simulator.ledger.submits) == before


def test_a_simulator_never_writes_in_ones_own_journal(mjflow: Mjflow) -> None:
    """The two options exclude each other."""
    done = mjflow("imagine", "a cat", "--simulate", "--journal", "j.db")
    assert (done.code, done.said[0]) == (
        2,
        "error: --simulate and --journal exclude each other",
    )


def test_a_key_is_paid_once(served: Mjflow, simulator: Simulator) -> None:
    """The same command with the same key is the same task, in another process too."""
    before = len(simulator.ledger.charges)
    typed = ["imagine", "a cat", "--click", "U1", "--key", "order-17", "--out", "o"]
    first, second = served(*typed), served(*typed)
    assert (first.code, second.code, second.out) == (0, 0, first.out), second.err
    assert len(simulator.ledger.charges) - before == 2


def test_a_key_of_another_prompt_is_refused(served: Mjflow) -> None:
    """A key stands for one request."""
    served("imagine", "a cat", "--key", "order-18")
    done = served("imagine", "a dog", "--key", "order-18")
    assert (done.code, done.said[0]) == (
        2,
        "error: the key 'order-18' was already used for a different request",
    )


def test_looking_needs_no_journal(served: Mjflow) -> None:
    """Who only looks leaves nothing behind."""
    served("imagine", "a cat", "--name", "{id}", "--out", "o", "--journal", "memory")
    task_id = next(Path("o").glob("*.png")).stem
    assert (served("show", task_id).code, Path(".mjflow").exists()) == (0, False)


# --- resume -------------------------------------------------------------------------------


def test_a_doubt_that_is_settled_is_resumed(mjflow: Mjflow, losing: Simulator) -> None:
    """What was in doubt is found by its token, named, and gone on with; nothing is paid twice."""
    at = ["--base-url", losing.base_url]
    typed = ["run", write_flow(), "--set", "animal=cat", "--run", "r", *at]
    mjflow(*typed)
    (doubt,) = objects(mjflow("doubts", "--json", *at), "doubt")
    (mine,) = losing.ledger.by_state(f"mj1.{doubt['token']}")
    settled = mjflow("doubts", "settle", doubt["key"], "--task", mine.task_id, *at)
    assert (settled.code, settled.said) == (0, ["Go on with: mjflow resume r"]), settled.err
    done = mjflow("resume", "r", *at)
    assert (done.code, len(done.out.splitlines()), done.said[-1]) == (
        0,
        2,
        "r: 1 of 1 items, 2 pictures, $0.20 spent",
    ), done.err
    assert len(losing.ledger.charges) == 3


def test_all_doubts_of_a_run_are_sent_again_on_a_persons_word(
    mjflow: Mjflow, losing: Simulator
) -> None:
    """With `--resubmit-in-doubt`, at the risk of paying twice, as here."""
    at = ["--base-url", losing.base_url]
    mjflow("run", write_flow(), "--set", "animal=cat", "--run", "r", *at)
    done = mjflow("resume", "r", "--resubmit-in-doubt", *at)
    assert (done.code, done.said[0]) == (0, "Sent again: 1 request that was in doubt"), done.err
    assert (len(done.out.splitlines()), len(losing.ledger.charges)) == (2, 4)


@pytest.mark.parametrize(
    ("name", "advice"),
    [("nihgt-1", "Did you mean 'night-1'?"), ("x", "There are: night-1.")],
)
def test_a_run_that_there_is_not(served: Mjflow, name: str, advice: str) -> None:
    """The nearest name is offered, or all of them."""
    served("run", write_flow(), "--set", "animal=cat", "--run", "night-1")
    done = served("resume", name)
    assert (done.code, done.said) == (2, [f"error: there is no run {name!r}", f"  {advice}"])


def test_a_run_of_another_server(served: Mjflow, mjflow: Mjflow, simulator: Simulator) -> None:
    """It is not asked of this one: it says which server it is."""
    served("run", write_flow(), "--set", "animal=cat", "--run", "r")
    done = mjflow("resume", "r", "--base-url", "http://127.0.0.1:1")
    assert (done.code, done.said) == (
        2,
        [
            f"error: the run 'r' is one of another server: {simulator.base_url}",
            f"  Add --base-url {simulator.base_url}, and take the key for that server.",
        ],
    )


def test_resume_without_a_journal(mjflow: Mjflow) -> None:
    """It says where one resumes."""
    done = mjflow("resume", "r")
    assert (done.code, done.said[0]) == (
        2,
        "error: there is no run 'r': there is no journal here (.mjflow/journal.db)",
    )
