"""
What to call a picture's file: templates, and values that cannot leave the folder.

A template is a path relative to the output folder, without an extension: the content says which
one.  `/` in the template makes folders; whatever a value holds stays within one name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Container, Iterable, Mapping
from difflib import get_close_matches
from itertools import count
from string import Formatter

from attrs import field, frozen

from mjflow.errors import InvalidInput
from mjflow.media.kinds import KINDS, Kind

#: Bytes of UTF-8 that one name, or one folder, may have; file systems allow 255, and
#: a number, an extension and the sidecar's ending are still to come.
LONGEST = 200

_BLANKS = re.compile(r"\s+")

# What Windows forbids in a name, both separators among it.
_FORBIDDEN = re.compile(r'[<>:"/\\|?*]')

# Devices, on Windows, whatever extension is put behind them.
_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])\s*(\.|$)", re.I)

# A template may name the extension, out of habit; the content decides.
_EXTENSIONS = (*(kind.extension for kind in KINDS), ".jpeg")

#: Pieces of one name: text, or a field.
_Piece = tuple[str, str | None]


@frozen
class NameTemplate:
    """A template for file names, read once and filled in many times."""

    text: str
    # One tuple of pieces for each folder, and one for the name.
    _parts: tuple[tuple[_Piece, ...], ...] = field(repr=False)

    @classmethod
    def parse(cls, text: str, *, known: Collection[str]) -> NameTemplate:
        """
        Read a template such as `"{animal}/{button}-{id}"`; `{{` and `}}` stand for braces.

        Args:
            known: The names of the fields there are.

        Raises:
            InvalidInput: The template is malformed, names an unknown field, or leads out of the
                output folder.
        """
        pieces = _pieces(_split_extension(text)[0], text)
        for _, name in pieces:
            if name is not None and name not in known:
                raise _unknown_field(name, text, known)
        parts = tuple(_split_at_slashes(pieces))
        for part in parts:
            _check_part(part, text)
        return cls(text, parts)

    @property
    def fields(self) -> frozenset[str]:
        """The names of the fields that it uses."""
        return frozenset(name for part in self._parts for _, name in part if name is not None)

    def fill(self, values: Mapping[str, object]) -> str:
        """Give the relative path, with `/` between folders and no extension; `None` is blank."""
        return "/".join(_fill_part(part, values) for part in self._parts)


def with_extension(path: str, kind: Kind) -> str:
    """Put the extension of the content behind a path that has none."""
    return path + kind.extension


def without_extension(path: str) -> str:
    """Leave out an extension that one of our kinds has; names have dots of their own ("v6.1")."""
    return _split_extension(path)[0]


def unique(path: str, taken: Container[str]) -> str:
    """
    Give the path, or the first of `name-2.png`, `name-3.png`, ... that is not taken.

    `taken` is asked with `in`; take `TakenNames` where `A.png` and `a.png` may be one file.
    """
    if path not in taken:
        return path
    return next(other for other in (numbered(path, n) for n in count(2)) if other not in taken)


def numbered(path: str, number: int) -> str:
    """Put a number between name and extension: `name-2.png`."""
    stem, extension = _split_extension(path)
    return f"{stem}-{number}{extension}"


class TakenNames:
    """Paths that are in use, compared as the pickiest of file systems compares them."""

    def __init__(self, paths: Iterable[str] = ()) -> None:
        self._folded = set(map(_fold, paths))

    def __contains__(self, path: object) -> bool:
        return isinstance(path, str) and _fold(path) in self._folded

    def add(self, path: str) -> None:
        """Take a path."""
        self._folded.add(_fold(path))


def _fold(path: str) -> str:
    return unicodedata.normalize("NFC", path).casefold()


def escape(value: object) -> str:
    """
    Make a value safe as a part of a name, on every file system and in every shell window.

    Separators and what Windows forbids become `_`; blanks of any kind become one space; other
    control characters, direction marks and broken halves of characters vanish.
    """
    text = "" if value is None else str(value)
    visible = "".join(filter(_shows, text))
    return _FORBIDDEN.sub("_", unicodedata.normalize("NFC", _BLANKS.sub(" ", visible)))


def _shows(char: str) -> bool:
    # Some blanks, the newline among them, are control characters too.
    return char.isspace() or not unicodedata.category(char).startswith("C")


def _split_extension(path: str) -> tuple[str, str]:
    """Split off an extension of ours."""
    ending = next((end for end in _EXTENSIONS if path.lower().endswith(end)), "")
    at = len(path) - len(ending)
    return path[:at], path[at:]


def _pieces(template: str, text: str) -> list[_Piece]:
    """Take a template apart into text and fields."""
    try:
        parsed = list(Formatter().parse(template))
    except ValueError as error:
        raise InvalidInput(
            f"the file name template {text!r} is malformed: {error}",
            advice="Write fields as {name}, and {{ or }} for a brace.",
        ) from error
    pieces: list[_Piece] = []
    for literal, name, spec, conversion in parsed:
        if spec or conversion:
            raise InvalidInput(
                f"the file name template {text!r} formats the field {name!r}",
                advice=f"Write {{{name}}}: values are put in as they are.",
            )
        pieces.append((literal, None))
        if name is not None:
            pieces.append(("", name))
    return pieces


def _split_at_slashes(pieces: Iterable[_Piece]) -> list[tuple[_Piece, ...]]:
    parts: list[list[_Piece]] = [[]]
    for literal, name in pieces:
        first, *others = literal.split("/")
        parts[-1].append((first, name))
        parts += [[(other, None)] for other in others]
    return [tuple(piece for piece in part if piece != ("", None)) for part in parts]


def _check_part(part: tuple[_Piece, ...], text: str) -> None:
    literal = "".join(literal for literal, _ in part)
    if any(name is not None for _, name in part) or literal.strip(". "):
        return
    raise InvalidInput(
        f"the file name template {text!r} has an empty or dotted part",
        advice="It is a path below the output folder, such as {id} or {button}/{id}.",
    )


def _unknown_field(name: str, text: str, known: Collection[str]) -> InvalidInput:
    nearest = get_close_matches(name, known, n=1)
    meant = f"Did you mean {{{nearest[0]}}}? " if nearest else ""
    there = ", ".join(sorted(known)) or "none at all"
    return InvalidInput(
        f"there is no field {name!r} for the file name template {text!r}",
        advice=f"{meant}The fields here: {there}.",
    )


def _fill_part(part: tuple[_Piece, ...], values: Mapping[str, object]) -> str:
    texts = [escape(literal if name is None else values[name]) for literal, name in part]
    # One byte is kept back for the mark in front of a reserved word.
    name = "".join(_shortened(texts, LONGEST - 1)).strip(" .") or "_"
    return "_" + name if _RESERVED.match(name) else name


def _shortened(texts: list[str], limit: int) -> list[str]:
    """Cut the longest text, then the next: a long prompt must not push the id out of a name."""
    texts = list(texts)
    for _ in texts:
        excess = sum(map(_size, texts)) - limit
        if excess <= 0:
            break
        longest = max(range(len(texts)), key=lambda at: _size(texts[at]))
        texts[longest] = _cut(texts[longest], _size(texts[longest]) - excess)
    return texts


def _size(text: str) -> int:
    return len(text.encode())


def _cut(text: str, size: int) -> str:
    """Keep as many whole characters as fit into `size` bytes."""
    return text.encode()[: max(size, 0)].decode("utf-8", "ignore")
