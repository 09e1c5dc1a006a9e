"""
What a single look costs (T1), and what waiting by single looks costs (T2), in CPU seconds.

    python -m benchmarks.poll_cost
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from statistics import median

from attrs import evolve, frozen

from benchmarks.contestants import IN_BULK, INTERVAL, LOOKING, WAITING, Job, Result, run
from benchmarks.harness import Target, alternate, arguments, ratio, show, show_targets
from benchmarks.server import serving

BARE, NAIVE, TUNED, OURS = "bare tuned aiohttp", "naive", "naive tuned", "mjflow"

#: Looks on the wire at once: as many as mjflow has at most.
AT_ONCE = 64
#: Seconds: the width of a slot in mjflow's wheel, whose looks go out together.
TICK = 0.05
#: Seconds of a loop's p99 lag from which on a run says little: alone, it is below 10 ms.
DISTURBED = 0.02

Results = dict[str, list[Result]]


@frozen(kw_only=True)
class Size:
    """How much is measured."""

    rounds: int
    tasks: int
    factor: float
    #: Seconds measured, and before, of each contest without an end.
    seconds: float
    warm_up: float
    #: Tasks that keep `AT_ONCE` looks on the wire for ever.
    throng: int = 4096


QUICK = Size(rounds=1, tasks=10, factor=200.0, seconds=0.1, warm_up=0.1, throng=256)


def paced(size: Size) -> Job:
    """Describe looks at a steady rate, `AT_ONCE` in each tick."""
    interval = 0.2
    return Job(
        way="",
        url="",
        tasks=round(AT_ONCE * interval / TICK),
        interval=interval,
        workers=AT_ONCE,
        tick=TICK,
        warm_up=size.warm_up,
        seconds=size.seconds,
    )


def flat_out(size: Size) -> Job:
    """Describe looks without a pause, `AT_ONCE` on the wire."""
    return evolve(paced(size), tasks=size.throng, interval=TICK, tick=0.0)


def waiting(size: Size) -> Job:
    """Describe the wait of `performance.md`: lognormal 20-90 s, looked at every 2 s, faster."""
    return Job(
        way="", url="", tasks=size.tasks, interval=INTERVAL / size.factor, factor=size.factor
    )


def contest(job: Job, ways: Iterable[str], rounds: int, url: str) -> Results:
    """Let all ways do the same job, in turn."""
    return alternate(rounds, {way: partial(run, evolve(job, way=way, url=url)) for way in ways})


def per_look(results: Sequence[Result]) -> list[float]:
    """Return the CPU microseconds of a look, for each round."""
    return [result.cpu / result.looks * 1e6 for result in results]


def per_task(results: Sequence[Result]) -> list[float]:
    """Return the CPU seconds of a thousand tasks, for each round."""
    return [result.cpu / result.tasks * 1e3 for result in results]


def show_looks(title: str, results: Results) -> Target:
    """Print a contest without an end."""
    rows = [
        (
            way,
            median(per_look(rounds)),
            ratio(per_look(rounds), per_look(results[BARE])),
            f"{median(one.looks / one.wall for one in rounds):,.0f}",
            median(one.lag_p99 for one in rounds) * 1e3,
        )
        for way, rounds in results.items()
    ]
    show(title, ("", "CPU µs per look", "to bare", "looks/s", "loop lag p99 ms"), rows)
    reached = ratio(per_look(results[OURS]), per_look(results[BARE]))
    return Target("T1", f"CPU per look, to the bare loop: {title}", reached, 1.15)


def show_waits(title: str, results: Results, interval: float) -> list[Target]:
    """Print a contest of waits."""
    rows = [_wait_row(way, rounds, results, interval) for way, rounds in results.items()]
    head = ("", "CPU s per 1,000", "to naive", "to tuned", "looks per task", "µs per look")
    show(title, (*head, "delay mean", "p99", "loop lag p99 ms"), rows)
    print("(delays are in intervals)")
    ours = per_task(results[OURS])
    return [
        Target("T2", f"CPU per task, to {way}", ratio(ours, per_task(results[way])), limit)
        for way, limit in ((NAIVE, 0.65), (TUNED, 0.90))
    ]


def _wait_row(
    way: str, rounds: Sequence[Result], results: Results, interval: float
) -> tuple[str | float, ...]:
    return (
        way,
        median(per_task(rounds)),
        ratio(per_task(rounds), per_task(results[NAIVE])),
        ratio(per_task(rounds), per_task(results[TUNED])),
        median(one.looks / one.tasks for one in rounds),
        median(per_look(rounds)),
        median(one.delay_mean for one in rounds) / interval,
        median(one.delay_p99 for one in rounds) / interval,
        median(one.lag_p99 for one in rounds) * 1e3,
    )


def measure(size: Size) -> None:
    """Run all contests and print what came out."""
    wait = waiting(size)
    with serving() as server:
        steady = contest(paced(size), LOOKING, size.rounds, server.url)
        rushed = contest(flat_out(size), LOOKING, size.rounds, server.url)
        one_by_one = [way for way in WAITING if way != IN_BULK]
        waits = contest(wait, one_by_one, size.rounds, server.url)
    title = (
        f"{size.tasks:,} tasks of 20-90 s, looked at every {INTERVAL:g} s, "
        f"{size.factor:g} times faster"
    )
    targets = [
        show_looks(f"{AT_ONCE / TICK:,.0f} looks a second, {AT_ONCE} at once", steady),
        show_looks(f"As many looks as can be, {AT_ONCE} at once", rushed),
        *show_waits(title, waits, wait.interval),
    ]
    print(f"\nThe server took {server.per_answer * 1e6:.0f} µs of its own core per answer.")
    show_disturbance([*steady.values(), *waits.values()])
    show_targets(targets, quick=size is QUICK)


def show_disturbance(contests: Iterable[Sequence[Result]]) -> None:
    """Say so when other programs kept the event loops waiting."""
    lag = max(median(one.lag_p99 for one in rounds) for rounds in contests)
    if lag > DISTURBED:
        print(f"This machine has other things to do: a loop lagged {lag * 1e3:.0f} ms.")


def main(argv: Sequence[str] | None = None) -> None:
    """Run the benchmark from the command line."""
    parser = arguments("CPU of single looks (T1, T2)", rounds=5)
    parser.add_argument("--tasks", type=int, default=500, help="tasks waited for (500)")
    parser.add_argument("--factor", type=float, default=20.0, help="times faster than life (20)")
    parser.add_argument("--seconds", type=float, default=1.0, help="of each endless contest (1)")
    given = parser.parse_args(argv)
    size = Size(
        rounds=given.rounds,
        tasks=given.tasks,
        factor=given.factor,
        seconds=given.seconds,
        warm_up=0.3,
    )
    measure(QUICK if given.quick else size)


if __name__ == "__main__":
    main()
