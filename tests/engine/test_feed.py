"""What readers of events get: in order, and no more than they can hold."""

from __future__ import annotations

import asyncio

from mjflow.engine.feed import CrowdFeed
from mjflow.fsm.states import State
from mjflow.observers import Update
from tests.virtual import virtual_time


def told(key: str, progress: int) -> Update:
    return Update(kind="progress", key=key, progress=progress)


@virtual_time
async def test_a_quick_reader_gets_everything_in_order() -> None:
    """Nothing is coalesced while somebody reads."""
    feed, seen = CrowdFeed(), []
    for number in range(100):
        feed.push(told(str(number % 3), number))
        seen.append((await feed.pull()).progress)
    assert seen == list(range(100))


@virtual_time
async def test_a_slow_reader_gets_the_newest_of_each_kind_for_each_task() -> None:
    """A thousand updates of three tasks are three."""
    feed = CrowdFeed()
    for number in range(1000):
        feed.push(told(str(number % 3), number))
    feed.push(Update(kind="state", key="1", state=State.SUCCESS))
    got = [await feed.pull() for _ in range(len(feed))]
    assert [(one.key, one.progress, one.state) for one in got] == [
        ("1", 997, None),
        ("2", 998, None),
        ("0", 999, None),
        ("1", None, State.SUCCESS),
    ]


@virtual_time
async def test_what_waits_is_bounded_and_what_was_dropped_is_told() -> None:
    """Of a million tasks the newest ten wait, and the reader learns how many he missed."""
    feed = CrowdFeed(most=10)
    for number in range(1000):
        feed.push(told(str(number), 0))
        assert len(feed) <= 10
    first, second = await feed.pull(), await feed.pull()
    assert (first.key, first.missed, second.missed) == ("990", 990, 0)


@virtual_time
async def test_a_reader_waits_for_the_next_update() -> None:
    """It costs nothing meanwhile."""
    feed = CrowdFeed()
    reading = asyncio.ensure_future(feed.pull())
    await asyncio.sleep(3600)
    assert not reading.done()
    feed.push(told("1", 5))
    assert (await reading).progress == 5
