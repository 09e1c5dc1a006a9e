"""A scripted server whose looks are timed, and may go wrong in every way."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from itertools import pairwise

from attrs import frozen

from mjflow.errors import MjflowError, NoReply
from mjflow.protocol.verdicts import Reply
from mjflow.transport.base import Target
from tests.scripted import Scripted

#: What goes wrong with a look: an answer, an error, or silence for so many seconds.
Trouble = Reply | MjflowError | float


@frozen
class Look:
    id: str
    #: Seconds since the server was made.
    at: float


class Watched(Scripted):
    """The server; `trouble` decides for each look whether it goes wrong."""

    def __init__(self) -> None:
        super().__init__()
        self.looked: list[Look] = []
        #: How many looks at one id there were at once.
        self.most_at_once: Counter[str] = Counter()
        self.trouble: Callable[[Look], Trouble | None] = lambda _: None
        #: Seconds that a look takes.
        self.slowness = 0.0
        self._under_way: Counter[str] = Counter()
        self._made_at = asyncio.get_running_loop().time()

    @property
    def now(self) -> float:
        """Seconds since the server was made."""
        return asyncio.get_running_loop().time() - self._made_at

    @property
    def times(self) -> list[float]:
        """When it was looked at."""
        return [look.at for look in self.looked]

    async def look(self, target: Target, body: bytes = b"") -> Reply:
        look = Look(str(target), self.now)
        self.looked.append(look)
        self._under_way[look.id] += 1
        self.most_at_once[look.id] = max(self.most_at_once[look.id], self._under_way[look.id])
        try:
            return await self._looked(look, target)
        finally:
            self._under_way[look.id] -= 1

    async def _looked(self, look: Look, target: Target) -> Reply:
        await asyncio.sleep(self.slowness)
        match self.trouble(look):
            case None:
                return await super().look(target)
            case Reply() as answer:
                return answer
            case MjflowError() as error:
                raise error
            case seconds:
                await asyncio.sleep(seconds)
                raise NoReply("the server did not answer in time")


def most_in_a_second(times: list[float]) -> int:
    """Count the looks in the busiest second."""
    return max(sum(1 for at in times if first <= at < first + 1.0) for first in times)


def gaps(times: list[float]) -> list[float]:
    """Return the seconds between one look and the next."""
    return [after - before for before, after in pairwise(times)]
