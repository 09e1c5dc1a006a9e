"""Notices tasks of which nothing new was seen for long, while somebody reads along."""

from __future__ import annotations

import asyncio
from math import inf

from mjflow.engine.clock import Clock
from mjflow.engine.record import Record
from mjflow.engine.tracker import Tracker
from mjflow.fsm.states import State
from mjflow.timing.wheel import Wheel

#: States that a task leaves by itself; an open dialog waits for a person.
_MOVING = frozenset({State.SUBMITTED, State.IN_PROGRESS, State.ANSWERING})
#: Since when a task has not changed that was told of already.
_TOLD = inf


class Stalls:
    """
    A clock for each task that is read about, set back by every change.

    What nobody reads about has no clock, and a look that shows nothing new touches none: a task
    has one place in the wheel, and when that is due it is asked what has changed since.
    """

    def __init__(self, tracker: Tracker, clock: Clock) -> None:
        self._tracker = tracker
        self._clock = clock
        #: When a task was last seen to change, by the key of its record.
        self._since: dict[str, float] = {}
        #: Keys, not records: these may have ended long before their place is due.
        self._wheel: Wheel[str] = Wheel(slot=1.0)
        self._alarm: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        """How many tasks have a clock."""
        return len(self._since)

    def changed(self, record: Record) -> None:
        """Set a record's clock back, or take it away where there is nothing to wait for."""
        after = self._patience(record)
        if after is None:
            self._since.pop(record.key, None)
            return
        now = self._clock.now()
        if self._since.get(record.key, _TOLD) == _TOLD:
            self._wheel.add(record.key, now + after)
        self._since[record.key] = now
        self._set_alarm()

    def read(self, record: Record) -> None:
        """Let a record have a clock, unless it has one: it is read about from now on."""
        if record.key not in self._since:
            self.changed(record)

    def close(self) -> None:
        """Stop all clocks."""
        self._since.clear()
        if self._alarm is not None:
            self._alarm.cancel()

    def _patience(self, record: Record) -> float | None:
        """Return the seconds without a change that are too many; `None` for any number."""
        if not self._tracker.is_read(record, "stalled"):
            return None
        waits = record.state in _MOVING and not record.children and record.outcome is None
        return record.act.options.stall_after if waits else None

    # --- ringing --------------------------------------------------------------------------

    def _set_alarm(self) -> None:
        due = self._wheel.next_due()
        if due is None:
            return
        loop = asyncio.get_running_loop()
        at = loop.time() + max(0.0, self._clock.real(due - self._clock.now()))
        if self._alarm is not None:
            if self._alarm.when() <= at:
                return
            self._alarm.cancel()
        self._alarm = loop.call_at(at, self._ring)

    def _ring(self) -> None:
        self._alarm = None
        now = self._clock.now()
        for key in self._wheel.pop(now):
            self._check(key, now)
        self._set_alarm()

    def _check(self, key: str, now: float) -> None:
        since, record = self._since.get(key, _TOLD), self._tracker.with_key(key)
        if since == _TOLD:
            return  # this place has outlived its clock
        after = None if record is None else self._patience(record)
        if record is None or after is None:
            del self._since[key]
        elif now < since + after:
            self._wheel.add(key, since + after)
        else:
            self._since[key] = _TOLD
            reason = f"nothing has changed for {after:g} s"
            self._tracker.publish(record, "stalled", reason=reason)
