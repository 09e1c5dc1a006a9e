"""Cancelling a wait, anywhere: the task goes on, the books stay exact, nothing is left."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from mjflow import Client, TaskHandle
from tests.client.worlds import World, lasting_tasks, world
from tests.engine.gallery import CDN, Gallery
from tests.scripted import DONE, GRID, WAITING, opened
from tests.virtual import virtual_time

ROW = {**DONE, "buttons": [{"customId": c, "label": b} for c, b in GRID]}


async def _events(handle: TaskHandle) -> None:
    async for _ in handle.events():
        pass


async def _race(client: Client, handles: list[TaskHandle]) -> None:
    async for _ in client.as_completed(handles):
        pass


#: Every way to wait.
WAITS: dict[str, Callable[[Client, TaskHandle, Path], Awaitable[Any]]] = {
    "await": lambda client, handle, folder: handle.wait(),
    "timeout": lambda client, handle, folder: handle.wait(timeout=3600),
    "submitted": lambda client, handle, folder: handle.submitted(),
    "events": lambda client, handle, folder: _events(handle),
    "as_completed": lambda client, handle, folder: _race(client, [handle]),
    "gather": lambda client, handle, folder: asyncio.gather(handle.wait(), handle.wait()),
    "download": lambda client, handle, folder: handle.download(folder),
}


@pytest.mark.parametrize("wait", WAITS.values(), ids=WAITS)
@pytest.mark.parametrize("turns", [0, 1, 3])
@pytest.mark.parametrize("seconds", [0.0, 0.01, 0.02, 3.0, 8.0, 12.0])
@virtual_time
async def test_a_wait_can_be_cancelled_at_any_moment(
    tmp_path: Path,
    wait: Callable[[Client, TaskHandle, Path], Awaitable[Any]],
    seconds: float,
    turns: int,
) -> None:
    """The chain is sent and paid once, and ends as if nobody had gone."""
    server = Gallery()
    server.has(CDN)
    server.takes_all("action")
    server.every_task(WAITING, ROW)
    async with opened(server) as client:
        grid = client.imagine("a cat")
        click = grid.click("U1")
        waits = [asyncio.ensure_future(wait(client, handle, tmp_path)) for handle in (click, grid)]
        await asyncio.sleep(seconds)
        for _ in range(turns):
            await asyncio.sleep(0)
        for each in waits:
            each.cancel()
        await asyncio.gather(*waits, return_exceptions=True)
        _check_nothing_left(grid, click)
        await click
        assert lasting_tasks() == 2  # the poller, and the test itself
    assert server.routes == ["imagine", "action"]


def _check_nothing_left(*handles: TaskHandle) -> None:
    for handle in handles:
        record = handle._record
        watchers = [watcher for watcher in record.watchers or () if not watcher.done()]
        waiters = [waiter for waiter in record.waiters or () if not waiter.done()]
        # A click that was not sent yet waits for its parent by itself.
        assert len(waiters) <= len([one for one in handles if one._record.parent is record])
        assert (watchers, record.feeds) == ([], None)


@pytest.mark.parametrize("seconds", [0.0, 0.001, 0.01, 3.0, 30.0, 45.0, 60.0])
@virtual_time
async def test_a_cancelled_program_pays_for_its_chain_once_over_sockets(
    tmp_path: Path, seconds: float
) -> None:
    """Whoever comes back awaits the same handle."""
    async with world() as here:
        handle = here.client.imagine("a cat --v 6.1").click("U2")
        program = asyncio.ensure_future(handle.download(tmp_path))
        await asyncio.sleep(seconds)
        program.cancel()
        await asyncio.gather(program, return_exceptions=True)
        (saved,) = await handle.download(tmp_path)
        assert [entry.amount for entry in here.simulator.ledger.charges] == [0.1, 0.05]
        assert sorted(tmp_path.iterdir()) == [saved.path, Path(f"{saved.path}.json")]


@virtual_time
async def test_cancelling_every_wait_of_a_batch_cancels_no_task() -> None:
    """All twenty tasks end, and are charged once each."""
    async with world(poll_interval=15.0) as here:
        handles = [here.client.imagine(f"prompt {number}") for number in range(20)]
        await _cancelled_after(here, handles, 20.0)
        await asyncio.gather(*handles)
        assert len(here.simulator.ledger.charges) == 20
        assert not any(handle._record.waiters for handle in handles)


async def _cancelled_after(here: World, handles: list[TaskHandle], seconds: float) -> None:
    everything = asyncio.gather(*handles)
    await asyncio.sleep(seconds)
    everything.cancel()
    await asyncio.gather(everything, return_exceptions=True)
