"""
The gateway's own copy of a task, and when it is brought up to date.

Every 15 seconds the gateway asks the server behind for all the tasks it thinks unfinished
and copies what it hears (P§5.2, P§10).  Nothing runs here at those ticks: what a row shows
at an instant follows from the times of its task, so ten thousand rows cost nothing until
somebody looks.

Rules of a refresh, which the functions below compute backwards:

* A row is looked at until the tick at which it ended; from then on it stands still.
* Rows that share an id (a dialog and its answer) are looked at one at a time: the latest
  unfinished one.  The earlier stands still meanwhile, and is looked at again from the tick
  after the later one ended (P§5.4).
* One hour after the submit a row is given up, whatever the server behind says (P§5.5).
* A task the server behind forgot is left as it is for ever.
"""

from __future__ import annotations

from attrs import define, field

from mjflow.simulator.fates import FORGETS_AFTER
from mjflow.simulator.tasks import NEVER, Task

SLOW = 4
TIMED_OUT = "上游任务超时（超过1小时）"


@define(eq=False)
class Row:
    """One row of the gateway's table; every instant is in virtual seconds."""

    user: str
    task: Task
    action: str
    prompt: str
    description: str
    inserted: float
    #: Seconds between two looks at the server behind.
    period: float
    #: Seconds from the submit after which it is given up.
    limit: float
    #: Rows with the same id that were inserted after this one.
    later: list[Row] = field(factory=list)
    _ended: float = field(default=NEVER, init=False)

    def ended(self, now: float) -> float:
        """Give the tick at which the row ended, never if it has not by now."""
        if self._ended == NEVER:
            done = max(self._tick_from(self.task.ends), self._tick_after(self.inserted))
            tick = self._reachable(min(done, self._tick_after(self._given_up(now))), now)
            self._ended = tick if tick <= now else NEVER
        return self._ended

    def seen(self, now: float) -> float | None:
        """Give the tick of the last look that reached the row, None before the first."""
        last = self._last_look(now)
        if "jumps-to-success" in self.task.fates and self.ended(now) > now:
            return None
        return min(last, self.ended(now)) if last > self.inserted else None

    def timed_out(self, seen: float) -> bool:
        """Tell whether the look at a tick found the row past its limit."""
        return seen > self._given_up(seen)

    def status(self, now: float) -> str:
        """Give the status the row shows, `""` before the first look."""
        seen = self.seen(now)
        if seen is None:
            return ""
        return "FAILURE" if self.timed_out(seen) else self.task.status(seen)

    def forgotten(self, now: float) -> bool:
        """Tell whether the gateway no longer knows the row."""
        return "forgets" in self.task.fates and now >= self.inserted + FORGETS_AFTER

    def _given_up(self, now: float) -> float:
        """Give the instant after which a look finds the row past its limit."""
        first = self._reachable(self._tick_after(self.inserted), now)
        # The first look still judges by the gateway's own time, that of the insertion; only
        # that look brings the server's time of the submit, which for the answer to a dialog
        # is that of the click.
        if first > self.inserted + self.limit:
            return self.inserted + self.limit
        return max(self.task.submitted + self.limit, first)

    def _reachable(self, tick: float, now: float) -> float:
        """Put a tick off until the row is looked at."""
        while blocking := self._blocking(tick, now):
            tick = blocking.ended(now) + self.period
        return tick if tick <= self.task.lost else NEVER

    def _last_look(self, now: float) -> float:
        tick = min(self._tick_until(now), self._tick_until(self.task.lost))
        while blocking := self._blocking(tick, now):
            tick = self._tick_until(blocking.inserted)
        return tick

    def _blocking(self, tick: float, now: float) -> Row | None:
        """Give a later row that is looked at in this one's place at a tick."""
        if tick == NEVER:
            return None
        return next((row for row in self.later if row.inserted < tick <= row.ended(now)), None)

    def _tick_until(self, instant: float) -> float:
        return instant if instant == NEVER else instant // self.period * self.period

    def _tick_after(self, instant: float) -> float:
        return self._tick_until(instant) + self.period

    def _tick_from(self, instant: float) -> float:
        tick = self._tick_until(instant)
        return tick if tick == instant else tick + self.period
