"""
The order of buttons: what a press gives, and which results never offer it (P§6).

A *stage* is the kind of result a button is pressed on.  Whatever cannot be told without a server
is `None`, and passes.
"""

from __future__ import annotations

from collections.abc import Sequence

from mjflow.errors import InvalidInput, UnknownButton
from mjflow.protocol import buttons
from mjflow.protocol.grammar import TABLE, Row, Stage
from mjflow.protocol.spellings import is_custom_id, is_glob, meanings

#: What a person calls each kind of result.
RESULTS = {
    Stage.GRID: "a grid of four",
    Stage.PICTURE: "a single picture",
    Stage.CLIPS: "a video's four clips",
    Stage.CLIP: "a single clip",
    Stage.DESCRIBE: "a describe's texts",
    Stage.SHORTEN: "a shorten's texts",
}
#: Results that are texts and no pictures.
TEXTS = frozenset({Stage.DESCRIBE, Stage.SHORTEN})

#: What stands on the way from one kind of result to the buttons of another.
_ADVICE = {
    (Stage.GRID, Stage.PICTURE): "Click U1, U2, U3 or U4 first.",
    (Stage.CLIPS, Stage.CLIP): "Click U1, U2, U3 or U4 first.",
    (Stage.PICTURE, Stage.GRID): "Press it on the grid, before a picture is picked by U1-U4.",
    (Stage.CLIP, Stage.CLIPS): "Press it on the four clips, before one is picked by U1-U4.",
    **{
        (texts, stage): "Click 1 first, to draw one of its texts."
        for texts in (Stage.DESCRIBE, Stage.SHORTEN)
        for stage in (Stage.GRID, Stage.PICTURE)
    },
}
_YIELDED = {"grid": Stage.GRID, "picture": Stage.PICTURE, "video": Stage.CLIPS}


def known_on(wanted: str, stage: Stage | None) -> str:
    """
    Name a button canonically: of several that are written alike, the one that is offered here.

    Returns:
        The canonical name; of a raw custom id or a glob the text itself.

    Raises:
        InvalidInput: No button is written like that, or several are.
    """
    try:
        name = buttons.known(wanted)
    except UnknownButton as error:
        # Found out here it is a slip of the keyboard, not something that went wrong on the way.
        raise InvalidInput(error.message, advice=error.advice) from error
    if stage is None or is_glob(name) or is_custom_id(name):
        return name
    here = offered(stage)
    return next((other for other in meanings(wanted) if other in here), name)


def offered(stage: Stage) -> frozenset[str]:
    """Name the buttons that only this kind of result offers, canonically."""
    return frozenset(row.name for row in TABLE if row.stage is stage)


def label_of_press(name: str, wanted: str) -> str:
    """Tell what a person calls a button, by its canonical name and as it was typed."""
    row = next((row for row in TABLE if row.name == name), None)
    if row is None:
        return wanted
    return f"text {name}" if name.isdigit() else row.label or row.name


def stage_after(name: str, wanted: str, stage: Stage | None) -> Stage | None:
    """
    Tell what a button gives that is pressed on a result; `None` if nobody knows before.

    Args:
        name: Its canonical name, a custom id or a glob.
        wanted: As it was typed.
        stage: What it is pressed on; `None` if nobody knows.

    Raises:
        InvalidInput: This kind of result never has it; says what to press first.
    """
    rows = [row for row in TABLE if row.name == name]
    here = [row for row in rows if row.stage in (stage, None)]
    if stage is not None and rows and not here:
        raise _misplaced(label_of_press(name, wanted), rows[0], stage)
    return _after(here[0], stage) if here and stage is not None else _known_after(rows)


def _after(row: Row, stage: Stage) -> Stage | None:
    if row.stage is Stage.CLIPS:
        return Stage.CLIP
    if row.stage in TEXTS and row.traits.yields == "none":
        return stage
    return _YIELDED.get(row.traits.yields)


def _known_after(rows: Sequence[Row]) -> Stage | None:
    """Tell what comes after a button pressed on nobody knows what."""
    ends = {_YIELDED.get(row.traits.yields) for row in rows}
    return ends.pop() if len(ends) == 1 else None


def _misplaced(label: str, row: Row, stage: Stage) -> InvalidInput:
    wanted = row.stage or stage
    return InvalidInput(
        f"{label!r} is a button of {RESULTS[wanted]}, "
        f"and here it would be pressed on {RESULTS[stage]}",
        advice=_ADVICE.get((stage, wanted), "Nothing was sent."),
    )
