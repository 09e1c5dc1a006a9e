"""Sets a stage for chains: a simulated server, a client of it, and what the server knows."""

from __future__ import annotations

import asyncio
import functools
import random
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from attrs import field, frozen
from PIL import Image

from mjflow import Client, SubmissionInDoubt
from mjflow.protocol.dialect import Dialect, dialect_named
from mjflow.protocol.token import unwrap
from mjflow.simulator import Ledger, Simulator, Submit
from mjflow.simulator.recipes import size_of
from mjflow.simulator.tasks import Task as ServersTask
from mjflow.testing import run
from tests.contract.chains import Story, play
from tests.contract.plans import Plan

KEY = "sk-test"
#: Seconds until every request that was on the wire has got its answer, or none.
QUIET = 300.0
#: Seconds for which what was told to be in doubt may still turn out well.
AFTERMATH = 1800.0


@frozen
class Truth:
    """What the server knows once a story is over."""

    ledger: Ledger
    tasks: Mapping[str, ServersTask]
    dialect: Dialect
    #: The server's time.
    now: float
    #: How often each fault struck.
    struck: Mapping[str, int]
    #: What the client believes to have paid, in USD.
    spent: float
    #: The tokens that the client lists as doubts.
    doubts: frozenset[str]

    @functools.cached_property
    def submits(self) -> Mapping[str, list[Submit]]:
        """The submits by what their `state` carries behind the token."""
        found: dict[str, list[Submit]] = {}
        for submit in self.ledger.submits:
            found.setdefault(unwrap(submit.state)[1], []).append(submit)
        return found


@frozen
class Performance:
    """Stories that were played side by side, and the truth about them."""

    stories: tuple[Story, ...]
    truth: Truth = field(repr=False)


def perform(
    profile: str, plan: Plan, *faults: str, chains: int = 1, after: int = 0, **simulator: Any
) -> Performance:
    """
    Play a plan on virtual time, at a server of this kind with these faults.

    Args:
        chains: How many times it is played, side by side.
        after: How many submits come in before the faults are switched on.
        simulator: Further arguments of the simulator.
    """
    with flat_pictures(), TemporaryDirectory() as folder:
        on_stage = stage(profile, faults=() if after else faults, **simulator)
        late = faults if after else ()
        return run(_perform(on_stage, plan, chains, Path(folder), late, after))


async def _perform(
    on_stage: AbstractAsyncContextManager[tuple[Client, Simulator]],
    plan: Plan,
    chains: int,
    folder: Path,
    late: Sequence[str],
    after: int,
) -> Performance:
    async with on_stage as (client, simulator), asyncio.TaskGroup() as beside:
        if late:
            beside.create_task(_switch_on(simulator, late, after))
        names = [f"chain-{number}" for number in range(chains)]
        played = await asyncio.gather(
            *(play(client, plan, name=name, folder=folder / name) for name in names)
        )
        doubtful = any(one.in_doubt for one in played)
        await asyncio.sleep(AFTERMATH if doubtful else QUIET)
        stories = tuple(one.story() for one in played)
        return Performance(stories, await truth(client, simulator))


async def _switch_on(simulator: Simulator, faults: Sequence[str], after: int) -> None:
    while len(simulator.ledger.submits) < after:
        await asyncio.sleep(0.25)
    for fault in faults:
        simulator.faults.switch(fault)


@asynccontextmanager
async def stage(
    profile: str, *, seed: int = 7, **simulator: Any
) -> AsyncIterator[tuple[Client, Simulator]]:
    """Open a server and a client of it; all dice fall the same way each time."""
    before = random.getstate()
    random.seed(seed)
    try:
        async with (
            Simulator(profile=profile, seed=seed, threads=False, **simulator) as server,
            Client(server.base_url, KEY, dialect=server.profile.family) as client,
        ):
            yield client, server
    finally:
        random.setstate(before)


async def truth(client: Client, simulator: Simulator) -> Truth:
    """Read the server's books, and the client's."""
    doubts = [handle.outcome for handle in await client.doubts()]
    return Truth(
        ledger=simulator.ledger,
        tasks=dict(simulator.tasks),
        dialect=dialect_named(simulator.profile.family),
        now=simulator.now,
        struck=dict(simulator.faults.struck),
        spent=client.statistics().spent.total,
        doubts=frozenset(one.token for one in doubts if isinstance(one, SubmissionInDoubt)),
    )


@contextmanager
def flat_pictures() -> Iterator[None]:
    """Let the server draw white pictures, whole and of the right size: beauty takes its time."""
    with patch("mjflow.simulator.pictures.draw", _flat):
        yield


def _flat(task: ServersTask, *, preview: bool = False) -> bytes:
    return _white(size_of(task))


@functools.cache
def _white(size: tuple[int, int]) -> bytes:
    file = BytesIO()
    Image.new("RGB", size, "white").save(file, "PNG", compress_level=1)
    return file.getvalue()
