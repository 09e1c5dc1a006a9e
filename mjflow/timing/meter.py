"""How often something happens lately, in constant space."""

from __future__ import annotations

from math import exp

from attrs import define, field

# Seconds after which what happened counts for a third of what happens now.
_MEMORY = 10.0


@define
class Meter:
    """
    A rate that forgets: of what happened `memory` seconds ago a third counts, e to the -1.

    From the first mark on it needs some `memory` seconds to tell the truth.
    """

    memory: float = _MEMORY
    _level: float = field(default=0.0, init=False, repr=False)
    _at: float = field(default=0.0, init=False, repr=False)

    def mark(self, now: float, count: int = 1) -> None:
        """Note that it happened at `now`, so many times."""
        self._fade(now)
        self._level += count

    def rate(self, now: float) -> float:
        """Return how often it happens, per second."""
        self._fade(now)
        return self._level / self.memory

    def _fade(self, now: float) -> None:
        if now > self._at:
            self._level *= exp((self._at - now) / self.memory)
            self._at = now
