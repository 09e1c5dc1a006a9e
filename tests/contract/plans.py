"""Chains of acts, as data: what is drawn first, and which buttons are pressed on what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

PROMPT = "a portrait --v 6.1"
#: What answers the dialog of Vary (Region), and that of V1 to V4 in remix mode.
REGION = {"prompt": "a golden crown", "mask": "rect:0.3,0,0.7,0.35"}
REMIXED = {"prompt": "an owl --v 6.1"}


@frozen
class Move:
    """One act of a chain."""

    #: The button it presses, in any spelling; of a move that builds on none, the client's method.
    name: str
    #: The place in the chain of the move whose button it is.
    on: int | None = None
    #: The arguments: data for a dialog, and the like.
    given: Mapping[str, Any] = field(factory=dict, repr=False, eq=False)

    @property
    def free(self) -> bool:
        """Whether the click costs nothing: it only opens a dialog whose answer is paid (P§3.6)."""
        return self.name in ("Vary (Region)", "Custom Zoom")


@frozen
class Plan:
    """A chain of moves; each builds on one before it."""

    name: str
    moves: tuple[Move, ...]
    #: Which move first meets what strikes clicks, and which what strikes answers.
    clicked: int = 1
    answered: int = 2
    #: Further arguments of the first move.
    given: Mapping[str, Any] = field(factory=dict)
    #: Whether the picture of the last move is saved as well.
    saves: bool = False
    #: Seconds from the end of the chain until it is.
    rests: float = 0.0


_IMAGINE = Move("imagine", given={"prompt": PROMPT})
_CHAIN = (
    _IMAGINE,
    Move("U1", 0),
    Move("Vary (Region)", 1, REGION),
    Move("U1", 2),
    Move("Upscale (Subtle)", 3),
)
#: novicezk has no buttons beyond U, V and reroll.
_CLASSIC = (_IMAGINE, Move("U1", 0), Move("V1", 0), Move("U2", 2))
_TWICE = (_IMAGINE, Move("U1", 0), Move("U1", 0))
_REMIX = (_IMAGINE, Move("V1", 0, REMIXED), Move("V2", 0, REMIXED), Move("U1", 1))

CHAIN = Plan("chain", _CHAIN)
CLASSIC = Plan("classic", _CLASSIC)
SINGLE = Plan("single", _CHAIN[:2])
TWICE = Plan("twice", _TWICE)
REMIX = Plan("remix", _REMIX, answered=1)
ANIMATE = Plan("animate", (_IMAGINE, Move("U1", 0), Move("Animate (High motion)", 1)), 2)
REROLL = Plan("reroll", (_IMAGINE, Move("reroll", 0)))


def main_plan(profile: str) -> Plan:
    """Give the chain that a server of this kind is tried with."""
    return CLASSIC if profile == "novicezk" else CHAIN
