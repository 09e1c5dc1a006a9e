"""How people write the names of buttons, compared by what counts in them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from mjflow.protocol.grammar import TABLE

_STRAY_DOT = re.compile(r"(?<!\d)\.|\.(?!\d)")


def key(text: str) -> str:
    """
    Return what counts in a spelling: letters, digits, a decimal point, and emoji.

    Case, width, spaces, punctuation, variation selectors and the frame of a keycap do not count.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(filter(_counts, _STRAY_DOT.sub("", folded)))


def _counts(char: str) -> bool:
    is_arrow = "\u2190" <= char <= "\u21ff"
    return char.isalnum() or char == "." or is_arrow or unicodedata.category(char) == "So"


def _spellings() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for row in TABLE:
        for text in (row.name, row.label or row.emoji, *row.spellings):
            names = found.get(key(text), ())
            found[key(text)] = names if row.name in names else (*names, row.name)
    return found


#: By key: the button meant.  A second name is of a button that is never offered beside the first.
SPELLINGS: Mapping[str, tuple[str, ...]] = _spellings()

_U = ("U1", "U2", "U3", "U4")
_V = ("V1", "V2", "V3", "V4")
_UPSCALES = ("upscale_2x", "upscale_4x", "upscale_subtle", "upscale_creative")
_VARIES = ("vary_subtle", "vary_strong", "vary_region")
_ZOOMS = ("zoom_2x", "zoom_1.5x", "custom_zoom")
_ANIMATES = ("animate_high", "animate_low")
_EXTENDS = ("extend_high", "extend_low")

#: By key: words that fit several buttons, which is fine where only one of them is offered.
FAMILIES: Mapping[str, tuple[str, ...]] = {
    key(word): names
    for word, names in {
        "U": _U,
        "V": _V,
        "upscale": (*_U, *_UPSCALES),
        "subtle": ("upscale_subtle", "vary_subtle"),
        "vary": (*_V, *_VARIES),
        "🪄": ("vary_subtle", "vary_strong"),
        "variation": (*_V, "make_variations"),
        "variations": (*_V, "make_variations"),
        "zoom": _ZOOMS,
        "🔍": _ZOOMS,
        "zoom out": ("zoom_2x", "zoom_1.5x"),
        "pan": ("pan_left", "pan_right", "pan_up", "pan_down"),
        "animate": _ANIMATES,
        "extend": _EXTENDS,
        "🎞️": (*_ANIMATES, *_EXTENDS),
    }.items()
}


def meanings(text: str) -> tuple[str, ...]:
    """Return the canonical names that a text may stand for; none if it is in no spelling known."""
    return SPELLINGS.get(key(text)) or FAMILIES.get(key(text), ())


def is_custom_id(text: str) -> bool:
    """Tell whether a text is a raw custom id."""
    return "::" in text


def is_glob(text: str) -> bool:
    """Tell whether a text is a glob."""
    return not {"*", "?", "["}.isdisjoint(text)
