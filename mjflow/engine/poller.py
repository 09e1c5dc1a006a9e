"""
The one poll wheel of an engine: every wait of every caller is served from here.

One task pops what is due from the wheel and sees to it that there are lookers for it; a looker
is a short-lived task that looks at one record after the other until nothing is due.  A look that
shows what the last one showed costs a peek and puts the record back; anything else goes to
`looks`, which builds, journals and moves.

Invariant: of the places a record has in the wheel only the one at `record.due` counts; the others
are stale and skipped.  While a look is on the wire `due` is infinite, so that there is never a
second one.

A deadline is asked about after a look, never before it: whoever was asleep when his task ended
shall have it all the same.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from mjflow.api import Api
from mjflow.engine.clock import Clock
from mjflow.engine.record import Record
from mjflow.errors import MjflowError
from mjflow.fsm.states import LOOKED_AT
from mjflow.protocol.codec import Peek, peek
from mjflow.protocol.verdicts import Reply
from mjflow.timing.cadence import Cadence
from mjflow.timing.delays import backoff_delay
from mjflow.timing.limits import RequestBudget
from mjflow.timing.wheel import Wheel

#: Looks on the wire at once, when the request budget does not bound them first.  Rate x latency:
#: enough for 1,000 looks a second at 64 ms.
LOOKERS = 64
#: Seconds after a failed look, doubled with every further one, up to the cap.
MISS_DELAY, MISS_CAP = 2.0, 60.0

#: Due of a record while a look at it is on the wire.
_LOOKING = float("inf")

#: Called with a record and a look that shows something new.
OnNews = Callable[[Record, Peek, Reply], Awaitable[None]]
#: Called with a record and the answer that tells nothing of it, or why there was none.
OnMiss = Callable[[Record, MjflowError | Reply], Awaitable[None]]


class Poller:
    """Looks at records when they are due, within the request budget."""

    def __init__(
        self,
        api: Api,
        clock: Clock,
        cadence: Cadence,
        budget: RequestBudget,
        spawn: Callable[[Coroutine[Any, Any, None]], object],
        *,
        on_news: OnNews,
        on_miss: OnMiss,
        on_deadline: Callable[[Record], None],
        on_recovery: Callable[[], None],
        on_failure: Callable[[Record, Exception], None],
        rest: Callable[[], float],
    ) -> None:
        self._api = api
        self._clock = clock
        self._cadence = cadence
        self._budget = budget
        self._spawn = spawn
        self._on_news = on_news
        self._on_miss = on_miss
        self._on_deadline = on_deadline
        self._on_recovery = on_recovery
        self._on_failure = on_failure
        self._rest = rest
        #: Whether no look has worked yet, or the last ones failed; the next good one is told to
        #: `on_recovery`.
        self.troubled = True
        self._wheel: Wheel[Record] = Wheel(slot=0.05 * clock.speed)
        self._ready: deque[Record] = deque()
        #: Records that are looked at out of turn, and when their turn would have been.
        self._turns: dict[Record, float] = {}
        self._lookers = 0
        self._bell: asyncio.Future[None] | None = None
        self._rings_at = float("inf")
        #: Looks sent so far.
        self.looks = 0
        #: Seconds the last look was late: behind the budget, or behind the lookers.
        self.lag = 0.0

    # --- putting in -----------------------------------------------------------------------

    def watch(self, record: Record) -> None:
        """Look at a record from now on, until it is in no state to be looked at."""
        if record.due == _LOOKING:
            return
        self._put(record, self._cadence.first_look(self._clock.now(), random.random()))

    def hurry(self, record: Record) -> None:
        """Look at a record at once, and at its turn again."""
        if record.due == _LOOKING:
            return
        # Who is attached in one instant would else be looked at in one instant for ever.
        self._turns.setdefault(record, record.due)
        self._put(record, self._clock.now())

    def _put(self, record: Record, due: float) -> None:
        if record.deadline is not None and due > record.deadline:
            due = max(record.deadline, self._clock.now())
        record.due = due
        self._wheel.add(record, due)
        if due < self._rings_at and self._bell is not None and not self._bell.done():
            self._bell.set_result(None)

    # --- looking --------------------------------------------------------------------------

    async def run(self) -> None:
        """Pop what is due, for ever; ends by being cancelled."""
        while True:
            self._ready.extend(self._wheel.pop(self._clock.now()))
            # Lookers at work wait for slow answers: what is ready needs hands of its own.
            for _ in range(min(len(self._ready), LOOKERS - self._lookers)):
                self._lookers += 1
                self._spawn(self._look_while_ready())
            await self._until_due()

    async def _until_due(self) -> None:
        loop = asyncio.get_running_loop()
        due = self._wheel.next_due()
        self._bell = loop.create_future()
        self._rings_at = float("inf") if due is None else due
        alarm = None
        if due is not None:
            delay = max(0.0, self._clock.real(due - self._clock.now()))
            alarm = loop.call_later(delay, _ring, self._bell)
        try:
            await self._bell
        finally:
            if alarm is not None:
                alarm.cancel()

    async def _look_while_ready(self) -> None:
        try:
            while self._ready:
                record = self._ready.popleft()
                if record.due > self._clock.now():
                    continue
                due, record.due = record.due, _LOOKING
                await self._look_in_turn(record, due)
                if record.due == _LOOKING:
                    record.due = 0.0  # looked at no more
        finally:
            self._lookers -= 1

    async def _look_in_turn(self, record: Record, due: float) -> None:
        turn = self._turns.pop(record, due)
        if self.troubled and (rest := self._rest()):
            self._turns[record] = turn
            self._put_back(record, self._clock.now() + rest)
            return
        if delay := self._budget.reserve(self._clock.now()):
            await self._clock.sleep(delay)
        if record.state not in LOOKED_AT:
            return
        self.lag = self._clock.now() - due
        try:
            await self._look(record, turn)
        except Exception as error:
            self._on_failure(record, error)

    async def _look(self, record: Record, turn: float) -> None:
        self.looks += 1
        if record.target is None:
            record.target = self._api.target(record.ids[0])
        missed: MjflowError | Reply | None = None
        try:
            reply = await self._api.transport.look(record.target)
            seen = _peek(reply)
            if seen is None:
                missed = reply
            else:
                if self.troubled or record.misses:
                    self._works_again(record)
                if seen.status != record.seen_status or seen.progress != record.seen_progress:
                    await self._on_news(record, seen, reply)
        except MjflowError as error:
            missed = error
        now = self._clock.now()
        if missed is None:
            due = turn if turn > now else self._cadence.next_look(now, looked_at=turn)
        else:
            due = await self._missed(record, missed)
        self._put_back(record, due)

    def _works_again(self, record: Record) -> None:
        record.misses, record.denials, record.denied_since = 0, 0, None
        if self.troubled:
            self.troubled = False
            self._on_recovery()

    async def _missed(self, record: Record, what: MjflowError | Reply) -> float:
        """Take in that a look failed, and say when to look again."""
        record.misses += 1
        self.troubled = True
        await self._on_miss(record, what)
        asked = what.retry_after if isinstance(what, Reply) else None
        delay = backoff_delay(
            record.misses, random.random(), retry_after=asked, base=MISS_DELAY, cap=MISS_CAP
        )
        return self._clock.now() + delay

    def _put_back(self, record: Record, due: float) -> None:
        """Put a record back, unless it needs no look any more or its time is up."""
        if record.state not in LOOKED_AT:
            return
        if record.deadline is not None and self._clock.now() >= record.deadline:
            self._on_deadline(record)
            if record.state not in LOOKED_AT:
                return
        self._put(record, due)


def _peek(reply: Reply) -> Peek | None:
    """Peek at a look; `None` for an answer that tells nothing of the task."""
    if reply.status != 200:
        return None
    try:
        return peek(reply.body)
    except MjflowError:
        return None


def _ring(bell: asyncio.Future[None]) -> None:
    if not bell.done():
        bell.set_result(None)
