"""
The top of a flow: its name, mode, variables, matrix and steps.

Whatever a flow is written in has become nodes by now; out come the fields of a `Flow`, or one
error with all that is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from math import prod
from pathlib import Path
from typing import Any

from mjflow.flow.language import jsons, order, yamls
from mjflow.flow.language.forms import BY_VERB
from mjflow.flow.language.kinds import Word, table_of, text_of
from mjflow.flow.language.nodes import Listing, Node, Report, Table, Text, Wrong, what
from mjflow.flow.language.reading import Steps
from mjflow.flow.matrix import MOST_CELLS, Matrix, cells
from mjflow.flow.names import advice
from mjflow.flow.templates import RUN_FIELDS, is_name
from mjflow.protocol.requests import Mode

#: Keys at the top; what begins with `x-` is the author's own, for anchors.
KEYS = ("name", "mode", "vars", "matrix", "steps")
#: Further keys that are passed over.
PASSED_OVER = re.compile(r"\$schema|x-.*")
#: Values may not be called so: an item's key comes from `id`, the others are a run's own.
RESERVED = ("id", *RUN_FIELDS)
#: Characters of a name.
LONGEST_NAME = 100

_MODES = Word([mode.value for mode in Mode], Mode)
_JSON = re.compile(r'\s*\{\s*(?:"|\}\s*\Z)')


def parse(text: str, report: Report, *, is_json: bool | None = None) -> Node | None:
    """
    Read a text into nodes, and tell a report if it is neither YAML nor JSON.

    Args:
        is_json: Which of both it is; by itself one that begins with `{"` is JSON.
    """
    text = text.removeprefix("\ufeff")
    if is_json is None:
        is_json = _JSON.match(text) is not None
    try:
        return jsons.read(text) if is_json else yamls.read(text)
    except Wrong as error:
        report.wrong(error)
        return None


def read(root: Node, report: Report, *, name: str) -> dict[str, Any]:
    """
    Read a flow's fields; what is missing in them was told to the report.

    Args:
        name: What to call it where it does not say so itself.
    """
    if not isinstance(root, Table):
        report.tell(root.at, f"a flow is a table with steps in it, not {what(root)}", _BEGIN)
        return {}
    fields: dict[str, Any] = {"name": name}
    for key, node in root.entries:
        if key.value in _READERS:
            with report.catching():
                fields[key.value] = _READERS[key.value](node, report)
        elif not PASSED_OVER.fullmatch(key.value):
            report.tell(key.at, f"a flow has no key {key.value!r}", _unknown(key.value))
    if root.get("steps") is None:
        report.tell(root.at, "the flow has no steps", _BEGIN)
    _check_shadows(root, fields, report)
    return fields


_BEGIN = "It begins like this: `steps:`, and below it `- imagine: a cat`."


def _unknown(key: str) -> str:
    if key in BY_VERB:
        return "It is a step: put it below `steps:`, with a - in front."
    return advice(key, KEYS, there="It has")


def _name(node: Node, report: Report) -> str:
    text = text_of(node).strip()
    if not text or not text.isprintable() or len(text) > LONGEST_NAME or set(text) & set("/\\"):
        raise Wrong(node.at, f"this is no name for a flow: {text[:LONGEST_NAME]!r}")
    return text


def _mode(node: Node, report: Report) -> Mode:
    mode: Mode = _MODES.read(node)
    return mode


def _steps(node: Node, report: Report) -> tuple[Any, ...]:
    drafts = Steps(report).listed(node)
    order.check(drafts, report)
    return tuple(draft.step for draft in drafts if draft.step is not None)


def _vars(node: Node, report: Report) -> dict[str, str]:
    return _values(table_of(node, "vars: {style: oil}"), report)


def _values(table: Table, report: Report) -> dict[str, str]:
    """Read names and their texts."""
    found = {}
    for key, node in table.entries:
        with report.catching():
            _check_name(key)
            found[key.value] = text_of(node)
    return found


def _check_name(key: Text) -> None:
    if key.value in RESERVED:
        raise Wrong(
            key.at, f"no value can be called {key.value!r}", "That is the item's or the run's own."
        )
    if not is_name(key.value):
        raise Wrong(
            key.at,
            f"{key.value!r} cannot be a field",
            "Call it by letters, digits, _ and -, such as animal.",
        )


# --- matrix -----------------------------------------------------------------------------------


def _matrix(node: Node, report: Report) -> Matrix:
    table = table_of(node, "matrix: {animal: [cat, dog]}")
    told = len(report)
    dimensions = {}
    for key, values in table.entries:
        if key.value not in _PARTS:
            with report.catching():
                _check_name(key)
                dimensions[key.value] = _dimension(key, values, report)
    parts = {name: _cells(table.get(name), name, report) for name in _PARTS}
    matrix = Matrix(
        dimensions=dimensions,
        include=tuple(cell for _, cell in parts["include"]),
        exclude=tuple(cell for _, cell in parts["exclude"]),
    )
    for entry, cell in parts["exclude"]:
        _check_exclude(entry, cell, dimensions, report)
    if len(report) == told:
        _check_size(table, matrix)
    return matrix


_PARTS = ("include", "exclude")


def _dimension(key: Text, node: Node, report: Report) -> tuple[str, ...]:
    entries = node.entries if isinstance(node, Listing) else (node,)
    if not entries:
        raise Wrong(node.at, f"{key.value} has no values")
    found: dict[str, None] = {}
    for entry in entries:
        with report.catching():
            value = text_of(entry)
            if value in found:
                raise Wrong(entry.at, f"{value!r} is in this list twice")
            found[value] = None
    return tuple(found)


def _cells(node: Node | None, name: str, report: Report) -> list[tuple[Table, Mapping[str, str]]]:
    if node is None:
        return []
    if not isinstance(node, Listing):
        report.tell(
            node.at,
            f"{name} is a list, not {what(node)}",
            f"Write {name}: [{{animal: cat, style: oil}}].",
        )
        return []
    found: list[tuple[Table, Mapping[str, str]]] = []
    for entry in node.entries:
        with report.catching():
            table = table_of(entry, "{animal: cat}")
            if not table.entries:
                raise Wrong(entry.at, f"this entry of {name} is empty")
            found.append((table, _values(table, report)))
    return found


def _check_exclude(
    table: Table, cell: Mapping[str, str], dimensions: Mapping[str, tuple[str, ...]], report: Report
) -> None:
    """Check that an exclusion excludes something: a misspelt one would be paid for."""
    for key, node in table.entries:
        values = dimensions.get(key.value)
        value = cell.get(key.value, "")
        if values is None:
            there = advice(key.value, list(dimensions), there="The matrix has")
            report.tell(key.at, f"the matrix has no {key.value!r}", there)
        elif value not in values:
            report.tell(node.at, f"{key.value} is never {value!r}", advice(value, values))


def _check_size(table: Table, matrix: Matrix) -> None:
    size = prod(map(len, matrix.dimensions.values())) + len(matrix.include)
    if size > MOST_CELLS:
        raise Wrong(
            table.at,
            f"this matrix makes {size:,} items, and more than {MOST_CELLS:,} are not made so",
            "Write them into a file of inputs.",
        )
    if table.entries and not cells(matrix):
        raise Wrong(table.at, "everything in this matrix is excluded")


def _check_shadows(root: Table, fields: Mapping[str, Any], report: Report) -> None:
    """Check that no variable is hidden by the matrix: it would never be used."""
    table, matrix = root.get("vars"), fields.get("matrix")
    if not isinstance(table, Table) or matrix is None:
        return
    for key, _ in table.entries:
        if key.value in matrix.dimensions:
            report.tell(
                key.at,
                f"the variable {key.value!r} is never used: the matrix has values for it",
                "Leave out one of the two.",
            )


_READERS: Mapping[str, Callable[[Node, Report], Any]] = {
    "name": _name,
    "mode": _mode,
    "vars": _vars,
    "matrix": _matrix,
    "steps": _steps,
}


# --- files ------------------------------------------------------------------------------------

#: Bytes of a flow's file.
MOST_BYTES = 10_000_000


def load(path: Path, report: Report, *, most: int = MOST_BYTES) -> str | None:
    """Read a file's text, of so many bytes at most, and tell a report if it cannot be read."""
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except (OSError, ValueError) as error:  # ValueError: a path with a null character
        reason = error.strerror if isinstance(error, OSError) else error
        report.tell(None, f"the file cannot be read: {reason}", _PATH)
        return None
    if len(data) > most:
        report.tell(
            None,
            f"the file is larger than {most // 1_000_000} MB",
            "Many values belong into a file of inputs.",
        )
        return None
    return decoded(data, report)


def decoded(data: bytes, report: Report) -> str | None:
    """Read bytes as UTF-8, with or without a mark in front."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        report.tell(yamls.place_at(data, error.start), _ENCODING, _SAVE)
        return None


_PATH = "Give the path of a file that you may read."
_ENCODING = "this is not UTF-8"
_SAVE = "Save the file in the encoding UTF-8."
