"""
The text of a prompt: mended before it is sent, and its `--parameters` read (P§11.1).

Keyboards and word processors turn `--` into a long dash, which Midjourney takes for prose: the
picture is paid and comes out wrong.  A long dash is mended only where it stands right before a
parameter whose value fits, for before anything else it may well be meant as a dash.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from mjflow.errors import InvalidInput

# Hyphens, dashes and bars up to U+2015, minus, box drawing, long, small and full-width forms.
_DASH = "\u2010-\u2015\u2212\u2500\u2e3a\u2e3b\ufe58\ufe63\uff0d"
_LAST = rf"(?=\s*$|\s+[-{_DASH}]+[a-zA-Z])"

# What may follow the name of a parameter.
_NUMBER = r"\s*\d*\.?\d+(?!\w)"
_RATIO = r"\s*\d+(?:\.\d+)?[:：]\d+(?:\.\d+)?(?!\w)"
_ANYTHING = r"\s+\S"
_WORD = rf"\s+\w+{_LAST}"

#: By name, what the value of a parameter looks like (P§11.1, and a few of Midjourney's own pages).
#
# Flags and single words count only as the last thing before the end or another parameter:
# `—fast` is one, the dash in `—fast cars` is a dash.
_VALUES: dict[str, str] = {
    **dict.fromkeys(("ar", "aspect"), _RATIO),
    **dict.fromkeys(("v", "version", "c", "chaos", "s", "stylize", "w", "weird"), _NUMBER),
    **dict.fromkeys(("q", "quality", "seed", "stop", "r", "repeat", "iw", "cw", "sw"), _NUMBER),
    **dict.fromkeys(("sv", "ow", "exp", "zoom", "bs"), _NUMBER),
    **dict.fromkeys(("no", "cref", "sref", "oref", "dref"), _ANYTHING),
    **dict.fromkeys(("tile", "raw", "draft", "fast", "relax", "turbo", "hd", "loop"), _LAST),
    **dict.fromkeys(("niji", "video"), rf"{_NUMBER}|{_LAST}"),
    "p": rf"{_ANYTHING}|{_LAST}",
    "style": _WORD,
    "motion": r"\s+(?:low|high)\b",
    "end": r"\s+(?:loop\b|https?://)",
}
_FITS: Mapping[str, re.Pattern[str]] = {name: re.compile(p) for name, p in _VALUES.items()}

#: Parameters that cannot be mistaken: mended in any case, and right behind a comma or a hanzi.
_UNMISTAKABLE = frozenset(name for name, value in _VALUES.items() if value in (_NUMBER, _RATIO))

#: The short name of those that have two.
_SHORT: Mapping[str, str] = {
    "version": "v",
    "aspect": "ar",
    "chaos": "c",
    "stylize": "s",
    "weird": "w",
    "quality": "q",
    "repeat": "r",
}

# Punctuation, kana and hanzi: what a parameter may follow without a space.
_CLOSING = r",.;:!?…)\]\"'”’，。；：！？、）】》」\u3040-\u30ff\u3400-\u9fff"
_CANDIDATE = re.compile(rf"(?<![^\s{_CLOSING}])(?=-*[{_DASH}])[-{_DASH}]+([a-zA-Z]+)")
_INVISIBLE = re.compile(r"[\u2060\ufeff]")
_SPACE = re.compile(r"[\s\u200b\x00-\x1f\x7f-\x9f]+")
_PARAMETER = re.compile(r"(?:^|\s)--([a-zA-Z]+)")
_LEADING_NUMBER = re.compile(r"\d+(?:\.\d+)?(?!\w)", re.ASCII)
_LEADING_SEED = re.compile(r"\d{1,10}(?![\w.])", re.ASCII)
_LARGEST_SEED = 4294967295


def tidy(prompt: str) -> tuple[str, tuple[str, ...]]:
    """
    Return the prompt as it should be sent, and what a person should be told of the changes.

    Newlines and odd spaces become one space each; a long dash before a parameter becomes `--`.

    Raises:
        InvalidInput: Nothing is left to draw, or it is not text.
    """
    text = _SPACE.sub(" ", _INVISIBLE.sub("", prompt)).strip()
    _check(text)
    mended: list[str] = []
    left: list[str] = []

    def mend(found: re.Match[str]) -> str:
        if not _is_parameter(found):
            if found[1].lower() in _FITS:
                left.append(found[0])
            return found[0]
        mended.append(found[0])
        space = "" if _stands_free(found) else " "
        return f"{space}--{found[1]}"

    text = _CANDIDATE.sub(mend, text)
    return text, _warnings(mended, left)


def _check(text: str) -> None:
    if not text:
        raise InvalidInput(
            "the prompt is empty", advice="Say what is to be drawn; nothing was sent."
        )
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InvalidInput(
            f"the prompt is not text from character {error.start + 1} on",
            advice="Check the encoding of your file or terminal (UTF-8); nothing was sent.",
        ) from None


def _is_parameter(found: re.Match[str]) -> bool:
    """Tell whether the word behind a dash is a parameter with a fitting value."""
    name = found[1].lower()
    fits = _FITS.get(name)
    if fits is None or not fits.match(found.string, found.end()):
        return False
    return name in _UNMISTAKABLE or (found[1].islower() and _stands_free(found))


def _stands_free(found: re.Match[str]) -> bool:
    return found.start() == 0 or found.string[found.start() - 1] == " "


def _warnings(mended: list[str], left: list[str]) -> tuple[str, ...]:
    said = []
    if mended:
        said.append(f"long dashes were mended to '--' in: {', '.join(mended)}")
    if left:
        said.append(f"left as text, write '--' if a parameter is meant: {', '.join(left)}")
    return tuple(said)


def parameters(prompt: str) -> dict[str, str]:
    """
    Return the `--parameters` of a prompt by their short names, in the order they stand.

    A flag's value is `""`; of a parameter given twice the last one counts.  Unknown ones are there
    too; nothing is checked, for servers leave that to Midjourney.
    """
    parts = _PARAMETER.split(prompt)
    found: dict[str, str] = {}
    for written, value in zip(parts[1::2], parts[2::2], strict=True):
        name = _SHORT.get(written.lower(), written.lower())
        found.pop(name, None)
        found[name] = value.strip()
    return found


def seed_of(prompt: str) -> str | None:
    """Return the seed that a prompt asks for, `None` if it asks for none that exists."""
    found = _LEADING_SEED.match(parameters(prompt).get("seed", ""))
    return found[0] if found and int(found[0]) <= _LARGEST_SEED else None


def version_of(prompt: str) -> str | None:
    """Return the model that a prompt asks for: `6.1`, `niji 6`, `niji`; `None` if none."""
    asked = [(name, value) for name, value in parameters(prompt).items() if name in ("v", "niji")]
    if not asked:
        return None
    name, value = asked[-1]
    number = _LEADING_NUMBER.match(value)
    if name == "niji":
        return f"niji {number[0]}" if number else "niji"
    return number[0] if number else None
