"""
Items: what a flow runs over, one for each row of the inputs and cell of the matrix.

An item's key stays the same however rows are ordered, added or taken away: it is the row's `id`,
or else a hash of what the row and the matrix say, with a number behind it where that is said more
than once.  Variables have no part in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Set
from hashlib import blake2b
from itertools import chain, count
from typing import TYPE_CHECKING
from urllib.parse import quote

from attrs import field, frozen

from mjflow.errors import InvalidInput
from mjflow.flow.language.inputs import Inputs, Row, RowLike, row_of
from mjflow.flow.language.needs import needs
from mjflow.flow.language.nodes import Report
from mjflow.flow.matrix import Cell, cells
from mjflow.flow.names import advice
from mjflow.flow.templates import PICTURE_FIELDS, RUN_FIELDS

if TYPE_CHECKING:
    from mjflow.flow.flow import Flow

#: Key of the only item of a flow without inputs and matrix.
ONLY = "only"

# Bytes of a hash: among a million items two are the same with a chance of one in 500.
_HASHED = 6
#: Characters that an item's own id keeps in its key; the rest is hashed.
_LONGEST = 120


@frozen
class Item:
    """One time through a flow."""

    #: Stable and unique within a run: its `id` column, or a hash of its values and occurrence.
    key: str
    #: All that templates can name: variables, columns of the row, dimensions of the matrix.
    values: Mapping[str, str]
    #: Where its row stands: `cats.csv:7`, or `row 7`; `""` where there are no rows.
    origin: str = field(default="", eq=False, repr=False)


def items(flow: Flow, rows: Inputs | Iterable[RowLike] | None = None) -> Iterator[Item]:
    """
    Yield the items of a flow: for each row all cells of the matrix, in their order.

    Of values with one name the matrix's counts before the row's, and that before the variable's.
    An empty field of a row has the variable's value.  Rows are taken one at a time, as they are
    asked for; the first is looked at before this returns.

    Args:
        rows: From `flow.language.inputs.read`; or mappings, or prompts, which become the value
            `prompt`.  `None` for a flow that has all values itself.

    Raises:
        FlowInvalid: A step needs a value that no row, variable or matrix has.  Tells all of them.
        InvalidInput: While it is read: a row lacks a value, is nothing of the kind, or has an id
            that another one had.
    """
    if isinstance(rows, Inputs):
        check_values(flow, rows.columns, file=rows.file)
        return _items(flow, iter(rows.rows), (f"{rows.file}:{line}" for line in rows.lines))
    if rows is None:
        check_values(flow)
        return _items(flow, iter(({},)), iter(("",)))
    given = _numbered(rows)
    first = next(given, None)
    if first is None:
        return iter(())
    check_values(flow, first)
    return _items(flow, chain((first,), given), (f"row {number}" for number in count(1)))


def check_values(flow: Flow, columns: Iterable[str] = (), *, file: str = "") -> None:
    """
    Make sure that there is a value for every field of a flow's steps.

    Args:
        columns: Names of the values that rows have.
        file: Where the rows come from; `""` if there are none, or they have no file.

    Raises:
        FlowInvalid: There is none for some, with the place of each in the flow.
    """
    rows = tuple(columns)
    report = Report(flow.file)
    has = {*flow.vars, *rows}
    places = cells(flow.matrix)
    for need in needs(flow.steps):
        name = need.name
        lacking = () if name in has else [cell for cell in places if name not in cell]
        if not lacking:
            continue
        if len(lacking) < len(places):
            said = f"nothing says {name!r} where {_told(lacking[0])}"
            report.tell(need.at, said, "Give it a default in vars.")
            continue
        files = (*RUN_FIELDS, *PICTURE_FIELDS) if need.argument == "name" else ()
        meant = advice(name, [*has, *places[0], *files], there="There are")
        said = f"there is no value {name!r}" + (f", nor a column of {file}" if file else "")
        report.tell(need.at, said, meant or _DECLARE)
    report.close()


_DECLARE = "Values come from vars, from the matrix, or from the columns of --inputs."


def _told(cell: Cell) -> str:
    return ", ".join(f"{name} is {value!r}" for name, value in cell.items())


def _numbered(rows: Iterable[RowLike]) -> Iterator[Row]:
    for number, row in enumerate(rows, 1):
        yield row_of(row, number)


# --- values and keys --------------------------------------------------------------------------


def _items(flow: Flow, rows: Iterator[Row], origins: Iterator[str]) -> Iterator[Item]:
    places = [(cell, _hashed(cell)) for cell in cells(flow.matrix)]
    needed = frozenset(need.name for need in needs(flow.steps))
    keys = _Keys()
    for number, (row, origin) in enumerate(zip(rows, origins, strict=False), 1):
        for cell, mark in places:
            values = {**flow.vars, **_said(row, flow.vars), **cell}
            if not needed <= values.keys():
                raise _lacking(number, needed - values.keys(), values)
            yield Item(keys.of(row, cell, mark, number), values, origin)


def _said(row: Row, defaults: Mapping[str, str]) -> Row:
    """Return what a row says; where it is blank, a default counts."""
    if "" not in row.values():
        return row
    return {name: value for name, value in row.items() if value or name not in defaults}


def _lacking(number: int, names: Set[str], values: Mapping[str, str]) -> InvalidInput:
    first = min(names)
    return InvalidInput(
        f"row {number} has no value {', '.join(map(repr, sorted(names)))}",
        advice=advice(first, list(values)) or _DECLARE,
    )


class _Keys:
    """Makes keys, and remembers which were given."""

    def __init__(self) -> None:
        self._times: dict[str, int] = {}

    def of(self, row: Row, cell: Cell, mark: str, number: int) -> str:
        own = row.get("id", "")
        if own:
            return self._own(own, mark if cell else "", number)
        if not row and not cell:
            return self._counted(ONLY)
        return self._counted(_hashed({**row, **cell}))

    def _own(self, own: str, mark: str, number: int) -> str:
        key = f"{written(own)}-{mark}" if mark else written(own)
        if key in self._times:
            raise InvalidInput(
                f"row {number} has the id {own!r}, which another one has already",
                advice="Ids tell the items apart: give each row one of its own.",
            )
        self._times[key] = 1
        return key

    def _counted(self, key: str) -> str:
        times = self._times[key] = self._times.get(key, 0) + 1
        return key if times == 1 else self._counted(f"{key}-{times}")


def _hashed(values: Mapping[str, str]) -> str:
    text = json.dumps(sorted(values.items()), separators=(",", ":"))
    return blake2b(text.encode(), digest_size=_HASHED).hexdigest()


def written(own: str) -> str:
    """Write an id so that it can be a part of a key: visible, short, and without separators."""
    text = "".join(char if _may_stand(char) else _escaped(char) for char in own)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}-{_hashed({'id': own})}"


def _escaped(char: str) -> str:
    return quote(char, safe="", errors="surrogatepass")


def _may_stand(char: str) -> bool:
    return char.isprintable() and char not in " /%@~"
