"""Makes tasks: their ids, jobs and durations, each from the seed and their turn alone."""

from __future__ import annotations

import random
import uuid
from collections.abc import Container

from mjflow.simulator.buttons import Stage
from mjflow.simulator.clock import Clock
from mjflow.simulator.faults import Faults
from mjflow.simulator.profiles import START_SECONDS, Ids, Profile, Span
from mjflow.simulator.tasks import Task

# Seconds from start to end, P§10: of grids by speed mode, of all else by what comes of it.
GRID_SECONDS: dict[str, Span] = {
    "FAST": (30.0, 60.0),
    "TURBO": (10.0, 20.0),
    "RELAX": (60.0, 600.0),
}
SECONDS: dict[Stage, Span] = {
    Stage.SINGLE: (1.0, 4.0),
    Stage.UPSCALED: (1.0, 4.0),
    Stage.CLIP: (1.0, 4.0),
    Stage.VIDEO: (60.0, 180.0),
    Stage.DESCRIBED: (5.0, 15.0),
    Stage.SHORTENED: (5.0, 10.0),
    Stage.SWAPPED: (5.0, 15.0),
}
# No task is meant to come nearer to its server's own limit than this share of it.
_WITHIN = 0.9


class Maker:
    """Makes the tasks of one server."""

    def __init__(self, seed: int, profile: Profile, clock: Clock, faults: Faults) -> None:
        self._random = random.Random(seed)
        self._profile = profile
        self._clock = clock
        self._faults = faults
        self._last = 0

    def make(self, now: float, stage: Stage, mode: str, *, taken: Container[str]) -> Task:
        """Make a task that says nothing yet; `taken` are the ids that are in use."""
        # Always the same number of draws, so that what a task is depends on its turn alone.
        rng = self._random
        number = "".join(rng.choices("0123456789", k=rng.randint(15, 17)))
        first = rng.randint(1, 9)
        return Task(
            id=self._id(first, number, now, taken),
            job=str(uuid.UUID(int=rng.getrandbits(128), version=4)),
            lag=rng.uniform(*START_SECONDS),
            run=rng.uniform(*self._span(stage, mode)),
            action="",
            prompt="",
            state="",
            mode=mode,
            submitted=now,
            stage=stage,
            aspect=1.0,
            version="",
        )

    def _span(self, stage: Stage, mode: str) -> Span:
        low, high = SECONDS.get(stage) or GRID_SECONDS[mode]
        limit = self._profile.running_limit
        return (low, high) if limit is None else (low, min(high, limit * _WITHIN))

    def _id(self, first: int, number: str, now: float, taken: Container[str]) -> str:
        made = self._formed(f"{first}{number}", now)
        if self._faults.strikes("result-17-digits"):
            made = f"{made}{number[::-1]}"[:17]
        if self._faults.strikes("result-leading-zero"):
            made = f"0{made[1:]}"
        while made in taken:
            # Ids of one millisecond are soon used up; from then on they are counted.
            self._last = max(self._last, int(made)) + 1
            made = f"{self._last:0{len(made)}d}"
        return made

    def _formed(self, digits: str, now: float) -> str:
        if self._profile.ids is Ids.LONG:
            return digits
        if self._profile.ids is Ids.DIGITS:
            return digits[1:17].zfill(16)
        return f"{self._clock.millis(now):013d}{digits[-3:]}"
