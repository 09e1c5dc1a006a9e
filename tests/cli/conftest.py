"""What the tests of the command line share: a simulator to talk to, and a clean desk."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from attrs import frozen

from mjflow.cli import main
from mjflow.simulator import Simulator
from tests.docs.servers import answering


@frozen
class Done:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> list[str]:
        """The lines on standard error."""
        return self.err.splitlines()


#: Runs a command in this process.
Mjflow = Callable[..., Done]


@pytest.fixture(autouse=True)
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder, with nothing in the environment but a quick look and no journal."""
    for name in [name for name in os.environ if name.startswith("MJFLOW_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("MJFLOW_POLL_INTERVAL", "0.02")
    monkeypatch.setenv("MJFLOW_JOURNAL", "memory")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="session")
def simulator() -> Iterator[Simulator]:
    """Give a simulator that answers from another thread, for all tests."""
    simulator = Simulator(speed=600)
    with answering(simulator):
        yield simulator


@pytest.fixture
def mjflow(capsys: pytest.CaptureFixture[str]) -> Mjflow:
    """Give a function that runs a command in this process."""

    def run(*arguments: str) -> Done:
        code = main(arguments)
        out, err = capsys.readouterr()
        return Done(code, out, err)

    return run


@pytest.fixture
def served(mjflow: Mjflow, simulator: Simulator) -> Mjflow:
    """Give a function that runs a command against the simulator."""
    return lambda *arguments: mjflow(*arguments, "--base-url", simulator.base_url)
