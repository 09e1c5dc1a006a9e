"""
The matrix of a flow: every combination of some values, as cells.

Include and exclude mean what they mean in workflows of GitHub Actions.  First `exclude` takes out
every combination that has all values of one of its entries.  Then each entry of `include` is added
to every combination that is left whose own values it does not contradict; one that can be added to
none becomes a cell of its own.  An entry may overwrite what an earlier entry has added, but never a
value of a dimension, and none is added to the cells that other entries have made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

from attrs import field, frozen

#: A value of each dimension, and what an include has added.
Cell = Mapping[str, str]

#: Cells that a matrix may have.
MOST_CELLS = 100_000


@frozen(kw_only=True)
class Matrix:
    """Every combination of some values, less some, and some more."""

    #: Values by the names of the dimensions.
    dimensions: Mapping[str, tuple[str, ...]] = field(factory=dict)
    #: What is added to combinations, or is a cell of its own.
    include: tuple[Cell, ...] = ()
    #: Combinations that are left out.
    exclude: tuple[Cell, ...] = ()


def cells(matrix: Matrix) -> tuple[Cell, ...]:
    """
    Return all cells in their order, the last dimension changing fastest.

    Where there is no matrix it is one cell with nothing in it.
    """
    if not (matrix.dimensions or matrix.include):
        return ({},)
    table = _Table(_combinations(matrix.dimensions))
    left = dict.fromkeys(range(len(table.cells)))
    for entry in matrix.exclude:
        for at in table.having(entry):
            left.pop(at, None)
    added = {at: dict(table.cells[at]) for at in left}
    alone: list[Cell] = []
    for entry in matrix.include:
        fitting = [at for at in table.having(_within(entry, matrix.dimensions)) if at in added]
        for at in fitting:
            added[at].update(entry)
        if not fitting:
            alone.append(dict(entry))
    return (*added.values(), *alone)


class _Table:
    """Combinations, and which of them have a value: many entries may ask for a few of many."""

    def __init__(self, combinations: Sequence[Cell]) -> None:
        self.cells = combinations
        self._places: dict[tuple[str, str], list[int]] = {}
        for at, cell in enumerate(combinations):
            for pair in cell.items():
                self._places.setdefault(pair, []).append(at)

    def having(self, entry: Cell) -> Sequence[int]:
        """Find the combinations that have all values of an entry."""
        places = [self._places.get(pair, []) for pair in entry.items()]
        if not places:
            return range(len(self.cells))
        fewest = min(places, key=len)
        return [at for at in fewest if entry.items() <= self.cells[at].items()]


def _combinations(dimensions: Mapping[str, tuple[str, ...]]) -> list[Cell]:
    names = list(dimensions)
    if not names:
        return []
    return [dict(zip(names, values, strict=True)) for values in product(*dimensions.values())]


def _within(entry: Cell, dimensions: Mapping[str, tuple[str, ...]]) -> Cell:
    """Return what an entry says of the dimensions themselves."""
    return {name: value for name, value in entry.items() if name in dimensions}
