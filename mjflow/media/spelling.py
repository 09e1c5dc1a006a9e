"""
How masks are written: in one line for a command, or as a mapping for a flow.

    mask    = ["not:" | "!"] part *("+" part) *("+" option)
    part    = "rect:" left "," top "," right "," bottom
            | "ellipse:" x "," y "," radius-x "," radius-y
            | "polygon:" x "," y *(" " x "," y)           three corners or more
            | "file:" path                                black keeps, white repaints
            | "alpha:" path                               what is transparent is repainted
            | path                                        as file:
    option  = "feather=" share                            a soft edge
            | "resized"                                   files may be scaled

Numbers are shares of width and height from 0 to 1.  Parts are joined; "not:" turns the whole mask
round.  A plus sign within a path is no separator, unless what follows reads like a part or option.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import frozen

from mjflow.errors import InvalidInput
from mjflow.media import outlines, shapes
from mjflow.media.given import PictureLike
from mjflow.media.rasters import from_alpha, from_file

#: What to say to somebody who wrote something else.
FORMS = (
    "A mask is the path of a picture, or rect:LEFT,TOP,RIGHT,BOTTOM, "
    "ellipse:X,Y,RADIUS_X,RADIUS_Y, polygon:X,Y X,Y X,Y, file:PATH or alpha:PATH, in shares from "
    "0 to 1; + joins several, not: in front turns it round, +feather=0.02 or +resized may follow."
)

_KEYS = (
    "A mask has one of rect, ellipse, polygon, file, alpha or union, "
    "and may have invert, feather and resized."
)

_LAST = "Join first and soften the whole: {union: [...], feather: 0.02}."
_RESIZED = "only files can be resized"

_NOT = re.compile(r"(?:!|not:)\s*", re.IGNORECASE)
_PART = re.compile(r"(rect|ellipse|polygon|file|alpha):(.*)", re.IGNORECASE | re.DOTALL)
_SEPARATOR = re.compile(
    r"\s*\+\s*(?=(?:rect|ellipse|polygon|file|alpha|not):|feather=|resized(?:\s*\+|\s*$))",
    re.IGNORECASE,
)
_OPTION = re.compile(r"(feather|resized)(?:\s*=(.*)|(?<=d)\s*)", re.IGNORECASE)
_STRAY = re.compile(r"\+\s*[a-z]", re.IGNORECASE)
_FLAGS = {"true": True, "yes": True, "false": False, "no": False}

#: Gives the path or the bytes of a file for a path as it is written.
Find = Callable[[str], PictureLike]


@frozen
class Spelled:
    """What a mask was written to be."""

    shape: shapes.Shape
    #: Width of the soft edge, as a share of the shorter side.
    feather: float = 0.0


def parse(text: str, find: Find) -> Spelled:
    """
    Read a mask in one line; blocking where it names files.

    Args:
        find: Finds a file by the path that is written.

    Raises:
        InvalidInput: It is malformed, or a picture can't be used.
    """
    begin = _NOT.match(text.strip())
    body = text.strip()[begin.end() if begin else 0 :]
    parts, options = _split(body, text)
    if "resized" in options and not any(form in _LOADERS for form, _ in parts):
        raise _malformed(text, _RESIZED)
    shape = shapes.union([_part(form, body, options, find) for form, body in parts])
    feather = outlines.feather(options.get("feather", 0))
    return Spelled(shapes.inverse(shape) if begin else shape, feather)


def _split(body: str, text: str) -> tuple[list[tuple[str, str]], dict[str, str]]:
    """Take a text apart into parts, each with its form, and the options behind them."""
    pieces = _SEPARATOR.split(body)
    options = [match.groups() for match in map(_OPTION.fullmatch, pieces) if match]
    parts = pieces[: len(pieces) - len(options)]
    if any(map(_OPTION.fullmatch, parts)):
        raise _malformed(text, "feather= and resized stand at the end")
    if any(part.lower().startswith("not:") for part in parts):
        raise _malformed(text, "not: stands in front, and turns the whole mask round")
    if not all(parts) or not parts:
        raise _malformed(text, "it names no shape")
    named = {name.lower(): value for name, value in options}
    if len(named) < len(options):
        raise _malformed(text, "an option stands twice")
    return list(map(_form, parts)), named


def _part(form: str, body: str, options: Mapping[str, str], find: Find) -> shapes.Shape:
    if form not in _OUTLINES:
        return _LOADERS[form](find(body), resized="resized" in options, missing=FORMS)
    if _STRAY.search(body):
        raise _malformed(f"{form}:{body}", "what follows the + is no shape")
    return _OUTLINES[form](_numbers(form, body))


def _form(part: str) -> tuple[str, str]:
    match = _PART.fullmatch(part)
    return (match[1].lower(), match[2].strip()) if match else ("file", part)


def _numbers(form: str, body: str) -> Sequence[Any]:
    if form == "polygon":
        return [corner.split(",") for corner in body.split()]
    return body.split(",")


def _malformed(text: str, why: str) -> InvalidInput:
    shown = shapes.shortened(text)
    return InvalidInput(f"the mask {shown!r} can't be read: {why}", advice=FORMS)


_OUTLINES: Mapping[str, Callable[[Iterable[Any]], shapes.Shape]] = {
    "rect": outlines.rectangle,
    "ellipse": outlines.ellipse,
    "polygon": outlines.polygon,
}
_LOADERS: Mapping[str, Callable[..., shapes.Shape]] = {"file": from_file, "alpha": from_alpha}


# --- mappings -----------------------------------------------------------------------------


def build(given: Any, folder: Path) -> Spelled:
    """
    Read a mask as flows have it; blocking where it names files.

    Args:
        given: A mapping with one of the keys `rect`, `ellipse`, `polygon`, `file`, `alpha` and
            `union`, and the options `invert`, `feather` and `resized`; a list of such, to be
            joined; or a text as of `parse`.
        folder: Where relative paths begin.

    Raises:
        InvalidInput: It is malformed, or a picture can't be used.
    """
    if isinstance(given, str):
        return parse(given, folder.__truediv__)
    if isinstance(given, Mapping):
        return _built(given, folder)
    if isinstance(given, Iterable) and not isinstance(given, bytes):
        return Spelled(_united(given, folder))
    raise InvalidInput(f"a mask can't be made of {given!r}", advice=_KEYS)


def _built(given: Mapping[Any, Any], folder: Path) -> Spelled:
    options = dict(given)
    invert = _flag("invert", options.pop("invert", False))
    resized = _flag("resized", options.pop("resized", False))
    feather = outlines.feather(options.pop("feather", 0))
    if len(options) != 1:
        names = ", ".join(map(str, given)) or "none"
        raise InvalidInput(f"the keys of the mask can't be understood: {names}", advice=_KEYS)
    ((form, value),) = options.items()
    if resized and form not in _LOADERS:
        raise InvalidInput(f"the mask is a {form}: {_RESIZED}", advice=_KEYS)
    shape = _keyed(form, value, folder, resized)
    return Spelled(shapes.inverse(shape) if invert else shape, feather)


def _keyed(form: Any, value: Any, folder: Path, resized: bool) -> shapes.Shape:
    if form == "union":
        return _united(value, folder)
    if form in _OUTLINES:
        return _OUTLINES[form](_numbers(form, value) if isinstance(value, str) else value)
    if form not in _LOADERS:
        raise InvalidInput(f"there is no mask {form!r}", advice=_KEYS)
    try:
        path = folder / value
    except TypeError:
        raise InvalidInput(f"the mask's {form} takes a path, not {value!r}", advice=_KEYS) from None
    return _LOADERS[form](path, resized=resized)


def _united(given: Any, folder: Path) -> shapes.Shape:
    if isinstance(given, str | bytes | Mapping) or not isinstance(given, Iterable):
        raise InvalidInput(f"the mask's union takes a list, not {given!r}", advice=_KEYS)
    parts = [build(part, folder) for part in given]
    if not parts:
        raise InvalidInput("the mask's union is empty", advice=_KEYS)
    if any(part.feather for part in parts):
        raise InvalidInput("one part of a mask has a feather", advice=_LAST)
    return shapes.union(part.shape for part in parts)


def _flag(name: str, value: Any) -> bool:
    flag = value if isinstance(value, bool) else _FLAGS.get(str(value).lower())
    if flag is None:
        raise InvalidInput(f"the mask's {name} is {value!r}", advice="It is true or false.")
    return flag
