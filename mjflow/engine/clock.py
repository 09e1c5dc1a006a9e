"""The engine's monotonic clock."""

from __future__ import annotations

import asyncio
import contextlib

from mjflow.timing.limits import RequestBudget


class Clock:
    """
    Seconds on the running loop's clock, as the server counts them.

    A simulator may run its server faster than real time; the engine's waits then shrink by the
    same factor, so that nothing else has to know.
    """

    def __init__(self, speed: float = 1.0) -> None:
        #: Server seconds per real second; 1 for every real server.
        self.speed = speed
        # Until Python 3.12 to ask for the running loop is a system call, and looks ask the time
        # often.
        self._loop: asyncio.AbstractEventLoop | None = None

    def now(self) -> float:
        """Return the present instant."""
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
        return self._loop.time() * self.speed

    async def sleep(self, seconds: float) -> None:
        """Sleep so many of the server's seconds."""
        await asyncio.sleep(max(0.0, seconds) / self.speed)

    async def turn(self, budget: RequestBudget) -> None:
        """Wait until one more request is within a budget."""
        if delay := budget.reserve(self.now()):
            await self.sleep(delay)

    async def wait(self, event: asyncio.Event, seconds: float) -> bool:
        """Wait for an event, at most so long; tell whether it came."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, seconds) / self.speed):
                return await event.wait()
        return event.is_set()

    def real(self, seconds: float) -> float:
        """Turn the server's seconds into seconds of the loop."""
        return seconds / self.speed
