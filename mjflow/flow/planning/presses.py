"""A button pressed in a flow, before there is anything to press it on: plain functions."""

from __future__ import annotations

from attrs import frozen

from mjflow.errors import InvalidInput
from mjflow.flow.planning.bill import Entry
from mjflow.flow.planning.stand_ins import buttons_of
from mjflow.flow.steps import Change, Click
from mjflow.protocol import buttons
from mjflow.protocol.answers import check_answer
from mjflow.protocol.dialect import Dialect
from mjflow.protocol.grammar import Stage, Traits
from mjflow.protocol.order import known_on, label_of_press, stage_after
from mjflow.protocol.requests import Mode
from mjflow.protocol.spellings import is_custom_id, is_glob

#: The classic calls by action, as the buttons that they stand for (P§2.3).
_CLASSIC = {"UPSCALE": "U{}", "VARIATION": "V{}", "REROLL": "reroll"}
#: Stands for a prompt that only an item knows.
_SOME_TEXT = "text"


@frozen(kw_only=True)
class Press:
    """What a press does."""

    #: The button's canonical name; a custom id or a glob stays as it is.
    name: str
    traits: Traits
    #: What it gives; `None` if nobody knows before.
    gives: Stage | None
    #: Whether its dialog gets an answer from the flow, or by itself.
    answered: bool

    @property
    def may_open(self) -> bool:
        """Whether a dialog opens where an account has remix mode on, and only there."""
        return self.traits.opens == "remix" and not self.answered

    def entries(self, mode: Mode | None) -> tuple[Entry, ...]:
        """Return what is charged for it."""
        click = Entry(action=self.traits.action, mode=mode, tasks=self.traits.tasks)
        answer = Entry(action="MODAL", mode=mode, tasks=0, answer=True)
        return (click, answer) if self.answered else (click,)


def pressed(step: Click, wanted: str, stage: Stage | None, dialect: Dialect) -> Press:
    """
    Tell what a click does on a kind of result; `None` if nobody knows on which.

    Raises:
        InvalidInput: There is no such button, or not here, or not at such a server; or its dialog
            lacks what it needs, or gets what it cannot take.
    """
    name = _meant(known_on(wanted, stage), stage)
    buttons.check_possible(wanted, dialect, answered=bool(step.prompt) or step.mask is not None)
    gives = stage_after(name, wanted, stage)
    _check_data(step, name, label_of_press(name, wanted))
    traits = buttons.traits(name)
    given = bool(step.prompt) or step.mask is not None or step.enable_remix is True
    answered = traits.opens == "always" or (traits.opens == "remix" and given)
    return Press(name=name, traits=traits, gives=gives, answered=answered)


def _meant(name: str, stage: Stage | None) -> str:
    """Return the button that a glob can only mean, and the glob itself where it may be several."""
    if stage is None or not is_glob(name):
        return name
    fits = {buttons.canonical(button) for button in buttons.fitting(name, buttons_of(stage))}
    return fits.pop() if len(fits) == 1 else name


def changed(step: Change, stage: Stage | None) -> Press:
    """
    Tell what the classic call does.

    Raises:
        InvalidInput: There is no such call, or not here.
    """
    pattern = _CLASSIC.get(step.action.upper())
    if pattern is None:
        there = ", ".join(_CLASSIC)
        raise InvalidInput(f"there is no change {step.action!r}", advice=f"There are: {there}.")
    if step.index not in range(1, 5):
        raise InvalidInput(f"index is {step.index}; it is from 1 to 4")
    name = pattern.format(step.index)
    gives = stage_after(name, name, stage)
    return Press(name=name, traits=buttons.traits(name), gives=gives, answered=False)


def advice_on(step: Click, press: Press) -> tuple[str, str] | None:
    """Tell what may be meant otherwise: a message and what to do; `None` if all is well."""
    if is_custom_id(press.name):
        return (
            f"{press.name!r} is a custom id, and those belong to one task alone",
            "Give the button's name, or a glob such as '*creative*'.",
        )
    if step.enable_remix is False and step.prompt and press.traits.opens == "remix":
        return (
            "enable_remix is off, so the prompt goes unused unless the account has remix mode on",
            "Leave enable_remix out: the prompt asks for the dialog by itself.",
        )
    if press.name == "vary_region" and not step.prompt:
        return (
            "without a prompt the region is drawn after the picture's own",
            "Write `prompt:` beside the click to say what is to be drawn there.",
        )
    return None


def _check_data(step: Click, name: str, label: str) -> None:
    words = _SOME_TEXT if step.prompt and name != "custom_zoom" else ""
    check_answer(name, words, mask=step.mask is not None)
    if "mask" in buttons.traits(name).wants and step.mask is None:
        raise InvalidInput(
            f"{label!r} needs a mask",
            advice=(
                "Write `mask:` beside the click: a shape such as {rect: [0.3, 0, 0.7, 0.35]} "
                "(left, top, right, bottom), or the path of a picture as large as the result, "
                "black where it stays and white where it changes."
            ),
        )
    if name == "custom_zoom" and not step.prompt:
        raise InvalidInput(
            f"{label!r} opens a dialog that needs a prompt",
            advice=(
                "Write `prompt:` beside the click: what the wider picture shows, with "
                "`--zoom 1.5` or any factor from 1 to 2."
            ),
        )
