"""How long a submit is sent again after a definite no, and when the next try is: arithmetic."""

from __future__ import annotations

from attrs import define

from mjflow.protocol.verdicts import Cause, Rejected
from mjflow.timing.delays import backoff_delay

#: Tries for a server that has never answered at all: a typo in a host name must not wait long.
FIRST_CONTACT_TRIES = 3
#: A gateway's copy of a finished parent is at most one refresh of 15 s old, plus the refresh
#: itself (P§2.5, §10); after three of them it is something else.
STALE_PARENT = 45.0  # seconds
STALE_PARENT_STEP = 4.0  # seconds


@define
class Patience:
    """The rejections of one submit so far."""

    #: Seconds from the first rejection; `None` waits without end.
    admission_timeout: float | None
    first: float | None = None
    count: int = 0

    def next_try(
        self, verdict: Rejected, now: float, rand: float, *, known_server: bool
    ) -> float | None:
        """
        Note a rejection; return the seconds until the next try, or `None` to give up.

        Args:
            now: Instant on the engine's clock.
            rand: A number in [0, 1), for jitter.
            known_server: Whether this server has ever answered this client.
        """
        self.first = now if self.first is None else self.first
        self.count += 1
        if verdict.cause is Cause.UNREACHABLE and not known_server:
            return 0.5 * self.count if self.count < FIRST_CONTACT_TRIES else None
        if verdict.cause is Cause.PARENT_STALE:
            delay, limit = STALE_PARENT_STEP * (0.75 + rand / 2), STALE_PARENT
        else:
            delay = backoff_delay(self.count, rand, retry_after=verdict.retry_after)
            limit = float("inf") if self.admission_timeout is None else self.admission_timeout
        return delay if now + delay - self.first <= limit else None
