"""Who may send a paying request now: the in-flight window, the submit rate, the breaker."""

from __future__ import annotations

import asyncio
from collections import deque

from mjflow.engine.clock import Clock
from mjflow.errors import MjflowError
from mjflow.observers import Observers, Update
from mjflow.timing.breaker import Breaker
from mjflow.timing.limits import RequestBudget, Window

#: Paying requests on the wire at once: what a crash can leave in doubt is never more.
ON_THE_WIRE = 16


class Admission:
    """The gate before every paying request."""

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
        #: Bounds the doubt that a crash can leave.
        self.wire = asyncio.Semaphore(ON_THE_WIRE)
        self._rate = rate
        self._observers = observers
        self._queue: deque[asyncio.Future[None]] = deque()
        self._mended = asyncio.Event()

    async def enter(self) -> None:
        """
        Wait for a place in flight, for the breaker and for the submit rate, in this order.

        Whoever entered must `leave`.

        Raises:
            MjflowError: What opened the breaker, when it did not close again in time.
        """
        await self._place()
        try:
            await self.mended()
            await self._pace()
        except BaseException:
            self.leave()
            raise

    def leave(self) -> None:
        """Give a place back: the task ended, or was never started."""
        self.window.free()
        self._let_in()

    def accepted(self) -> None:
        """Learn that the server had room."""
        self.window.accepted(self._clock.now())
        self.worked(submit=True)
        self._let_in()

    def crowded(self) -> None:
        """Learn that the server had no room."""
        self.window.crowded(self._clock.now())

    # --- the breaker ----------------------------------------------------------------------

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
        return self.breaker.expired(self._clock.now())

    def worked(self, *, submit: bool = False) -> None:
        """Learn that a request with this key was honoured."""
        was_open = not self.breaker.allows()
        self.breaker.worked(submit=submit)
        if was_open and self.breaker.allows():
            self._mended.set()
            self._observers.publish(Update(kind="resumed"))

    async def mended(self) -> None:
        """Wait until the breaker is closed, or it is our turn to probe; raise when it gave up."""
        while not self.breaker.allows():
            now = self._clock.now()
            fault = self.breaker.reason
            if self.breaker.expired(now) and fault is not None:
                raise fault
            if self.breaker.probe_due(now):
                self.breaker.probed(now)
                return
            await self._clock.wait(self._mended, self.breaker.next_probe - now)

    # --- the window and the rate ----------------------------------------------------------

    async def _place(self) -> None:
        if not self._queue and self.window.has_room:
            self.window.take()
            return
        turn = asyncio.get_running_loop().create_future()
        self._queue.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.leave()  # the place was given in the very moment we were cancelled
            else:
                self._queue.remove(turn)
            raise

    def _let_in(self) -> None:
        while self._queue and self.window.has_room:
            turn = self._queue.popleft()
            if not turn.done():
                self.window.take()
                turn.set_result(None)

    async def _pace(self) -> None:
        if delay := self._rate.reserve(self._clock.now()):
            await self._clock.sleep(delay)
