"""Several processes on one journal, and processes that end badly."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import pytest

from mjflow.fsm.events import Event

from .child import KEYS
from .contract import BASE, intent
from .test_sqlite import opened

HOME = Path(__file__).parents[2]
#: Seconds that a process may take to end.
PATIENCE = 60


@contextmanager
def child(what: str, path: Path) -> Iterator[subprocess.Popen[str]]:
    """Let a process work on a journal; kill it at the end, if it lives by then."""
    command = [sys.executable, "-W", "error", "-m", "tests.journal.child", what, str(path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, cwd=HOME, stdin=pipe, stdout=pipe, stderr=pipe, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def lines(process: subprocess.Popen[str]) -> Iterator[str]:
    assert process.stdout is not None
    return (line.strip() for line in process.stdout)


def test_of_several_processes_one_gets_each_key(tmp_path: Path) -> None:
    """Whoever asks second is told so; nobody pays twice, and nobody fails."""
    path = tmp_path / "journal.db"
    with child("compete", path) as one, child("compete", path) as two, child("compete", path) as x:
        processes = [one, two, x]
        for process in processes:
            assert next(lines(process)) == "ready"
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        won = [process.communicate(timeout=PATIENCE)[0].split() for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert sorted(int(key) for keys in won for key in keys) == list(range(KEYS))


@pytest.mark.parametrize("seed", range(4))
async def test_what_was_written_survives_a_kill(tmp_path: Path, seed: int) -> None:
    """All that a method has returned from is there, and the file is whole."""
    path = tmp_path / "journal.db"
    with child("write", path) as process:
        said = list(islice(lines(process), random.Random(seed).randrange(20, 600)))
        process.send_signal(signal.SIGKILL)
        said += lines(process)
    async with opened(path) as store:
        found = {one.intent.key: one for one in await store.history(BASE, "")}
    if said and len(said[-1].split()) < 2:
        said.pop()  # torn, as the process was
    words = [line.split() for line in said]
    assert {key for word, key in words if word == "intent"} <= found.keys()
    assert all(found[key].notes for word, key in words if word == "note")


async def test_half_a_transaction_is_none(tmp_path: Path) -> None:
    """A process that is killed within one leaves what was there before."""
    path = tmp_path / "journal.db"
    with child("die", path) as process:
        assert process.wait(PATIENCE) == -signal.SIGKILL
    async with opened(path) as store:
        assert [one.intent.key for one in await store.open(BASE)] == ["before"]


async def test_a_program_may_end_without_closing(tmp_path: Path) -> None:
    """It ends at once, with its own exit code, without a word, and what was written is there."""
    path = tmp_path / "journal.db"
    with child("leave", path) as process:
        out, err = process.communicate(timeout=PATIENCE)
        assert (out, err, process.returncode) == ("written\n", "", 3)
    async with opened(path) as store:
        assert [one.intent for one in await store.open(BASE)] == [intent()]


async def test_an_interrupted_program_writes_its_last_words(tmp_path: Path) -> None:
    """What is written on the way out of Ctrl-C is written."""
    path = tmp_path / "journal.db"
    with child("wait", path) as process:
        assert next(lines(process)) == "written"
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=PATIENCE)
    async with opened(path) as store:
        (attempt,) = await store.attempts(BASE, "k")
        assert [one.event for one in attempt.notes] == [Event.WITHDRAWN]
    assert [one.name for one in tmp_path.iterdir()] == ["journal.db"]
