"""The page of acts, written from the tour and the errands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from tests.contract.acts import NOWHERE, Visit, errands, toured
from tests.contract.errands import ERRANDS
from tests.contract.markdown import NOTHING, NOTICE, table
from tests.contract.tour import PROFILES

_HEAD = f"""\
# What each act comes to at each server

{NOTICE}

Every method of a client and every button, pressed at each kind of server.
Each cell is the story of a real run: a client, a simulated server, real sockets, virtual time.

- What a task shows when it has ended is followed by the word that the server has for it,
  `task.action`.
- *Dialog*: the button opened one, and it was answered: with a prompt, at Vary (Region) with a mask
  too, and where nothing is said with the prompt that the server offered.
- An error is what the call or awaiting its handle raises.
  Nothing is paid for any of them, and where the kind of server is known to offer nothing of the
  sort, nothing is even sent.
- *USD* is what a gateway takes by the price list of new-api; a reseller may have another.
- {NOTHING} means that there is no such task whose button could be pressed.
"""

_TITLES = {
    (): "Methods",
    ("imagine",): "Buttons of a grid",
    ("imagine", "U1"): "Buttons of a single picture",
    ("imagine", "U1", "Upscale (Subtle)"): "Buttons of an enlarged picture",
    ("describe",): "Buttons of a describe",
    ("shorten",): "Buttons of a shorten",
    ("video",): "Buttons of four clips",
    ("video", "U1"): "Buttons of one clip",
}
_SHOWN = {
    "grid": "grid of four",
    "single": "picture",
    "upscaled": "enlarged picture",
    "swapped": "picture",
    "video": "four clips",
    "clip": "one clip",
    "described": "four prompts",
    "shortened": "short prompts",
}
_COLUMNS = ("Act", *PROFILES, "USD")


def acts_page() -> str:
    """Write the page of acts."""
    parts = [_HEAD]
    rows = zip(*(toured(profile).visits for profile in PROFILES), strict=True)
    for way, visits in groupby(rows, key=lambda row: row[0].stop.way):
        parts.append(f"## {_TITLES[way]}\n\n{table(_COLUMNS, _joined(map(_row, visits)))}")
    parts.append(f"## Other calls\n\n{table(_COLUMNS[:-1], _calls())}")
    return "\n".join(parts)


def _row(visits: Sequence[Visit]) -> list[str]:
    """Write what one act comes to at each server."""
    prices = [visit.price for visit in visits if visit.price]
    price = f"{prices[0]:g}" if prices else ""
    return [_name(visits[0]), *map(_cell, visits), price]


def _name(visit: Visit) -> str:
    return visit.stop.title if visit.stop.way else f"`{visit.stop.title}`"


def _cell(visit: Visit) -> str:
    if visit.came_to == NOWHERE:
        return NOTHING
    if visit.came_to not in _SHOWN:
        return f"`{visit.came_to}`"
    dialog = "dialog; " if visit.asked else ""
    return f"{dialog}{_SHOWN[visit.came_to]} `{visit.action}`"


def _joined(rows: Iterable[list[str]]) -> Iterator[list[str]]:
    """Join the rows that say the same, where the first of them stands."""
    joined: dict[tuple[str, ...], list[str]] = {}
    for name, *cells in rows:
        joined.setdefault(tuple(cells), []).append(name)
    for same, names in joined.items():
        yield [", ".join(names), *same]


def _calls() -> Iterator[list[str]]:
    came_to = [errands(profile) for profile in PROFILES]
    for errand in ERRANDS:
        words = (seen[errand.title] for seen in came_to)
        yield [
            f"`{errand.title}`",
            *(f"`{word}`" if word[0].isupper() else word for word in words),
        ]
