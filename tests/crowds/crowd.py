"""Plays a chain a thousand times at once, on virtual time, and tells what came of it."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from attrs import frozen

from mjflow import Client
from mjflow.simulator import Profile, Simulator
from mjflow.testing import assert_paid_once, run
from tests.contract.chains import play
from tests.contract.oracle import wrongs
from tests.contract.plans import Plan
from tests.contract.stage import (
    AFTERMATH,
    KEY,
    QUIET,
    Performance,
    Truth,
    flat_pictures,
    truth,
)

from .blocking import nothing_blocks
from .door import Door, check_door

#: Tasks that run at once at the server; the others queue.
PLACES = 500
#: Submits per second of a crowd.
RUSH = 50.0
#: Seconds between two counts of what is in flight.
_COUNTED_EVERY = 5.0
#: How many tasks trueai lists, the newest (P§2.16), and the seconds after which one that others
#: have pushed out of the list by then may have been missed by every read of it.
_LISTED, _MISSED_AFTER = 100, 30.0
_FINDABLE = re.compile(r"the task (\S+) could have been found by its token")


@frozen
class Crowd:
    """What became of many chains that were played side by side."""

    performance: Performance
    door: Door
    #: The most tasks that were in flight at once.
    most_in_flight: int


def gather(
    profile: str, plan: Plan, *faults: str, chains: int, folder: Path, **simulator: Any
) -> Crowd:
    """
    Play a plan many times, at a server of this kind with these faults.

    Raises:
        AssertionError: Something has blocked the event loop.
    """
    with flat_pictures(), nothing_blocks():
        return run(_gather(profile, plan, chains, folder, faults=faults, **simulator))


async def _gather(profile: str, plan: Plan, chains: int, folder: Path, **simulator: Any) -> Crowd:
    async with at_the_door(profile, simulator, submit_rate=RUSH) as (client, server, door):
        in_flight: list[int] = []
        counting = asyncio.create_task(_count(client, in_flight))
        names = [f"chain-{number}" for number in range(chains)]
        played = await asyncio.gather(
            *(play(client, plan, name=name, folder=folder / name) for name in names)
        )
        counting.cancel()
        doubtful = any(one.in_doubt for one in played)
        await asyncio.sleep(AFTERMATH if doubtful else QUIET)
        stories = tuple(one.story() for one in played)
        performance = Performance(stories, await truth(client, server))
    return Crowd(performance, door, max(in_flight))


async def _count(client: Client, in_flight: list[int]) -> None:
    while True:
        in_flight.append(client.statistics().in_flight)
        await asyncio.sleep(_COUNTED_EVERY)


@asynccontextmanager
async def at_the_door(
    profile: str | Profile, simulator: dict[str, Any], *, seed: int = 7, **client: Any
) -> AsyncIterator[tuple[Client, Simulator, Door]]:
    """Open a server with a door and a client of it; all dice fall the same way each time."""
    before = random.getstate()
    random.seed(seed)
    door = Door()
    given = {"core_size": PLACES, "seed": seed, **simulator}
    server = door.before(Simulator(profile=profile, threads=False, **given))
    try:
        async with server:
            spoken = {"dialect": server.profile.family, "transport": door.transport(server, KEY)}
            settings = {"max_in_flight": None, **spoken, **client}
            async with Client(server.base_url, KEY, **settings) as one:
                yield one, server, door
    finally:
        random.setstate(before)


# --- the verdict --------------------------------------------------------------------------


def check(crowd: Crowd) -> None:
    """Assert that every wait ended as it should, nothing was paid twice and the budget held."""
    assert list(_complaints(crowd.performance)) == []
    assert_paid_once(crowd.performance.truth.ledger)
    check_door(crowd.door)


def _complaints(performance: Performance) -> Iterator[str]:
    for complaint in wrongs(performance):
        found = _FINDABLE.search(complaint)
        if found is None or not _crowded_out(found[1], performance.truth):
            yield complaint


def _crowded_out(task_id: str, truth: Truth) -> bool:
    """Whether a server that lists its newest tasks may never have shown this one in time."""
    if truth.dialect.name != "trueai":
        return False
    began = truth.tasks[task_id].submitted
    later = [one for one in truth.tasks.values() if began < one.submitted]
    return sum(one.submitted < began + _MISSED_AFTER for one in later) >= _LISTED
