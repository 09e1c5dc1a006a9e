"""
What can stand behind a key of a step: how it is read, written again, and told of in the schema.

A kind raises `Wrong` for what it cannot take, and what a text says wrongly it refuses as well.  It
knows nothing of other keys.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from attrs import frozen

from mjflow.errors import InvalidInput
from mjflow.flow import templates
from mjflow.flow.language.nodes import Listing, Node, Nothing, Table, Text, Wrong, what
from mjflow.flow.names import advice
from mjflow.media.names import NameTemplate

Schema = dict[str, Any]

#: A text, which an editor may take for a number or a flag.
TEXT: Schema = {"type": ["string", "number", "boolean"]}

_QUOTE = "Put quotes around it: a text that begins with a brace is a table otherwise."
_TRUE = ("true", "yes", "on")
_FALSE = ("false", "no", "off")
_WHOLE = re.compile(r"[+-]?\d{1,9}", re.ASCII)
_ID = re.compile(r"\w[\w.-]{0,63}")


class Kind(ABC):
    """One kind of value."""

    @property
    @abstractmethod
    def takes(self) -> str:
        """Say in a few words of Markdown what can be written."""

    @abstractmethod
    def read(self, node: Node) -> Any:
        """
        Make a value of what was written.

        Raises:
            Wrong: It cannot be one.
        """

    def plain(self, value: Any) -> Any:
        """Write a value so that it can be read again."""
        return value

    @abstractmethod
    def schema(self) -> Schema:
        """Describe it in JSON Schema."""

    def texts(self, value: Any) -> Iterable[str]:
        """Return the templates in a value."""
        return ()


def text_of(node: Node) -> str:
    """
    Return a text, whatever it looks like.

    Raises:
        Wrong: It is none; or a brace at its beginning has made a table of it.
    """
    match node:
        case Text(value, _, _, cut) if not cut:
            return value
        case Text(_, at, _, cut):
            raise Wrong(
                at,
                f"what stands behind ' #' is left out as a comment: {cut!r}",
                "Put quotes around the whole text; a comment has a blank behind its #.",
            )
        case Nothing(at):
            raise Wrong(at, "there is nothing here, and it takes a text")
        case Table(((name, Nothing()),), at):
            raise Wrong(at, f"{{{name.value}}} is read as a table, and this takes a text", _QUOTE)
        case _:
            raise Wrong(node.at, f"this takes a text, not {what(node)}")


def checked(node: Node, text: str) -> str:
    """
    Return a text whose fields are well written.

    Raises:
        Wrong: They are not.
    """
    try:
        templates.fields(text)
    except InvalidInput as error:
        raise Wrong(node.at, error.message, error.advice) from None
    return text


@frozen
class Line(Kind):
    """A text with fields; where words are given, it is one of these unless it has fields."""

    words: Sequence[str] = ()
    empty: bool = False

    @property
    def takes(self) -> str:
        """Name the words, if there are any."""
        return _either(self.words) if self.words else "a text"

    def read(self, node: Node) -> str:
        """Take any text."""
        text = checked(node, text_of(node))
        if not text.strip() and not self.empty:
            raise Wrong(node.at, "this text is empty")
        if self.words and not templates.fields(text):
            return word_of(node, self.words)
        return text

    def schema(self) -> Schema:
        """Offer the words, without insisting on them: a field may stand for one."""
        if not self.words:
            return TEXT
        return {"anyOf": [{"enum": list(self.words)}, {"type": "string", "pattern": r"\{"}]}

    def texts(self, value: Any) -> Iterable[str]:
        """Return the text."""
        return () if value is None else (value,)


@frozen
class Lines(Kind):
    """One text with fields, or several."""

    takes = "a text, or a list of texts"

    def read(self, node: Node) -> tuple[str, ...]:
        """Take a list of texts, or one alone."""
        entries = node.entries if isinstance(node, Listing) else (node,)
        if not entries:
            raise Wrong(node.at, "this list is empty")
        return tuple(Line().read(entry) for entry in entries)

    def plain(self, value: Any) -> Any:
        """Write one text as it is, and several as a list."""
        return value[0] if len(value) == 1 else list(value)

    def schema(self) -> Schema:
        """Allow both."""
        line = Line().schema()
        return {"anyOf": [line, {"type": "array", "items": line, "minItems": 1}]}

    def texts(self, value: Any) -> Iterable[str]:
        """Return them all."""
        return tuple(value)


@frozen
class FileName(Kind):
    """The template of a file's path."""

    takes = "a path below the output folder"

    def read(self, node: Node) -> str:
        """Take a path below a folder."""
        text = checked(node, text_of(node))
        try:
            NameTemplate.parse(text, known=templates.fields(text))
        except InvalidInput as error:
            raise Wrong(node.at, error.message, error.advice) from None
        return text

    def schema(self) -> Schema:
        """Any text."""
        return TEXT

    def texts(self, value: Any) -> Iterable[str]:
        """Return the path."""
        return (value,)


@frozen
class Word(Kind):
    """One word of a closed set."""

    words: Sequence[str]
    #: What the value is made with.
    make: Any = str

    @property
    def takes(self) -> str:
        """Name the words."""
        return _either(self.words)

    def read(self, node: Node) -> Any:
        """Take a word in any case."""
        return self.make(word_of(node, self.words))

    def plain(self, value: Any) -> Any:
        """Write the word."""
        return None if value is None else str(value)

    def schema(self) -> Schema:
        """List the words."""
        return {"enum": list(self.words)}


def word_of(node: Node, words: Sequence[str]) -> str:
    """
    Find the word that is meant.

    Raises:
        Wrong: It is not among them.
    """
    text = text_of(node).strip()
    for word in words:
        if text.casefold() == word.casefold():
            return word
    raise Wrong(node.at, f"{text!r} is none of: {', '.join(words)}", advice(text, words, there=""))


@frozen
class Whole(Kind):
    """A whole number."""

    least: int
    most: int
    #: If only these will do.
    only: Sequence[int] = ()

    @property
    def takes(self) -> str:
        """Say the bounds."""
        return self._allowed()

    def read(self, node: Node) -> int:
        """Take a number within its bounds."""
        text = text_of(node).strip()
        if not _WHOLE.fullmatch(text):
            raise Wrong(node.at, f"{text!r} is no whole number{self._hint(text)}")
        number = int(text)
        if not self.least <= number <= self.most or (self.only and number not in self.only):
            raise Wrong(node.at, f"this is {self._allowed()}, not {number}")
        return number

    def schema(self) -> Schema:
        """Say the bounds; the number may be quoted."""
        if self.only:
            return {"enum": [*self.only, *map(str, self.only)]}
        number = {"type": "integer", "minimum": self.least, "maximum": self.most}
        return {"anyOf": [number, {"type": "string", "pattern": r"^\d+$"}]}

    def _allowed(self) -> str:
        if self.only:
            return "one of " + ", ".join(map(str, self.only))
        return f"a number from {self.least} to {self.most}"

    def _hint(self, text: str) -> str:
        return ", and a field cannot stand for it" if "{" in text else ""


@frozen
class Flag(Kind):
    """Yes or no."""

    takes = "`true` or `false`"

    def read(self, node: Node) -> bool:
        """Take what YAML takes."""
        text = text_of(node).strip().casefold()
        if text not in (*_TRUE, *_FALSE):
            raise Wrong(node.at, f"{text!r} is neither true nor false")
        return text in _TRUE

    def schema(self) -> Schema:
        """A flag, also in words."""
        return {"anyOf": [{"type": "boolean"}, {"enum": [*_TRUE, *_FALSE]}]}


@frozen
class Identifier(Kind):
    """A name that becomes part of keys."""

    takes = "one word"

    def read(self, node: Node) -> str:
        """Take one word."""
        text = text_of(node)
        if not _ID.fullmatch(text):
            raise Wrong(
                node.at,
                f"{text!r} is no name for a step or a branch",
                "It is one word of up to 64 letters, digits, dots, _ and -.",
            )
        return text

    def schema(self) -> Schema:
        """One word."""
        return {"type": ["string", "integer"], "pattern": r"^\w[\w.-]{0,63}$"}


def _either(words: Sequence[str]) -> str:
    *first, last = (f"`{word}`" for word in words)
    return f"{', '.join(first)} or {last}"


def table_of(node: Node, example: str) -> Table:
    """
    Return a table.

    Raises:
        Wrong: It is none.
    """
    if isinstance(node, Table):
        return node
    raise Wrong(node.at, f"this takes keys and values, not {what(node)}", f"Write {example}.")


def known_keys(table: Table, names: Sequence[str], of: str) -> Mapping[str, Node]:
    """
    Return the values by key, all of which are known.

    Raises:
        Wrong: One is not.
    """
    for key, _ in table.entries:
        if key.value not in names:
            raise Wrong(key.at, f"there is no key {key.value!r} in {of}", advice(key.value, names))
    return {key.value: value for key, value in table.entries}
