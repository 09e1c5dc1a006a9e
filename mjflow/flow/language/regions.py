"""
Masks as they stand in a flow: texts, paths, tables of shapes, and in Python `Mask`.

A table is written as the one line that `Mask.parse` reads, for a text can have fields in it.  Files
are not looked at here.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Iterable
from typing import Any

from attrs import frozen

from mjflow.errors import InvalidInput
from mjflow.flow import templates
from mjflow.flow.language.kinds import Kind, Schema, checked, known_keys, table_of, text_of
from mjflow.flow.language.nodes import Listing, Node, Text, Thing, Wrong, what
from mjflow.media.masks import Mask


@frozen
class Region(Kind):
    """A mask: its text, a file's path, a table of its shape, or in Python a `Mask`."""

    takes = "a [mask](#masks)"

    def read(self, node: Node) -> str | Mask:
        """Read a shape at once; a file is read when the flow is planned or run."""
        if isinstance(node, Thing):
            return _mask(node)
        if not isinstance(node, Text):
            node = Text(_written(node), node.at)
        text = checked(node, text_of(node)).strip()
        if text.startswith(_PIXELS):
            return _pixels(node, text)
        if _SHAPES.match(text) and not _NAMES_FILES.search(text) and not templates.fields(text):
            _try(node, text)
        if not text:
            raise Wrong(node.at, "this mask is empty", _MASKS)
        return text

    def plain(self, value: Any) -> Any:
        """Write a mask of shapes as text, and one of pixels as these."""
        if not isinstance(value, Mask):
            return value
        if value.width is None:
            return value.text
        return _PIXELS + b64encode(value.png()).decode("ascii")

    def schema(self) -> Schema:
        """Say what is in a table."""
        numbers: Schema = {"type": ["array", "string"]}
        shapes: Schema = dict.fromkeys(_SHAPE_NAMES, numbers)
        files: Schema = {name: {"type": "string"} for name in _FILE_NAMES}
        one: Schema = {"type": "object", "properties": {**shapes, **files}}
        parts = {"type": "array", "minItems": 1, "items": {"anyOf": [{"type": "string"}, one]}}
        options: Schema = {
            "union": parts,
            "invert": {"type": ["boolean", "string"]},
            "feather": {"type": ["number", "string"]},
            "resized": {"type": ["boolean", "string"]},
        }
        table = {**one, "properties": {**one["properties"], **options}}
        table["additionalProperties"] = False
        return {"anyOf": [{"type": "string"}, table, parts]}

    def texts(self, value: Any) -> Iterable[str]:
        """Return its text, if that is what it is."""
        return (value,) if isinstance(value, str) else ()


_PIXELS = "data:image/png;base64,"
_SHAPE_NAMES = ("rect", "ellipse", "polygon")
_FILE_NAMES = ("file", "alpha")
_OPTIONS = ("invert", "feather", "resized")
_SHAPES = re.compile(r"\s*(?:not:|!)?\s*(?:rect|ellipse|polygon):", re.IGNORECASE)
_NAMES_FILES = re.compile(r"\+\s*(?!(?:rect|ellipse|polygon):|feather=)", re.IGNORECASE)
_MASKS = (
    "Write {rect: [0.3, 0, 0.7, 0.35]}, with ellipse, polygon, file, alpha or union in its place, "
    "or a text, or the path of a picture."
)


def _mask(node: Thing) -> Mask:
    if not isinstance(node.value, Mask):
        raise Wrong(node.at, f"this takes a mask, not {what(node)}", _MASKS)
    if node.value.width is None and not _is_readable(node.value):
        raise Wrong(
            node.at,
            f"{node.value!r} has no written form",
            "Only a whole mask can be turned round; or save it as a picture: mask.png(w, h).",
        )
    return node.value


def _is_readable(mask: Mask) -> bool:
    try:
        return Mask.parse(mask.text) == mask
    except InvalidInput:
        return False


def _pixels(node: Node, text: str) -> Mask:
    try:
        return Mask.file(b64decode(text.removeprefix(_PIXELS), validate=True))
    except ValueError as error:
        raise Wrong(node.at, f"the pixels of this mask cannot be read: {error}") from None


def _try(node: Node, text: str) -> None:
    try:
        Mask.parse(text)
    except InvalidInput as error:
        raise Wrong(node.at, error.message, error.advice) from None


def _written(node: Node) -> str:
    """Write the table or list of a mask as a text."""
    if isinstance(node, Listing):
        return _union(node)
    table = table_of(node, "mask: {rect: [0.3, 0, 0.7, 0.35]}")
    found = dict(known_keys(table, (*_SHAPE_NAMES, *_FILE_NAMES, "union", *_OPTIONS), "a mask"))
    options = {name: text_of(found.pop(name)) for name in _OPTIONS if name in found}
    if len(found) != 1:
        raise Wrong(node.at, f"a mask has one shape, not {len(found)}", _MASKS)
    ((form, value),) = found.items()
    body = _union(value) if form == "union" else f"{form}:{_body(form, value)}"
    begin = "not:" if _is_on(table, options.get("invert")) else ""
    ends = [f"+feather={options['feather']}"] if "feather" in options else []
    ends += ["+resized"] if _is_on(table, options.get("resized")) else []
    return begin + body + "".join(ends)


def _is_on(node: Node, option: str | None) -> bool:
    if option is None or option.casefold() in ("false", "no"):
        return False
    if option.casefold() in ("true", "yes"):
        return True
    raise Wrong(node.at, f"{option!r} is neither true nor false")


def _union(node: Node) -> str:
    if not isinstance(node, Listing) or not node.entries:
        raise Wrong(node.at, f"the parts of a mask are a list, not {what(node)}", _MASKS)
    parts = [text_of(one) if isinstance(one, Text) else _written(one) for one in node.entries]
    for one, part in zip(node.entries, parts, strict=True):
        if part.startswith(("not:", "!")) or "+feather=" in part or part.endswith("+resized"):
            raise Wrong(
                one.at,
                "only the whole mask is inverted, softened or resized",
                "Do it behind union.",
            )
    return "+".join(parts)


def _body(form: str, node: Node) -> str:
    if not isinstance(node, Listing):
        return text_of(node)
    if form == "polygon":
        return " ".join(_numbers(corner) for corner in node.entries)
    return _numbers(node)


def _numbers(node: Node) -> str:
    if not isinstance(node, Listing):
        return text_of(node)
    return ",".join(text_of(number).strip() for number in node.entries)
