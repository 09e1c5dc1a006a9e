"""
What waiting for very many tasks costs, one by one and in bulk: T2, T4, T5, T6, T7.

    python -m benchmarks.wait --tasks 10000
    python -m benchmarks.wait --tasks 100000 --bulk
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from statistics import median

from attrs import evolve, frozen

from benchmarks.contestants import HOLDING, IN_BULK, INTERVAL, WAITING, Job, Result, run
from benchmarks.harness import Target, alternate, arguments, ratio, show, show_targets
from benchmarks.poll_cost import NAIVE, OURS, TUNED, Results, per_task, show_disturbance
from benchmarks.server import serving

#: Looks a second that single looks keep clear of: more would measure who queues better.
UNSATURATED = 5_000.0


@frozen(kw_only=True)
class Size:
    """How much is measured."""

    rounds: int
    tasks: int
    factor: float
    #: Whether only bulk is run.
    bulk: bool = False
    #: Seconds for which tasks are held in order to weigh them.
    hold: float = 8.0

    @property
    def interval(self) -> float:
        """Return the seconds between two looks at a task."""
        return INTERVAL / self.factor


def factor_for(tasks: int) -> float:
    """Choose how much faster than life to run, so that single looks queue nowhere."""
    return max(1.0, min(20.0, UNSATURATED * INTERVAL / tasks))


def waits(size: Size) -> Results:
    """Let all ways wait for the same tasks, in turn; bulk has a server of its own."""
    job = Job(way="", url="", tasks=size.tasks, interval=size.interval, factor=size.factor)
    with serving() as single, serving(bulk=True) as bulk:
        urls = {way: bulk.url if way == IN_BULK else single.url for way in WAITING}
        ways = [IN_BULK] if size.bulk else list(WAITING)
        jobs = {way: partial(run, evolve(job, way=way, url=urls[way])) for way in ways}
        return alternate(size.rounds, jobs)


def weights(size: Size) -> Results:
    """Weigh tasks in flight; a great crowd is more than a peer has connections for."""
    job = Job(way="", url="", tasks=size.tasks, interval=2.0, seconds=size.hold, weigh=True)
    ways = [way for way in HOLDING if not (size.bulk and way == TUNED)]
    with serving(bulk=True) as server:
        jobs = {way: partial(run, evolve(job, way=way, url=server.url)) for way in ways}
        return alternate(1, jobs)


def show_waits(size: Size, results: Results) -> None:
    """Print what the waits took."""
    head = ("", "CPU s per 1,000", "to naive", "to tuned", "core", "requests per task")
    rows = [_row(way, rounds, results, size.interval) for way, rounds in results.items()]
    title = (
        f"{size.tasks:,} tasks of 20-90 s, looked at every {INTERVAL:g} s, "
        f"{size.factor:g} times faster"
    )
    show(title, (*head, "delay mean", "p99", "loop lag p99 ms"), rows)
    print("(delays are in intervals)")


def _row(
    way: str, rounds: Sequence[Result], results: Results, interval: float
) -> tuple[str | float, ...]:
    def to(peer: str) -> str | float:
        known = results.get(peer)
        return ratio(per_task(rounds), per_task(known)) if known else "-"

    return (
        way,
        median(per_task(rounds)),
        to(NAIVE),
        to(TUNED),
        median(one.cpu / one.wall for one in rounds),
        median(one.looks / one.tasks for one in rounds),
        median(one.delay_mean for one in rounds) / interval,
        median(one.delay_p99 for one in rounds) / interval,
        median(one.lag_p99 for one in rounds) * 1e3,
    )


def show_weights(size: Size, results: Results) -> list[Target]:
    """Print what tasks in flight weigh."""
    kilobytes = {way: rounds[0].weight / rounds[0].tasks / 1e3 for way, rounds in results.items()}
    title = f"Memory of {size.tasks:,} tasks in flight"
    show(title, ("", "KB per task"), list(kilobytes.items()))
    _, alone, awaited = HOLDING
    return [
        Target("T4", "a task in flight", kilobytes[alone], 0.6, " KB"),
        Target("T4", "a task awaited by its own coroutine", kilobytes[awaited], 1.8, " KB"),
    ]


def cost_targets(results: Results) -> list[Target]:
    """Compare the cost of waits with T2 and T5."""
    cpu = {way: per_task(rounds) for way, rounds in results.items()}
    looks = {way: [one.looks / one.tasks for one in rounds] for way, rounds in results.items()}
    return [
        Target("T2", "CPU per task, single looks, to naive", ratio(cpu[OURS], cpu[NAIVE]), 0.65),
        Target("T2", "CPU per task, single looks, to tuned", ratio(cpu[OURS], cpu[TUNED]), 0.90),
        Target("T5", "requests in bulk, to single", ratio(looks[IN_BULK], looks[OURS]), 1 / 60),
        Target("T5", "CPU in bulk, to tuned", ratio(cpu[IN_BULK], cpu[TUNED]), 1 / 8),
        Target("T5", "CPU in bulk, to naive", ratio(cpu[IN_BULK], cpu[NAIVE]), 1 / 12),
    ]


def delay_targets(size: Size, results: Results) -> list[Target]:
    """Compare the delays with T6."""
    targets = []
    for way in (OURS, IN_BULK):
        mean = median(one.delay_mean for one in results[way]) / size.interval
        p99 = median(one.delay_p99 for one in results[way]) / size.interval
        targets += [
            Target("T6", f"mean delay, {way}, in intervals", mean, 0.55),
            Target("T6", f"p99 delay, {way}, in intervals", p99, 1.05),
        ]
    return targets


def bulk_targets(size: Size, rounds: Sequence[Result]) -> list[Target]:
    """Compare a great crowd with T7."""
    core = median(one.cpu / one.wall for one in rounds)
    p99 = median(one.delay_p99 for one in rounds) / size.interval
    return [
        Target("T7", "share of a core", core, 0.25),
        Target("T7", "p99 delay, in intervals", p99, 1.1),
    ]


def measure(size: Size, *, quick: bool = False) -> None:
    """Run all contests and print what came out."""
    results = waits(size)
    show_waits(size, results)
    if size.bulk:
        targets = bulk_targets(size, results[IN_BULK])
    else:
        targets = [*cost_targets(results), *delay_targets(size, results)]
    targets += show_weights(size, weights(size))
    show_disturbance(results.values())
    show_targets(targets, quick=quick)


def main(argv: Sequence[str] | None = None) -> None:
    """Run the benchmark from the command line."""
    parser = arguments("CPU, requests, delay and memory of many waits (T2, T4-T7)", rounds=5)
    parser.add_argument("--tasks", type=int, default=1000, help="tasks waited for (1000)")
    parser.add_argument("--factor", type=float, help="times faster than life (by --tasks)")
    parser.add_argument("--bulk", action="store_true", help="bulk alone, without the peers")
    given = parser.parse_args(argv)
    if given.quick:
        measure(Size(rounds=1, tasks=150, factor=200.0, hold=0.5, bulk=given.bulk), quick=True)
        return
    factor = given.factor or factor_for(given.tasks)
    measure(Size(rounds=given.rounds, tasks=given.tasks, factor=factor, bulk=given.bulk))


if __name__ == "__main__":
    main()
