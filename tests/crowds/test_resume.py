"""A crowd that is taken up, or was asleep, is looked at within the budget, and spread again."""

from __future__ import annotations

import asyncio
import json
from collections import Counter

import pytest

from mjflow import Client
from mjflow.journal.memory import MemoryStore
from mjflow.protocol.verdicts import Reply
from mjflow.testing import VirtualLoop
from mjflow.transport.base import Target
from tests.scripted import BASE, RUNNING, Scripted, web_page
from tests.virtual import virtual_time

from .door import BURST, RATE, check_budget

TASKS = 1000
INTERVAL = 15.0
#: Parts of an interval in which looks are counted, and how much fuller than others one may be.
PARTS, UNEVEN = 10, 1.4


class Clocked(Scripted):
    """A server whose tasks run for ever, and which notes when it is asked for which of them."""

    def __init__(self, *, bulk: bool, slowness: float = 0.01) -> None:
        super().__init__()
        self.asked: list[tuple[float, tuple[str, ...]]] = []
        self._bulk = bulk
        self._slowness = slowness
        self.takes_all()
        self.every_task(RUNNING)

    async def look(self, target: Target, body: bytes = b"") -> Reply:
        ids = tuple(json.loads(body)["ids"]) if body else (str(target),)
        self.asked.append((now(), ids))
        await asyncio.sleep(self._slowness)
        if body and not self._bulk:
            return web_page()
        return self._list(ids) if body else self._look(ids[0])

    @property
    def times(self) -> list[float]:
        return [at for at, _ in self.asked]

    def looked_at(self, begin: float, end: float) -> Counter[str]:
        """Count the looks at each task in a span of time."""
        asked = (ids for at, ids in self.asked if begin <= at < end)
        return Counter(task_id for ids in asked for task_id in ids)

    def parts(self, begin: float) -> list[int]:
        """Count the looks in each part of an interval."""
        width = INTERVAL / PARTS
        edges = [begin + n * width for n in range(PARTS)]
        return [self.looked_at(edge, edge + width).total() for edge in edges]


def client_of(server: Scripted, *, budget: float | None = RATE, **settings: object) -> Client:
    given = {"max_in_flight": None, "poll_interval": INTERVAL, "request_budget": budget, **settings}
    return Client(BASE, "sk-test", dialect="gateway", transport=server, **given)  # type: ignore[arg-type]


def now() -> float:
    return asyncio.get_running_loop().time()


async def submit(client: Client, tasks: int = TASKS) -> None:
    """Submit tasks under keys of their own, or take them up again."""
    handles = [client.imagine(f"cat {number}", key=f"cat-{number}") for number in range(tasks)]
    for handle in handles:
        await handle.submitted()


# --- after a restart ----------------------------------------------------------------------


@pytest.mark.parametrize("bulk", [True, False], ids=["bulk", "single"])
@virtual_time
async def test_a_crowd_that_is_taken_up_is_looked_at_at_once_within_the_budget(bulk: bool) -> None:
    """All of them once, in as many requests as it takes, and nothing is submitted again."""
    server, store = Clocked(bulk=bulk), MemoryStore()
    async with client_of(server, journal=store) as client:
        await submit(client)
    server.asked.clear()
    async with client_of(server, journal=store) as client:
        began = now()
        await submit(client)
        requests = TASKS / 100 if bulk else TASKS
        took = max(0.0, requests - BURST) / RATE + 1.0
        await asyncio.sleep(took)
        assert len(server.looked_at(began, began + took)) == TASKS
        await asyncio.sleep(5 * INTERVAL)
    check_budget(server.times)
    assert len(server.sent) == TASKS


@pytest.mark.parametrize("attach", [True, False], ids=["attached", "from the journal"])
@virtual_time
async def test_the_first_tick_after_a_restart_is_spread(attach: bool) -> None:
    """Where single looks are made, and no budget parts them: they go round the interval."""
    server, store = Clocked(bulk=False), MemoryStore()
    async with client_of(server, journal=store) as client:
        await submit(client)
    async with client_of(server, journal=store, budget=None) as client:
        client._engine.poller.chunks.unknown(now())
        client._engine.poller.chunks.unknown(now())
        if attach:
            for number in range(TASKS):
                client.attach(str(1001 + number))
        else:
            await submit(client)
        await asyncio.sleep(1.0)
        began = now()
        await asyncio.sleep(2 * INTERVAL)
    for first in (began, began + INTERVAL):
        parts = server.parts(first)
        assert sum(parts) == pytest.approx(TASKS, rel=0.02)
        assert max(parts) <= UNEVEN * TASKS / PARTS


@virtual_time
async def test_a_crowd_taken_up_in_bulk_is_looked_at_at_few_instants_with_full_chunks() -> None:
    """Ten thousand go round the interval in bouts, each a few full requests."""
    server = Clocked(bulk=True)
    async with client_of(server) as client:
        for number in range(10 * TASKS):
            client.attach(str(number))
        await asyncio.sleep(2 * INTERVAL)
        began = now()
        await asyncio.sleep(INTERVAL)
    assert max(server.parts(began)) <= 2 * UNEVEN * 10 * TASKS / PARTS
    sizes = [len(ids) for at, ids in server.asked if at >= began]
    assert sum(sizes) == pytest.approx(10 * TASKS, rel=0.02)
    assert len(sizes) <= 1.2 * 10 * TASKS / 100


# --- after a sleep ------------------------------------------------------------------------


@pytest.mark.parametrize("bulk", [True, False], ids=["bulk", "single"])
@virtual_time
async def test_a_crowd_that_overslept_returns_to_its_places(bulk: bool) -> None:
    """After ten minutes of a machine's sleep all are overdue: each is looked at once, and soon."""
    server = Clocked(bulk=bulk)
    async with client_of(server) as client:
        await submit(client, 200)
        await asyncio.sleep(4 * INTERVAL)
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        loop._virtual.now += 600.0
        woke = now()
        await asyncio.sleep(200 / RATE + 1.0)
        assert set(server.looked_at(woke, now()).values()) == {1}
        assert len(server.looked_at(woke, now())) == 200
        await asyncio.sleep(INTERVAL)
        began = now()
        await asyncio.sleep(INTERVAL)
        assert client.statistics().lag < 1.0
    check_budget(server.times)
    assert server.looked_at(began, now()).total() == pytest.approx(200, abs=5)


# --- lateness -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tasks", "bulk", "budget"),
    [
        (100, False, 20.0),
        (1000, False, 20.0),
        (1000, True, 20.0),
        (10_000, True, 20.0),
        (10_000, True, 5.0),
        (3000, True, 1.0),
    ],
)
@virtual_time
async def test_looks_are_late_by_what_the_budget_lacks(
    tasks: int, bulk: bool, budget: float
) -> None:
    """What does not fit into an interval is the lag, told as it is; what fits is on time."""
    server = Clocked(bulk=bulk)
    round_takes = (tasks / 100 if bulk else tasks) / budget
    async with client_of(server, budget=budget) as client:
        for number in range(tasks):
            client.attach(str(number))
        await asyncio.sleep(10 * max(INTERVAL, round_takes))
        lag = client.statistics().lag
    lacks = max(0.0, round_takes - INTERVAL)
    assert lag == pytest.approx(lacks, abs=INTERVAL if lacks else 1.0)
    check_budget(server.times, budget)
