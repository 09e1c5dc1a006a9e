"""A process that dies: from one moment on nothing of it reaches the journal, nor the server."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Coroutine
from typing import Any

from mjflow import CannotWrite

#: What a journal writes; all else it only reads.
WRITES = frozenset(
    {"intend", "note", "saved", "begin", "mark", "take", "renew", "release", "prune"}
)


class Mortal:
    """
    What can die: whatever it asks for afterwards never comes back.

    Args:
        at: The write at which it dies, counted from 1, before or after it is done; 0 for none.
    """

    def __init__(self, at: int = 0, *, after: bool = False) -> None:
        self._at = at
        self._after = after
        self.dead = asyncio.Event()
        #: Writes so far.
        self.writes = 0

    def die(self) -> None:
        """Die now."""
        self.dead.set()

    def hold(self, inner: Any) -> Any:
        """Return somebody who stands between this and a journal or a server."""
        return _Between(inner, self)

    async def call(self, name: str, work: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        await self._end(self.dead.is_set())
        writes = name in WRITES
        self.writes += writes
        mine = writes and self.writes == self._at
        await self._end(mine and not self._after)
        result = await work()
        await self._end(self.dead.is_set() or mine)
        return result

    async def _end(self, is_it: bool) -> None:
        if is_it:
            self.die()
            await asyncio.get_running_loop().create_future()


class _Between:
    def __init__(self, inner: Any, mortal: Mortal) -> None:
        self._inner = inner
        self._mortal = mortal

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if not inspect.iscoroutinefunction(found) or name in ("start", "aclose", "authenticate"):
            return found

        async def call(*args: Any, **options: Any) -> Any:
            return await self._mortal.call(name, lambda: found(*args, **options))

        return call


class Full:
    """
    A journal whose disk is full from one write on.

    Args:
        at: That write, counted from 1.
    """

    def __init__(self, inner: Any, at: int) -> None:
        self._inner = inner
        self._left = at

    @property
    def struck(self) -> bool:
        """Whether that write has come."""
        return self._left <= 0

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if name not in WRITES:
            return found

        async def call(*args: Any, **options: Any) -> Any:
            self._left -= 1
            if self.struck:
                raise CannotWrite("can't write the journal: the disk is full")
            return await found(*args, **options)

        return call


async def until_death(mortal: Mortal, life: Coroutine[Any, Any, Any]) -> Any:
    """Let something live until it ends or dies; then take all of its tasks away, as kernels do."""
    before = asyncio.all_tasks()
    living = asyncio.create_task(life)
    dying = asyncio.create_task(mortal.dead.wait())
    await asyncio.wait({living, dying}, return_when=asyncio.FIRST_COMPLETED)
    if not mortal.dead.is_set():
        dying.cancel()
        return await living
    while others := asyncio.all_tasks() - before:
        for task in others:
            task.cancel()
        await asyncio.wait(others, timeout=0.001)
    await asyncio.gather(living, return_exceptions=True)
    return None
