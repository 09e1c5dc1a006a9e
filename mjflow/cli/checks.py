"""
What can be known before anything is paid: plain functions that refuse what cannot work.

A wrong name of a button found out after the imagine would have cost an imagine.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from math import isfinite
from pathlib import Path

from attrs import evolve, frozen

from mjflow.cli.options import Dialog, Saving
from mjflow.engine.downloads import name_template
from mjflow.errors import InvalidInput, UnknownButton
from mjflow.media.masks import Mask, load_mask
from mjflow.media.store import Draft
from mjflow.protocol import buttons
from mjflow.protocol.grammar import TABLE, Row, Stage, Traits

#: Bytes written to try a folder out: more than any file system keeps in its own books.
_PROBE = 64 * 1024

_RESULTS = {
    Stage.GRID: "a grid of four",
    Stage.PICTURE: "a single picture",
    Stage.CLIPS: "a video's four clips",
    Stage.CLIP: "a single clip",
    Stage.DESCRIBE: "a describe",
    Stage.SHORTEN: "a shorten",
}
#: What stands on the way from one kind of result to the buttons of another.
_ADVICE = {
    (Stage.GRID, Stage.PICTURE): "Click U1, U2, U3 or U4 first.",
    (Stage.CLIPS, Stage.CLIP): "Click U1, U2, U3 or U4 first.",
    (Stage.PICTURE, Stage.GRID): "Press it on the grid, before a picture is picked by U1-U4.",
    (Stage.CLIP, Stage.CLIPS): "Press it on the four clips, before one is picked by U1-U4.",
}
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

    @property
    def traits(self) -> Traits:
        """What a click on it does."""
        return buttons.traits(self.name)

    @property
    def label(self) -> str:
        """What a person calls it."""
        row = next((row for row in TABLE if row.name == self.name), None)
        return (row.label or row.name) if row else self.button


def presses(clicks: Sequence[str], dialog: Dialog, stage: Stage | None) -> tuple[Press, ...]:
    """
    Check a chain of clicks and give the dialog's data to the click that needs it.

    Args:
        stage: What kind of result the first is pressed on; `None` if nobody knows.

    Raises:
        InvalidInput: A name is unknown, a button cannot be where it stands, a mask is missing or
            no picture, or data was given that no button takes.
    """
    chain = [Press(button=click, name=_known(click)) for click in clicks]
    _check_order(chain, stage)
    _give_prompt(chain, dialog.prompt)
    _give_mask(chain, dialog.mask)
    for press in chain:
        if "mask" in press.traits.wants and press.mask is None:
            raise _needs_mask(press)
    return tuple(chain)


def _known(click: str) -> str:
    try:
        return buttons.known(click)
    except UnknownButton as error:
        # Found out here it is a slip of the keyboard, not something that went wrong on the way.
        raise InvalidInput(error.message, advice=error.advice) from error


# --- order --------------------------------------------------------------------------------


def _check_order(chain: Sequence[Press], stage: Stage | None) -> None:
    for press in chain:
        rows = [row for row in TABLE if row.name == press.name]
        here = [row for row in rows if row.stage in (stage, None)]
        if stage is not None and rows and not here:
            raise _misplaced(press, rows[0], stage)
        stage = _after(here[0], stage) if here and stage is not None else _known_after(rows)


def _after(row: Row, stage: Stage) -> Stage | None:
    if row.stage is Stage.CLIPS:
        return Stage.CLIP
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
                "Vary (Region) and Custom Zoom always do; V1-V4, Vary, Pan and reroll do in "
                "remix mode."
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


async def check_saving(saving: Saving) -> None:
    """
    Make the folder for pictures, and try whether it takes one.

    Raises:
        InvalidInput: The name template is wrong.
        CannotWrite: The folder can't be made or written to, or the disk is full.
    """
    name_template(saving.name)
    await check_folder(saving.out)


async def check_folder(folder: Path) -> None:
    """
    Make a folder, and try whether it takes a file.

    Raises:
        CannotWrite: It can't be made or written to, or the disk is full.
    """
    await asyncio.to_thread(_probe, folder)


def _probe(folder: Path) -> None:
    with Draft(folder, "probe") as draft:
        draft.write(bytes(_PROBE))
