"""Drawing lazily, and handing out in the order of arrival."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from mjflow.engine.act import Act, Attach
from mjflow.engine.race import Race
from mjflow.engine.record import Record
from mjflow.engine.tracker import Tracker
from mjflow.fsm.events import Event
from mjflow.fsm.states import State
from mjflow.observers import Observers
from tests.scripted import task
from tests.virtual import virtual_time

ACT, DONE = Act(what=Attach()), task()


def books() -> Tracker:
    return Tracker(Observers(), lambda _: None)


def same(record: Record) -> Record:
    return record


@virtual_time
async def test_ten_thousand_entrants_are_never_more_than_twenty_at_once() -> None:
    """Each is drawn only when another has been taken."""
    tracker, loop = books(), asyncio.get_running_loop()
    running, most = 0, 0

    def end(record: Record) -> None:
        nonlocal running
        running -= 1
        tracker.move(record, Event.SUCCEEDED, task=DONE)

    async def entrants() -> AsyncIterator[Record]:
        nonlocal running, most
        for number in range(10_000):
            record = Record(act=ACT, key=str(number), state=State.SUBMITTED)
            running += 1
            most = max(most, running)
            loop.call_later(1 + number * 7 % 13, end, record)
            yield record

    arrived = {one.key async for one in Race(tracker, same, 20).run(entrants())}
    assert (len(arrived), most, running) == (10_000, 20, 0)


@virtual_time
async def test_whoever_is_superseded_arrives_with_its_successor() -> None:
    """A ring without an outcome is no arrival."""
    tracker = books()
    first = Record(act=ACT, key="a", state=State.IN_DOUBT)
    second = Record(act=ACT, key="a", state=State.SUBMITTED)

    async def entrants() -> AsyncIterator[Record]:
        yield first

    async def race() -> list[Record]:
        return [one async for one in Race(tracker, same, 20).run(entrants())]

    racing = asyncio.ensure_future(race())
    await asyncio.sleep(1)
    tracker.supersede(first, second)
    await asyncio.sleep(1)
    assert not racing.done()
    tracker.move(second, Event.SUCCEEDED, task=DONE)
    assert await racing == [first]


@virtual_time
async def test_a_source_that_fails_after_a_break_is_not_complained_of() -> None:
    """Nobody is left to hear of it, and the loop's own complaint would only confuse."""
    tracker, loop = books(), asyncio.get_running_loop()
    complaints: list[object] = []
    loop.set_exception_handler(lambda _, context: complaints.append(context))
    ended = Record(act=ACT, key="a", task=DONE, state=State.SUCCESS)

    async def entrants() -> AsyncIterator[Record]:
        yield ended
        yield ended
        raise LookupError

    race = Race(tracker, same, 20).run(entrants())
    await anext(race)
    await asyncio.sleep(1)
    await race.aclose()
    assert complaints == []
