"""
What it costs to read one look (T3), in microseconds of CPU.

    python -m benchmarks.decode
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import islice
from statistics import median
from typing import Any

import msgspec
from attrs import field, frozen
from cattrs import Converter

from benchmarks import lives, wire
from benchmarks.harness import Target, alternate, arguments, ratio, show, show_targets
from benchmarks.peers import peek as bare_peek
from mjflow.protocol.codec import peek, read_task

PLAIN, UNCHANGED, CHANGED = "json.loads", "mjflow: unchanged", "mjflow: changed, whole task"
#: Different tasks, so that nothing is read twice in a row.
BODIES = 100

Decoder = Callable[[bytes], object]


@frozen
class Button:
    """A button as cattrs reads it by itself: named as on the wire."""

    customId: str
    emoji: str
    label: str
    type: int
    style: int


@frozen
class Task:
    """A task as cattrs reads it by itself: named as on the wire, no quirk allowed for."""

    id: str
    action: str
    customId: str
    botType: str
    prompt: str
    promptEn: str
    description: str
    state: str
    submitTime: int
    startTime: int
    finishTime: int
    imageUrl: str
    status: str
    progress: str
    failReason: str
    maskBase64: str
    buttons: list[Button] = field(factory=list)
    properties: Mapping[str, Any] = field(factory=dict)


_plain = msgspec.json.Decoder().decode
_structure = Converter().structure


def _cattrs(body: bytes) -> object:
    return _structure(_plain(body), Task)


def _changed(body: bytes) -> object:
    peek(body)
    return read_task(body)


DECODERS: Mapping[str, Decoder] = {
    PLAIN: json.loads,
    "msgspec, plain": _plain,
    "msgspec and cattrs as it comes": _cattrs,
    "msgspec, a bare peek": bare_peek,
    UNCHANGED: peek,
    CHANGED: _changed,
}


def bodies() -> list[bytes]:
    """Write finished tasks that differ in id."""
    return [wire.body(lives.undying(number), "SUCCESS", "100%") for number in range(BODIES)]


def timed(decode: Decoder, texts: Sequence[bytes], repeats: int) -> float:
    """Return the CPU microseconds of reading one body."""
    for text in islice(texts, 10):
        decode(text)
    began = time.process_time()
    for _ in range(repeats):
        for text in texts:
            decode(text)
    return (time.process_time() - began) / repeats / len(texts) * 1e6


def measure(rounds: int, repeats: int, *, quick: bool = False) -> None:
    """Run all decoders and print what came out; targets count for the least, as noise only adds."""
    texts = bodies()
    ways = {name: partial(timed, decode, texts, repeats) for name, decode in DECODERS.items()}
    results = alternate(rounds, ways)
    rows = [
        (name, median(each), min(each), ratio(each, results[PLAIN]))
        for name, each in results.items()
    ]
    title = f"One task with {len(_plain(texts[0])['buttons'])} buttons, {len(texts[0]):,} bytes"
    show(title, ("", "CPU µs", "least", "to json.loads"), rows)
    show_targets(
        [
            Target("T3", "an unchanged look", min(results[UNCHANGED]), 1.5, " µs"),
            Target("T3", "a changed look", min(results[CHANGED]), 16.0, " µs"),
        ],
        quick=quick,
    )


def main(argv: Sequence[str] | None = None) -> None:
    """Run the benchmark from the command line."""
    parser = arguments("CPU of reading one look (T3)", rounds=15)
    parser.add_argument("--repeats", type=int, default=50, help=f"times {BODIES} bodies (50)")
    given = parser.parse_args(argv)
    if given.quick:
        measure(rounds=1, repeats=1, quick=True)
    else:
        measure(given.rounds, given.repeats)


if __name__ == "__main__":
    main()
