"""
One contestant, measured in a process of its own.

    python -m benchmarks.contestants JOB

does a `Job`, given as JSON, and prints what it took, a `Result`, as JSON.
"""

from __future__ import annotations

import asyncio
import gc
import json
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from statistics import fmean

from attrs import asdict, frozen

from benchmarks import ROOT, lives, ours, peers
from benchmarks.crowd import Crowd
from benchmarks.harness import percentile

#: Seconds between two looks at a task, in real life.
INTERVAL = 2.0
_PROBE = 0.05  # seconds; of a loop that does nothing else, each costs as much as a task

Way = Callable[[Crowd], Awaitable[None]]

#: The one that needs a server with bulk looks, and finds out by itself that it has one.
IN_BULK = "mjflow in bulk"

#: Ways to wait until all tasks have ended.
WAITING: Mapping[str, Way] = {
    "naive": peers.naive,
    "backoff": peers.with_backoff,
    "naive tuned": peers.naive_tuned,
    "mjflow": ours.wait_for_all,
    IN_BULK: ours.wait_for_all,
}
#: Ways to have tasks in flight, for what they weigh.
HOLDING: Mapping[str, Way] = {
    "naive tuned": peers.naive_tuned,
    "mjflow, nobody waits": ours.look_for_ever,
    "mjflow, a coroutine each": ours.await_each,
}
#: Ways to look at tasks that never end.
LOOKING: Mapping[str, Way] = {
    "bare tuned aiohttp": peers.bare_loop,
    "mjflow's transport": ours.transport_alone,
    "mjflow": ours.look_for_ever,
}


@frozen(kw_only=True)
class Job:
    """What a contestant is to do."""

    way: str
    url: str
    tasks: int
    #: Seconds between two looks at a task.
    interval: float
    #: How much faster than in real life tasks end; 0 for never.
    factor: float = 0.0
    seed: int = 0
    # For tasks that never end: how the bare loops look, and how long is measured.
    workers: int = 1
    tick: float = 0.0
    warm_up: float = 0.0
    seconds: float = 0.0
    #: Whether to tell what the tasks weigh instead of how long anything takes.
    weigh: bool = False


@frozen(kw_only=True)
class Result:
    """What it took."""

    #: CPU seconds of the contestant's process.
    cpu: float
    #: Seconds on the wall.
    wall: float
    tasks: int
    looks: int
    #: Seconds from a task's end until it was seen.
    delay_mean: float = 0.0
    delay_p99: float = 0.0
    #: Seconds that the event loop's own timers came late.
    lag_p99: float = 0.0
    #: Bytes of memory that the tasks in flight took.
    weight: int = 0


def run(job: Job) -> Result:
    """Do a job in a fresh process and wait for its result."""
    command = [sys.executable, "-m", "benchmarks.contestants", json.dumps(asdict(job))]
    work = lives.LONGEST_LIFE / job.factor if job.factor else job.warm_up + job.seconds
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60 + 5 * work
    )
    if done.returncode:
        raise RuntimeError(f"{job.way} failed:\n{done.stderr}")
    return Result(**json.loads(done.stdout))


async def _do(job: Job) -> Result:
    if job.weigh:
        return await _weigh(job)
    return await (_wait(job) if job.factor else _look(job))


async def _wait(job: Job) -> Result:
    lengths = lives.lifetimes(job.tasks, job.seed)
    ids = [lives.born(number, life / job.factor) for number, life in enumerate(lengths)]
    crowd = Crowd(job.url, ids, job.interval)
    lags: list[float] = []
    probe = asyncio.create_task(_probe(lags))
    cpu, wall = time.process_time(), time.monotonic()
    await WAITING[job.way](crowd)
    cpu, wall = time.process_time() - cpu, time.monotonic() - wall
    await _cancelled(probe)
    return Result(
        cpu=cpu,
        wall=wall,
        tasks=len(crowd.delays),
        looks=crowd.count(),
        delay_mean=fmean(crowd.delays),
        delay_p99=percentile(crowd.delays, 99),
        lag_p99=percentile(lags, 99),
    )


async def _look(job: Job) -> Result:
    ids = [lives.undying(number) for number in range(job.tasks)]
    crowd = Crowd(job.url, ids, job.interval, job.workers, job.tick)
    looking = asyncio.ensure_future(LOOKING[job.way](crowd))
    await asyncio.wait([looking], timeout=job.warm_up)
    lags: list[float] = []
    probe = asyncio.create_task(_probe(lags))
    looks = crowd.count()
    cpu, wall = time.process_time(), time.monotonic()
    await asyncio.wait([looking], timeout=job.seconds)
    cpu, wall = time.process_time() - cpu, time.monotonic() - wall
    looks = crowd.count() - looks
    await _cancelled(probe)
    await _cancelled(looking)
    return Result(cpu=cpu, wall=wall, tasks=len(ids), looks=looks, lag_p99=percentile(lags, 99))


async def _weigh(job: Job) -> Result:
    """Weigh tasks that never end, all of which have been looked at."""
    ids = [lives.undying(number) for number in range(job.tasks)]
    few, many = Crowd(job.url, ids[:100], job.interval), Crowd(job.url, ids, job.interval)
    weights = [await _weight(job, crowd) for crowd in (few, many)]
    return Result(cpu=0.0, wall=0.0, tasks=len(ids) - 100, looks=0, weight=weights[1] - weights[0])


async def _weight(job: Job, crowd: Crowd) -> int:
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    holding = asyncio.ensure_future(HOLDING[job.way](crowd))
    await asyncio.wait([holding], timeout=job.seconds)
    gc.collect()
    weight = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    await _cancelled(holding)
    return weight


async def _probe(lags: list[float]) -> None:
    """Note how late the loop's timers come."""
    while True:
        due = time.monotonic() + _PROBE
        await asyncio.sleep(_PROBE)
        lags.append(time.monotonic() - due)


async def _cancelled(future: asyncio.Future[None]) -> None:
    future.cancel()
    with suppress(asyncio.CancelledError):
        await future


if __name__ == "__main__":
    print(json.dumps(asdict(asyncio.run(_do(Job(**json.loads(sys.argv[1])))))))
