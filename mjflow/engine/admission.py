"""Who may send a paying request now: the in-flight window, the breaker, the submit rate."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from mjflow.engine.clock import Clock
from mjflow.errors import MjflowError
from mjflow.observers import Observers, Update
from mjflow.protocol.refusals import refusal
from mjflow.protocol.verdicts import Cause, Rejected
from mjflow.timing.breaker import Breaker
from mjflow.timing.limits import RequestBudget, Window

#: Paying requests on the wire at once: what a crash can leave in doubt is never more.
ON_THE_WIRE = 16

_NO_ROOM = frozenset({Cause.QUEUE_FULL, Cause.SATURATED})


class Admission:
    """
    Two gates before every paying request: a place in flight, then a place on the wire.

    A place in flight is held until the task ends, one on the wire until the answer is written.
    """

    def __init__(
        self,
        clock: Clock,
        window: Window,
        breaker: Breaker[MjflowError],
        rate: RequestBudget,
        observers: Observers,
    ) -> None:
        self._clock = clock
        self.window = window
        self.breaker = breaker
        self._rate = rate
        self._observers = observers
        self._wire = asyncio.Semaphore(ON_THE_WIRE)
        #: Who waits for a place in flight; one that was cancelled is skipped when its turn comes.
        self._queue: deque[asyncio.Future[None]] = deque()
        self._mended = asyncio.Event()

    # --- in flight ------------------------------------------------------------------------

    async def enter(self, *, again: bool = False) -> None:
        """
        Wait for a place in flight, first come, first served; whoever entered must `leave`.

        Args:
            again: It had a place before and the server turned it away: it goes first.
        """
        turn = asyncio.get_running_loop().create_future()
        if again:
            self._queue.appendleft(turn)
        else:
            self._queue.append(turn)
        self._let_in()
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():
                self.leave()  # the place was given in the very moment we were cancelled
            raise

    def leave(self) -> None:
        """Give a place back: the task ended, or was never started."""
        self.window.free()
        self._let_in()

    def resume(self) -> None:
        """Count in a task of another life, which runs whether there is room or not."""
        self.window.take()

    def _let_in(self) -> None:
        while self._queue and self.window.has_room:
            turn = self._queue.popleft()
            if not turn.done():
                self.window.take()
                turn.set_result(None)

    # --- on the wire ----------------------------------------------------------------------

    @asynccontextmanager
    async def on_the_wire(self) -> AsyncIterator[None]:
        """
        Hold one of the few places on the wire, once breaker and submit rate allow it.

        Raises:
            MjflowError: What opened the breaker, when it did not close again in time.
        """
        await self._cleared()
        try:
            yield
        finally:
            self._wire.release()

    async def _cleared(self) -> None:
        """Take a place on the wire; what broke during the wait for it counts, too."""
        while True:
            probing = await self._closed_or_probing()
            if delay := self._rate.reserve(self._clock.now()):
                await self._clock.sleep(delay)
            await self._wire.acquire()
            if probing or self.breaker.allows():
                return
            self._wire.release()

    async def _closed_or_probing(self) -> bool:
        """Wait until the breaker is closed, or it is our turn to probe; tell which."""
        while not self.breaker.allows():
            now = self._clock.now()
            if self.breaker.probe_due(now):
                self.breaker.probed(now)
                return True
            if self.hopeless and self.breaker.reason is not None:
                raise self.breaker.reason.with_traceback(None)
            await self._clock.wait(self._mended, self.breaker.next_probe - now)
        return False

    # --- what the server says -------------------------------------------------------------

    def accepted(self, *, free: bool = False) -> None:
        """Learn that the server had room; what was free proves nothing about the balance."""
        self.window.accepted(self._clock.now())
        self.worked(submit=not free)
        self._let_in()

    def rejected(self, verdict: Rejected) -> None:
        """Learn that the server turned a request away, before that gives its place back."""
        if verdict.cause in _NO_ROOM:
            self.window.crowded(self._clock.now())
        if verdict.breaks:
            self.broke(refusal(verdict), submit=True)

    @property
    def hopeless(self) -> bool:
        """Whether the breaker is open, and has been for too long."""
        return self.breaker.expired(self._clock.now())

    def broke(self, fault: MjflowError, *, submit: bool) -> bool:
        """
        Learn that the key or the balance is at fault; tell whether to give up at once.

        Nothing is sent from now on but one probe a minute.  When nothing has ever worked, a
        person has to mend something first and waiting is no use.
        """
        if self.breaker.allows():
            self._mended.clear()
            self._observers.publish(Update(kind="paused", error=fault, reason=fault.message))
        self.breaker.trip(self._clock.now(), fault, submit=submit)
        return self.hopeless

    def worked(self, *, submit: bool = False) -> None:
        """Learn that a request with this key was honoured."""
        was_open = not self.breaker.allows()
        self.breaker.worked(submit=submit)
        if was_open and self.breaker.allows():
            self._mended.set()
            self._observers.publish(Update(kind="resumed"))
