"""
What can be known before anything is paid: plain functions that refuse what cannot work.

A wrong name of a button found out after the imagine would have cost an imagine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

from attrs import Factory, evolve, frozen

from mjflow.cli.bundles import Dialog
from mjflow.errors import InvalidInput, UnknownButton
from mjflow.media.masks import Mask, load_mask
from mjflow.protocol import buttons
from mjflow.protocol.answers import check_answer
from mjflow.protocol.grammar import TABLE, Row, Stage, Traits
from mjflow.protocol.spellings import is_custom_id, is_glob, meanings

_RESULTS = {
    Stage.GRID: "a grid of four",
    Stage.PICTURE: "a single picture",
    Stage.CLIPS: "a video's four clips",
    Stage.CLIP: "a single clip",
    Stage.DESCRIBE: "a describe's texts",
    Stage.SHORTEN: "a shorten's texts",
}
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
#: Results that are texts and no pictures.
TEXTS = frozenset({Stage.DESCRIBE, Stage.SHORTEN})
_NEXT = {"grid": Stage.GRID, "picture": Stage.PICTURE, "video": Stage.CLIPS}


@frozen(kw_only=True)
class Press:
    """A button to press, checked, with the data for its dialog."""

    #: As it was typed.
    button: str
    #: Its canonical name; a custom id or a glob stays as it is.
    name: str
    prompt: str = ""
    mask: Mask | None = None
    #: Fields that only this server knows.
    extra: Mapping[str, Any] = Factory(dict)

    @property
    def traits(self) -> Traits:
        """What a click on it does."""
        return buttons.traits(self.name)

    @property
    def label(self) -> str:
        """What a person calls it."""
        row = next((row for row in TABLE if row.name == self.name), None)
        if row is None:
            return self.button
        if self.name.isdigit():
            return f"text {self.name}"
        return row.label or row.name


@frozen(kw_only=True)
class Chain:
    """Buttons to press one after the other, checked, and what the last of them gives."""

    presses: tuple[Press, ...]
    #: `None` if nobody knows before.
    gives: Stage | None


def chained(clicks: Sequence[str], dialog: Dialog, stage: Stage | None) -> Chain:
    """
    Check a chain of clicks and give the dialog's data to the click that needs it.

    Args:
        stage: What kind of result the first is pressed on; `None` if nobody knows.

    Raises:
        InvalidInput: A name is unknown, a button cannot be where it stands, a mask is missing or
            no picture, or data was given that no button takes.
    """
    chain: list[Press] = []
    for click in clicks:
        press = Press(button=click, name=_known(click, stage))
        stage = _stage_after(press, stage)
        chain.append(press)
    _give_prompt(chain, dialog.prompt)
    _give_mask(chain, dialog.mask)
    for press in chain:
        check_answer(press.name, press.prompt, mask=press.mask is not None)
        if "mask" in press.traits.wants and press.mask is None:
            raise _needs_mask(press)
    return Chain(presses=tuple(chain), gives=stage)


def _known(click: str, stage: Stage | None) -> str:
    """Give the canonical name: of several that are written alike, the one that is offered here."""
    try:
        name = buttons.known(click)
    except UnknownButton as error:
        # Found out here it is a slip of the keyboard, not something that went wrong on the way.
        raise InvalidInput(error.message, advice=error.advice) from error
    if stage is None or is_glob(name) or is_custom_id(name):
        return name
    here = {row.name for row in TABLE if row.stage is stage}
    return next((other for other in meanings(click) if other in here), name)


# --- order --------------------------------------------------------------------------------


def _stage_after(press: Press, stage: Stage | None) -> Stage | None:
    """Tell what a button pressed on a result gives; refuse one that this result never has."""
    rows = [row for row in TABLE if row.name == press.name]
    here = [row for row in rows if row.stage in (stage, None)]
    if stage is not None and rows and not here:
        raise _misplaced(press, rows[0], stage)
    return _after(here[0], stage) if here and stage is not None else _known_after(rows)


def _after(row: Row, stage: Stage) -> Stage | None:
    if row.stage is Stage.CLIPS:
        return Stage.CLIP
    if row.stage in TEXTS and row.traits.yields == "none":
        return stage
    return _NEXT.get(row.traits.yields)


def _known_after(rows: Sequence[Row]) -> Stage | None:
    """Tell what comes after a button pressed on nobody knows what."""
    ends = {_NEXT.get(row.traits.yields) for row in rows}
    return ends.pop() if len(ends) == 1 else None


def _misplaced(press: Press, row: Row, stage: Stage) -> InvalidInput:
    wanted = row.stage or stage
    return InvalidInput(
        f"{press.label!r} is a button of {_RESULTS[wanted]}, "
        f"and here it would be pressed on {_RESULTS[stage]}",
        advice=_ADVICE.get((stage, wanted), "Nothing was sent."),
    )


# --- dialogs ------------------------------------------------------------------------------


def _give_prompt(chain: list[Press], prompt: str | None) -> None:
    if prompt is None:
        return
    place = _last(chain, "always")
    if place is None:
        place = _last(chain, "remix")
    if place is None:
        raise InvalidInput(
            "--prompt is given, and no button here opens a dialog",
            advice=(
                "Vary (Region), Custom Zoom and the numbers of a describe or a shorten always "
                "do; V1-V4, Vary, Pan and reroll do in remix mode."
            ),
        )
    chain[place] = evolve(chain[place], prompt=prompt)


def _last(chain: Sequence[Press], opens: str) -> int | None:
    places = [place for place, press in enumerate(chain) if press.traits.opens == opens]
    return places[-1] if places else None


def _give_mask(chain: list[Press], mask: str | None) -> None:
    if mask is None:
        return
    places = [place for place, press in enumerate(chain) if _may_want_mask(press.traits)]
    if not places:
        raise InvalidInput(
            "--mask is given, and no button here takes a mask",
            advice="Vary (Region) does: --click U1 --click 'Vary (Region)' --mask MASK",
        )
    chain[places[-1]] = evolve(chain[places[-1]], mask=load_mask(mask))


def _may_want_mask(traits: Traits) -> bool:
    return "mask" in traits.wants or not traits.known


def _needs_mask(press: Press) -> InvalidInput:
    return InvalidInput(
        f"{press.label!r} needs a mask",
        advice=(
            "Give it with --mask: a shape such as rect:0.3,0,0.7,0.35 (left, top, right, bottom), "
            "or a picture as large as the result, black where it stays and white where it changes. "
            "One command has one mask; press a second one with "
            "`mjflow click`."
        ),
    )


# --- the rest -----------------------------------------------------------------------------


def check_deadline(seconds: float | None) -> None:
    """
    Refuse a deadline that no task could meet.

    Raises:
        InvalidInput: It is not more than 0 seconds.
    """
    if seconds is not None and not (isfinite(seconds) and seconds > 0):
        raise InvalidInput(f"--deadline is {seconds:g}; it must be more than 0 seconds")
