"""What readers of events get: in order, and no more than they can hold."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from mjflow.engine.feed import CrowdFeed, Feed
from mjflow.fsm.states import State
from mjflow.observers import Update
from tests.virtual import virtual_time


def told(key: str, progress: int) -> Update:
    return Update(kind="progress", key=key, progress=progress)


async def pulled(feed: Feed | CrowdFeed) -> Update:
    update = await feed.pull()
    assert update is not None
    return update


@virtual_time
async def test_a_quick_reader_gets_everything_in_order() -> None:
    """Nothing is coalesced while somebody reads."""
    feed, seen = CrowdFeed(), []
    for number in range(100):
        feed(told(str(number % 3), number))
        seen.append((await pulled(feed)).progress)
    assert seen == list(range(100))


@virtual_time
async def test_a_feed_of_one_task_keeps_steps_and_the_newest_of_each_kind_of_look() -> None:
    """In the order in which they happened."""
    feed = Feed()
    feed(Update(kind="state", progress=0))
    feed(told("1", 1))
    feed(Update(kind="preview", progress=1))
    feed(told("1", 2))
    feed(Update(kind="state", progress=3))
    got = [await pulled(feed) for _ in range(4)]
    assert [(one.kind, one.progress) for one in got] == [
        ("state", 0),
        ("preview", 1),
        ("progress", 2),
        ("state", 3),
    ]


@pytest.mark.parametrize("make", [Feed, CrowdFeed])
@virtual_time
async def test_a_cancelled_pull_loses_nothing(make: Callable[[], Feed | CrowdFeed]) -> None:
    """Whoever pulls next gets the update."""
    feed = make()
    pull = asyncio.ensure_future(feed.pull())
    await asyncio.sleep(0)
    feed(told("1", 5))
    pull.cancel()
    await asyncio.gather(pull, return_exceptions=True)
    assert await feed.pull() == told("1", 5)


@virtual_time
async def test_a_slow_reader_gets_the_newest_of_each_kind_for_each_task() -> None:
    """A thousand updates of three tasks are three."""
    feed = CrowdFeed()
    for number in range(1000):
        feed(told(str(number % 3), number))
    feed(Update(kind="state", key="1", state=State.SUCCESS))
    got = [await pulled(feed) for _ in range(len(feed))]
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
        feed(told(str(number), 0))
        assert len(feed) <= 10
    first, second = await pulled(feed), await pulled(feed)
    assert (first.key, first.missed, second.missed) == ("990", 990, 0)


@virtual_time
async def test_one_task_cannot_fill_memory_either() -> None:
    """A submit that is turned away for days makes two steps each time; the newest are kept."""
    feed = Feed(most=10)
    for number in range(1000):
        feed(Update(kind="retry", delay=float(number)))
        feed(Update(kind="state", progress=number))
        assert len(feed) <= 10
    got = [await pulled(feed) for _ in range(len(feed))]
    # The newest try is worth as much as the newest step.
    assert [one.progress for one in got] == [*range(991, 999), None, 999]
    # Of the steps: the tries took each other's place, and were not missed.
    assert [one.missed for one in got] == [991, *[0] * 9]


@virtual_time
async def test_a_reader_waits_for_the_next_update() -> None:
    """It costs nothing meanwhile."""
    feed = CrowdFeed()
    reading = asyncio.ensure_future(feed.pull())
    await asyncio.sleep(3600)
    assert not reading.done()
    feed(told("1", 5))
    assert (await reading) == told("1", 5)


@pytest.mark.parametrize("make", [Feed, CrowdFeed])
@virtual_time
async def test_a_closed_feed_lets_its_reader_go(make: Callable[[], Feed | CrowdFeed]) -> None:
    """Whoever waits, and whoever has not read all yet as soon as he has."""
    feed = make()
    reading = asyncio.ensure_future(feed.pull())
    await asyncio.sleep(1)
    feed.close()
    assert await reading is None
    late = make()
    late(told("1", 5))
    late.close()
    assert [await late.pull(), await late.pull(), await late.pull()] == [told("1", 5), None, None]
