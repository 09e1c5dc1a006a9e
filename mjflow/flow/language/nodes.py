"""
What a flow is written in, whatever that was: texts, lists and tables, each with its place.

YAML, JSON and Python's own mappings all become these first, so that one reader reads them all.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from attrs import frozen

from mjflow.errors import Complaint, FlowInvalid
from mjflow.flow.steps import Place

#: Where a node stands: in a file, or in Python (`steps[2].click`).
At = Place | str


@frozen
class Text:
    """A text, a number or a flag: all of them are texts until a reader wants something else."""

    value: str
    at: At
    #: Whether it may be a number or a flag: it stands without quotes.
    plain: bool = False
    #: What a `#` behind it has cut off, if it reads like a part of it.
    cut: str = ""


@frozen
class Nothing:
    """A key with nothing behind it."""

    at: At


@frozen
class Listing:
    """A list."""

    entries: tuple[Node, ...]
    at: At


@frozen
class Table:
    """Keys and values, in their order, and no key twice."""

    entries: tuple[tuple[Text, Node], ...]
    at: At

    def get(self, key: str) -> Node | None:
        """Find the value of a key."""
        return next((node for name, node in self.entries if name.value == key), None)


@frozen
class Thing:
    """What only Python can give: a callable, a mask."""

    value: Any
    at: At


Node = Text | Nothing | Listing | Table | Thing


class Wrong(Exception):
    """Something that stands where it cannot be."""

    def __init__(self, at: At, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.at = at
        self.message = message
        self.advice = advice


class Report:
    """Collects what is wrong, to tell it all at once."""

    def __init__(self, file: str) -> None:
        #: What to call the whole.
        self.file = file
        self._complaints: list[Complaint] = []

    def __len__(self) -> int:
        return len(self._complaints)

    def tell(self, at: At | None, message: str, advice: str = "") -> None:
        """Take down a complaint."""
        if isinstance(at, Place):
            complaint = Complaint(self.file, at.line, at.column, message, advice)
        else:
            where = ", ".join(filter(None, (self.file, at)))
            complaint = Complaint(where, None, None, message, advice)
        self._complaints.append(complaint)

    def wrong(self, error: Wrong) -> None:
        """Take down what a reader has raised."""
        self.tell(error.at, error.message, error.advice)

    @contextmanager
    def catching(self) -> Iterator[None]:
        """Take down what is raised within, and go on behind it."""
        try:
            yield
        except Wrong as error:
            self.wrong(error)

    def close(self) -> None:
        """
        Raise all that was told, in the order of the lines, each thing once.

        Raises:
            FlowInvalid: There is something.
        """
        if self._complaints:
            told = dict.fromkeys(self._complaints)
            raise FlowInvalid(sorted(told, key=lambda one: (one.line or 0, one.column or 0)))


def what(node: Node) -> str:
    """Say what kind of thing a node is, for a complaint."""
    match node:
        case Text(value):
            return repr(value) if len(value) <= 40 else f"{value[:40]!r}…"
        case Nothing():
            return "nothing"
        case Listing():
            return "a list"
        case Table():
            return "a table of keys"
        case Thing(value):
            return f"a Python {type(value).__name__}"


def path_of(at: At, part: str | int) -> str:
    """Name what stands within something in Python."""
    within = f"[{part}]" if isinstance(part, int) else part
    joint = "." if at and isinstance(part, str) else ""
    return f"{at}{joint}{within}"
