"""
Whoever reads along is cancelled at every single wait, or has the client closed under his eyes.

His tasks go on and are paid for once; no reader hangs, and none leaves anything behind.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import aclosing, suppress
from typing import Any

import pytest

from mjflow import Client, InvalidInput, MjflowError, TaskHandle, WaitTimeout
from mjflow.fsm.states import State

from .leaks import run_clean
from .stages import in_memory, over_sockets
from .steps import Cancelling, Meter, Stepped, asleep, each_wait, waking
from .test_callers import Opened

Reading = Callable[[Client], Coroutine[Any, Any, None]]


async def _crowd(client: Client) -> None:
    """Read what happens to all tasks, until three have ended."""
    for name in ("a cat", "a dog", "an owl"):
        client.imagine(name)
    ended = 0
    async with aclosing(client.events()) as updates:  # type: ignore[type-var]
        async for update in updates:
            ended += update.kind == "state" and update.state is State.SUCCESS
            if ended == 3:
                break


async def _steps(client: Client) -> None:
    """Read one task to its end, and another until it runs; then forget the generator."""
    async for _ in client.imagine("a cat").events():
        pass
    async for update in client.imagine("a dog").events():
        if update.state is State.IN_PROGRESS:
            break


async def _mapped(client: Client) -> None:
    """Draw five prompts, two at a time, and click on each."""
    prompts = [f"cat {number}" for number in range(5)]
    async for _ in client.map(prompts, then=lambda grid: grid.click("U1"), limit=2):
        pass


async def _awaited(client: Client) -> None:
    """Draw from a source that has to wait itself, and stop in the middle."""

    async def handles() -> AsyncIterator[TaskHandle]:
        for number in range(9):
            await asyncio.sleep(7.0)
            yield client.imagine(f"cat {number}")

    taken = 0
    async for _ in client.as_completed(handles(), limit=3):
        await asyncio.sleep(0.01)
        taken += 1
        if taken == 5:
            break


async def _waited(client: Client) -> None:
    """Wait in every way, several times for the same."""
    handle = client.imagine("a cat")
    click, other = handle.click("U1"), handle.click("U2")
    await handle.submitted()
    with suppress(WaitTimeout):
        await handle.wait(timeout=1.0)
    await asyncio.gather(handle, handle.wait(), click.submitted())
    async with asyncio.timeout(600.0):
        await click.wait(timeout=600.0)
    await other


READINGS: dict[str, Reading] = {
    "client.events": _crowd,
    "handle.events": _steps,
    "map": _mapped,
    "as_completed": _awaited,
    "wait": _waited,
}


async def generators_closed() -> None:
    """Give the loop some turns to close the generators that were left."""
    for _ in range(10):
        await asyncio.sleep(0)


def check_nothing_waits(client: Client, handles: tuple[TaskHandle, ...]) -> None:
    """Nobody reads or waits any more but the clicks that build on a task."""
    assert not client._engine.observers
    parents = {id(handle._record.parent) for handle in handles}
    for handle in handles:
        record = handle._record
        assert record.feeds is None
        assert all(one.done() for one in record.watchers or ())
        waiting = [one for one in record.waiters or () if not one.done()]
        assert not waiting or id(record) in parents


async def cancelled(opened: Opened, reading: Reading, meter: Meter) -> bool:
    """Cancel a reader where the meter says; tell whether that wait came."""
    async with opened() as stage, stage.client(max_in_flight=None) as client:
        reader = asyncio.create_task(Stepped(reading(client), meter))
        meter.cancel = reader.cancel
        await asyncio.wait({reader})
        assert reader.cancelled() == meter.struck
        await generators_closed()
        left = client.tasks
        check_nothing_waits(client, left)
        for handle in left:
            await handle
        states = client.statistics().states
        assert set(states) <= {State.SUCCESS, State.WITHDRAWN}
    tokens = [charge.token for charge in stage.charges]
    assert len(tokens) == len(set(tokens)) == states[State.SUCCESS]
    assert stage.torn in (None, [])
    return meter.struck


@pytest.mark.parametrize("moment", [asleep, waking])
@pytest.mark.parametrize("reading", READINGS.values(), ids=READINGS)
def test_a_reader_can_be_cancelled_at_every_wait(reading: Reading, moment: Cancelling) -> None:
    """While it waits, or in the moment in which what it waits for has come."""
    waits = each_wait(lambda at: cancelled(in_memory, reading, Meter(moment, at)))
    assert waits >= 4


@pytest.mark.parametrize("reading", READINGS.values(), ids=READINGS)
def test_a_reader_can_be_cancelled_again_while_it_tidies_up(reading: Reading) -> None:
    """Whoever is cancelled twice leaves as little behind."""
    each_wait(lambda at: cancelled(in_memory, reading, Meter(waking, at, at + 1)))


@pytest.mark.parametrize("reading", READINGS.values(), ids=READINGS)
def test_a_reader_over_sockets_can_be_cancelled_at_every_fourth_wait(reading: Reading) -> None:
    """The same against a real server: its books have each task once."""
    each_wait(lambda at: cancelled(over_sockets, reading, Meter(asleep, at)), step=4)


# --- the client closes --------------------------------------------------------------------


async def closed(reading: Reading, meter: Meter) -> bool:
    """Close the client at one of its reader's waits; the reader has to end by itself."""
    closing = asyncio.Event()
    meter.cancel = closing.set
    async with in_memory() as stage:
        async with stage.client(max_in_flight=None) as client:
            reader = asyncio.create_task(Stepped(reading(client), meter))
            stop = asyncio.create_task(closing.wait())
            await asyncio.wait({reader, stop}, return_when=asyncio.FIRST_COMPLETED)
            stop.cancel()
        async with asyncio.timeout(60.0):
            outcomes = await asyncio.gather(reader, return_exceptions=True)
    # It has come to its end, or hears that the client has closed.
    assert all(one is None or isinstance(one, MjflowError) for one in outcomes), outcomes
    await generators_closed()
    return meter.struck


@pytest.mark.parametrize("reading", READINGS.values(), ids=READINGS)
def test_no_reader_outlives_its_client(reading: Reading) -> None:
    """Wherever it waits when the client closes, it gets to its end or an error."""
    waits = each_wait(lambda at: closed(reading, Meter(asleep, at)))
    assert waits >= 4


def test_all_events_end_with_the_client() -> None:
    """What waits to be read is still read; whoever comes later has nothing to wait for."""

    async def read(client: Client, pause: float) -> list[State | None]:
        states = []
        async for update in client.events():
            states.append(update.state)
            await asyncio.sleep(pause)
        return states

    async def program() -> None:
        async with in_memory() as stage:
            async with stage.client() as client:
                readers = [asyncio.create_task(read(client, pause)) for pause in (0.0, 1.0)]
                await asyncio.sleep(0)
                await client.imagine("a cat")
            quick, slow = await asyncio.gather(*readers)
            assert (quick[-1], slow[-1]) == (State.SUCCESS, State.SUCCESS)
            assert await read(client, 0.0) == []
            with pytest.raises(InvalidInput, match="closed"):
                client.imagine("a dog")

    run_clean(program())


def test_a_reader_may_be_there_before_the_client_is_open() -> None:
    """It hears from the first step on."""

    async def program() -> None:
        async with in_memory() as stage:
            client = stage.client()

            async def read() -> list[State | None]:
                return [update.state async for update in client.events()]

            reading = asyncio.create_task(read())
            await asyncio.sleep(1)
            async with client:
                await client.imagine("a cat")
            assert (await reading)[0] is State.SUBMITTING

    run_clean(program())


def test_an_abandoned_generator_leaves_nothing() -> None:
    """One that was never begun, one that was left without a word, and one that is held."""

    async def program() -> None:
        async with in_memory() as stage:
            async with stage.client() as client:
                handle = client.imagine("a cat")
                for make in (client.events, handle.events):
                    make()
                    async for _ in make():
                        break
                held = client.events()
                await anext(held)
                await handle
                assert handle._record.feeds is None
                assert len(client._engine.observers._observers) == 1
            rest = [update.state async for update in held]
            assert rest[-1] is State.SUCCESS
            assert not client._engine.observers

    run_clean(program())
