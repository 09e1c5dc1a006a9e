"""
Inputs: rows of values from a file, by its ending, or from Python.

    .csv              a header, then a row to a line; commas between, quotes where needed
    .jsonl, .ndjson   an object of texts, numbers and flags to a line, or a prompt in quotes
    .txt              a prompt to a line, which becomes the value `prompt`

Empty lines are passed over.  All values become texts.
"""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from attrs import field, frozen

from mjflow.errors import InvalidInput
from mjflow.flow.language import document
from mjflow.flow.language.nodes import Report, Wrong
from mjflow.flow.steps import Place
from mjflow.flow.templates import is_name

#: Values of one item, by name.
Row = Mapping[str, str]
#: A row as Python has it: values by name, or a prompt.
RowLike = Mapping[str, Any] | str

#: What a prompt alone on its line is called.
PROMPT = "prompt"
#: Bytes of a file.
MOST_BYTES = 500_000_000


@frozen
class Inputs:
    """Rows, and where they come from."""

    #: The path of their file.
    file: str
    #: Names of the values that rows have, in their order.
    columns: tuple[str, ...]
    rows: tuple[Row, ...] = field(repr=False)
    #: By row: the number of the line on which it begins.
    lines: tuple[int, ...] = field(repr=False)


#: A row, and the line on which it begins.
_Found = Iterator[tuple[int, Row]]


def read(path: str | os.PathLike[str]) -> Inputs:
    """
    Read a file of rows; blocking.

    Raises:
        FlowInvalid: It cannot be read, or is malformed; tells where.
    """
    path = Path(path)
    report = Report(str(path))
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        report.tell(None, *_unknown(path.suffix))
    text = None if reader is None else document.load(path, report, most=MOST_BYTES)
    found: list[tuple[int, Row]] = []
    if reader is not None and text is not None:
        with report.catching():
            found = list(reader(text, report))
        if not len(report):
            _check(found, report)
    report.close()
    columns = dict.fromkeys(name for _, row in found for name in row)
    lines, rows = zip(*found, strict=True) if found else ((), ())
    return Inputs(str(path), tuple(columns), rows, lines)


def _unknown(suffix: str) -> tuple[str, str]:
    known = ", ".join(_READERS)
    return (
        f"a file of inputs ends with one of {known}, not with {suffix!r}",
        "Rename or convert it.",
    )


def row_of(row: RowLike, number: int) -> Row:
    """
    Make a row of what Python gives; `None` is no value at all.

    Raises:
        InvalidInput: It is neither a mapping of texts, numbers and flags, nor a text.
    """
    if isinstance(row, str):
        return {PROMPT: row}
    if not isinstance(row, Mapping):
        raise InvalidInput(
            f"row {number} is {row!r}", advice="A row is a mapping of values, or a prompt."
        )
    return {str(name): _text(v, name, number) for name, v in row.items() if v is not None}


def _text(value: Any, name: Any, number: int) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float | os.PathLike):
        return str(value)
    raise InvalidInput(
        f"row {number} has {value!r} for {name!r}", advice="A value is a text, a number or a flag."
    )


# --- CSV --------------------------------------------------------------------------------------


def _csv(text: str, report: Report) -> _Found:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    names: list[str] | None = None
    before = 0
    try:
        for fields in reader:
            line, before = before + 1, reader.line_num
            if not any(field.strip() for field in fields):
                continue
            if names is None:
                names = _header(fields, line)
            elif len(fields) != len(names):
                report.tell(Place(line, 0), *_uneven(fields, names))
            else:
                yield line, dict(zip(names, fields, strict=True))
    except csv.Error as error:
        raise Wrong(Place(reader.line_num, 0), f"this is not CSV: {error}", _QUOTES) from None


_QUOTES = 'A field with a comma, a quote or a line break is put in quotes; a quote in it is "".'


def _header(fields: list[str], line: int) -> list[str]:
    names = [field.strip() for field in fields]
    if len(names) == 1:
        for sign, called in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
            if sign in fields[0]:
                raise Wrong(
                    Place(line, 0),
                    f"the columns of this file are separated by {called}",
                    "Save it with commas.",
                )
    for name in names:
        if not name:
            raise Wrong(Place(line, 0), "a column has no name", "The first line names them all.")
        if names.count(name) > 1:
            raise Wrong(Place(line, 0), f"two columns are called {name!r}")
    return names


def _uneven(fields: list[str], names: list[str]) -> tuple[str, str]:
    return (
        f"this row has {len(fields)} fields, and the header has {len(names)}",
        "Put a field with a comma in it in quotes.",
    )


# --- JSON lines and text ----------------------------------------------------------------------


def _jsonl(text: str, report: Report) -> _Found:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        with report.catching():
            yield number, _object(line, number)


def _object(line: str, number: int) -> Row:
    try:
        value = _DECODER.decode(line)
    except _Twice as error:
        raise Wrong(Place(number, 0), f"the key {error.args[0]!r} stands here twice") from None
    except (ValueError, RecursionError) as error:
        at = getattr(error, "pos", 0)
        raise Wrong(Place(number, at + 1), "this is not JSON", "A line is one object.") from None
    try:
        return row_of(value, number)
    except InvalidInput:
        raise Wrong(
            Place(number, 0), "this is no row", "A row is an object of texts, numbers and flags."
        ) from None


def _no_number(name: str) -> str:
    raise ValueError(name)


class _Twice(Exception):
    """A key stands twice in an object."""


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise _Twice(next(name for name in names if names.count(name) > 1))
    return found


_DECODER = json.JSONDecoder(
    parse_int=str, parse_float=str, parse_constant=_no_number, object_pairs_hook=_pairs
)


def _prompts(text: str, report: Report) -> _Found:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield number, {PROMPT: line.strip()}


_READERS: Mapping[str, Callable[[str, Report], _Found]] = {
    ".csv": _csv,
    ".jsonl": _jsonl,
    ".ndjson": _jsonl,
    ".txt": _prompts,
}


# --- what rows have to be ---------------------------------------------------------------------


def _check(found: list[tuple[int, Row]], report: Report) -> None:
    """Check the names of the columns, and that ids are different."""
    for name in dict.fromkeys(name for _, row in found for name in row):
        if not is_name(name):
            report.tell(
                Place(found[0][0], 0) if found else None,
                f"the column {name!r} cannot be a field",
                "Call it by letters, digits, _ and -, such as animal.",
            )
    if not found:
        report.tell(None, "there are no rows in this file")
    _check_ids(found, report)


def _check_ids(found: list[tuple[int, Row]], report: Report) -> None:
    first: dict[str, int] = {}
    for line, row in found:
        own = row.get("id", "")
        if own and own in first:
            report.tell(
                Place(line, 0),
                f"the id {own!r} stands on line {first[own]} already",
                "Ids tell the items apart: give each row one of its own.",
            )
        first.setdefault(own, line)
