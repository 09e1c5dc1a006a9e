"""
Which button is meant: any spelling of P§6, a raw custom id, or a glob.

Custom ids come from the server alone and are never built here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from fnmatch import fnmatchcase

from mjflow.errors import InvalidInput
from mjflow.protocol import misses
from mjflow.protocol.dialect import Dialect
from mjflow.protocol.grammar import GUESS, TABLE, Row, Traits, canonical, row_of
from mjflow.protocol.spellings import FAMILIES, SPELLINGS, is_custom_id, is_glob, key, meanings
from mjflow.protocol.task import Button

__all__ = [
    "Traits",
    "as_change",
    "canonical",
    "check_possible",
    "fitting",
    "known",
    "label_of",
    "resolve",
    "traits",
    "traits_of",
]

_BY_NAME: dict[str, Row] = {row.name: row for row in reversed(TABLE)}
_CELL = re.compile(r"([UV])([1-4])")
_CHANGES = {"U": "UPSCALE", "V": "VARIATION"}


def traits(name: str) -> Traits:
    """Return what a click on the button of this canonical name, or raw custom id, does."""
    row = _BY_NAME.get(name)
    return row.traits if row else traits_of(Button(custom_id=name))


def traits_of(button: Button) -> Traits:
    """Return what a click on this very button does; it tells a video's `U1` from a grid's."""
    row = row_of(button)
    return row.traits if row else GUESS


def as_change(name: str) -> tuple[str, int] | None:
    """Return action and index for `submit/change` of a canonical name, if it has any (P§2.3)."""
    if name == "reroll":
        return "REROLL", 1
    cell = _CELL.fullmatch(name)
    return (_CHANGES[cell[1]], int(cell[2])) if cell else None


def label_of(name: str) -> str:
    """Return what stands on the button of a canonical name; of an unknown one the name itself."""
    row = _BY_NAME.get(name) or row_of(Button(custom_id=name))
    return row.label or row.name if row else name


def check_possible(wanted: str, dialect: Dialect, *, answered: bool = False) -> None:
    """
    Check that a kind of server can press a button at all, before anything is paid.

    Where buttons are clicked by `submit/change` there are U1-U4, V1-V4 and reroll, and never a
    dialog (P§2.3).

    Args:
        wanted: Any spelling.
        answered: Whether data for a dialog was given with it.

    Raises:
        UnknownButton: It never can; says why not, and who can.
        InvalidInput: It can, but never asks for the data.
    """
    if dialect.clicks != "change":
        return
    if as_change(known(wanted)) is None:
        raise misses.impossible(wanted, label_of(known(wanted)), dialect.name)
    if answered:
        raise InvalidInput(
            f"a {dialect.name} server has no dialogs, so what is given with "
            f"{label_of(known(wanted))} would go unused",
            advice="Leave the prompt and the mask out; a gateway or a trueai server asks for them.",
        )


def known(wanted: str) -> str:
    """
    Check a spelling before anything is paid, with no task at hand.

    Returns:
        The canonical name; of a raw custom id or a glob the text itself, for only the task's own
        buttons can tell.

    Raises:
        UnknownButton: No button is written like that, or several are.
    """
    text = wanted.strip()
    if is_custom_id(text) or is_glob(text):
        return text
    if names := SPELLINGS.get(key(text)):
        return names[0]
    if names := FAMILIES.get(key(text)):
        raise misses.ambiguous(wanted, names)
    raise misses.unheard_of(wanted)


def resolve(wanted: str, buttons: Sequence[Button]) -> Button:
    """
    Find the button that is meant among those that a task offers.

    Args:
        wanted: Any spelling (`U2`, `vary region`, `Zoom Out 1.5x`, an emoji), a custom id, or a
            glob over labels, canonical names and custom ids.

    Raises:
        UnknownButton: None fits, or several different ones do; it says which are there.
    """
    found = fitting(wanted, buttons)
    if not found:
        raise misses.missing(wanted, buttons)
    if len(found) > 1:
        raise misses.undecided(wanted, found)
    return found[0]


def fitting(wanted: str, buttons: Sequence[Button]) -> list[Button]:
    """Return the buttons that fit best: several only if the spelling does not tell them apart."""
    for fits in _tests(wanted.strip()):
        found = {button.custom_id: button for button in buttons if fits(button)}
        if found:
            return list(found.values())
    return []


def _tests(text: str) -> Iterator[Callable[[Button], bool]]:
    """Yield the ways in which a button can fit a text, the surest first."""
    yield lambda button: button.custom_id == text
    if is_glob(text):
        yield lambda button: button.label == text
        yield lambda button: _globbed(text.casefold(), button)
    elif wanted := key(text):
        names = meanings(text)
        yield lambda button: key(canonical(button)) == wanted
        yield lambda button: canonical(button) in names
        if not names:
            yield lambda button: wanted in _own_words(button)


def _globbed(pattern: str, button: Button) -> bool:
    texts = (button.label, canonical(button), button.custom_id)
    return any(fnmatchcase(text.casefold(), pattern) for text in texts)


def _own_words(button: Button) -> set[str]:
    """Return the keys of what stands on a button; its emoji only if nothing else tells of it."""
    words = {key(button.label)}
    return words if row_of(button) else words | {key(button.emoji)}
