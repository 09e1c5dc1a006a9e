"""
YAML, read into nodes with their places; every text stays a text.

PyYAML composes the tree and constructs nothing, so that `16:9`, `no`, `1e3` and dates are what the
author wrote.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml
from yaml.error import Mark

from mjflow.flow.language.explained import explained
from mjflow.flow.language.nodes import Listing, Node, Nothing, Table, Text, Wrong
from mjflow.flow.steps import Place

#: Nodes that a file may have once its aliases are written out.
MOST = 100_000
#: How deep lists and tables may lie in one another.
DEEPEST = 40

_TAGS = frozenset(
    f"tag:yaml.org,2002:{name}"
    for name in ("str", "int", "float", "bool", "null", "timestamp", "value", "merge", "map", "seq")
)
# A comment has a blank behind its sign.
_PART = re.compile(r"#[^\s#]")
_MERGE = "tag:yaml.org,2002:merge"


def read(text: str) -> Node:
    """
    Read the one document in a text.

    Raises:
        Wrong: It is not YAML, or does what flows cannot make use of.
    """
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise explained(error, text) from None
    except RecursionError:
        raise _too_deep(Place(1, 1)) from None
    return _Reader(text).node(root, 0) if root is not None else Nothing(Place(1, 1))


def place(mark: Mark) -> Place:
    """Turn PyYAML's mark, which counts from 0, into a place."""
    return Place(mark.line + 1, mark.column + 1)


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._left = MOST

    def node(self, node: yaml.Node, depth: int) -> Node:
        at = place(node.start_mark)
        self._left -= 1
        if self._left < 0:
            raise Wrong(
                at,
                f"there are more than {MOST:,} texts, lists and tables here, aliases written out",
                "Many values belong into a file of inputs.",
            )
        if depth > DEEPEST:
            raise _too_deep(at)
        if node.tag not in _TAGS:
            raise Wrong(
                at, f"tags such as {_short(node.tag)} mean nothing here", "Put quotes around it."
            )
        if isinstance(node, yaml.SequenceNode):
            return Listing(tuple(self.node(one, depth + 1) for one in node.value), at)
        if isinstance(node, yaml.MappingNode):
            return Table(tuple(self._entries(node, depth + 1)), at)
        return self._scalar(node, at)

    def _scalar(self, node: Any, at: Place) -> Node:
        plain = node.style is None
        if plain and not node.value:
            return Nothing(at)
        return Text(node.value, at, plain=plain, cut=self._cut(node) if plain else "")

    def _cut(self, node: Any) -> str:
        """Find what a `#` has cut off of several words, where nobody would write a comment so."""
        if " " not in node.value:
            return ""
        begin = node.end_mark.index
        end = self._text.find("\n", begin)
        after = self._text[begin : end if end >= 0 else None].strip()
        return after if _PART.match(after) else ""

    def _entries(self, node: yaml.MappingNode, depth: int) -> Iterator[tuple[Text, Node]]:
        seen: set[str] = set()
        merged: list[tuple[Text, Node]] = []
        for key, value in node.value:
            if key.tag == _MERGE:
                merged += self._merged(value, depth)
                continue
            name = self._key(key)
            if name.value in seen:
                raise Wrong(name.at, f"the key {name.value!r} stands here twice")
            seen.add(name.value)
            yield name, self.node(value, depth)
        for name, value in merged:
            if name.value not in seen:
                seen.add(name.value)
                yield name, value

    def _key(self, node: yaml.Node) -> Text:
        at = place(node.start_mark)
        if not isinstance(node, yaml.ScalarNode):
            raise Wrong(at, "a key is one word", "Put quotes around a text that begins so.")
        return Text(node.value, at)

    def _merged(self, node: yaml.Node, depth: int) -> Iterator[tuple[Text, Node]]:
        """Yield what `<<` brings in: of several tables, the first one's keys count."""
        found = self.node(node, depth)
        for table in found.entries if isinstance(found, Listing) else (found,):
            if not isinstance(table, Table):
                raise Wrong(
                    place(node.start_mark), "<< takes an alias of a table, or a list of such"
                )
            yield from table.entries


def _too_deep(at: Place) -> Wrong:
    return Wrong(at, f"lists and tables lie in one another more than {DEEPEST} deep")


def _short(tag: str) -> str:
    return tag.replace("tag:yaml.org,2002:", "!!")


def place_at(data: bytes, offset: int) -> Place:
    """Return where a byte stands, in characters as far as they can be read."""
    begin = data.rfind(b"\n", 0, offset) + 1
    return Place(
        data.count(b"\n", 0, offset) + 1, len(data[begin:offset].decode("utf-8", "replace")) + 1
    )
