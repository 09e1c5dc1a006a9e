"""The same key in another process is the same task, wherever the one before it was killed."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mjflow.simulator import Simulator
from mjflow.testing import assert_paid_once
from mjflow.testing.threads import in_a_thread

from .test_processes import HOME, PATIENCE

#: Seconds of the server in one of the world's.
SPEED = 500.0

DOUBT, TASK = "in doubt", "a task"
ONE, BOTH = ["imagine"], ["imagine", "action"]

#: The kind of server; where the first life ends: which write, right before or after it; what the
#: second life hears of the two acts, and what the server has charged by its end.
#: Writes: intent, reply and end of the imagine, then of the click.
KILLED = [
    ("gateway", 1, "after", [DOUBT], []),
    ("gateway", 2, "before", [DOUBT], ONE),
    ("gateway", 2, "after", [TASK, TASK], BOTH),
    ("gateway", 3, "before", [TASK, TASK], BOTH),
    ("gateway", 5, "before", [TASK, DOUBT], BOTH),
    ("gateway", 6, "after", [TASK, TASK], BOTH),
    # It can be asked for a token.
    ("trueai", 2, "before", [TASK, TASK], BOTH),
    ("trueai", 5, "before", [TASK, TASK], BOTH),
]


def live(simulator: Simulator, path: Path, *last: str) -> subprocess.CompletedProcess[str]:
    """Run the program in a process of its own."""
    arguments = [simulator.base_url, str(path), str(SPEED), *last]
    command = [sys.executable, "-W", "error", "-m", "tests.journal.life", *arguments]
    return subprocess.run(
        command, cwd=HOME, capture_output=True, text=True, timeout=PATIENCE, check=False
    )


@pytest.mark.parametrize(("profile", "last", "when", "heard", "charged"), KILLED)
def test_a_killed_program_goes_on_with_the_same_task(
    tmp_path: Path, profile: str, last: int, when: str, heard: list[str], charged: list[str]
) -> None:
    """No act is charged twice; where nobody can know whether it was, that is said instead."""
    path, simulator = tmp_path / "journal.db", Simulator(profile=profile, speed=SPEED, seed=3)
    with in_a_thread(simulator) as ask:
        assert live(simulator, path, str(last), when).returncode == -signal.SIGKILL
        second = live(simulator, path)
        ledger = ask(lambda: simulator.ledger)
    assert (second.stderr, second.returncode) == ("", 0)
    assert [DOUBT if word == "in-doubt" else TASK for word in second.stdout.split()] == heard
    assert_paid_once(ledger)
    assert [submit.act for submit in ledger.submits if submit.charged] == charged


def test_a_key_is_the_same_task_in_every_process(tmp_path: Path) -> None:
    """After lives that ended well nothing more is sent, and the ids are the same."""
    path, simulator = tmp_path / "journal.db", Simulator(speed=SPEED)
    with in_a_thread(simulator) as ask:
        lives = [live(simulator, path) for _ in range(3)]
        submits = ask(lambda: simulator.ledger.submits)
    assert len({one.stdout for one in lives}) == 1
    assert [one.act for one in submits] == BOTH
