"""
The one poll wheel of an engine: every wait of every caller is served from here.

One task takes what is due from the `schedule` and sees to it that there are lookers for it; a
looker is a short-lived task that looks at one chunk after the other until nothing is due.  A
chunk is what one request can look at: up to a hundred tasks where the server has bulk looks, else
one.  A look that shows what the last one showed costs a peek and puts the record back; anything
else goes to `looks`, which builds, journals and moves.

A deadline is asked about after a look, never before it: whoever was asleep when his task ended
shall have it all the same.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import Any

from mjflow.api import Api
from mjflow.engine.clock import Clock
from mjflow.engine.record import Record, Trouble
from mjflow.engine.schedule import Chunk, Schedule, Turn
from mjflow.engine.sight import AGAIN, LEFT_OUT, UNCHANGED, Found, Look, Mark, OnProgress, Sight
from mjflow.errors import MjflowError
from mjflow.protocol.verdicts import Reply
from mjflow.timing.cadence import Cadence
from mjflow.timing.chunks import Chunks
from mjflow.timing.delays import backoff_delay
from mjflow.timing.limits import RequestBudget
from mjflow.timing.meter import Meter

#: Looks on the wire at once, when the request budget does not bound them first.  Rate x latency:
#: enough for 1,000 looks a second at 64 ms.
LOOKERS = 64
#: Seconds after a failed look, doubled with every further one, up to the cap.
MISS_DELAY, MISS_CAP = 2.0, 60.0

#: Called with a record and a look that shows something new.
OnNews = Callable[[Record, Look], Awaitable[None]]
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
        on_progress: OnProgress,
        on_news: OnNews,
        on_miss: OnMiss,
        on_deadline: Callable[[Record], None],
        on_recovery: Callable[[], None],
        on_failure: Callable[[Record, Exception], None],
        rest: Callable[[], float],
    ) -> None:
        self._clock = clock
        self._budget = budget
        self._spawn = spawn
        self._on_news = on_news
        self._on_miss = on_miss
        self._on_recovery = on_recovery
        self._on_failure = on_failure
        self._rest = rest
        #: How large chunks are.
        self.chunks = Chunks()
        self._sight = Sight(api, self.chunks, on_progress)
        self.schedule = Schedule(clock, cadence, self.chunks, on_deadline)
        #: Whether no look has worked yet, or the last ones failed; the next good one is told to
        #: `on_recovery`.
        self.troubled = True
        self._lookers = 0
        #: Tasks looked at so far, and requests that took.
        self.looks = self.requests = 0
        #: How often requests were sent lately, per second of the server.
        self.rate = Meter()
        self._marked = 0
        #: Seconds the last look was late: behind the budget, or behind the lookers.
        self.lag = 0.0

    def watch(self, record: Record) -> None:
        """Look at a record from now on, until it is in no state to be looked at."""
        self.schedule.watch(record)

    def hurry(self, record: Record) -> None:
        """Look at a record at once, and at its turn again."""
        self.schedule.hurry(record)

    async def run(self) -> None:
        """Look at what is due, for ever; ends by being cancelled."""
        while True:
            self.rate.mark(self._clock.now(), self.requests - self._marked)
            self._marked = self.requests
            # Lookers at work wait for slow answers: what is ready needs hands of its own.
            for _ in range(min(self.schedule.ripen(), LOOKERS - self._lookers)):
                self._lookers += 1
                self._spawn(self._look_while_ready())
            await self.schedule.until_due()

    # --- looking --------------------------------------------------------------------------

    async def _look_while_ready(self) -> None:
        try:
            while chunk := self.schedule.next_chunk():
                await self._look_in_turn(chunk)
        finally:
            self._lookers -= 1

    async def _look_in_turn(self, chunk: Chunk) -> None:
        if self.troubled and (rest := self._rest()):
            self.schedule.put_off(chunk, self._clock.now() + rest)
            return
        now = self._clock.now()
        if delay := self._budget.reserve(now):
            await self._clock.sleep(delay)
            now = self._clock.now()
            self.schedule.leave_out(chunk)
        if chunk:
            _, turn = next(iter(chunk.values()))
            self.lag = max(0.0, now - turn)  # it may be looked at out of turn
            await self._look(chunk)

    async def _look(self, chunk: Chunk) -> None:
        self.looks += len(chunk)
        self.requests += 1
        try:
            found = tuple(await self._found(chunk))
        except Exception as error:
            for record, _ in chunk.values():
                self._broken(record, error)
            return
        same: list[Turn] = []
        others: list[tuple[Turn, Found]] = []
        for turn, one in zip(chunk.values(), found, strict=True):
            if one is UNCHANGED and not self.troubled and turn[0].trouble is None:
                same.append(turn)
            else:
                others.append((turn, one))
        self.schedule.next_turn(same)
        if others:
            await self._take_in_turn(others)

    async def _found(self, chunk: Chunk) -> Iterable[Found]:
        if len(chunk) > 1:
            return await self._sight.many(chunk, self._clock.now())
        [(record, _)] = chunk.values()
        left_out = self.schedule.is_alone(record)
        found = await self._sight.one(record)
        if left_out and isinstance(found, Look | Mark):
            self.chunks.unknown(self._clock.now())  # a list without it was not the truth
        return (found,)

    # --- what was found -------------------------------------------------------------------

    async def _take_in_turn(self, found: list[tuple[Turn, Found]]) -> None:
        """Take in what one request showed: the misses last, for some lead to further requests."""
        # What was missed together is looked at together again, in as few requests.
        rand = random.random()
        for turn, one in sorted(found, key=_is_miss):
            await self._take_in(turn, one, rand)

    async def _take_in(self, turn: Turn, found: Found, rand: float) -> None:
        record, _ = turn
        try:
            missed = await self._missed(record, found, rand)
            if missed is None:
                self.schedule.next_turn((turn,))
            else:
                self.schedule.put_back(record, self._clock.now() + missed)
        except Exception as error:
            self._broken(record, error)

    async def _missed(self, record: Record, found: Found, rand: float) -> float | None:
        """Take in a look; return the seconds until it is repeated, `None` if it was a good one."""
        if found is AGAIN:
            return 0.0  # the next request will be another one
        if found is LEFT_OUT:
            self.schedule.leave_alone(record)
            return 0.0
        if not isinstance(found, Look | Mark):
            return await self._miss(record, found, rand)
        self._works_again(record)
        if isinstance(found, Look):
            try:
                await self._on_news(record, found)
            except MjflowError as error:
                return await self._miss(record, error, rand)
        return None

    async def _miss(self, record: Record, what: MjflowError | Reply, rand: float) -> float:
        trouble = record.trouble = record.trouble or Trouble()
        trouble.misses += 1
        self.troubled = True
        await self._on_miss(record, what)
        asked = what.retry_after if isinstance(what, Reply) else None
        return backoff_delay(trouble.misses, rand, retry_after=asked, base=MISS_DELAY, cap=MISS_CAP)

    def _works_again(self, record: Record) -> None:
        record.trouble = None
        if self.troubled:
            self.troubled = False
            self._on_recovery()

    def _broken(self, record: Record, error: Exception) -> None:
        """Hand over a record that we are unable to look at."""
        self._on_failure(record, error)
        self.schedule.put_back(record, self._clock.now() + MISS_CAP)


def _is_miss(found: tuple[Turn, Found]) -> bool:
    return not isinstance(found[1], Look | Mark)
