"""Each benchmark runs at a tiny size and prints its table and its targets; nothing on speed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from benchmarks import contestants, decode, flow, journal, plan, poll_cost, resume, startup, wait

Main = Callable[[Sequence[str]], None]


@pytest.mark.parametrize(
    ("main", "rows", "targets"),
    [
        (
            poll_cost.main,
            ["bare tuned aiohttp", "mjflow's transport", "naive", "backoff", "naive tuned"],
            ["T1", "T1", "T2", "T2"],
        ),
        (
            wait.main,
            [*contestants.WAITING, *contestants.HOLDING],
            ["T2", "T2", "T5", "T5", "T5", "T6", "T6", "T6", "T6", "T4", "T4"],
        ),
        (decode.main, list(decode.DECODERS), ["T3", "T3"]),
        (flow.main, [flow.MACHINE, flow.BY_HAND], ["T12"]),
        (plan.main, list(plan.FLOWS), ["T12"]),
        (resume.main, [resume.GOING_ON, resume.TELLING], ["T12"]),
        (startup.main, list(startup.COMMANDS), ["T13", "T13", "T13"]),
        (
            journal.main,
            [journal.ALONE, journal.GROUPS, journal.OURS, journal.ALL],
            ["T11", "T11"],
        ),
    ],
    ids=["poll_cost", "wait", "decode", "flow", "plan", "resume", "startup", "journal"],
)
def test_a_quick_benchmark_prints_its_rows_and_targets(
    main: Main, rows: list[str], targets: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Every contestant has a row, and every target a verdict."""
    main(["--quick"])
    lines = capsys.readouterr().out.splitlines()
    assert [row for row in rows if not any(line.startswith(row) for line in lines)] == []
    judged = [line.split()[0] for line in lines if " of at most " in line]
    assert judged == targets
