"""
Webhooks: tasks posted to their `notifyHook` when status or progress change (P§7).

As everywhere here, what is due follows from the times of the tasks; one errand sleeps until the
next of them.  Only addresses on loopback are called, so that a hook meant for a real server is
never fed with tasks that do not exist.
"""

from __future__ import annotations

import asyncio
import heapq
import ipaddress
import json
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urlsplit

import aiohttp
from attrs import define, evolve, frozen

from mjflow.simulator.account import Account
from mjflow.simulator.clock import Clock
from mjflow.simulator.faults import Faults, Where
from mjflow.simulator.tasks import NEVER, Task
from mjflow.simulator.wire import Json

# How many posts are under way at the same time, and how long one may take (P§7).
AT_ONCE = 10
TIMEOUT = aiohttp.ClientTimeout(total=100)
# Seconds after which the fault "hook-end-twice" tells of an end again.
AGAIN_AFTER = 30.0
# Seconds by which one that is reordered comes behind its follower.
BEHIND = 0.01


@frozen
class Push:
    """One post: a task as it was at an instant, and when it is sent."""

    task: Task
    at: float
    due: float
    #: It was put off or sent before, which happens once.
    again: bool = False


@define(eq=False)
class _Watch:
    task: Task
    #: The instant of the last push.
    told: float

    def next(self) -> float:
        return _after(self.task, self.told)


def _after(task: Task, instant: float) -> float:
    """Give the next instant after another at which a task changes."""
    return min((at for at in task.steps() if at > instant), default=NEVER)


class Hooks:
    """Tells the hooks of one server what becomes of its tasks."""

    def __init__(
        self, account: Account, clock: Clock, faults: Faults, show: Callable[[Task, float], Json]
    ) -> None:
        self._account = account
        self._clock = clock
        self._faults = faults
        self._show = show
        # By the instant of what they tell next; the number keeps equal instants in order.
        self._heap: list[tuple[float, int, _Watch]] = []
        self._count = 0
        # Watches of tasks in the account's queue, in its order.
        self._waiting: deque[_Watch] = deque()
        self._fresh: list[_Watch] = []
        self._watches: dict[str, _Watch] = {}
        self._later: list[Push] = []
        self._poked = asyncio.Event()

    def watch(self, task: Task) -> None:
        """Tell of a task from now on, if it has a hook on loopback."""
        if not task.hook or not is_local(task.hook):
            return
        if earlier := self._watches.get(task.id):
            # It begins anew: what was planned for its first life is void.
            earlier.told = NEVER
        self._watches[task.id] = watch = _Watch(task, task.submitted)
        self._fresh.append(watch)
        self._poked.set()

    def due(self, now: float) -> list[Push]:
        """Take what is to be told by now, in its order but for the faults."""
        self._sort_in()
        pushes = [push for push in self._later if push.due <= now]
        self._later = [push for push in self._later if push.due > now]
        while self._heap and self._heap[0][0] <= now:
            watch = heapq.heappop(self._heap)[2]
            at = watch.next()
            if at <= now:
                watch.told = at
                pushes.append(Push(watch.task, at, at))
            if at >= watch.task.ends:
                self._watches.pop(watch.task.id, None)
            self._plan(watch)
        self._faults.begin(Where.HOOKS)
        return [
            told for push in sorted(pushes, key=lambda push: push.due) for told in self._told(push)
        ]

    def _sort_in(self) -> None:
        """Plan what has begun; what waits for a place is looked at again."""
        for watch in self._fresh:
            if watch.task.begun is None and "fails-1-hour" not in watch.task.fates:
                self._waiting.append(watch)
            self._plan(watch)
        self._fresh.clear()
        while self._waiting and self._waiting[0].task.begun is not None:
            self._plan(self._waiting.popleft())

    def _plan(self, watch: _Watch) -> None:
        at = watch.next()
        if at < NEVER and watch.told < watch.task.ends:
            self._count += 1
            heapq.heappush(self._heap, (at, self._count, watch))

    def _told(self, push: Push) -> list[Push]:
        """Let the faults of hooks strike one push: what of it is sent now."""
        if push.again:
            return [push]
        if self._faults.strikes("hook-lost"):
            return []
        following = _after(push.task, push.at)
        if following < NEVER and self._faults.strikes("hook-reordered"):
            self._later.append(evolve(push, due=following + BEHIND, again=True))
            return []
        if push.at >= push.task.ends and self._faults.strikes("hook-end-twice"):
            self._later.append(evolve(push, due=push.due + AGAIN_AFTER, again=True))
        return [push, push] if self._faults.strikes("hook-twice") else [push]

    def _next(self) -> float:
        """Give the next instant at which anything may be due."""
        # A waiting task begins when a place becomes free.
        starts = self._account.next_end if self._waiting else NEVER
        planned = self._heap[0][0] if self._heap else NEVER
        return min(starts, planned, *(push.due for push in self._later), NEVER)

    async def run(self, settle: Callable[[], float]) -> None:
        """Post what is due, for ever."""
        self._poked = asyncio.Event()
        places = asyncio.Semaphore(AT_ONCE)
        async with aiohttp.ClientSession(timeout=TIMEOUT) as session, asyncio.TaskGroup() as group:
            while True:
                now = settle()
                for push in self.due(now):
                    group.create_task(self._post(session, push, places))
                await self._sleep((self._next() - now) / self._clock.speed)

    async def deliver(self, now: float) -> None:
        """Post what is due by now, and wait until it has arrived; for clocks set by hand."""
        one = asyncio.Semaphore(1)
        async with aiohttp.ClientSession(timeout=TIMEOUT) as session:
            for push in self.due(now):
                await self._post(session, push, one)

    async def _sleep(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(None if seconds == NEVER else max(0.0, seconds)):
                await self._poked.wait()
        self._poked.clear()

    async def _post(
        self, session: aiohttp.ClientSession, push: Push, places: asyncio.Semaphore
    ) -> None:
        """Post once: nobody tries again, nobody learns of a failure (P§7)."""
        body = json.dumps(self._show(push.task, push.at)).encode()
        headers = {"Content-Type": "application/json"}
        async with places:
            with suppress(aiohttp.ClientError, TimeoutError):
                async with session.post(push.task.hook, data=body, headers=headers):
                    pass


def is_local(url: str) -> bool:
    """Tell whether an address is on loopback."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
