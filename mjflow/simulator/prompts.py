"""What the simulated Midjourney reads in a prompt: its parameters and its forbidden words."""

from __future__ import annotations

import re

from attrs import frozen

DEFAULT_VERSION = "6.1"
MODES = ("FAST", "TURBO", "RELAX")

# Enough words to be refused by; a real list has some hundreds (P§11.2).
BANNED_WORDS = frozenset({"nude", "naked", "gore", "beheaded", "porn"})

# What Midjourney accepts (P§11.1); a value outside fails the task, late, not the submit.
RANGES: dict[str, tuple[float, float]] = {
    "c": (0, 100),
    "chaos": (0, 100),
    "s": (0, 1000),
    "stylize": (0, 1000),
    "w": (0, 3000),
    "weird": (0, 3000),
    "seed": (0, 4294967295),
    "stop": (10, 100),
    "iw": (0, 3),
}
ZOOM_RANGE = (1.0, 2.0)
# Pictures are drawn no longer than this, whatever their prompt says.
LONGEST = 16.0

_PARAMETER = re.compile(r"(?:^|\s)--([a-z]+)(?:\s+(?!--)(\S+))?", re.IGNORECASE)
_ASPECT = re.compile(r"(\d+):(\d+)")


@frozen
class Params:
    """The parameters of a prompt, as text by name."""

    given: dict[str, str]

    @classmethod
    def of(cls, prompt: str) -> Params:
        """Read the parameters at the end of a prompt."""
        return cls({name.lower(): value for name, value in _PARAMETER.findall(prompt)})

    @property
    def version(self) -> str:
        """The model: `6.1`, or `niji 6`."""
        niji = self.given.get("niji")
        if niji is not None:
            return f"niji {niji or 6}"
        return self.given.get("v") or self.given.get("version") or DEFAULT_VERSION

    @property
    def aspect(self) -> float | None:
        """Width for each unit of height, or None where the prompt does not say."""
        match = _ASPECT.fullmatch(self.given.get("ar") or self.given.get("aspect") or "")
        if match is None or "0" in (match[1], match[2]):
            return None
        return min(LONGEST, max(1 / LONGEST, int(match[1]) / int(match[2])))

    @property
    def zoom(self) -> float | None:
        """The factor of a Custom Zoom, or None where there is none to read."""
        return _number(self.given.get("zoom", ""))

    @property
    def mode(self) -> str | None:
        """The speed mode asked for by a flag."""
        return next((mode for mode in MODES if mode.lower() in self.given), None)


def problem_in(prompt: str, *, in_zoom_dialog: bool = False) -> str:
    """Give the `failReason` of a prompt that Midjourney won't take, `""` for a good one."""
    params = Params.of(prompt)
    for name, (low, high) in RANGES.items():
        value = params.given.get(name)
        if value is not None and not _within(_number(value), low, high):
            return f"[Invalid parameter] Invalid value for argument `--{name}`: `{value}`"
    if ("ar" in params.given or "aspect" in params.given) and params.aspect is None:
        return "[Invalid parameter] Invalid aspect ratio: it must be two whole numbers, as in 3:2"
    if "zoom" in params.given and not (in_zoom_dialog and _within(params.zoom, *ZOOM_RANGE)):
        return "[Invalid parameter] Invalid value for argument `--zoom`"
    return ""


def banned_word(prompt: str) -> str | None:
    """Give the first forbidden word of a prompt, matched whole and in any case."""
    words = re.findall(r"\w+", prompt.lower())
    return next((word for word in words if word in BANNED_WORDS), None)


def final(prompt: str) -> str:
    """Give the text Midjourney reports back: the prompt with the version it was drawn by."""
    given = Params.of(prompt).given
    if given.keys() & {"v", "version", "niji"}:
        return prompt
    return f"{prompt} --v {DEFAULT_VERSION}".strip()


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _within(value: float | None, low: float, high: float) -> bool:
    return value is not None and low <= value <= high
