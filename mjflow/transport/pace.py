"""Whether a picture still comes, or only drips: plain arithmetic."""

from __future__ import annotations

#: Seconds of waiting after which the bytes that came are counted.
SPAN = 60.0
#: Bytes a second that must have come: less than that over a minute is no line, however bad, but
#: a host that keeps us busy.
SLOWEST = 1024


class Pace:
    """
    Counts bytes and the seconds waited for them; a receiver who is slow himself costs nothing.

    A picture has a largest size, so with a slowest pace every download ends.
    """

    __slots__ = ("_bytes", "_waited")

    def __init__(self) -> None:
        self._bytes = 0
        self._waited = 0.0

    def holds(self, size: int, waited: float) -> bool:
        """
        Count bytes that came after so many seconds of waiting; return whether it may go on.

        Once `SPAN` seconds were waited, the bytes of that time decide, and counting begins anew.
        """
        self._bytes += size
        self._waited += waited
        if self._waited < SPAN:
            return True
        fast_enough = self._bytes >= SLOWEST * self._waited
        self._bytes, self._waited = 0, 0.0
        return fast_enough
