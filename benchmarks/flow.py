"""
What a step of a flow costs beside the task itself (T12): CPU of an event, bytes of an open item.

    python -m benchmarks.flow
"""

from __future__ import annotations

import gc
import time
import tracemalloc
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from statistics import median

from attrs import frozen

from benchmarks import by_hand
from benchmarks.harness import Target, alternate, arguments, ratio, show, show_targets
from mjflow.flow.flow import Flow
from mjflow.flow.items import Item
from mjflow.flow.machine.commands import Command, Ended, Event, File, Stored, Submit
from mjflow.flow.machine.layout import Layout
from mjflow.flow.machine.machine import Machine
from mjflow.protocol.task import Task

MACHINE, BY_HAND = "mjflow", "the same by hand"
#: A chain as people write it: two branches, a dialog answered, files named after values.
FLOW = Flow(
    [
        {"imagine": "a {animal} in the rain"},
        {"click": ["U1", "U3"]},
        {"click": "Vary (Region)", "prompt": "a crown", "mask": {"rect": [0.3, 0, 0.7, 0.35]}},
        {"click": "U1"},
        {"click": "Upscale (Subtle)"},
        {"download": "{animal}/{button}-{id}"},
    ]
)
#: Events of one item: the grid, and five of each branch.
EVENTS = 11

# Made beforehand: they are the engine's work, and the same for both.
_TASKS = (Task(id="1768464763141701", action="IMAGINE"),)
_ENDED, _STORED = Ended(_TASKS), Stored((File("a.png", 1_000, "ab"),))


@frozen
class Way:
    """How an item is gone through."""

    #: Goes through a whole item and returns its result.
    through: Callable[[Mapping[str, str]], object]
    #: Begins with an item and returns it, its first task being out.
    begun: Callable[[Mapping[str, str]], object]


def ways() -> Mapping[str, Way]:
    """Return both contestants; what is the same for all items is not counted."""
    layout = Layout.of(FLOW)
    return {
        MACHINE: Way(partial(_through, layout), partial(_begun, layout)),
        BY_HAND: Way(by_hand.through, by_hand.begun),
    }


def _through(layout: Layout, values: Mapping[str, str]) -> object:
    machine = Machine(layout, Item("item", values))
    while commands := machine.commands():
        for command in commands:
            machine.apply(command.key, _answer(command))
    return machine.result()


def _answer(command: Command) -> Event:
    return _ENDED if isinstance(command, Submit) else _STORED


def _begun(layout: Layout, values: Mapping[str, str]) -> object:
    machine = Machine(layout, Item("item", values))
    machine.commands()
    return machine


def timed(way: Way, items: Sequence[Mapping[str, str]]) -> float:
    """Return the CPU microseconds of one event, the item's beginning and result included."""
    way.through(items[0])
    began = time.process_time()
    for values in items:
        way.through(values)
    return (time.process_time() - began) / len(items) / EVENTS * 1e6


def held(way: Way, items: Sequence[Mapping[str, str]]) -> float:
    """Return the bytes that an open item takes."""
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    open_items = [way.begun(values) for values in items]
    taken = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    return taken / len(open_items)


def measure(rounds: int, number: int, *, quick: bool = False) -> None:
    """Run both ways and print what came out; the target counts for the least: noise only adds."""
    items = [{"animal": f"cat {n}"} for n in range(number)]
    results = alternate(rounds, {name: partial(timed, way, items) for name, way in ways().items()})
    rows = [
        (name, median(each), min(each), ratio(each, results[BY_HAND]), held(ways()[name], items))
        for name, each in results.items()
    ]
    title = f"{number:,} items of {EVENTS} events"
    show(title, ("", "CPU µs per event", "least", "to by hand", "bytes per open item"), rows)
    limit = Target("T12", "a step's event", min(results[MACHINE]), 50.0, " µs")
    show_targets([limit], quick=quick)


def main(argv: Sequence[str] | None = None) -> None:
    """Run the benchmark from the command line."""
    parser = arguments("CPU of an event of a flow's machine (T12)", rounds=9)
    parser.add_argument("--items", type=int, default=2_000, help="items per round (2,000)")
    given = parser.parse_args(argv)
    if given.quick:
        measure(rounds=1, number=10, quick=True)
    else:
        measure(given.rounds, given.items)


if __name__ == "__main__":
    main()
