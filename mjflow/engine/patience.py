"""How long a submit is sent again after a definite no, and when the next try is: arithmetic."""

from __future__ import annotations

from math import inf

from attrs import define

from mjflow.protocol.verdicts import Cause, Rejected
from mjflow.timing.delays import backoff_delay

#: Tries for a server that has never answered at all: a typo in a host name must not wait long.
FIRST_CONTACT_TRIES = 3
FIRST_CONTACT_STEP = 0.5  # seconds
#: A gateway's copy of a finished parent is at most one refresh of 15 s old, plus the refresh
#: itself (P§2.5, §10); after three of them it is something else.
STALE_PARENT = 45.0  # seconds
STALE_PARENT_STEP = 4.0  # seconds
#: As long as this an act is sent again that no channel takes, where other acts are taken.
NOT_OFFERED = 300.0  # seconds


@define
class Patience:
    """The rejections of one submit so far."""

    #: Seconds from the first rejection; `None` waits without end.
    admission_timeout: float | None
    #: When the first rejection came.
    first: float | None = None
    #: When the parent was first said not to have ended.
    stale_since: float | None = None
    #: Since when nothing was said but that no channel takes it, though other acts are taken.
    lacking_since: float | None = None
    #: Rejections that called for a pause.
    count: int = 0
    #: The last one.
    last: Rejected | None = None

    def note(self, verdict: Rejected, now: float) -> None:
        """Note a rejection after which the next try needs no pause."""
        self.first = now if self.first is None else self.first
        self.last = verdict

    def next_try(
        self,
        verdict: Rejected,
        now: float,
        rand: float,
        *,
        known_server: bool,
        lacking: bool = False,
    ) -> float | None:
        """
        Note a rejection; return the seconds until the next try, or `None` to give up.

        Args:
            now: Instant on the engine's clock.
            rand: A number in [0, 1), for jitter.
            known_server: Whether this server has ever answered this client.
            lacking: Whether it was never seen to take such an act, while it takes others.
        """
        self.note(verdict, now)
        self.count += 1
        if verdict.cause is Cause.UNREACHABLE and not known_server:
            last = self.count >= FIRST_CONTACT_TRIES
            return None if last else FIRST_CONTACT_STEP * self.count
        if verdict.cause is Cause.PARENT_STALE:
            self.stale_since = now if self.stale_since is None else self.stale_since
            delay, end = STALE_PARENT_STEP * (0.75 + rand / 2), self.stale_since + STALE_PARENT
        else:
            delay = backoff_delay(self.count, rand, retry_after=verdict.retry_after)
            end = min(self._end(now), self._end_of_lack(verdict, now, lacking=lacking))
        return delay if now + delay <= end else None

    def _end(self, now: float) -> float:
        left = self.left(now)
        return inf if left is None else now + left

    def _end_of_lack(self, verdict: Rejected, now: float, *, lacking: bool) -> float:
        if verdict.cause is not Cause.NO_CHANNEL or not lacking:
            self.lacking_since = None
            return inf
        self.lacking_since = now if self.lacking_since is None else self.lacking_since
        return self.lacking_since + NOT_OFFERED

    def left(self, now: float) -> float | None:
        """Return the seconds that may still be waited for a place; `None` for no limit."""
        if self.first is None or self.admission_timeout is None:
            return None
        return max(0.0, self.first + self.admission_timeout - now)
