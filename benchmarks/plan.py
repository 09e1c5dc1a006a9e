"""
What it costs to plan a flow (T12), in CPU.

    python -m benchmarks.plan
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from functools import partial
from statistics import median

from benchmarks.harness import Target, alternate, arguments, show, show_targets
from mjflow.flow.flow import Flow
from mjflow.flow.items import Item, items
from mjflow.flow.planning.plan import plan

PLAIN, BRANCHED, AGAIN = "5 steps", "5 steps, 2 branches", "the same, half of it done"
RUN = "night"
#: Acts of an item of the plain flow, by their keys.
_DONE = ("imagine", "imagine/U1")


def _flow(*first: str) -> Flow:
    return Flow(
        [
            {"imagine": "a {animal} in the rain, {style} --ar 16:9 --v 6.1", "id": "imagine"},
            {"click": list(first)},
            {"click": "Vary (Region)", "prompt": "a {hat}", "mask": "rect:0.3,0,0.7,0.35"},
            {"click": "U2"},
            {"download": "{animal}/{style}-{branch}"},
        ],
    )


FLOWS: Mapping[str, Flow] = {PLAIN: _flow("U1"), BRANCHED: _flow("U1", "U3"), AGAIN: _flow("U1")}


def rows(number: int) -> list[dict[str, str]]:
    """Write rows with a prompt and a file of their own."""
    return [
        {"animal": f"cat {n}", "style": "watercolour on paper", "hat": f"golden crown {n % 7}"}
        for n in range(number)
    ]


def _known(all_items: Sequence[Item]) -> frozenset[str]:
    half = all_items[: len(all_items) // 2]
    return frozenset(f"@{RUN}/{item.key}/{key}" for item in half for key in _DONE)


def timed(name: str, number: int) -> float:
    """Return the CPU seconds of planning a flow for so many items."""
    flow = FLOWS[name]
    found = list(items(flow, rows(number)))
    known = _known(found) if name == AGAIN else frozenset()
    began = time.process_time()
    made = plan(flow, found, run=RUN, known=known)
    took = time.process_time() - began
    made.check()
    return took


def measure(rounds: int, number: int, *, quick: bool = False) -> None:
    """Plan all flows and print what came out; targets count for the least, as noise only adds."""
    results = alternate(rounds, {name: partial(timed, name, number) for name in FLOWS})
    table = [
        (name, median(each), min(each), median(each) / number * 1e6)
        for name, each in results.items()
    ]
    show(f"{number:,} items", ("", "CPU s", "least", "µs an item"), table)
    show_targets(
        [Target("T12", "a plan of 10,000 items, 5 steps", min(results[PLAIN]), 2.0, " s")],
        quick=quick,
    )


def main(argv: Sequence[str] | None = None) -> None:
    """Run the benchmark from the command line."""
    parser = arguments("CPU of planning a flow (T12)", rounds=5)
    parser.add_argument("--items", type=int, default=10_000, help="items (10,000)")
    given = parser.parse_args(argv)
    if given.quick:
        measure(rounds=1, number=20, quick=True)
    else:
        measure(given.rounds, given.items)


if __name__ == "__main__":
    main()
