"""Runs as processes of their own: signals, two at once, a terminal, and a disk that is full."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mjflow.simulator import Simulator
from tests.cli.nights import write_flow, write_rows
from tests.cli.test_processes import COMMAND, Slow, _limited, finished, lines_until, slow, started
from tests.docs.servers import answering

__all__ = ["slow"]


@pytest.fixture(autouse=True)
def with_a_journal(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work with the journal that there is by default, and a flow."""
    monkeypatch.delenv("MJFLOW_JOURNAL")
    write_flow()
    write_rows(3)


@pytest.fixture
def endless() -> Iterator[Simulator]:
    """Give a simulator whose first two tasks never end."""
    simulator = Simulator(speed=600, faults=["never-ends@submits=1:2"])
    with answering(simulator):
        yield simulator


def typed(url: str, *more: str) -> list[str]:
    """Type a run of three items called `r`."""
    return ["run", "cats.yaml", "--inputs", "rows.csv", "--run", "r", "--base-url", url, *more]


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_says_how_to_go_on(stop: signal.Signals, endless: Simulator) -> None:
    """What is done stays done, and the last line resumes the rest."""
    url = endless.base_url
    with started(*typed(url)) as command:
        assert command.stdout is not None and command.stderr is not None
        saved = [command.stdout.readline().strip() for _ in range(2)]
        command.send_signal(stop)
        said = command.stderr.read().splitlines()
    assert (command.returncode, said[-2:]) == (
        130,
        [
            "Interrupted. 2 items of r are left; nothing is lost.",
            f"Go on with: mjflow resume r --base-url {url}",
        ],
    )
    assert all(Path(path).is_file() for path in saved)


def test_a_run_is_resumed_where_it_stopped(endless: Simulator) -> None:
    """Tasks that run at the server are picked up, and nothing is paid twice."""
    with started(*typed(endless.base_url)) as command:
        assert command.stdout is not None
        command.stdout.readline()
        command.send_signal(signal.SIGINT)
        command.wait()
    paid = len(endless.ledger.charges)
    with started("resume", "r", "--base-url", endless.base_url) as again:
        assert again.stdout is not None
        first = again.stdout.readline()
        again.send_signal(signal.SIGINT)
        again.wait()
    assert (Path(first.strip()).is_file(), len(endless.ledger.charges)) == (True, paid)


def test_what_is_on_the_wire_is_waited_for(slow: Slow) -> None:
    """An interrupt during a submit waits for its answer, which the journal then knows."""
    with started(*typed(slow.url)) as command:
        assert command.stderr is not None
        slow.arrived.wait()
        command.send_signal(signal.SIGINT)
        lines_until(command.stderr, "waiting for the answers to what was just sent")
        slow.answer.set()
        said = command.stderr.read().splitlines()
    assert command.returncode == 130
    assert said[-1] == f"Go on with: mjflow resume r --base-url {slow.url}"
    assert finished("doubts").stderr.endswith("Nothing is in doubt.\n")


def test_a_second_interrupt_leaves_now(slow: Slow) -> None:
    """What was on the wire is in doubt then, and the journal says so."""
    with started(*typed(slow.url)) as command:
        assert command.stderr is not None
        slow.arrived.wait()
        command.send_signal(signal.SIGINT)
        lines_until(command.stderr, "waiting for the answers to what was just sent")
        command.send_signal(signal.SIGINT)
        said = command.stderr.read()
    assert (command.returncode, "Traceback" in said) == (130, False)
    assert said.splitlines()[-1] == f"Go on with: mjflow resume r --base-url {slow.url}"
    assert "Sent a moment ago, and not answered yet: " in finished("doubts").stderr


def test_an_interrupt_with_the_simulator_inside(desk: Path) -> None:
    """There is nothing to go on with: the simulator has ended."""
    rows = write_rows(40)
    with started("run", "cats.yaml", "--inputs", rows, "--run", "r", "--simulate") as command:
        assert command.stdout is not None and command.stderr is not None
        command.stdout.readline()
        command.send_signal(signal.SIGINT)
        said = command.stderr.read().splitlines()
    assert (command.returncode, said[-1]) == (
        130,
        "Interrupted. The simulator has ended, and its tasks with it; nothing was paid.",
    )


def test_two_on_one_run(endless: Simulator) -> None:
    """The second says who holds it, and pays for nothing."""
    url = endless.base_url
    with started(*typed(url)) as command:
        assert command.stdout is not None
        command.stdout.readline()
        before = len(endless.ledger.charges)
        second = finished("resume", "r", "--base-url", url)
        listed = finished("runs")
        command.send_signal(signal.SIGINT)
        command.wait()
    held = f"error: the run 'r' is held by process {command.pid} on "
    assert (second.returncode, held in second.stderr) == (1, True), second.stderr
    assert listed.stdout.split()[-1] == "running"
    assert len(endless.ledger.charges) == before


def test_a_killed_run_is_taken_over(endless: Simulator) -> None:
    """A dead process holds nothing, and what it paid for is not paid again."""
    with started(*typed(endless.base_url)) as command:
        assert command.stdout is not None
        first = {command.stdout.readline(), command.stdout.readline()}
        command.kill()
        command.wait()
    assert finished("runs").stdout.split()[-1] == "stopped"
    before = len(endless.ledger.charges)
    with started("resume", "r", "--base-url", endless.base_url) as again:
        assert again.stdout is not None
        second = {again.stdout.readline(), again.stdout.readline()}
        again.send_signal(signal.SIGINT)
        again.wait()
    assert (second, len(endless.ledger.charges)) == (first, before)


def test_a_disk_that_takes_no_journal(desk: Path, simulator: Simulator) -> None:
    """It is told of before anything is charged."""
    before = len(simulator.ledger.submits)
    done = finished(*typed(simulator.base_url), preexec_fn=_limited(10_000))
    assert (done.returncode, done.stdout, "Traceback" in done.stderr) == (1, "", False)
    assert "\nerror: the journal " in f"\n{done.stderr}"
    assert len(simulator.ledger.submits) == before


def test_talk_and_paths_in_one_file(desk: Path, simulator: Simulator) -> None:
    """Where both go to one log, a path for each picture would drown what matters."""
    done = subprocess.run(
        [sys.executable, "-m", "mjflow", *typed(simulator.base_url)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert (done.returncode, done.stdout) == (
        0,
        "r: 3 items, 9 tasks to submit, $0.60\nr: 3 of 3 items, 6 pictures, $0.60 spent\n",
    )


def test_on_a_terminal_a_run_is_drawn(desk: Path) -> None:
    """A bar, the items, the money and the last pictures; above it failures, below it why."""
    shown = on_a_terminal(
        *("run", "cats.yaml", "--inputs", "rows.csv", "--run", "r", "--out", "o"),
        *("--simulate", "--fault", "banned-24@clicks=1:1"),
    )
    assert "3 of 3 items 100%" in shown
    assert "2 done · 1 failed · 0 under way · 0 to come" in shown
    assert "$0.55 spent" in shown
    assert "5 in o" in shown
    assert re.search(r"failed: item-\d > U\d: the server refuses the prompt", shown)
    assert "what failed, and why" in shown


def on_a_terminal(*words: str) -> str:
    """Run a command on a terminal of 80 columns, and return what it wrote without its colours."""
    ours, theirs = pty.openpty()
    environ = os.environ | {"TERM": "xterm", "COLUMNS": "80", "LINES": "30"}
    with subprocess.Popen([*COMMAND, *words], stdout=theirs, stderr=theirs, env=environ) as command:
        os.close(theirs)
        shown = b"".join(iter(lambda: _read(ours), b""))
        command.wait()
    os.close(ours)
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown.decode())


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # the other end has closed it
        return b""
