"""
Texts with fields: `a {animal} in the rain`.

A field is the name of a value in braces, and nothing more; `{{` and `}}` stand for braces.  A text
is read once and filled in for thousands of items.  What is filled in is never read again, so that
a value may hold whatever it likes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from mjflow.engine.provenance import FIELDS
from mjflow.errors import InvalidInput
from mjflow.flow.names import advice
from mjflow.media.names import escape

#: Fields of a file's name that each picture fills in for itself.
PICTURE_FIELDS = (*FIELDS, "cell")
#: Fields of a file's name that the run fills in.
RUN_FIELDS = ("item", "branch", "run")

_WAY_OUT = "Write {{ and }} for braces that are meant as such."
_TOKEN = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_NAME = re.compile(r"[^\W\d](?:[\w -]*\w)?")

#: Text as it stands, and fields, by turns, beginning and ending with text.
_Pieces = tuple[str, ...]


def is_name(name: str) -> bool:
    """Tell whether a value can be called so: letters, digits, `_`, `-`, blanks between them."""
    return _NAME.fullmatch(name) is not None


def fields(text: str) -> tuple[str, ...]:
    """
    Return the names of the fields in a text, each once, in their order.

    Raises:
        InvalidInput: A brace stands alone, or what is between two is no name.
    """
    return tuple(dict.fromkeys(_pieces(text)[1::2]))


def fill(text: str, values: Mapping[str, str]) -> str:
    """
    Put values in the places of the fields.

    Raises:
        InvalidInput: As of `fields`; or there is no value of such a name.
    """
    pieces = list(_pieces(text))
    for at in range(1, len(pieces), 2):
        pieces[at] = _value(pieces[at], values)
    return "".join(pieces)


def fill_name(text: str, values: Mapping[str, str]) -> str:
    """
    Put values into the template of a file's path, and leave the fields of the picture in it.

    Whatever a value holds, it stays within one folder's or file's name.

    Args:
        values: Those of the item, with `item`, `branch` and `run`; a picture's own fields, such as
            `id` and `prompt`, come before values of the same name.

    Raises:
        InvalidInput: As of `fill`.
    """
    pieces = list(_pieces(text))
    for at, piece in enumerate(pieces):
        if at % 2 == 0:
            pieces[at] = literal(piece)
        elif piece in PICTURE_FIELDS:
            pieces[at] = f"{{{piece}}}"
        else:
            pieces[at] = literal(escape(_value(piece, values)))
    return "/".join(map(_named, "".join(pieces).split("/"))) if len(pieces) > 1 else text


def literal(text: str) -> str:
    """Write a text as a template that stands for it."""
    return text.replace("{", "{{").replace("}", "}}")


def _named(part: str) -> str:
    """Keep a value that is empty, or dots, from making no name at all."""
    return part if part.strip(" .") else "_"


def _value(name: str, values: Mapping[str, str]) -> str:
    try:
        return values[name]
    except KeyError:
        raise InvalidInput(
            f"there is no value {name!r}", advice=advice(name, list(values))
        ) from None


@lru_cache(maxsize=4096)
def _pieces(text: str) -> _Pieces:
    pieces = [""]
    end = 0
    for token in _TOKEN.finditer(text):
        pieces[-1] += text[end : token.start()]
        end = token.end()
        if token[0] in ("{{", "}}"):
            pieces[-1] += token[0][0]
        elif token[1] is None:
            raise _alone(token[0], text)
        else:
            pieces += [_checked(token[1], text), ""]
    pieces[-1] += text[end:]
    return tuple(pieces)


def _alone(brace: str, text: str) -> InvalidInput:
    return InvalidInput(
        f"a {brace} stands alone in {_shortened(text)}",
        advice=f"Fields are written {{name}}. {_WAY_OUT}",
    )


def _checked(name: str, text: str) -> str:
    if is_name(name):
        return name
    raise InvalidInput(
        f"{{{name}}} is no field, in {_shortened(text)}", advice=f"{_reason(name)} {_WAY_OUT}"
    )


def _reason(name: str) -> str:
    """Say what is wrong with what stands between braces."""
    if not name.strip():
        return "A field names a value, such as {animal}."
    if name.strip().isdigit():
        return "Fields have names, not numbers."
    if "," in name:
        return "For one picture of each make it a matrix of the flow."
    bare = re.split(r"[.\[!:]", name)[0].strip()
    if is_name(bare):
        return f"Values are put in as they are: write {{{bare}}}."
    return "A field is a name of letters, digits, _ and -, such as {animal}."


def _shortened(text: str) -> str:
    return repr(text) if len(text) <= 60 else f"{text[:60]!r}…"
