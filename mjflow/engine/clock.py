"""The engine's monotonic clock."""

from __future__ import annotations

import asyncio
import contextlib


class Clock:
    """
    Seconds on the running loop's clock, as the server counts them.

    A simulator may run its server faster than real time; the engine's waits then shrink by the
    same factor, so that nothing else has to know.
    """

    def __init__(self, speed: float = 1.0) -> None:
        #: Server seconds per real second; 1 for every real server.
        self.speed = speed

    def now(self) -> float:
        """Return the present instant."""
        return asyncio.get_running_loop().time() * self.speed

    async def sleep(self, seconds: float) -> None:
        """Sleep so many of the server's seconds."""
        await asyncio.sleep(max(0.0, seconds) / self.speed)

    async def wait(self, event: asyncio.Event, seconds: float) -> bool:
        """Wait for an event, at most so long; tell whether it came."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, seconds) / self.speed):
                return await event.wait()
        return event.is_set()

    def real(self, seconds: float) -> float:
        """Turn the server's seconds into seconds of the loop."""
        return seconds / self.speed
