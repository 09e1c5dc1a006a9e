"""
What is wrong with a prompt, as far as its text tells: plain functions.

Servers pass most of it on and Midjourney refuses it once the task is paid (P§11.1), or takes it
for prose and draws something else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches

from attrs import frozen

from mjflow.errors import InvalidInput
from mjflow.protocol.answers import check_answer
from mjflow.protocol.prompts import parameters, tidy

#: Models that there are, as `--v` and `--niji` name them (P§11.1).
VERSIONS = ("1", "2", "3", "4", "5", "5.1", "5.2", "6", "6.1", "7", "8", "8.1")
NIJIS = ("4", "5", "6", "7")

#: Midjourney draws one task for each word of the list; one of them is tracked, all are paid.
_PERMUTATION = re.compile(r"(?<!\\)\{[^{}]*(?<!\\),[^{}]*\}")
_NUMBER = re.compile(r"\d*\.?\d+", re.ASCII)
_RATIO = re.compile(r"0*[1-9]\d*:0*[1-9]\d*", re.ASCII)
#: Longer values are prose, of which the beginning tells enough.
_LONGEST = 40


@frozen
class Flaw:
    """Something wrong with a prompt."""

    message: str
    advice: str
    #: Whether it must not be sent; otherwise a person is to be told of it.
    fatal: bool = False


#: Says what is wrong with a parameter's value; `""` if nothing is.
_Check = Callable[[str], str]


def _number(low: float, high: float, *, whole: bool = False) -> _Check:
    def check(value: str) -> str:
        fits = _NUMBER.fullmatch(value) and low <= float(value) <= high
        if fits and not (whole and "." in value):
            return ""
        return f"it is {'a whole number ' if whole else ''}from {low:.10g} to {high:.10g}"

    return check


def _one_of(words: tuple[str, ...]) -> _Check:
    def check(value: str) -> str:
        return "" if value.lower() in words else f"it is one of {', '.join(words)}"

    return check


def _optional(check: _Check) -> _Check:
    return lambda value: check(value) if value else ""


def _ratio(value: str) -> str:
    fits = _RATIO.fullmatch(value.replace("：", ":"))
    return "" if fits else "it is two whole numbers, such as 16:9"


def _flag(value: str) -> str:
    return "it takes no value, and parameters stand at the end" if value else ""


def _given(value: str) -> str:
    return "" if value else "it takes a value"


def _anything(_: str) -> str:
    return ""


#: By short name, what the value of a parameter may be (P§11.1).
_CHECKS: Mapping[str, _Check] = {
    "ar": _ratio,
    "c": _number(0, 100, whole=True),
    "s": _number(0, 1000, whole=True),
    "w": _number(0, 3000, whole=True),
    "q": _one_of((".25", "0.25", ".5", "0.5", "1", "2", "4")),
    "v": _one_of(VERSIONS),
    "niji": _optional(_one_of(NIJIS)),
    "seed": _number(0, 4294967295, whole=True),
    "stop": _number(10, 100, whole=True),
    "iw": _number(0, 3),
    "cw": _number(0, 100),
    "sw": _number(0, 1000),
    "zoom": _anything,
    "motion": _one_of(("low", "high")),
    "bs": _one_of(("1", "2", "4")),
    **dict.fromkeys(("no", "cref", "sref", "oref", "dref", "sv", "ow", "end", "style"), _given),
    **dict.fromkeys(("tile", "raw", "draft", "fast", "relax", "turbo", "hd", "loop"), _flag),
    **dict.fromkeys(("p", "video", "exp", "upbeta", "test", "testp", "r"), _anything),
}
#: What else a slip of the keyboard may have meant.
_LONG = ("aspect", "chaos", "stylize", "weird", "quality", "version", "repeat")


def flaws(prompt: str, *, button: str = "") -> tuple[str, tuple[Flaw, ...]]:
    """
    Return a prompt as it will be sent, and all that is wrong with it.

    Args:
        button: Canonical name of the button whose dialog takes it; `""` of a root act.
    """
    try:
        text, mended = tidy(prompt)
    except InvalidInput as error:
        return "", (Flaw(error.message, error.advice, fatal=True),)
    found = [Flaw(message, "") for message in mended]
    if "{" in text and _PERMUTATION.search(text):
        found.append(_PERMUTED)
    if "--" in text:
        found += _of_parameters(text, button)
    return text, tuple(found)


def _for_dialog(text: str, button: str) -> Iterator[Flaw]:
    try:
        check_answer(button, text, mask=False)
    except InvalidInput as error:
        yield Flaw(error.message, error.advice, fatal=True)


_PERMUTED = Flaw(
    "the prompt has a list in braces: Midjourney draws, and charges, every one of it, "
    "and only one task can be followed",
    "Take `matrix:` or a column of the inputs for what varies, or escape the comma: \\,",
    fatal=True,
)


def _of_parameters(text: str, button: str) -> Iterator[Flaw]:
    found = parameters(text)
    if "r" in found:
        yield Flaw(
            "the prompt has --repeat: every repetition is charged, and only one task can be "
            "followed",
            "Leave it out, and give the prompt as several items.",
            fatal=True,
        )
    for name, value in found.items():
        if name != "zoom":
            yield from _of_one(name, value)
    if button == "custom_zoom":
        yield from _for_dialog(text, button)
    elif "zoom" in found:
        yield Flaw("--zoom works in the dialog of Custom Zoom alone", "Leave it out here.")


def _of_one(name: str, value: str) -> Iterator[Flaw]:
    check = _CHECKS.get(name)
    if check is None:
        near = get_close_matches(name, [*_CHECKS, *_LONG], n=1)
        meant = f"Did you mean --{near[0]}?" if near else "It may be refused once it is paid."
        yield Flaw(f"no parameter is called --{name}", meant)
        return
    wrong = check(value)
    if wrong:
        shown = value if len(value) <= _LONGEST else f"{value[:_LONGEST]}…"
        yield Flaw(f"--{name} is {shown!r}; {wrong}", _OUTLOOK)


_OUTLOOK = "Midjourney may refuse it once it is paid."


def ratio_of(prompt: str) -> tuple[int, int] | None:
    """Return width and height of the shape that a prompt asks for; `None` if it is invalid."""
    asked = parameters(prompt).get("ar") if "--" in prompt else None
    if asked is None:
        return 1, 1
    asked = asked.replace("：", ":")
    if not _RATIO.fullmatch(asked):
        return None
    width, _, height = asked.partition(":")
    return int(width), int(height)
