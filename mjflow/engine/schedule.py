"""
Which records are to be looked at next, and when each of them again.

Invariant: of the places a record has in the wheel only the one at `record.due` counts; the others
are stale and skipped.  While a look is on the wire `due` is infinite, so that there is never a
second one; of a record that is not watched it is minus infinity.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Callable, Collection
from math import ceil, inf

from mjflow.engine.clock import Clock
from mjflow.engine.record import Record
from mjflow.fsm.states import LOOKED_AT
from mjflow.timing.cadence import Cadence
from mjflow.timing.chunks import Chunks
from mjflow.timing.wheel import Wheel

#: Due of a record while a look at it is on the wire, and while it is not watched.
_LOOKING, _UNWATCHED = inf, -inf

#: A record, and the turn in which it is looked at: what its next look counts from.
Turn = tuple[Record, float]
#: What one request looks at, by id.
Chunk = dict[str, Turn]


class Schedule:
    """
    The wheel of one engine, with the records that are due; plain but for `until_due`.

    Args:
        on_deadline: Called with a record whose time is up when it is put back.
    """

    def __init__(
        self,
        clock: Clock,
        cadence: Cadence,
        chunks: Chunks,
        on_deadline: Callable[[Record], None],
    ) -> None:
        self._clock = clock
        #: When looks are due; another one once the server's dialect is known.
        self.cadence = cadence
        self._chunks = chunks
        self._on_deadline = on_deadline
        self._wheel: Wheel[Record] = Wheel(slot=0.05 * clock.speed)
        self._ready: deque[Record] = deque()
        #: Records that are looked at out of turn, and when their turn would have been.
        self._turns: dict[Record, float] = {}
        #: Records that are to be looked at by themselves.
        self._alone: set[Record] = set()
        self._bell: asyncio.Future[None] | None = None
        self._rings_at = inf
        #: Records that are looked at from time to time.
        self.watched = 0
        #: Whether they gained by being due together at last, and when that ended: what was due
        #: together is spread then.
        self._together, self._parted_at = True, -inf

    # --- putting in -----------------------------------------------------------------------

    def watch(self, record: Record) -> None:
        """Look at a record from now on, until it is in no state to be looked at."""
        if record.due == _LOOKING:
            return
        now = self._clock.now()
        crowd = self._crowd(now, self.watched + 1)
        self._put(record, self.cadence.first_look(now, random.random(), crowd=crowd))

    def hurry(self, record: Record) -> None:
        """Look at a record at once, and at its turn again."""
        if record.due == _LOOKING:
            return
        now = self._clock.now()
        # Who is attached in one instant would else be looked at in one instant for ever.
        self._turns.setdefault(record, now if record.due == _UNWATCHED else record.due)
        self._put(record, now)

    def put_back(self, record: Record, due: float) -> None:
        """Put a record back, unless it needs no look any more or its time is up."""
        # What is over by now is over by the next look: the clock need not be asked for the others.
        soon = record.deadline is not None and due >= record.deadline
        if soon and self._is_overdue(record) and record.state in LOOKED_AT:
            self._on_deadline(record)
        if record.state in LOOKED_AT:
            self._put(record, due)
        elif record.due == _LOOKING:
            self.drop(record)

    def leave_alone(self, record: Record) -> None:
        """Look at a record by itself the next time."""
        self._alone.add(record)

    def is_alone(self, record: Record) -> bool:
        """Tell whether a record was to be looked at by itself; that is forgotten now."""
        if record not in self._alone:
            return False
        self._alone.remove(record)
        return True

    def put_off(self, chunk: Chunk, due: float) -> None:
        """Put records back that were not looked at; their turns stay what they were."""
        for record, turn in chunk.values():
            self._turns[record] = turn
            self.put_back(record, due)

    def next_turn(self, turns: Collection[Turn]) -> None:
        """Put records back that were looked at and have not ended."""
        now = self._clock.now()
        crowd = self._crowd(now, self.watched)
        if len(turns) == 1:
            [(record, turn)] = turns
            self.put_back(record, self._after(turn, now, crowd))
            return
        dues: dict[float, float] = {}  # most share one
        together: dict[float, list[Record]] = {}
        for record, turn in turns:
            due = dues.get(turn)
            if due is None:
                due = dues[turn] = self._after(turn, now, crowd)
                together.setdefault(due, [])
            if record.state in LOOKED_AT and (record.deadline is None or due < record.deadline):
                record.due = due
                together[due].append(record)
            else:
                self.put_back(record, due)
        for due, records in together.items():
            if records:
                self._wheel.add_all(records, due)
                self._ring_before(due)

    def _after(self, turn: float, now: float, crowd: int) -> float:
        if turn > now:
            return turn  # it was looked at out of turn
        if turn <= self._parted_at and not crowd:
            return self.cadence.first_look(now, random.random())
        return self.cadence.next_look(now, looked_at=turn, crowd=crowd)

    def leave_out(self, chunk: Chunk) -> None:
        """Take out of a chunk what needs no look any more."""
        for task_id, (record, _) in tuple(chunk.items()):
            if record.state not in LOOKED_AT:
                del chunk[task_id]
                self.drop(record)

    def drop(self, record: Record) -> None:
        """Look at a record no more."""
        self._alone.discard(record)
        record.due = _UNWATCHED
        self.watched -= 1
        self._turns.pop(record, None)

    def _is_overdue(self, record: Record) -> bool:
        return record.deadline is not None and self._clock.now() >= record.deadline

    def _put(self, record: Record, due: float) -> None:
        if record.deadline is not None and due > record.deadline:
            due = max(record.deadline, self._clock.now())
        self.watched += record.due == _UNWATCHED
        record.due = due
        self._wheel.add(record, due)
        self._ring_before(due)

    def _ring_before(self, due: float) -> None:
        """Wake who waits for something that is due later."""
        if due < self._rings_at and self._bell is not None and not self._bell.done():
            self._bell.set_result(None)

    def _crowd(self, now: float, watched: int) -> int:
        """Say how many records gain by being due together."""
        together = self._chunks.size(now) > 1
        if self._together and not together:
            self._parted_at = now
        self._together = together
        return watched if together else 0

    # --- taking out -----------------------------------------------------------------------

    def ripen(self) -> int:
        """Take what is due from the wheel; return how many requests it takes to look at it."""
        now = self._clock.now()
        self._ready.extend(self._wheel.pop(now))
        return ceil(len(self._ready) / self._chunks.size(now))

    def next_chunk(self) -> Chunk:
        """Take as many records that are due as one request can look at."""
        chunk = Chunk()
        if not self._ready:
            return chunk
        now = self._clock.now()
        size = self._chunks.size(now)
        later: list[Record] = []
        while self._ready and len(chunk) < size:
            record = self._ready.popleft()
            if record.due > now or record.due == _UNWATCHED:
                continue  # this place in the wheel is stale
            if record.state not in LOOKED_AT:
                self.drop(record)
            elif record.ids[0] in chunk or (chunk and record in self._alone):
                later.append(record)  # one id of two records: one look for each
            else:
                size = 1 if record in self._alone else size
                chunk[record.ids[0]] = record, self._turns.pop(record, record.due)
                record.due = _LOOKING
        self._ready.extendleft(reversed(later))
        return chunk

    async def until_due(self) -> None:
        """Wait until something is due."""
        loop = asyncio.get_running_loop()
        due = self._wheel.next_due()
        self._bell = loop.create_future()
        self._rings_at = inf if due is None else due
        alarm = None
        if due is not None:
            delay = max(0.0, self._clock.real(due - self._clock.now()))
            alarm = loop.call_later(delay, _ring, self._bell)
        try:
            await self._bell
        finally:
            if alarm is not None:
                alarm.cancel()


def _ring(bell: asyncio.Future[None]) -> None:
    if not bell.done():
        bell.set_result(None)
