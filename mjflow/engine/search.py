"""
Looks for tasks whose submit got no answer, by the token in their `state` (P§9).

One loop for all that is sought: each read of the server's list serves every record.  It runs only
while something is sought, and at its end tells whoever waits.

House rule: presence proves, absence does not.  A server may list the newest tasks of all users
and no more, or have forgotten all of them (P§2.16, §5.2): what was not found stays in doubt, and
is taken up whenever a list shows it after all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Container, Coroutine, Iterable
from contextlib import suppress
from typing import Any

from attrs import define

from mjflow.api import Api
from mjflow.engine.clock import Clock
from mjflow.engine.findings import FINDABLE, Findings, undecided
from mjflow.engine.outcomes import in_doubt
from mjflow.engine.record import Record
from mjflow.engine.tracker import Tracker
from mjflow.errors import MjflowError, NoReply
from mjflow.protocol.marks import Marks
from mjflow.timing.limits import RequestBudget

#: Seconds until the first read: what fails in one moment is looked for together.
FIRST_LOOK = 1.0
#: How much longer every wait between two reads is than the one before, and seconds at most.
SLOWER, SLOWEST = 1.5, 15.0
#: Seconds for one read, tried several times: lists can be long.
READ_TIMEOUT = 60.0

_CLOSED = "the client was closed before it could be looked for"


@define
class _Sought:
    """One record that is looked for; instants on the engine's clock."""

    record: Record
    #: Why it is in doubt.
    reason: str
    since: float
    #: From when on a look in vain is the last one.
    enough: float
    #: When it is told in doubt though no look has worked.
    latest: float
    #: Looks that have worked, and how many tasks the last one showed.
    looks: int = 0
    shown: int = 0

    def over(self, now: float) -> bool:
        """Whether there was time enough, and a look."""
        return now >= self.latest or (now >= self.enough and self.looks > 0)

    def told(self, now: float, *, closed: bool) -> str:
        """Say where it was looked for in vain."""
        if not self.looks:
            return _CLOSED if closed else "the server's list of tasks could not be read"
        times = "once" if self.looks == 1 else f"{self.looks} times"
        return (
            f"looked for {times} in {now - self.since:.0f} s, and not among the {self.shown} "
            "tasks that the server lists, which is no proof"
        )


class Search:
    """Finds by their tokens the tasks of one engine whose submits are in doubt."""

    def __init__(
        self,
        api: Api,
        tracker: Tracker,
        findings: Findings,
        clock: Clock,
        budget: RequestBudget,
        spawn: Callable[[Coroutine[Any, Any, None]], object],
    ) -> None:
        self._api = api
        self._tracker = tracker
        self._findings = findings
        self._clock = clock
        self._budget = budget
        self._spawn = spawn
        #: What is being looked for, by token.
        self._sought: dict[str, _Sought] = {}
        #: All that was ever sought and not found, by token; a few at most.
        self._missing: dict[str, Record] = {}
        self._runs = False
        #: Rung when there is something new to look for.
        self._bell = asyncio.Event()
        #: Set when the client closes: what comes into doubt from then on is told at once.
        self.closing = False

    @property
    def possible(self) -> bool:
        """Whether tasks can be looked for at this server at all."""
        return self._api.dialect.finds_tokens and not self.closing

    def seek(self, record: Record, reason: str, *, age: float = 0.0) -> None:
        """
        Look for a record in doubt from now on, or tell its waiters where that is not possible.

        Args:
            reason: Why it is in doubt.
            age: For how many seconds it has been, in another life.
        """
        if not self.possible:
            self._tell(record, reason)
            return
        now, patience = self._clock.now(), self._api.dialect.lost_reply_wait
        enough = now + max(0.0, patience - age)
        self._missing[record.token] = record
        self._sought[record.token] = _Sought(record, reason, now, enough, now + patience)
        self._bell.set()
        if not self._runs:
            self._runs = True
            self._spawn(self._run())

    async def look(self) -> None:
        """
        Look once, now, for all that is missing.

        Raises:
            NotAuthorized, TransportError: The server's list could not be read.
        """
        began = self._clock.now()
        if delay := self._budget.reserve(began):
            await self._clock.sleep(delay)
        try:
            async with asyncio.timeout(READ_TIMEOUT):
                marks = await self._api.list_marks()
        except TimeoutError:
            raise NoReply("the server's list of tasks did not come in time") from None
        await self._take_in(marks)
        for sought in self._sought.values():
            if sought.since <= began:
                sought.looks, sought.shown = sought.looks + 1, marks.shown

    def close(self) -> None:
        """Tell all that is still sought in doubt."""
        self.closing = True
        self._give_up(tuple(self._sought))

    # --- the loop -------------------------------------------------------------------------

    async def _run(self) -> None:
        delay, next_look = 0.0, self._clock.now() + FIRST_LOOK
        try:
            while self._sought:
                wake = min(next_look, self._next_end())
                if await self._clock.wait(self._bell, wake - self._clock.now()):
                    self._bell.clear()
                    delay, next_look = 0.0, min(next_look, self._clock.now() + FIRST_LOOK)
                    continue
                await self._look()
                delay = min(SLOWEST, max(self._api.dialect.poll_interval, delay * SLOWER))
                next_look = self._clock.now() + delay
        finally:
            self._runs = False
            self._give_up(tuple(self._sought))  # none is left, unless this was cut short

    async def _look(self) -> None:
        # A look that fails is told of in the end, if none has worked.
        with suppress(MjflowError):
            await self.look()
        now = self._clock.now()
        self._give_up([token for token, sought in self._sought.items() if sought.over(now)])

    def _next_end(self) -> float:
        """Return the instant at which some record has been looked for long enough."""
        ends = (one.enough if one.looks else one.latest for one in self._sought.values())
        return min(ends)

    def _give_up(self, tokens: Iterable[str]) -> None:
        now = self._clock.now()
        for token in tokens:
            sought = self._sought.pop(token)
            self._tell(sought.record, sought.reason, sought.told(now, closed=self.closing))

    def _tell(self, record: Record, reason: str, looked: str = "") -> None:
        if undecided(record) and record.outcome is None:
            self._tracker.tell(record, in_doubt(record, reason, looked))

    # --- what a list shows ----------------------------------------------------------------

    async def _take_in(self, marks: Marks) -> None:
        for record in self._looked_for(marks.ids):
            ids = marks.ids[record.token]
            if record.state in FINDABLE:
                await self._findings.found(record, ids)
                self._missing.pop(record.token, None)
                self._sought.pop(record.token, None)
            elif drawn := [task_id for task_id in ids if task_id not in record.ids]:
                # Beside the dialog of which we know: what its answer has started (P§5.4).
                await self._findings.answer_found(record, tuple(drawn))

    def _looked_for(self, shown: Container[str]) -> list[Record]:
        """List the records whose tokens were shown, those struck from the books included."""
        known = {record.token: record for record in self._tracker if record.token in shown}
        missing = {token: one for token, one in self._missing.items() if token in shown}
        return list((known | missing).values())
