"""Many prompts from one line: `map`, and what happens to all of them: `events`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing

import pytest

from mjflow import State, TaskFailed, Update

from ..virtual import virtual_time
from .worlds import world


@virtual_time
async def test_every_prompt_is_drawn_and_comes_out_once() -> None:
    """As handles, in the order in which they end."""
    async with world() as here:
        prompts = [f"cat {number}" for number in range(20)]
        done = [handle async for handle in here.client.map(prompts)]
        assert sorted(h.task.prompt for h in done if h.task) == sorted(prompts)
        assert sorted(handle.prompt for handle in done) == sorted(prompts)
        assert len(here.simulator.ledger.charges) == 20


@virtual_time
async def test_what_is_to_follow_is_added_to_each() -> None:
    """The last act of each chain is what is waited for."""
    async with world() as here:
        async for handle in here.client.map(
            ["a cat", "a dog"], then=lambda grid: grid.click("U2"), mode="fast"
        ):
            assert (handle.button, handle.prompt) == ("U2", "")
            assert handle.state is State.SUCCESS
        assert len(here.simulator.ledger.charges) == 4


@virtual_time
async def test_prompts_are_drawn_no_faster_than_tasks_end() -> None:
    """A million lines need no million objects: `limit` are open at most."""
    drawn = 0

    def lines() -> Iterator[str]:
        nonlocal drawn
        for number in range(1_000_000):
            drawn += 1
            yield f"cat {number}"

    async with (
        world() as here,
        aclosing(here.client.map(lines(), limit=5)) as done,  # type: ignore[type-var]
    ):
        for _ in range(20):
            await anext(done)
            assert drawn <= 20 + 5


@virtual_time
async def test_prompts_may_come_from_elsewhere() -> None:
    """An async iterable is drawn from as lazily."""

    async def queue() -> AsyncIterator[str]:
        for number in range(3):
            await asyncio.sleep(100)
            yield f"cat {number}"

    async with world() as here:
        assert len([handle async for handle in here.client.map(queue())]) == 3


@virtual_time
async def test_a_failure_is_a_value_and_an_empty_line_an_error() -> None:
    """What the server says is an outcome; what can't be sent is told at once."""
    async with world(simulator={"faults": ["fails=1:1"]}) as here:
        done = [handle async for handle in here.client.map(["a cat", "a dog"])]
        assert sum(isinstance(handle.outcome, TaskFailed) for handle in done) <= 1
        with pytest.raises(ValueError, match="empty"):
            [handle async for handle in here.client.map(["a cow", " "])]


@virtual_time
async def test_a_reader_of_all_events_sees_every_task_to_its_end() -> None:
    """The updates about one task come in order."""
    seen: dict[str, list[State]] = {}

    async def read(updates: AsyncIterator[Update]) -> None:
        async for update in updates:
            if update.kind == "state" and update.state is not None:
                seen.setdefault(update.key, []).append(update.state)

    async with world() as here:
        reading = asyncio.ensure_future(read(here.client.events()))
        handles = [here.client.imagine(f"cat {number}") for number in range(3)]
        for handle in handles:
            await handle
        await asyncio.sleep(0)
        reading.cancel()
        for handle in handles:
            states = seen[handle.key]
            assert states[0] is State.SUBMITTING
            assert states[-1] is State.SUCCESS


@virtual_time
async def test_a_reader_who_leaves_is_forgotten() -> None:
    """Nothing is gathered for nobody."""
    async with world() as here:
        updates = here.client.events()
        handle = here.client.imagine("a cat")
        async for _ in updates:
            break
        await updates.aclose()  # type: ignore[attr-defined]
        observers = here.client._engine.observers
        assert not observers
        await handle


@virtual_time
async def test_the_rate_of_requests_is_told() -> None:
    """One task, looked at every five seconds."""
    async with world() as here:
        handle = here.client.imagine("a cat")
        await handle
        statistics = here.client.statistics()
        assert 0.05 < statistics.request_rate < 0.5
        assert statistics.requests == statistics.looks
