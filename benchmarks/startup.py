"""
What it costs to begin (T13): importing the package, and asking the command line for help.

    python -m benchmarks.startup
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from functools import partial
from statistics import median

from attrs import frozen

from benchmarks.harness import Target, alternate, arguments, ratio, show, show_targets

EMPTY, LIBRARIES = "python alone", "import aiohttp, attrs, cattrs"
PACKAGE, CLIENT, HELP = "import mjflow", "import mjflow; mjflow.Client", "mjflow --help"

COMMANDS: Mapping[str, list[str]] = {
    EMPTY: ["-c", "pass"],
    LIBRARIES: ["-c", LIBRARIES],
    PACKAGE: ["-c", PACKAGE],
    CLIENT: ["-c", CLIENT],
    HELP: ["-m", "mjflow", "--help"],
}


@frozen
class Start:
    """What one start took, in seconds."""

    wall: float
    cpu: float


def started(arguments: Sequence[str], cache: str) -> Start:
    """Start a Python that keeps what it compiles in a folder, and wait for its end."""
    command = [sys.executable, *arguments]
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": cache}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    cpu, wall = _childrens_cpu(), time.perf_counter()
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    wall = time.perf_counter() - wall
    if done.returncode:
        raise RuntimeError(f"python {' '.join(arguments)} failed:\n{done.stderr.decode()}")
    return Start(wall, _childrens_cpu() - cpu)


def measure(rounds: int, *, quick: bool = False) -> None:
    """Run all commands and print what came out."""
    with tempfile.TemporaryDirectory() as cache:
        ways = {name: partial(started, one, cache) for name, one in COMMANDS.items()}
        alternate(1, ways)  # compiles, and warms the disk's cache
        results = alternate(rounds, ways)
    ours = {name: ratio(_net(results, name), _net(results, LIBRARIES)) for name in COMMANDS}
    rows = [
        (
            name,
            median(start.wall for start in starts) * 1e3,
            median(start.cpu for start in starts) * 1e3,
            median(_net(results, name)) * 1e3,
            ours[name],
        )
        for name, starts in results.items()
    ]
    head = ("", "wall ms", "CPU ms", "less python alone", "to the libraries")
    show("Starts, everything warm", head, rows)
    help_shown = median(start.wall for start in results[HELP]) * 1e3
    show_targets(
        [
            Target("T13", f"{PACKAGE}, to the libraries", ours[PACKAGE], 1.3),
            Target("T13", f"{CLIENT}, to the libraries", ours[CLIENT], 1.3),
            Target("T13", HELP, help_shown, 400.0, " ms"),
        ],
        quick=quick,
    )


def _net(results: Mapping[str, Sequence[Start]], name: str) -> list[float]:
    """Return the CPU seconds of each round beyond those of an empty program."""
    pairs = zip(results[name], results[EMPTY], strict=True)
    return [start.cpu - empty.cpu for start, empty in pairs]


def _childrens_cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def main(argv: Sequence[str] | None = None) -> None:
    """Run the benchmark from the command line."""
    given = arguments("Time of beginning (T13)", rounds=15).parse_args(argv)
    measure(1 if given.quick else given.rounds, quick=given.quick)


if __name__ == "__main__":
    main()
