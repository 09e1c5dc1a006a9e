"""JSON, read into nodes with their places."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Callable
from typing import TypeVar

from mjflow.flow.language.nodes import Listing, Node, Nothing, Table, Text, Wrong
from mjflow.flow.language.yamls import DEEPEST
from mjflow.flow.steps import Place

Entry = TypeVar("Entry")

_SPACE = re.compile(r"[ \t\r\n]*")
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\.)*"')
_ATOM = re.compile(r"true\b|false\b|null\b|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])")


def read(text: str) -> Node:
    """
    Read the one value in a text.

    Raises:
        Wrong: It is not JSON, or has a key twice.
    """
    return _Reader(text).document()


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._lines = [0, *(found.end() for found in re.finditer("\n", text))]

    def document(self) -> Node:
        node = self._node(0)
        if self._peek():
            raise self._wrong("there is something behind the end")
        return node

    def _node(self, depth: int) -> Node:
        first, at = self._peek(), self._place()
        if depth > DEEPEST:
            raise Wrong(at, f"lists and tables lie in one another more than {DEEPEST} deep")
        if first == "{":
            return self._table(at, depth)
        if first == "[":
            return Listing(tuple(self._entries("]", lambda: self._node(depth + 1))), at)
        return self._string() if first == '"' else self._atom(at)

    def _table(self, at: Place, depth: int) -> Table:
        seen: set[str] = set()

        def entry() -> tuple[Text, Node]:
            if self._peek() != '"':
                raise self._wrong("a key in quotes is missing")
            key = self._string()
            if key.value in seen:
                raise Wrong(key.at, f"the key {key.value!r} stands here twice")
            seen.add(key.value)
            self._take(":")
            return key, self._node(depth + 1)

        return Table(tuple(self._entries("}", entry)), at)

    def _entries(self, end: str, entry: Callable[[], Entry]) -> list[Entry]:
        self._at += 1
        found: list[Entry] = []
        while self._peek() != end:
            if found:
                self._take(",")
            found.append(entry())
        self._at += 1
        return found

    def _string(self) -> Text:
        self._peek()
        at = self._place()
        found = _STRING.match(self._text, self._at)
        if found is None:
            raise self._wrong("these quotes are never closed, or there is a line break in them")
        self._at = found.end()
        try:
            return Text(json.loads(found[0]), at)
        except ValueError:
            raise Wrong(at, "a backslash in this text means nothing") from None

    def _atom(self, at: Place) -> Node:
        found = _ATOM.match(self._text, self._at)
        if found is None:
            raise self._wrong("a value is missing" if self._peek() else "the end came too soon")
        self._at = found.end()
        return Nothing(at) if found[0] == "null" else Text(found[0], at, plain=True)

    def _peek(self) -> str:
        """Go past blanks, and return the next character; `""` at the end."""
        space = _SPACE.match(self._text, self._at)
        self._at = space.end() if space else self._at
        return self._text[self._at : self._at + 1]

    def _take(self, sign: str) -> None:
        if self._peek() != sign:
            raise self._wrong(f"a {sign!r} is missing")
        self._at += 1

    def _place(self) -> Place:
        line = bisect_right(self._lines, self._at)
        return Place(line, self._at - self._lines[line - 1] + 1)

    def _wrong(self, message: str) -> Wrong:
        return Wrong(self._place(), f"this is not JSON: {message} here")
