"""
What commands are called: keys that are the same in every life of a run, and outlive editing.

    imagine=3fa2c1d0/U1/vary_region=9d2e7a44/U1/upscale_subtle

A key is a path of acts: each act's part stands behind the key of the task that it builds on.

* A part is the step's own `id`, else what it does and a hash of what it says; of a click the
  button's canonical name, and a hash only if more than the button was said.  Nothing tells at which
  place of its list a step stands, so others may be put before it or taken away.
* `:` ends a word that tells apart what builds on the same: the name of a fork's tail, the number
  of a task where one button started several.  An act that builds on nothing has the words of all
  the splits above it instead: it is done once on each branch.
* `#2` is the second of equal keys on one way from the root, `~2` the second try of a resubmit.

The hash is taken before values are filled in, so it says the same for all items.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from hashlib import sha256
from typing import Any

import attrs

from mjflow.errors import UnknownButton
from mjflow.flow.machine.commands import Candidate
from mjflow.flow.steps import Click, Step, Submitting
from mjflow.media.masks import Mask
from mjflow.protocol import buttons
from mjflow.protocol.spellings import is_custom_id, is_glob, key
from mjflow.protocol.task import Button

#: Characters of a key, before `#2`, `~2` and the run's own words; journals take 2,000.
LONGEST = 1_000
# Of one word within it: an id, a button nobody knows, the name of a tail.
_LONGEST_WORD = 60

# What says how, when or whether a step is done, and not what it does; the speed mode, too: whoever
# changes it does not want to pay once more for what is drawn already.  Nor does it count where a
# step stands, which `eq` leaves out as well.
_NOT_CONTENT = frozenset({"id", "when", "on_error", "resubmit", "mode"})
_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")
# Signs with a meaning of their own within a key.
_SIGNS = frozenset("/:=#~%")


def name_of(step: Step) -> str:
    """Name a step by its class, as flows write it: `swap_face`."""
    return _CAPITAL.sub("_", type(step).__name__).lower()


def mark_of(step: Submitting) -> str:
    """
    Return an act's part of a key, as far as it is the same for all items.

    Of a click it is what stands with the button's name, see `press`.
    """
    if step.id:
        return word(step.id)
    content = _content(step)
    if isinstance(step, Click):
        return f"={digest(content)}" if content else ""
    return f"{name_of(step)}={digest(content)}"


def mark_apart(step: Step) -> str:
    """Return the part of a step that starts no task; it never looks like that of one that does."""
    return f"{name_of(step)}={word(step.id) or digest(_content(step))}"


def press(mark: str, button: str) -> str:
    """Return the part of a click on the button of a canonical name."""
    named = word(button)
    return f"{named}{mark}" if mark[:1] in ("", "=") else f"{mark}.{named}"


def pick(mark: str, candidates: Iterable[Candidate]) -> str:
    """Return the part of a choice: with others to choose from it is another one."""
    return f"{mark}.{digest([[each.key, each.place] for each in candidates])}"


@lru_cache(maxsize=4096)
def canonical(wanted: str) -> str:
    """
    Return one name for all spellings of a button: `U1`, `vary_region`.

    Of one that only the task itself can tell, what counts in the text; of a raw custom id what it
    stands for, as the id is another one for each task.
    """
    text = wanted.strip()
    if is_custom_id(text):
        return buttons.canonical(Button(custom_id=text))
    if is_glob(text):
        return text.casefold()
    try:
        return buttons.known(text)
    except UnknownButton:
        return key(text)


def digest(content: object) -> str:
    """Sum up plain values, for a reader's eye and to tell apart what builds on the same."""
    return _hashed(json.dumps(content, sort_keys=True, default=str), 8)


@lru_cache(maxsize=4096)
def word(text: str) -> str:
    """Write a text so that it is one word within a key."""
    safe = "".join(char if _is_safe(char) else _escaped(char) for char in text)
    if len(safe) <= _LONGEST_WORD:
        return safe
    return f"{safe[: _LONGEST_WORD - 9]}={_hashed(text, 8)}"


def bounded(path: str) -> str:
    """Return a key that journals take, with the end of a very long one hashed."""
    return path if len(path) <= LONGEST else f"{path[: LONGEST - 33]}={_hashed(path, 32)}"


def counted(path: str, taken: tuple[str, ...]) -> str:
    """Number a key that was met before on the same way from the root."""
    again = taken.count(path)
    return f"{path}#{again + 1}" if again else path


def _is_safe(char: str) -> bool:
    return char.isprintable() and char not in _SIGNS


def _escaped(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "surrogatepass"))


def _hashed(text: str, digits: int) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:digits]


def _content(step: Step) -> dict[str, Any]:
    """Return what a step does, without what stands in other parts of the key, nor defaults."""
    apart = _NOT_CONTENT | {"buttons"} if isinstance(step, Click) else _NOT_CONTENT
    said = ((field, getattr(step, field.name)) for field in attrs.fields(type(step)))
    return {
        field.name: _plain(value)
        for field, value in said
        if field.eq and field.name not in apart and not _is_default(field, value)
    }


def _is_default(field: attrs.Attribute[Any], value: object) -> bool:
    """Whether a field says nothing: fields to come must not change the keys of today's flows."""
    default = field.default
    if isinstance(default, attrs.Factory):  # type: ignore[arg-type]
        default = default.factory()  # type: ignore[union-attr]
    return bool(value == default)


def _plain(value: object) -> object:
    """Make JSON of a value, the same tomorrow."""
    if isinstance(value, Mask):
        return value.digest
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    if callable(value):
        return f"{value.__module__}:{getattr(value, '__qualname__', type(value).__qualname__)}"
    return value
