"""How benchmarks are run and told: alternating, as medians and ratios, beside their targets."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from math import ceil
from statistics import median
from typing import TypeVar

from attrs import frozen

T = TypeVar("T")

Cell = str | float


def arguments(description: str, *, rounds: int) -> argparse.ArgumentParser:
    """Return a parser with the options that all benchmarks share."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--rounds", type=int, default=rounds, help=f"alternations ({rounds})")
    parser.add_argument(
        "--quick", action="store_true", help="one round of tiny sizes: says if it runs, no more"
    )
    return parser


def alternate(rounds: int, contestants: Mapping[str, Callable[[], T]]) -> dict[str, list[T]]:
    """Let all contestants run in each round, every time another one first."""
    names = list(contestants)
    results: dict[str, list[T]] = {name: [] for name in names}
    for turn in range(rounds):
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            results[name].append(contestants[name]())
    return results


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Return the median of the ratios of each round: what disturbs a round disturbs both sides."""
    return median(our / their for our, their in zip(ours, theirs, strict=True))


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the smallest value that so many percent of all values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, ceil(len(ordered) * percent / 100) - 1)] if ordered else 0.0


@frozen
class Target:
    """What was to be reached, and what was."""

    name: str
    what: str
    reached: float
    limit: float
    unit: str = ""

    def __str__(self) -> str:
        verdict = "met" if self.reached <= self.limit else "MISSED"
        told = f"{_told(self.reached)} of at most {_told(self.limit)}{self.unit}"
        return f"{self.name}  {verdict:6}  {told}: {self.what}"


def show(title: str, head: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    """Print a table: words to the left, numbers to the right."""
    cells = [list(head), *([_told(cell) for cell in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    print(f"\n{title}\n")
    for line in cells:
        name, *figures = (cell.rjust(width) for cell, width in zip(line, widths, strict=True))
        print("  ".join([line[0].ljust(len(name)), *figures]))


def show_targets(targets: Sequence[Target], *, quick: bool) -> None:
    """Print what was to be reached, and what was."""
    print("\nToo quick to judge by:\n" if quick else "")
    for target in targets:
        print(target)


def _told(value: Cell) -> str:
    """Write a number with three digits that count."""
    if isinstance(value, str):
        return value
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:,.{digits}f}"
