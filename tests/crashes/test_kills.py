"""A run that is killed again and again, and goes on: every picture, and nothing paid twice."""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from attrs import define

from mjflow.engine.pasts import IN_DOUBT, past_of
from mjflow.fsm.replay import replay
from mjflow.journal.sqlite import SqliteStore
from mjflow.journal.store import Attempt
from mjflow.simulator import Simulator, Submit
from tests.crashes.night import RUN, SPEED

#: What goes wrong at the server meanwhile.
FAULTS = {
    "lost-reply": 0.01,
    "code-5-with-task": 0.01,
    "shape-e": 0.02,
    "http-502": 0.01,
    "queue-full": 0.05,
    "server-error": 0.02,
    "cut-body": 0.02,
    "image-404": 0.02,
}


@define
class Night:
    """A run over some items, and whoever kills it."""

    url: str
    folder: Path
    items: int

    async def life(self, dots: int | None) -> list[dict[str, Any]] | None:
        """Let it live until it has said so many dots, or to its end; give what it said then."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "tests.crashes.night", self.url, str(self.journal), str(self.out)),
            str(self.items),
            stdout=asyncio.subprocess.PIPE,
            limit=2**24,
        )
        assert process.stdout is not None
        last = b""
        async for line in process.stdout:
            last = line
            if dots is not None:
                dots -= 1
                if dots == 0:
                    process.kill()
        if await process.wait() == 0:
            told: list[dict[str, Any]] = json.loads(last)
            return told
        assert process.returncode == -9
        return None

    @property
    def journal(self) -> Path:
        """Where the journal is."""
        return self.folder / "journal.db"

    @property
    def out(self) -> Path:
        """Where the pictures go."""
        return self.folder / "out"

    async def attempts(self) -> list[Attempt]:
        """Read what the journal knows."""
        store = SqliteStore(self.journal)
        await store.start()
        try:
            return list(await store.history(self.url, f"@{RUN}/"))
        finally:
            await store.aclose()


async def killed(folder: Path, *, items: int, kills: int, seed: int) -> None:
    """Run, kill, go on until it ends, and judge by the simulator's own books."""
    dice = random.Random(seed)
    async with Simulator(
        seed=seed, speed=SPEED, remix=True, core_size=60, faults=FAULTS
    ) as simulator:
        night = Night(simulator.base_url, folder, items)
        told, left = None, kills
        while told is None:
            told = await night.life(dice.randint(1, 12 * items) if left > 0 else None)
            left -= 1
        books = simulator.ledger
        attempts = await night.attempts()
        assert wrongs(attempts, books.submits) == []
        assert [item["key"] for item in told] == [f"boat-{n}" for n in range(items)]
        assert unfinished(told, attempts) == []
        assert kept(told) == sorted(map(str, pictures(night.out)))


def wrongs(attempts: list[Attempt], submits: list[Submit]) -> list[str]:
    """List what was paid twice, and what was paid and is in no journal."""
    keys = {f"mj1.{attempt.intent.token}": attempt.intent.key for attempt in attempts}
    paid: Counter[tuple[str, str]] = Counter()
    found = []
    for submit in submits:
        if not submit.charged:
            continue
        if submit.token not in keys:
            found.append(f"{submit.act} {submit.token} was paid, and is in no journal")
        else:
            kind = "answer" if submit.act == "modal" else "submit"
            paid[keys[submit.token], kind] += 1
    return found + [f"{kind} {key} was paid {n} times" for (key, kind), n in paid.items() if n > 1]


def unfinished(told: list[dict[str, Any]], attempts: list[Attempt]) -> list[str]:
    """List the items without their picture, save those of which the journal is in doubt."""
    doubts = {doubt.split("/")[1] for doubt in doubtful(attempts)}
    return [
        f"{item['key']}: {item['errors']}"
        for item in told
        if len(item["files"]) != 1 and not (item["stuck"] and item["key"] in doubts)
    ]


def doubtful(attempts: list[Attempt]) -> set[str]:
    """Give the keys of which the journal says that nobody knows."""
    return {
        attempt.intent.key for attempt in attempts if replay(past_of(attempt).events)[0] in IN_DOUBT
    }


def kept(told: list[dict[str, Any]]) -> list[str]:
    """Give the paths of the pictures that were told of, each as it was told."""
    paths = []
    for path, size, sha256 in (file for item in told for file in item["files"]):
        data = Path(path).read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (size, sha256)
        paths.append(path)
    return sorted(paths)


def pictures(out: Path) -> list[Path]:
    """Give all pictures on disk; of one that was being written at a kill a part may be left."""
    return [one for one in out.rglob("*") if one.is_file() and one.suffix not in (".json", ".part")]


@pytest.mark.parametrize("seed", [1])
async def test_a_killed_run_goes_on_and_pays_nothing_twice(tmp_path: Path, seed: int) -> None:
    """Killed three times at random moments, 200 items still get their pictures, each paid once."""
    await killed(tmp_path, items=200, kills=3, seed=seed)


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", range(10, 14))
async def test_a_run_killed_many_times(tmp_path: Path, seed: int) -> None:
    """Killed ten times at random moments, the same holds."""
    await killed(tmp_path, items=200, kills=10, seed=seed)
