"""A server that goes away for two minutes in the middle of a thousand tasks, and comes back."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

import pytest
from attrs import evolve, field, frozen

from mjflow import Client, MjflowError, SubmissionInDoubt, Task, TaskHandle, TaskLost
from mjflow.simulator import Ledger, Profile, Simulator
from mjflow.simulator.profiles import PROFILES
from mjflow.testing import assert_paid_once, run

from .blocking import nothing_blocks
from .crowd import RUSH, at_the_door
from .door import RATE, Door, check_door

TASKS = 1000
#: Seconds for which the server is away.
AWAY = 120.0
#: Seconds between two looks at a task at most, where they fail.
PATIENCE = 60.0
#: Paying requests on the wire at once.
WIRE = 16

#: Goes away and comes back.
Outage = Callable[[Simulator, Door], Awaitable[None]]
#: Runs a coroutine to its end.
Play = Callable[[Coroutine[Any, Any, "Aftermath"]], "Aftermath"]


async def refuses(server: Simulator, door: Door) -> None:
    """Nobody listens at its port; behind it the tasks go on."""
    await server.aclose()
    await asyncio.sleep(AWAY)
    await server.start()


async def restarts(server: Simulator, door: Door) -> None:
    """It dies, and comes back with what it keeps over a restart."""
    await refuses(server, door)
    server.restart()


async def is_silent(server: Simulator, door: Door) -> None:
    """It takes requests and says nothing until it comes back, too late for most of them."""
    door.open.clear()
    await asyncio.sleep(AWAY)
    door.open.set()


@frozen
class Ending:
    """What a wait came to, and when."""

    outcome: Task | MjflowError
    at: float


@frozen
class Aftermath:
    """What came of a crowd whose server went away."""

    endings: Sequence[Ending] = field(repr=False)
    #: When the server was back.
    back: float
    #: Looks that were sent while it was away.
    during: int
    #: How late looks were two minutes after its return.
    lag: float
    ledger: Ledger = field(repr=False)

    @property
    def kinds(self) -> Counter[type]:
        return Counter(type(one.outcome) for one in self.endings)

    @property
    def lateness(self) -> float:
        """Seconds that the last of the results came behind the end of its task."""
        ends = ((one.at, one.outcome) for one in self.endings)
        return max(
            (
                at - max(self.back, task.finished_at.timestamp())
                for at, task in ends
                if isinstance(task, Task) and task.finished_at is not None
            ),
            default=0.0,
        )


@frozen
class Story:
    """A crowd, and what befalls it."""

    profile: str
    outage: Outage
    #: Whether the server can be asked for many tasks at once.
    bulk: bool = True
    #: How many are submitted when the server goes away.
    submitted: int = TASKS

    def __str__(self) -> str:
        looks = "bulk" if self.bulk else "single"
        return f"{self.profile}-{self.outage.__name__}-{looks}-{self.submitted}"

    @property
    def forgets(self) -> bool:
        """Whether the server has none of the tasks when it is back."""
        return self.outage is restarts and self.profile == "novicezk"

    def live(self, play: Play = run) -> Aftermath:
        """Live through it, on virtual time or in the world's; nothing may block the loop."""
        with nothing_blocks():
            return play(self._live())

    async def _live(self) -> Aftermath:
        simulator = {"core_size": TASKS // 4, "epoch": _now()}
        stage = at_the_door(self._server, simulator, submit_rate=RUSH)
        async with stage as (client, server, door):
            handles = [client.imagine(f"a cat, number {number}") for number in range(TASKS)]
            waits = [asyncio.create_task(_ending(handle)) for handle in handles]
            for handle in handles[: self.submitted]:
                await handle.submitted()
            paused = asyncio.create_task(_is_paused(client))
            began = client.statistics().requests
            await self.outage(server, door)
            during, back = client.statistics().requests - began, _now()
            await asyncio.sleep(2 * PATIENCE)
            lag = client.statistics().lag
            endings = await asyncio.gather(*waits)
            paused.cancel()
            assert_paid_once(server.ledger)
        assert not await paused
        check_door(door)
        return Aftermath(endings, back, during, lag, server.ledger)

    @property
    def _server(self) -> Profile:
        profile = PROFILES[self.profile]
        if self.bulk:
            return profile
        return evolve(profile, reads=profile.reads - {"list-by-condition", "list-by-ids"})


async def _ending(handle: TaskHandle) -> Ending:
    outcome: Task | MjflowError
    try:
        outcome = await handle
    except MjflowError as error:
        outcome = error
    return Ending(outcome, _now())


async def _is_paused(client: Client) -> bool:
    """Watch whether the breaker opens, until it does or this is cancelled."""
    try:
        while client.statistics().paused is None:
            await asyncio.sleep(1.0)
    except asyncio.CancelledError:
        return False
    return True


def _now() -> float:
    return asyncio.get_running_loop().time()


QUICK = [
    Story("gateway", refuses),
    Story("trueai", restarts, submitted=TASKS // 2),
    Story("novicezk", restarts),
    Story("trueai", is_silent),
    Story("gateway", is_silent, submitted=TASKS // 2),
    Story("novicezk", refuses, bulk=False),
]
STORIES = [
    Story(profile, outage, bulk, submitted)
    for profile in PROFILES
    for outage in (refuses, restarts, is_silent)
    for bulk in (True, False)
    for submitted in (TASKS, TASKS // 2)
]


def check_collected(story: Story, play: Play = run) -> None:
    """Live through a story; every task is collected in time, without a rush of requests."""
    seen = story.live(play)
    kinds = seen.kinds
    assert kinds[Task] + kinds[TaskLost] + kinds[SubmissionInDoubt] == TASKS
    assert kinds[TaskLost] == (story.submitted if story.forgets else 0)
    # What was on the wire when the server fell silent may have been heard, or not.
    unheard = story.submitted < TASKS and story.outage is is_silent
    assert kinds[SubmissionInDoubt] <= (WIRE if unheard else 0)
    assert TASKS - kinds[SubmissionInDoubt] <= len(seen.ledger.charges) <= TASKS
    rounds, looks = (10, TASKS / 100) if story.bulk else (AWAY / PATIENCE, RATE * PATIENCE)
    assert seen.during <= rounds * looks
    assert seen.lateness <= PATIENCE + (0 if story.bulk else TASKS / RATE)
    assert seen.lag <= (1 if story.bulk and not story.forgets else TASKS / RATE)


@pytest.mark.parametrize("story", QUICK, ids=str)
def test_all_tasks_are_collected_when_a_server_is_back(story: Story) -> None:
    """In time and within the budget; nobody is paid twice, and the breaker stays closed."""
    check_collected(story)


@pytest.mark.soak
@pytest.mark.parametrize("story", STORIES, ids=str)
def test_all_tasks_are_collected_whatever_has_happened(story: Story) -> None:
    """At every kind of server, with and without bulk looks, before and after all are submitted."""
    check_collected(story)


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_all_tasks_are_collected_after_two_minutes_of_the_world() -> None:
    """No leap of a clock: sockets, timers and the budget live through the outage for real."""
    check_collected(Story("gateway", refuses), asyncio.run)
