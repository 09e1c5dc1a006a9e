"""Names that people give, and what to say when one is none of those there are."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches

#: Longer texts are no names, and comparing them would only cost time.
_LONGEST = 60
#: More names than this are not listed.
_MANY = 16


def nearest(wanted: str, names: Collection[str]) -> str | None:
    """Find the name that somebody may have meant."""
    by_letters = {name.casefold(): name for name in names}
    close = get_close_matches(wanted[:_LONGEST].casefold(), by_letters, n=1)
    return by_letters[close[0]] if close else None


def advice(wanted: str, names: Collection[str], *, there: str = "There are") -> str:
    """Name the nearest of some names, else all of them."""
    meant = nearest(wanted, names)
    if meant is not None:
        return f"Did you mean {meant!r}?"
    if not names or len(names) > _MANY:
        return ""
    return f"{there}: {', '.join(names)}."
