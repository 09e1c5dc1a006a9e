"""What to say when a text means no button, or more than one: who is there, and what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from mjflow.errors import UnknownButton
from mjflow.protocol.grammar import TABLE, Row, Stage, canonical, human, row_of
from mjflow.protocol.spellings import is_custom_id, key, meanings
from mjflow.protocol.task import Button

#: All that a server without buttons can do (P§2.3).
CLASSIC_NAMES = (*("U1", "U2", "U3", "U4", "V1", "V2", "V3", "V4"), "reroll")

#: What to offer when a button is named that nobody knows.
COMMON_NAMES = (
    *CLASSIC_NAMES,
    *("upscale_subtle", "upscale_creative", "vary_subtle", "vary_strong", "vary_region"),
    *("zoom_2x", "zoom_1.5x", "custom_zoom", "pan_left", "animate_high"),
)

_FIRST_PICK = "Click U1, U2, U3 or U4 first:"
#: By what the task is and where the wanted button belongs.
_HINTS: Mapping[tuple[Stage | None, Stage | None], str] = {
    (Stage.GRID, Stage.PICTURE): f"{_FIRST_PICK} only a single picture has this button.",
    (Stage.PICTURE, Stage.GRID): (
        "This is a single picture already: U1-U4 and V1-V4 are on the grid that it came from."
    ),
    (Stage.PICTURE, Stage.PICTURE): (
        "Which buttons a picture has depends on its model version (--v) and its shape."
    ),
    (Stage.CLIPS, Stage.CLIP): f"{_FIRST_PICK} only a single clip can be extended.",
    (Stage.CLIP, Stage.CLIPS): (
        "This is a single clip already: U1-U4 are on the video task that it came from."
    ),
}
_NO_BUTTONS = (
    "They come when a task has ended well; a kind of server that never sends any "
    "knows U1-U4, V1-V4 and reroll alone."
)
_FOREIGN_ID = "A custom id belongs to one task alone: give the button's name instead."

# Longer texts are no names of buttons, and comparing them would only cost time.
_LONGEST = 60


def ambiguous(wanted: str, candidates: Sequence[str]) -> UnknownButton:
    """Return the error for a text that fits all of these."""
    error = UnknownButton(wanted, candidates)
    error.message = f"{wanted!r} fits several buttons"
    error.advice = f"Say which you mean: {', '.join(candidates)}."
    return error


def undecided(wanted: str, found: Sequence[Button]) -> UnknownButton:
    """Return the error for a text that fits all of these buttons of one task."""
    names = [human(button) for button in found]
    alike = len(set(names)) < len(names)
    return ambiguous(wanted, [button.custom_id for button in found] if alike else names)


def impossible(wanted: str, label: str, dialect: str) -> UnknownButton:
    """Return the error for a button that a kind of server without buttons never has."""
    error = UnknownButton(wanted, CLASSIC_NAMES)
    error.message = (
        f"a {dialect} server has no buttons beyond U1-U4, V1-V4 and reroll, "
        f"so {label} is not possible there"
    )
    error.advice = "A gateway or a trueai server offers it."
    return error


def unheard_of(wanted: str) -> UnknownButton:
    """Return the error for a text that names no button of any task."""
    names = {key(name): row.name for row in TABLE for name in (row.name, row.label) if name}
    nearest = _nearest(wanted, names)
    error = UnknownButton(wanted, COMMON_NAMES, nearest=nearest)
    meant = f"Did you mean {nearest!r}? " if nearest else ""
    error.message = f"no button is called {wanted!r}"
    error.advice = (
        f"{meant}Common ones: {', '.join(COMMON_NAMES)}. "
        "Any other can be given as its custom id, or as a glob such as '*redo*'."
    )
    return error


def missing(wanted: str, buttons: Sequence[Button]) -> UnknownButton:
    """Return the error for a text that fits none of these buttons of one task."""
    meant = _meant(wanted)
    names = {
        key(name): button.label or canonical(button)
        for button in buttons
        for name in (canonical(button), button.label)
        if name
    }
    written = meant[0].name if meant else wanted
    return UnknownButton(
        wanted,
        [human(button) for button in buttons],
        nearest=_nearest(written, names),
        hint=_hint(wanted, meant, buttons),
    )


def _meant(wanted: str) -> list[Row]:
    """Return the rows of the buttons that a text may stand for."""
    if is_custom_id(wanted):
        row = row_of(Button(custom_id=wanted))
        return [row] if row else []
    names = meanings(wanted)
    return [row for row in TABLE if row.name in names]


def _nearest(written: str, names: Mapping[str, str]) -> str | None:
    # One digit comes close to anything with that digit in it: `5` is not what `U5` means.
    words = [name for name in names if len(name) > 1]
    close = get_close_matches(key(written[:_LONGEST]), words, n=1)
    return names[close[0]] if close else None


def _hint(wanted: str, meant: Sequence[Row], buttons: Sequence[Button]) -> str:
    if not buttons:
        return _NO_BUTTONS
    rows = [row for button in buttons if (row := row_of(button))]
    if is_custom_id(wanted) and {row.name for row in meant} <= {row.name for row in rows}:
        return _FOREIGN_ID
    pairs = ((here.stage, there.stage) for here in rows for there in meant)
    return next((_HINTS[pair] for pair in pairs if pair in _HINTS), "")
