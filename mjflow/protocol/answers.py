"""What an answer to a dialog must say so that it can be drawn (P§6.4): plain functions."""

from __future__ import annotations

import re

from mjflow.errors import InvalidInput
from mjflow.protocol.buttons import label_of, traits
from mjflow.protocol.prompts import parameters

#: What Custom Zoom takes (P§11.1).
ZOOM_RANGE = (1.0, 2.0)

#: What the prompt of a dialog has to say, by button; what is said for whoever does not.
_NEEDED = {
    "custom_zoom": ("zoom", "--zoom 2"),
    "animate_high": ("motion", "--motion high"),
    "animate_low": ("motion", "--motion low"),
}
_ZOOM = re.compile(r"\s*--zoom(?:\s+(?!--)\S+)?(?=\s|$)", re.IGNORECASE)
_KEYCAP = re.compile(r"^\s*([1-9])\ufe0f?\u20e3\s*(.*\S)", re.MULTILINE)


def check_answer(name: str, prompt: str, *, mask: bool) -> None:
    """
    Check data for the dialog of a button, before anything is paid; what is unknown passes.

    Args:
        name: The canonical name, or a custom id.
        mask: Whether there is a mask.

    Raises:
        InvalidInput: The button can never take it.
    """
    does = traits(name)
    if not does.known or not (prompt or mask):
        return
    if does.opens == "never":
        given = "prompt" if prompt else "mask"
        raise InvalidInput(
            f"{label_of(name)!r} opens no dialog, so it takes no {given}",
            advice="Give it to a button that does: Vary (Region), Custom Zoom, V1-V4, reroll, ...",
        )
    if mask and "mask" not in does.wants:
        raise InvalidInput(
            f"{label_of(name)!r} takes no mask", advice="Vary (Region) is the button that does."
        )
    if name == "custom_zoom":
        _check_zoom(prompt)


def _check_zoom(prompt: str) -> None:
    given = parameters(prompt).get("zoom")
    if given is None:
        return
    low, high = ZOOM_RANGE
    try:
        fits = low <= float(given) <= high
    except ValueError:
        fits = False
    if not fits:
        raise InvalidInput(
            f"--zoom is {given or 'without a number'}; it is from {low:g} to {high:g}",
            advice="Nothing was sent. Larger steps take several zooms.",
        )


def complete(name: str, prompt: str) -> str:
    """
    Add what the dialog of a button needs to hear, if the prompt does not say it.

    Custom Zoom has to be told how far, Animate with how much motion (P§6.4).
    """
    parameter, said = _NEEDED.get(name, ("", ""))
    if not prompt or not said or parameter in parameters(prompt):
        return prompt
    return f"{prompt.rstrip()} {said}"


def lent(name: str, prompt: str) -> str:
    """
    Make a prompt that came with another task fit for the dialog of a button.

    The `--zoom` of a picture that was zoomed is invalid in any dialog but Custom Zoom's (P§11.1).
    """
    if name != "custom_zoom":
        prompt = _ZOOM.sub("", prompt).strip()
    return complete(name, prompt)


def text_at(texts: str, number: int) -> str:
    """Return one of the texts of a describe or a shorten without its keycap; `""` if missing."""
    return next((text for n, text in _KEYCAP.findall(texts) if int(n) == number), "")
