"""What is wrong with a text that is not YAML, in words for people who write flows."""

from __future__ import annotations

import re

import yaml
from yaml.error import MarkedYAMLError
from yaml.reader import ReaderError

from mjflow.flow.language.nodes import Wrong
from mjflow.flow.steps import Place

_QUOTE = "Put quotes around the whole text."
_VALUE = re.compile(r"^(\s*(?:- +)*(?:[\w$-]+ *: +)?(?:- +)*)([{\[*&!%@`|>]?)(.*)$")
# A field at the beginning of a text within a list.
_FIELD = re.compile(r"[\[,]\s*(\{[\w -]+\}[^\s,\]}:][^,\]]*)")
#: By what PyYAML says: what to say, and what to do.
_TEXTS: tuple[tuple[str, str, str], ...] = (
    (
        r"found character '\\t'",
        "there is a tab here, and YAML is indented with spaces",
        "Put two spaces in its place.",
    ),
    (
        r"mapping values are not allowed",
        "this line has a second ': ' in a text without quotes",
        f"{_QUOTE} If a new key begins here, mind that it stands right below the one before it.",
    ),
    (r"found undefined alias", "no anchor has this name", f"If it is a text: {_QUOTE.lower()}"),
    (r"could not find expected ':'", "this is neither a key nor a step", "Write `key: value`."),
    (
        r"found unexpected end of stream|while scanning a quoted scalar",
        "these quotes are never closed",
        "Inside of quotes write a quote twice ('') or with a backslash (\\\").",
    ),
    (r"expected a single document", "a second document begins here", "A file has one flow."),
    (
        r"expected ',' or '[\]}]'|did not find expected ',' or",
        "this list or table is not closed, or lacks a comma",
        "A text with a comma, a bracket or a colon in it needs quotes there.",
    ),
    (
        r"expected <block end>",
        "this stands neither below the line before nor deeper in the right way",
        "What belongs together begins in the same column; a list has a - in front of each entry.",
    ),
    (r"unknown escape character", "this backslash means nothing", "Take single quotes instead."),
)


def explained(error: yaml.YAMLError, text: str) -> Wrong:
    """Put an error of PyYAML into our words."""
    if isinstance(error, ReaderError):
        return _unreadable(error, text)
    if not isinstance(error, MarkedYAMLError):
        return Wrong(Place(1, 1), f"this is not YAML: {error}")
    mark = error.problem_mark or error.context_mark
    at = Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)
    return _leading(at, text) or _known(error, at)


def _unreadable(error: ReaderError, text: str) -> Wrong:
    before = text[: error.position]
    at = Place(before.count("\n") + 1, error.position - (before.rfind("\n") + 1) + 1)
    return Wrong(at, f"this character cannot stand in YAML: U+{ord(text[error.position]):04X}")


def _leading(at: Place, text: str) -> Wrong | None:
    """Explain a text without quotes that begins with what YAML takes for its own."""
    lines = text.splitlines()
    for line in (at.line, at.line - 1):
        if not 1 <= line <= len(lines):
            continue
        if within := _FIELD.search(lines[line - 1]):
            where = Place(line, within.start(1) + 1)
            return Wrong(where, _says("{"), f'Put quotes around it: "{within[1].rstrip()}".')
        found = _VALUE.match(lines[line - 1])
        if found and found[2] and _is_prose(found[2], found[3]):
            where = Place(line, len(found[1]) + 1)
            whole = found[2] + found[3].rstrip()
            return Wrong(where, _says(found[2]), f'Put quotes around the whole text: "{whole}".')
    return None


def _is_prose(first: str, rest: str) -> bool:
    """Tell a text from what YAML has this character for."""
    if first in "{[":
        behind = rest.partition({"{": "}", "[": "]"}[first])[2].partition(" #")[0].strip()
        return bool(behind) and behind[0] not in ",]}"
    return first in "%@`" or (first == "*" and not re.fullmatch(r"[\w-]+\s*(#.*)?", rest))


def _says(first: str) -> str:
    what = {"{": "a table", "[": "a list", "*": "an alias"}.get(first)
    if what is None:
        return f"a text cannot begin with {first} unless it is in quotes"
    return f"without quotes, a text that begins with {first} is read as {what}"


def _known(error: MarkedYAMLError, at: Place) -> Wrong:
    said = " ".join(filter(None, (error.context, error.problem)))
    for pattern, message, advice in _TEXTS:
        if re.search(pattern, said):
            return Wrong(at, message, advice)
    return Wrong(at, f"this is not YAML: {error.problem or said}")
