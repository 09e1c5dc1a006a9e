"""A key that is refused: looks rest, and in the end every task is handed back."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from mjflow import Client, TaskLost, Update
from mjflow.errors import NotAuthorized
from tests.engine.watched import Watched, gaps, most_in_a_second
from tests.scripted import (
    DONE,
    RUNNING,
    key_refused,
    opened,
)
from tests.virtual import virtual_time


async def _all_submitted(client: Client, count: int) -> list[Any]:
    handles = [client.imagine(f"cat {n}") for n in range(count)]
    for handle in handles:
        await handle.submitted()
    return handles


@virtual_time
async def test_a_key_refused_in_the_middle_pauses_looks_to_one_a_minute() -> None:
    """A hundred tasks do not knock a hundred times; when the key is good again all go on."""
    server = Watched()
    server.takes_all()
    server.every_task(RUNNING)
    seen: list[Update] = []
    async with opened(server, observers=[seen.append]) as client:
        handles = await _all_submitted(client, 100)
        await asyncio.sleep(10)
        server.trouble = lambda _: key_refused()
        await asyncio.sleep(30)
        assert isinstance(client.statistics().paused, NotAuthorized)
        server.looked.clear()
        await asyncio.sleep(300)
        assert 4 <= len(server.looked) <= 6
        assert min(gaps(server.times)) >= 60.0
        server.trouble = lambda _: None
        server.every_task(DONE)
        for number in range(100):
            server.shows(str(1001 + number), DONE)
        await asyncio.wait_for(asyncio.gather(*handles), 130.0)
        assert client.statistics().paused is None
    kinds = [update.kind for update in seen if update.kind in ("paused", "resumed")]
    assert kinds == ["paused", "resumed"]


@virtual_time
async def test_after_the_pause_looks_are_as_spread_as_before() -> None:
    """Each task keeps its place in the interval: they do not march in step from then on."""
    server = Watched()
    server.takes_all()
    server.every_task(RUNNING)
    async with opened(server, request_budget=None) as client:
        await _all_submitted(client, 100)
        await asyncio.sleep(10)
        server.trouble = lambda _: key_refused()
        await asyncio.sleep(300)
        server.trouble = lambda _: None
        await asyncio.sleep(150)
        server.looked.clear()
        await asyncio.sleep(50)
    assert len(server.looked) == pytest.approx(1000, abs=10)
    assert most_in_a_second(server.times) < 50


@virtual_time
async def test_after_ten_minutes_of_a_refused_key_every_task_is_lost_and_resumable() -> None:
    """The error says what is wrong with the key, and how to pick the task up."""
    server = Watched()
    server.takes_all()
    server.every_task(RUNNING)
    async with opened(server) as client:
        handles = await _all_submitted(client, 3)
        await asyncio.sleep(10)
        server.trouble = lambda _: key_refused()
        started = server.now
        for handle in handles:
            with pytest.raises(TaskLost) as raised:
                await handle
            assert isinstance(raised.value.__cause__, NotAuthorized)
            assert "MJFLOW_API_KEY" in raised.value.advice
            assert f"mjflow watch {handle.id}" in raised.value.advice
        assert 600.0 <= server.now - started <= 665.0
        server.trouble = lambda _: None
        server.shows("1002", DONE)
        assert (await client.attach("1002")).ended


@virtual_time
async def test_a_key_that_never_worked_is_told_at_once() -> None:
    """Somebody has to mend it first, so there is nothing to wait for."""
    server = Watched()
    server.trouble = lambda _: key_refused()
    async with opened(server) as client:
        with pytest.raises(NotAuthorized):
            await client.attach("77")
        assert server.now < 1.0


@virtual_time
async def test_looks_alone_prove_that_a_key_works() -> None:
    """A client that only watches has ten minutes of patience, too."""
    server = Watched()
    server.shows("77", RUNNING)
    async with opened(server) as client:
        handle = client.attach("77")
        await asyncio.sleep(20)
        server.trouble = lambda _: key_refused()
        await asyncio.sleep(500)
        assert handle.outcome is None
        server.trouble = lambda _: None
        server.shows("77", DONE)
        assert (await handle.wait(timeout=130)).ended


@virtual_time
async def test_deadlines_hold_while_the_key_is_refused() -> None:
    """A pause of looks is no pause of the clock."""
    server = Watched()
    server.takes_all()
    server.every_task(RUNNING)
    async with opened(server, deadline=100.0) as client:
        handles = await _all_submitted(client, 5)
        server.trouble = lambda _: key_refused()
        for handle in handles:
            with pytest.raises(TaskLost, match="deadline"):
                await handle
        assert server.now == pytest.approx(100.0, abs=1.0)
