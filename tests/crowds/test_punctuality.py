"""How punctual looks are: in a crowd that dwindles, and after the process was asleep."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise
from random import Random
from statistics import fmean
from typing import Any

import pytest
from attrs import define, field, frozen

from mjflow import Client, TaskHandle
from mjflow.protocol.verdicts import Reply
from mjflow.transport.base import Target
from tests.scripted import BASE, Scripted, reply
from tests.virtual import VirtualLoop, virtual_time

from .door import check_budget

#: Seconds that a look takes.
ROUND_TRIP = 0.01
#: How much longer than an interval a task may wait, as a share of the interval.
TOLERANCE = 0.05
#: Seconds between two looks of those who fall asleep.
INTERVAL = 5.0


@define(eq=False)
class Mortal(Scripted):
    """A server whose tasks end when the clock says so, and that notes when it was asked."""

    bulk: bool = True
    #: When tasks end; those that are not here run for ever.
    ends: dict[str, float] = field(factory=dict)
    #: When each task was looked at, and when any request came.
    looked: defaultdict[str, list[float]] = field(factory=lambda: defaultdict(list))
    requests: list[float] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        super().__init__()

    async def look(self, target: Target, body: bytes = b"") -> Reply:
        if body and not self.bulk:
            return Reply(404, b"")
        ids = json.loads(body)["ids"] if body else [str(target)]
        self.requests.append(now())
        for task_id in ids:
            self.looked[task_id].append(now())
        await asyncio.sleep(ROUND_TRIP)
        rows = [self._row(task_id) for task_id in ids]
        return reply(rows if body else rows[0])

    def _row(self, task_id: str) -> dict[str, Any]:
        left = self.ends.get(task_id, 1e9) - now()
        status = "IN_PROGRESS" if left > 0 else "SUCCESS"
        return {"id": task_id, "status": status, "progress": f"{99 - min(99, int(left))}%"}

    @property
    def gaps(self) -> list[float]:
        """Seconds between two looks at one task."""
        return sorted(b - a for times in self.looked.values() for a, b in pairwise(times))


def now() -> float:
    return asyncio.get_running_loop().time()


def client_of(server: Mortal, **settings: Any) -> Client:
    unbound: dict[str, Any] = {"max_in_flight": None, "dialect": "gateway"}
    return Client(BASE, "sk-test", transport=server, **unbound, **settings)


def attached(client: Client, count: int) -> list[TaskHandle]:
    return [client.attach(str(number)) for number in range(count)]


@pytest.fixture(autouse=True)
def dice() -> Iterator[None]:
    """Let tasks have the same places in the interval each time."""
    before = random.getstate()
    random.seed(7)
    yield
    random.setstate(before)


# --- a crowd that dwindles ----------------------------------------------------------------


@frozen
class Crowd:
    """Many tasks that end one after the other."""

    tasks: int
    #: Seconds between two looks at a task.
    interval: float
    bulk: bool = True

    def __str__(self) -> str:
        return f"{self.tasks}-{self.interval:g}-{'bulk' if self.bulk else 'single'}"

    async def live(self) -> tuple[Mortal, list[float]]:
        """Wait for all; return how late each end was seen, in order of size."""
        server, lives = Mortal(self.bulk), Random(7)
        settings = {"poll_interval": self.interval, "request_budget": None}
        async with client_of(server, **settings) as client:
            await asyncio.sleep(0.137)  # they begin at no instant in particular
            for number in range(self.tasks):
                server.ends[str(number)] = now() + self.interval * lives.uniform(2.0, 15.0)
            handles = attached(client, self.tasks)
            late = [
                now() - server.ends[str(handle.id)]
                async for handle in client.as_completed(handles, limit=self.tasks)
            ]
        return server, sorted(late)


CROWDS = [
    Crowd(1000, 0.2),
    Crowd(1000, 2.0),
    Crowd(900, 3.0),
    Crowd(2000, 5.0),
    Crowd(1700, 7.77),
    Crowd(300, 15.0),
    Crowd(300, 2.0, bulk=False),
    Crowd(300, 5.0, bulk=False),
]


@pytest.mark.parametrize("crowd", CROWDS, ids=str)
@virtual_time
async def test_no_task_of_a_crowd_waits_longer_than_an_interval(crowd: Crowd) -> None:
    """Whoever is looked at together with whom, and however many are left."""
    server, late = await crowd.live()
    most = crowd.interval * (1 + TOLERANCE)
    assert len(late) == crowd.tasks
    assert server.gaps[-1] <= most + ROUND_TRIP
    assert late[-1] <= most + ROUND_TRIP
    assert fmean(late) <= 0.55 * crowd.interval + ROUND_TRIP


# --- asleep -------------------------------------------------------------------------------


def fall_asleep(seconds: float) -> None:
    """Let the time pass in one leap, as for a process that was suspended or a loop that hung."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    loop._virtual.now += seconds


def busiest(times: list[float], since: float, seconds: float) -> int:
    """Count the most of these instants that lie in one stretch of a tenth of an interval."""
    counts = Counter(int((at - since) / (INTERVAL / 10)) for at in times if at < since + seconds)
    return max(counts.values())


#: They need half of the default budget.
@pytest.mark.parametrize(("tasks", "bulk"), [(4000, True), (50, False)], ids=["bulk", "single"])
@virtual_time
async def test_looks_that_are_all_overdue_keep_the_budget_and_part_again(
    tasks: int, bulk: bool
) -> None:
    """They say how late they are, are soon on time, and do not march in step from then on."""
    server = Mortal(bulk)
    async with client_of(server, request_budget=20.0) as client:
        attached(client, tasks)
        await asyncio.sleep(4 * INTERVAL)
        fall_asleep(300.0)
        server.looked.clear()
        woke = now()
        await asyncio.sleep(0.1)
        assert client.statistics().lag == pytest.approx(300.0, abs=INTERVAL + 0.2)
        await asyncio.sleep(2 * INTERVAL)
        assert client.statistics().lag < 0.2
        assert {times[0] <= woke + INTERVAL for times in server.looked.values()} == {True}
        server.looked.clear()
        later = now()
        await asyncio.sleep(INTERVAL)
    times = [at for looks in server.looked.values() for at in looks]
    assert len(server.looked) == tasks
    assert busiest(times, later, INTERVAL) <= tasks / 4
    check_budget(server.requests)
