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
from mjflow.errors import InvalidInput
from mjflow.media.masks import Mask, load_mask
from mjflow.protocol import buttons
from mjflow.protocol.answers import check_answer
from mjflow.protocol.grammar import Stage, Traits
from mjflow.protocol.order import known_on, label_of_press, stage_after


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
    #: The caller's own name for it.
    key: str | None = None

    @property
    def traits(self) -> Traits:
        """What a click on it does."""
        return buttons.traits(self.name)

    @property
    def label(self) -> str:
        """What a person calls it."""
        return label_of_press(self.name, self.button)


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
        press = Press(button=click, name=known_on(click, stage))
        stage = stage_after(press.name, click, stage)
        chain.append(press)
    _give_prompt(chain, dialog.prompt)
    _give_mask(chain, dialog.mask)
    for press in chain:
        check_answer(press.name, press.prompt, mask=press.mask is not None)
        if "mask" in press.traits.wants and press.mask is None:
            raise _needs_mask(press)
    return Chain(presses=tuple(chain), gives=stage)


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
