"""Who may send a paying request now: the in-flight windows, the breaker, the submit rate."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from mjflow.engine.accounts import Accounts
from mjflow.engine.clock import Clock
from mjflow.engine.collisions import Collisions
from mjflow.engine.gates import Gate, enter, with_room
from mjflow.engine.lanes import Lanes, Place, Ways
from mjflow.engine.offers import Offers
from mjflow.engine.record import Record
from mjflow.engine.wire import wire
from mjflow.errors import MjflowError
from mjflow.fsm.states import SETTLED, State
from mjflow.observers import Observers, Update
from mjflow.protocol.refusals import refusal
from mjflow.protocol.requests import Mode
from mjflow.protocol.verdicts import Cause, Rejected
from mjflow.timing.breaker import Breaker
from mjflow.timing.limits import RequestBudget, Window

#: The server's queue is full, in any of its spellings.
NO_ROOM = frozenset({Cause.QUEUE_FULL, Cause.SATURATED, Cause.NO_CHANNEL})


#: Open, and yet perhaps nothing at the server.
_IDLE = frozenset({State.NEW, State.IN_DOUBT, State.ANSWER_IN_DOUBT})


class Admission:
    """
    Two gates before every paying request: a place in flight, then a place on the wire.

    A place in flight is held until the task ends, one on the wire until the answer is written.
    At both the callers take turns (see `Rotation`), so that who has one act need not wait for all
    of somebody else's.
    """

    def __init__(
        self,
        clock: Clock,
        lanes: Lanes,
        collisions: Collisions,
        breaker: Breaker[MjflowError],
        rate: RequestBudget,
        observers: Observers,
    ) -> None:
        self._clock = clock
        self.lanes = lanes
        self._collisions = collisions
        self._breaker = breaker
        self._accounts = Accounts()
        self.offers = Offers()
        #: What is told of a mode without an account, while there is one.
        self._no_account: MjflowError | None = None
        self._rate = rate
        self._observers = observers
        #: Whoever is inside waits for breaker, rate and wire; the others wait for their turn.
        self._turnstile = Gate(Window.fixed(1))
        #: Who holds a place on the wire: these asyncio tasks are not to be torn.
        self.sending: set[asyncio.Task[Any]] = set()
        self._mended = asyncio.Event()

    # --- in flight ------------------------------------------------------------------------

    async def enter(self, record: Record, ways: Ways | None = None, *, again: bool = False) -> None:
        """
        Wait for a place in flight; the record then runs in the mode in which there was one.

        Args:
            ways: The modes it may run in, the best one in front; its own if `None`.
            again: It had a place before and the server turned it away: it goes before all others
                of its caller.
        """
        ways = (record.mode,) if ways is None else ways
        lanes = [self.lanes.of(mode) for mode in ways]
        caller = record.act.options.caller
        content = self._collisions.content(record.request)
        await self._collisions.enter(content, caller, first=again)
        try:
            lane = await enter(lanes, caller, first=again)
        except BaseException:
            self._collisions.leave(content)
            raise
        record.mode = ways[lanes.index(lane)]
        record.place = Place(lane, content)

    def leave(self, record: Record) -> None:
        """Take a record's place back, if it has one: the task ended, or was never started."""
        if (place := record.place) is not None:
            record.place = None
            place.lane.leave()
            self._collisions.leave(place.content)

    def moved(self, record: Record) -> None:
        """Take a record's place back once it takes none at the server."""
        if record.place is not None and _has_left(record):
            self.leave(record)

    def resume(self, record: Record) -> None:
        """Count in a task of another life, which runs whether there is room or not."""
        if record.place is None:
            record.place = Place(
                self.lanes.of(record.mode), self._collisions.content(record.request)
            )
            record.place.lane.take()
            self._collisions.take(record.place.content)

    def has_room(self, ways: Ways) -> bool:
        """Whether there is a place in flight just now, in one of several modes."""
        return with_room(map(self.lanes.of, ways)) is not None

    # --- on the wire ----------------------------------------------------------------------

    @asynccontextmanager
    async def on_the_wire(self, record: Record | None = None) -> AsyncIterator[Rejected | None]:
        """
        Hold one of the few places on the wire, once breaker and submit rate allow it.

        Gives, in place of a place, what the server would answer, where that is known without asking
        it: nothing is to be sent then.

        Args:
            record: What the request is for; `None` for one that is for no task.

        Raises:
            MjflowError: What opened the breaker, when it did not close again in time.
        """
        foretold = await self._cleared(record)
        if foretold is not None:
            yield foretold
            return
        task = asyncio.current_task()
        assert task is not None
        self.sending.add(task)
        try:
            yield None
        finally:
            self.sending.discard(task)
            wire().leave()

    async def _cleared(self, record: Record | None) -> Rejected | None:
        """Take a place on the wire when it is our turn; give what is known instead, if it is."""
        mode = record.mode if record else None
        await enter((self._turnstile,), record.act.options.caller if record else "")
        try:
            return await self._foretold_or_placed(mode)
        finally:
            self._turnstile.leave()

    async def _foretold_or_placed(self, mode: Mode | None) -> Rejected | None:
        """Wait for breaker, rate and wire; what broke during the wait for it counts, too."""
        while True:
            probing = await self._closed_or_probing()
            now = self._clock.now()
            if foretold := self._accounts.foretell(mode, now):
                return foretold
            if delay := self._rate.reserve(now):
                await self._clock.sleep(delay)
            await enter((wire(),))
            if probing or self._breaker.allows():
                return None
            wire().leave()

    async def _closed_or_probing(self) -> bool:
        """Wait until the breaker is closed, or it is our turn to probe; tell which."""
        while not self._breaker.allows():
            now = self._clock.now()
            if self._breaker.probe_due(now):
                self._breaker.probed(now)
                return True
            if self.hopeless and self._breaker.reason is not None:
                raise self._breaker.reason.with_traceback(None)
            await self._clock.wait(self._mended, self._breaker.next_probe - now)
        return False

    # --- what the server says -------------------------------------------------------------

    def accepted(self, record: Record, *, free: bool = False) -> None:
        """Learn that the server had room; what was free proves nothing about the balance."""
        if (place := record.place) is not None:
            place.lane.window.accepted(self._clock.now())
            place.lane.let_in()
        self.offers.took(record)
        self._accounts.found(record.mode)
        self._tell_of_accounts()
        self.worked(submit=not free)

    def rejected(self, verdict: Rejected, record: Record | None = None) -> None:
        """Learn that the server turned a request away, before that gives its place back."""
        now = self._clock.now()
        if verdict.cause in NO_ROOM and record is not None and record.place is not None:
            record.place.lane.window.crowded(now)
        self._accounts.rejected(verdict, record.mode if record else None, now)
        self._tell_of_accounts()
        if verdict.breaks:
            self.broke(refusal(verdict), submit=True)

    def _tell_of_accounts(self) -> None:
        missing = self._accounts.missing
        if missing is not None and self._no_account is None:
            self._no_account = refusal(missing)
            self._tell_of_pause(self._no_account)
        elif missing is None and self._no_account is not None:
            self._no_account = None
            self._observers.publish(Update(kind="resumed"))

    def _tell_of_pause(self, fault: MjflowError) -> None:
        self._observers.publish(Update(kind="paused", error=fault, reason=fault.message))

    @property
    def paused(self) -> MjflowError | None:
        """Why nothing is submitted just now, or nothing in one mode; `None` while all is well."""
        return self._breaker.reason or self._no_account

    @property
    def hopeless(self) -> bool:
        """Whether the breaker is open, and has been for too long."""
        return self._breaker.expired(self._clock.now())

    def broke(self, fault: MjflowError, *, submit: bool) -> bool:
        """
        Learn that the key or the balance is at fault; tell whether to give up at once.

        Nothing is sent from now on but one probe a minute.  When nothing has ever worked, a
        person has to mend something first and waiting is no use.
        """
        if self._breaker.allows():
            self._mended.clear()
            self._tell_of_pause(fault)
        self._breaker.trip(self._clock.now(), fault, submit=submit)
        return self.hopeless

    def worked(self, *, submit: bool = False) -> None:
        """Learn that a request with this key was honoured."""
        was_open = not self._breaker.allows()
        self._breaker.worked(submit=submit)
        if was_open and self._breaker.allows():
            self._mended.set()
            self._observers.publish(Update(kind="resumed"))


def _has_left(record: Record) -> bool:
    """Whether a record takes no place at the server; a dialog left to a person idles there."""
    if record.state is State.MODAL:
        return record.error is not None
    return record.state in SETTLED or record.state in _IDLE
