"""Whether the server has an account that can draw, as far as its answers tell."""

from __future__ import annotations

from mjflow.protocol.requests import Mode
from mjflow.protocol.verdicts import Cause, Rejected
from mjflow.timing.breaker import Breaker

#: Answers "no account" in a row after which the server is no longer asked by every act.
TOLERANCE = 5


class Accounts:
    """
    Remembers in which speed modes no account can be used, and lets one act a minute ask again.

    Unlike a refused key this heals by itself: the accounts behind the server come back.  So nobody
    gives up because of it but whose own patience ends; and another mode may have an account.
    """

    def __init__(self) -> None:
        self._modes: dict[Mode | None, Breaker[Rejected]] = {}

    @property
    def missing(self) -> Rejected | None:
        """What the server said last, while there is a mode without an account."""
        reasons = (breaker.reason for breaker in self._modes.values())
        return next((reason for reason in reasons if reason is not None), None)

    def rejected(self, verdict: Rejected, mode: Mode | None, now: float) -> None:
        """Learn why a request was turned away."""
        if verdict.cause is Cause.NO_ACCOUNT:
            breaker = self._modes.setdefault(mode, Breaker(tolerance=TOLERANCE))
            breaker.trip(now, verdict, submit=True)
        elif verdict.cause is Cause.QUEUE_FULL:
            self.found(mode)  # it is an account's queue that is full

    def found(self, mode: Mode | None) -> None:
        """Learn that there is an account."""
        self._modes.pop(mode, None)

    def foretell(self, mode: Mode | None, now: float) -> Rejected | None:
        """
        Say what the server would answer; `None` when it is to be asked.

        Once a minute it is, to see whether there is an account again.
        """
        breaker = self._modes.get(mode)
        if breaker is None or breaker.allows():
            return None
        if breaker.probe_due(now):
            breaker.probed(now)
            return None
        return breaker.reason
