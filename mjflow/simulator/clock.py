"""The simulator's time: seconds that may pass faster than those of the world."""

from __future__ import annotations

import time
from collections.abc import Callable

from attrs import define, field

Read = Callable[[], float]


@define
class Clock:
    """
    Virtual seconds since the simulator was first started.

    Durations of tasks, the refresh and every timeout are virtual seconds; a `speed` of 20
    lets them pass twenty times as fast as the clock that is read.
    """

    #: Reads the underlying clock, in seconds; None takes that of the running event loop.
    read: Read | None = None
    #: Virtual seconds that pass in one second.
    speed: float = field(default=1.0)
    #: Wall time in epoch seconds at virtual second 0; None takes the time of the start.
    epoch: float | None = None
    _origin: float | None = field(default=None, init=False)
    _last: int = field(default=0, init=False)

    @speed.validator
    def _check_speed(self, _: object, value: float) -> None:
        if value <= 0:
            raise ValueError(f"speed must be above 0, not {value}")

    def start(self, read: Read) -> None:
        """Begin at virtual second 0, reading `read` if no clock was given; once only."""
        if self._origin is None:
            self.read = self.read or read
            self.epoch = time.time() if self.epoch is None else self.epoch
            self._origin = self.read()

    def now(self) -> float:
        """Give the virtual seconds since the start, 0 before it."""
        if self.read is None or self._origin is None:
            return 0.0
        return (self.read() - self._origin) * self.speed

    def millis(self, at: float | None) -> int:
        """Give an instant as the wire does: epoch milliseconds, 0 for None."""
        return 0 if at is None else round(((self.epoch or 0.0) + at) * 1000)

    def nanos(self) -> int:
        """Give the present in epoch nanoseconds; never the same number twice."""
        self._last = max(self._last + 1, round(((self.epoch or 0.0) + self.now()) * 1e9))
        return self._last
