"""How much at once, and how often: the request budget and the in-flight window, as arithmetic."""

from __future__ import annotations

from math import inf

from attrs import define, field

from mjflow.errors import InvalidInput

# A known server bans an address above 30 requests in one second: with the client's default rate
# of 20/s, a burst of 5 makes at most 25 in any second.
_BURST = 5

# Where an adaptive window begins: what one account takes (3 running, 10 queued, P§10).
_START = 13

# Where it stops by default, should the server never say that it is full.  A longer queue only
# ages towards the gateway's limit of one hour from submission (P§5.5).
_CEILING = 1000

# Seconds within which further refusals are the same news: those submits were on the wire, or
# queued for it, when the first refusal came.
_COOLDOWN = 5.0


class RequestBudget:
    """
    A token bucket that answers with the seconds to wait instead of waiting.

    In any span of `t` seconds it grants at most `burst + rate * t` requests.

    Args:
        rate: Requests per second in the long run; `None` or infinity for no limit.
        burst: How many may go at once after a quiet time.
    """

    # A bucket that was last full at `anchor` and granted `granted` requests since is full again
    # at `anchor + granted / rate`.  Counting whole requests from an anchor, instead of adding
    # fractions of tokens up, keeps the rate exact however long the bucket is never full.
    __slots__ = ("_anchor", "_granted", "burst", "rate")

    def __init__(self, rate: float | None, burst: int = _BURST) -> None:
        self.rate = inf if rate is None else rate
        self.burst = burst
        if not self.rate > 0.0:
            raise InvalidInput(f"a rate must be above 0 requests per second, not {rate!r}")
        if burst < 1:
            raise InvalidInput(f"a burst must be at least 1 request, not {burst!r}")
        self._anchor = -inf
        self._granted = 0

    def reserve(self, now: float) -> float:
        """
        Reserve one request and say how many seconds to wait before it is sent, 0.0 when free.

        A reservation cannot be given back; who reserves out of turn waits his turn all the same.
        """
        if self.rate == inf:
            return 0.0
        if self._anchor + self._granted / self.rate <= now:
            self._anchor, self._granted = now, 0
        self._granted += 1
        return max(0.0, self._anchor + (self._granted - self.burst) / self.rate - now)


def _whole(name: str, value: int, least: int = 1) -> float:
    if value < least:
        raise InvalidInput(f"{name} must be at least {least}, not {value!r}")
    return float(value)


@define
class Window:
    """
    How many tasks may be in flight at once: fixed, unbounded, or learned from the server.

    An adaptive window grows only while it is full, for an unused limit teaches nothing: by one
    with every accepted task until the server first says that it is full, from then on by one with
    every windowful.  Each time the server says so, it is halved.  Build one with `fixed`,
    `adaptive` or `unbounded`.
    """

    #: How many tasks may be in flight; an adaptive one moves by fractions.
    limit: float
    _floor: float = field(repr=False)
    _ceiling: float = field(repr=False)
    _cooldown: float = field(default=_COOLDOWN, repr=False)
    #: How many tasks are in flight.
    taken: int = field(default=0, init=False)
    _halved_at: float = field(default=-inf, init=False, repr=False)

    @classmethod
    def fixed(cls, size: int) -> Window:
        """Make a window of always the same size."""
        limit = _whole("the number of tasks in flight", size)
        return cls(limit, limit, limit)

    @classmethod
    def unbounded(cls) -> Window:
        """Make a window that always has room."""
        return cls(inf, inf, inf)

    @classmethod
    def adaptive(
        cls, *, start: int = _START, ceiling: int = _CEILING, cooldown: float = _COOLDOWN
    ) -> Window:
        """
        Make a window that finds its size.

        Args:
            start: The size to begin with.
            ceiling: The size it never exceeds.
            cooldown: Seconds after a halving in which it is not halved again.
        """
        limit = _whole("the first window", start)
        return cls(limit, 1.0, _whole("the ceiling of the window", ceiling, start), cooldown)

    @property
    def has_room(self) -> bool:
        """Whether one more task may be submitted."""
        return self.taken + 1 <= self.limit

    def take(self) -> None:
        """Count a task in; without room, too, for a task picked up after a restart runs anyway."""
        self.taken += 1

    def free(self) -> None:
        """Count a task out: it ended, was parked, or was not accepted after all."""
        if not self.taken:
            raise RuntimeError("a task left the in-flight window that never entered it")
        self.taken -= 1

    def accepted(self, now: float) -> None:
        """Learn that the server took a task (already counted in): a full window grows."""
        if self.has_room or now < self._halved_at + self._cooldown:
            return
        step = 1.0 if self._halved_at == -inf else 1.0 / self.limit
        self.limit = min(self._ceiling, self.limit + step)

    def crowded(self, now: float) -> None:
        """Learn that the server's queue is full: halve, at most once in a cooldown."""
        if now < self._halved_at + self._cooldown:
            return
        self._halved_at = now
        # What is in flight was too much, whatever was allowed.
        self.limit = max(self._floor, min(self.limit, self.taken) / 2.0)
