"""Lanes: how much may be in flight in each speed mode, and in which modes an act may go."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Literal

from attrs import frozen

from mjflow.engine.gates import Gate
from mjflow.errors import InvalidInput
from mjflow.protocol.requests import Mode
from mjflow.timing.limits import Window

#: How much may be in flight: a number, what the server turns out to bear, or without a bound.
Bound = int | Literal["adaptive"] | None
#: One bound for all modes together, or one for each lane.
MaxInFlight = Bound | Mapping[str, Bound]
#: Modes that an act may run in, the one to try first in front.
Ways = tuple[Mode | None, ...]

#: The lane of all that no other lane is for, acts without a mode among them.
DEFAULT = "default"

#: From the dearest to the cheapest.
_DOWN = (Mode.TURBO, Mode.FAST, Mode.RELAX)


def ways_of(mode: Mode | None, known: Container[Mode], *, spill_over: bool) -> Ways:
    """
    List the modes an act may run in: its own, then cheaper ones, and never a dearer one.

    Args:
        known: The modes that the server knows.
        spill_over: Whether the caller lets it go down at all.
    """
    if mode is None or not spill_over:
        return (mode,)
    lower = _DOWN[_DOWN.index(mode) + 1 :]
    return (mode, *(one for one in lower if one in known))


def cheaper(ways: Ways, mode: Mode | None) -> Ways:
    """List those of an act's modes that are cheaper than one of them."""
    return ways[ways.index(mode) + 1 :]


def after_refusal(ways: Ways, mode: Mode | None) -> Ways:
    """Order an act's modes for the next try, when the server had no room for it in one of them."""
    next_one = ways.index(mode) + 1
    return ways[next_one:] + ways[:next_one]


@frozen(weakref_slot=False)
class Place:
    """A place in flight."""

    lane: Gate
    #: What nothing else in flight may have, see `collisions`; `""` where that is all the same.
    content: str = ""


class Lanes:
    """
    The in-flight windows: one for all modes together, or one for each that is named.

    Raises:
        InvalidInput: A bound cannot be, or there is no such mode.
    """

    def __init__(self, max_in_flight: MaxInFlight = "adaptive") -> None:
        named = max_in_flight if isinstance(max_in_flight, Mapping) else {DEFAULT: max_in_flight}
        bounds: dict[str, Bound] = {DEFAULT: "adaptive", **named}
        self._gates = {_lane(name): Gate(_window(bound)) for name, bound in bounds.items()}

    def of(self, mode: Mode | None) -> Gate:
        """Return the lane of a mode."""
        return self._gates.get(mode or DEFAULT) or self._gates[DEFAULT]

    @property
    def windows(self) -> Mapping[str, Window]:
        """The window of each lane, by its name."""
        return {name: gate.window for name, gate in self._gates.items()}

    @property
    def taken(self) -> int:
        """How many tasks are in flight, in all lanes together."""
        return sum(gate.window.taken for gate in self._gates.values())

    @property
    def limit(self) -> float:
        """How many may be, in all lanes together; infinite when one of them has no bound."""
        return sum(gate.window.limit for gate in self._gates.values())


def _lane(name: str) -> str:
    known = (*_DOWN, DEFAULT)
    if name not in known:
        raise InvalidInput(
            f"max_in_flight has no lane {name!r}", advice=f"The lanes: {', '.join(known)}."
        )
    return str(name)


def _window(bound: Bound) -> Window:
    match bound:
        case None:
            return Window.unbounded()
        case "adaptive":
            return Window.adaptive()
        case int() if not isinstance(bound, bool):
            return Window.fixed(bound)
        case _:
            raise InvalidInput(f'max_in_flight is a number, "adaptive" or None, not {bound!r}')
