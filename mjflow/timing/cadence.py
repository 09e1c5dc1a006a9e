"""When to look at a task again, as policies without a clock."""

from __future__ import annotations

from math import floor
from typing import Protocol

from attrs import field, frozen

from mjflow.errors import InvalidInput


class Cadence(Protocol):
    """
    A policy: at which instants a task is looked at.

    Instants are seconds on one monotonic clock.  One policy object serves all the tasks of an
    engine and is asked once per look, so it keeps nothing per task and answers in well under a
    microsecond.
    """

    def first_look(self, now: float, rand: float, *, crowd: int = 0) -> float:
        """
        Say when a task that is watched from `now` on is looked at first.

        For a task just accepted and for one picked up again after a restart alike.

        Args:
            rand: A random number in [0, 1), which gives the task its phase.
            crowd: How many tasks are looked at in bulk, and gain by being due together; 0 for
                single looks, which do not.
        """
        ...

    def next_look(self, now: float, *, looked_at: float, crowd: int = 0) -> float:
        """
        Say when to look again, after a look that did not show the end; always after `now`.

        Args:
            looked_at: The instant for which the last look was *due*, not when it was sent or
                answered; what the policy itself said before.
            crowd: As of `first_look`.
        """
        ...


def _check_interval(_self: object, _attribute: object, value: float) -> None:
    if not 0.0 < value < float("inf"):
        raise InvalidInput(f"a poll interval must be a positive number of seconds, not {value!r}")


def _check_spread(_self: object, _attribute: object, value: float) -> None:
    if not 0.0 <= value <= 1.0:
        raise InvalidInput(f"a spread is a share of the interval between 0 and 1, not {value!r}")


# Tasks that share an instant, at least, before a second instant is opened: four full chunks and
# the rest of a fifth waste a tenth.
_TOGETHER = 400


@frozen
class FixedTick:
    """
    Looks at a fixed interval, each task on a grid of its own, or a crowd on a common one.

    The first look puts a task on its grid, at a random place within the interval, so that a
    thousand tasks accepted in one instant do not all fall due in one instant.  From then on every
    look is due a whole number of intervals later, however late the looks before it were: slow
    replies do not stretch the interval, and tasks that are all overdue after a stall return to
    the places they had instead of marching in step.

    A crowd that is looked at in bulk is due at few common instants, so that chunks are full: one
    in an interval for some hundred tasks, then two, four, eight.  Each of these grids has the
    coarser ones in it, so that a crowd that dwindles closes its ranks by itself.
    """

    #: Seconds between two looks at one task.
    interval: float = field(validator=_check_interval)
    #: The share of the interval over which first looks are spread; 0 looks one interval later.
    spread: float = field(default=1.0, kw_only=True, validator=_check_spread)

    def first_look(self, now: float, rand: float, *, crowd: int = 0) -> float:
        """Give the task its place: within one interval from `now`, at random."""
        due = now + self.interval * (1.0 - self.spread * rand)
        return self._in_step(due, now, crowd) if crowd else due

    def next_look(self, now: float, *, looked_at: float, crowd: int = 0) -> float:
        """Give the first instant of the task's grid that is still to come."""
        due = looked_at + self.interval
        if due <= now:
            due = self._next_on_grid(now, looked_at)
        return self._in_step(due, now, crowd) if crowd else due

    def _in_step(self, due: float, now: float, crowd: int) -> float:
        """Give the common instant at or before `due`, or the next one if that has passed."""
        step = self.interval / (1 << max(0, (crowd // _TOGETHER).bit_length() - 1))
        # A sum that should be on the grid may have come out a hair below it.
        together = floor(due / step + 1e-6) * step
        return together if together > now else (floor(now / step + 1e-6) + 1) * step

    def _next_on_grid(self, now: float, looked_at: float) -> float:
        """Skip the instants that passed while we were late."""
        ticks = floor((now - looked_at) / self.interval) + 1
        due = looked_at + ticks * self.interval
        # The division rounds, so the instant can come out as `now` itself.
        return due if due > now else due + self.interval
