"""
What becomes of a task, written into its id.

An id has 19 digits: a number (5), the end (9) and the length of its life (5), both in
milliseconds on the system's monotonic clock, which all processes of a machine share.  So the
server needs no memory, and a client knows how late it saw an end.
"""

from __future__ import annotations

import random
from math import exp, log
from time import monotonic_ns

#: Digits of an id.
DIGITS = 19
#: The end is written modulo this many milliseconds, about eleven days.
_TURN = 10**9
_LONGEST = 99_999  # milliseconds
#: The end of a task that outlives every benchmark.
_NEVER = 10**8  # milliseconds

#: Seconds that 95 of 100 tasks take in real life; none takes less or more.
SHORTEST_LIFE, LONGEST_LIFE = 20.0, 90.0
_MU = (log(SHORTEST_LIFE) + log(LONGEST_LIFE)) / 2
_SIGMA = (log(LONGEST_LIFE) - log(SHORTEST_LIFE)) / (2 * 1.96)


def now() -> int:
    """Return the present instant in milliseconds."""
    return monotonic_ns() // 1_000_000


def lifetimes(count: int, seed: int) -> list[float]:
    """Draw lengths of life in seconds: lognormal, and the same for the same seed."""
    rand = random.Random(seed)
    drawn = (exp(rand.gauss(_MU, _SIGMA)) for _ in range(count))
    return [min(LONGEST_LIFE, max(SHORTEST_LIFE, life)) for life in drawn]


def born(number: int, life: float) -> str:
    """Return the id of a task that begins now and takes `life` seconds."""
    length = min(_LONGEST, max(1, round(life * 1000)))
    return _written(number, now() + length, length)


def undying(number: int) -> str:
    """Return the id of a task that never ends and never changes."""
    return _written(number, now() + _NEVER, _LONGEST)


def left(task_id: str | bytes) -> int:
    """Return the milliseconds until a task ends; negative when it has."""
    ahead = (int(task_id[5:14]) - now()) % _TURN
    return ahead if ahead < _TURN // 2 else ahead - _TURN


def share_lived(task_id: str | bytes) -> float:
    """Return how much of its life a task has behind it: 0 at its beginning, 1 or more when over."""
    return max(0.0, 1.0 - left(task_id) / int(task_id[14:]))


def _written(number: int, end: int, length: int) -> str:
    return f"{number:05d}{end % _TURN:09d}{length:05d}"
