"""
Every act and every button, as one long chain, and what each must come to, written by hand.

A heading is the way to the task whose buttons follow it.  The words of the columns:

    grid, single, upscaled, video, clip, described, shortened, swapped
                    what the finished task shows
    an error        what awaiting its handle raises
    -               there is no such task to press it on
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from io import BytesIO
from typing import Any

from attrs import frozen
from PIL import Image

from tests.contract.plans import PROMPT, REGION, REMIXED, Move, Plan

PROFILES = ("gateway", "trueai", "novicezk")

_TABLE = """
The client's methods          gateway             trueai              novicezk
    imagine                   grid                grid                grid
    blend                     grid                grid                grid
    describe                  described           described           described
    shorten                   shortened           shortened           RequestRefused
    video                     video               video               RequestRefused
    edits                     grid                grid                RequestRefused
    swap_face                 swapped             swapped             RequestRefused

imagine
    U1                        single              single              single
    U2                        single              single              single
    U3                        single              single              single
    U4                        single              single              single
    🔄                        grid                grid                grid
    V1                        grid                grid                grid
    V2                        grid                grid                grid
    V3                        grid                grid                grid
    V4                        grid                grid                grid
    V1 with a prompt          grid                grid                InvalidInput
    Zoom Out 2x               UnknownButton       UnknownButton       UnknownButton

imagine, U1
    Upscale (Subtle)          upscaled            upscaled            UnknownButton
    Upscale (Creative)        upscaled            upscaled            UnknownButton
    Vary (Subtle)             grid                grid                UnknownButton
    Vary (Strong)             grid                grid                UnknownButton
    Vary (Region)             grid                grid                UnknownButton
    Zoom Out 2x               grid                grid                UnknownButton
    Zoom Out 1.5x             grid                grid                UnknownButton
    Custom Zoom               grid                grid                UnknownButton
    Make Square               grid                grid                UnknownButton
    ⬅️                        grid                grid                UnknownButton
    ➡️                        grid                grid                UnknownButton
    ⬆️                        grid                grid                UnknownButton
    ⬇️                        grid                grid                UnknownButton
    ⬇️ with a prompt          grid                grid                UnknownButton
    Animate (High motion)     video               video               UnknownButton
    Animate (Low motion)      video               video               UnknownButton
    ❤️                        RequestRefused      RequestRefused      UnknownButton
    🔄                        grid                grid                RequestRefused

imagine, U1, Upscale (Subtle)
    Redo Upscale (Subtle)     upscaled            upscaled            -
    Redo Upscale (Creative)   upscaled            upscaled            -
    Animate (High motion)     video               video               -
    Animate (Low motion)      video               video               -
    ❤️                        RequestRefused      RequestRefused      -

describe
    1️⃣                        grid                grid                UnknownButton
    2️⃣                        grid                grid                UnknownButton
    3️⃣                        grid                grid                UnknownButton
    4️⃣                        grid                grid                UnknownButton
    🔄                        described           described           RequestRefused
    Imagine all               RequestRefused      grid                UnknownButton

shorten
    1️⃣                        grid                RequestRefused      -
    2️⃣                        grid                RequestRefused      -
    3️⃣                        grid                RequestRefused      -
    4️⃣                        grid                RequestRefused      -
    5️⃣                        grid                RequestRefused      -

video
    U1                        clip                clip                -
    U2                        clip                clip                -
    U3                        clip                clip                -
    U4                        clip                clip                -

video, U1
    Extend (High motion)      video               video               -
    Extend (Low motion)       video               video               -
"""

#: What a move needs beyond its name.
_GIVEN: Mapping[str, Mapping[str, Any]] = {
    "Vary (Region)": REGION,
    "Custom Zoom": {"prompt": f"{PROMPT} --zoom 1.5"},
}
WITH_A_PROMPT = " with a prompt"


@frozen
class Stop:
    """One row of the table."""

    #: The names on the way to the task it builds on.
    way: tuple[str, ...]
    #: As it stands in the table.
    title: str
    #: What it must come to, by server.
    expected: Mapping[str, str]

    @property
    def path(self) -> str:
        """Its whole way, in one line."""
        return ", ".join((*self.way, self.title))


def _read(table: str) -> tuple[Stop, ...]:
    stops = []
    way: tuple[str, ...] = ()
    for line in filter(str.strip, table.splitlines()):
        name, *columns = re.split(r" {2,}", line.strip())
        if not line.startswith(" "):
            way = () if columns else tuple(name.split(", "))
        else:
            stops.append(Stop(way, name, dict(zip(PROFILES, columns, strict=True))))
    return tuple(stops)


STOPS = _read(_TABLE)


@functools.cache
def tour() -> Plan:
    """Make the chain of all stops."""
    places: dict[tuple[str, ...], int] = {}
    moves: list[Move] = []
    for stop in STOPS:
        places.setdefault((*stop.way, stop.title), len(moves))
        moves.append(_move(stop, places.get(stop.way)))
    return Plan("tour", tuple(moves))


def _move(stop: Stop, on: int | None) -> Move:
    name = stop.title.removesuffix(WITH_A_PROMPT)
    if stop.title.endswith(WITH_A_PROMPT):
        return Move(name, on, REMIXED)
    return Move(name, on, _GIVEN.get(name, {}) if on is not None else _arguments()[name])


@functools.cache
def _arguments() -> Mapping[str, Mapping[str, Any]]:
    """Give the arguments of the client's methods."""
    cat, dog = drawn("orange"), drawn("brown")
    return {
        # Not square, so that there is a button that makes it so.
        "imagine": {"prompt": f"{PROMPT} --ar 3:2"},
        "blend": {"images": [cat, dog]},
        "describe": {"image": cat},
        "shorten": {"prompt": "a very, very long story about a cat and a dog, told at night"},
        "video": {"prompt": "the cat runs", "image": cat},
        "edits": {"image": cat, "prompt": "a dog", "mask": "rect:0,0,0.5,0.5"},
        "swap_face": {"source": cat, "target": dog},
    }


def drawn(colour: str) -> bytes:
    file = BytesIO()
    Image.new("RGB", (64, 64), colour).save(file, "PNG")
    return file.getvalue()
