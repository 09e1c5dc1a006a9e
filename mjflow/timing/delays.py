"""How long to wait before something is sent again."""

from __future__ import annotations

# Seconds before the second attempt: a full queue does not empty faster (an upscale, the shortest
# task, takes 1-4 s, P§10).
_BASE = 2.0

# Each wait is twice the one before, as everybody does.
_FACTOR = 2.0

# Seconds; a task takes about that long, so a longer wait would leave free places unused.
_CAP = 60.0

# Seconds; a server that asks for more gets asked again all the same, for proxies in front of it
# answer with hours.
_RETRY_AFTER_CAP = 120.0

# What many clients were told in one second, they would all follow in one second: come up to
# this share later.
_RETRY_AFTER_SPREAD = 0.1


def backoff_delay(
    attempt: int,
    rand: float,
    *,
    retry_after: float | None = None,
    base: float = _BASE,
    factor: float = _FACTOR,
    cap: float = _CAP,
) -> float:
    """
    Give the seconds to wait after a failed attempt.

    The bound grows from `base` by `factor` up to `cap`; half of it is always waited, the other
    half at random (equal jitter: no thundering herd, and no immediate knock either).  Where the
    server said how long to wait, it is never sooner than that, up to 120 s.

    Args:
        attempt: Number of the attempt that failed, from 1.
        rand: A random number in [0, 1).
        retry_after: Seconds the server asked for; `None` when it said nothing.
    """
    delay = _bound(attempt, base, factor, cap) * (0.5 + 0.5 * rand)
    if retry_after is None:
        return delay
    asked = min(retry_after, _RETRY_AFTER_CAP)
    return max(delay, asked * (1.0 + _RETRY_AFTER_SPREAD * rand))


def _bound(attempt: int, base: float, factor: float, cap: float) -> float:
    try:
        return min(cap, base * factor ** (attempt - 1))
    except OverflowError:
        return cap
