"""A bounded number of turns, the most urgent first."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from mjflow.engine.links import NEVER
from mjflow.engine.turns import Turns
from tests.virtual import virtual_time

NOW = datetime(2030, 1, 1, tzinfo=UTC)


async def take(turns: Turns, taken: list[datetime], until: datetime) -> None:
    async with turns.turn(until):
        taken.append(until)
        await asyncio.sleep(1)


@virtual_time
async def test_turns_come_in_order_of_urgency_and_equals_in_order_of_arrival() -> None:
    """Who came first is served first only among equals."""
    turns, taken = Turns(1), list[datetime]()
    untils = [NOW, NEVER, NOW + timedelta(2), NOW + timedelta(1), NEVER, NOW + timedelta(1)]
    await asyncio.gather(*(take(turns, taken, until) for until in untils))
    assert taken == sorted(untils)


@virtual_time
async def test_no_more_turns_are_held_than_there_are() -> None:
    """Twenty takers of three turns take seven seconds."""
    turns, taken, loop = Turns(3), list[datetime](), asyncio.get_running_loop()
    begun = loop.time()
    await asyncio.gather(*(take(turns, taken, NOW) for _ in range(20)))
    assert round(loop.time() - begun) == 7


@virtual_time
async def test_a_turn_given_to_one_who_is_just_cancelled_goes_to_the_next() -> None:
    """It is not lost with him."""
    turns, taken = Turns(1), list[datetime]()

    async def hold() -> None:
        async with turns.turn(NOW):
            await asyncio.sleep(1)
        first.cancel()  # the turn is his by now, and he has not noticed yet

    holding = asyncio.ensure_future(hold())
    await asyncio.sleep(0)
    first = asyncio.ensure_future(take(turns, taken, NOW))
    second = asyncio.ensure_future(take(turns, taken, NEVER))
    await asyncio.wait_for(second, 10)
    assert (taken, first.cancelled(), holding.done()) == ([NEVER], True, True)
