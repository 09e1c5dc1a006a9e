"""
What a user would write without mjflow.

Every peer looks at each task every `interval` seconds, at a random place within it, and sends
the same headers.  None checks, retries, times out or counts anything but its looks.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from itertools import cycle
from typing import Any

import aiohttp
import backoff
import msgspec
from yarl import URL

from benchmarks.crowd import KEY, Crowd

ENDED = frozenset({"SUCCESS", "FAILURE", "CANCEL"})
HEADERS = {"Authorization": f"Bearer {KEY}"}


class Peek(msgspec.Struct):
    """The fields that tell whether anything happened."""

    id: str
    status: str
    progress: str


peek = msgspec.json.Decoder(Peek).decode
read = msgspec.json.Decoder().decode


# Waiting for tasks to end


async def naive(crowd: Crowd) -> None:
    """Run a coroutine per task, with aiohttp as it comes, `resp.json()` and `asyncio.sleep`."""
    async with aiohttp.ClientSession(headers=HEADERS) as session:
        await asyncio.gather(*(_naive(session, crowd, task_id) for task_id in crowd.ids))


async def _naive(session: aiohttp.ClientSession, crowd: Crowd, task_id: str) -> Any:
    await asyncio.sleep(random.random() * crowd.interval)
    while True:
        async with session.get(f"{crowd.url}/mj/task/{task_id}/fetch") as response:
            task = await response.json()
        crowd.looks += 1
        if task["status"] in ENDED:
            crowd.ended(task_id)
            return task
        await asyncio.sleep(crowd.interval)


async def with_backoff(crowd: Crowd) -> None:
    """Run a coroutine per task that `backoff.on_predicate` calls again until the task ended."""

    @backoff.on_predicate(
        backoff.constant, _runs, interval=crowd.interval, jitter=None, logger=None
    )
    async def look(task_id: str) -> Any:
        async with session.get(f"{crowd.url}/mj/task/{task_id}/fetch") as response:
            crowd.looks += 1
            return await response.json()

    async def wait(task_id: str) -> Any:
        await asyncio.sleep(random.random() * crowd.interval)
        task = await look(task_id)
        crowd.ended(task_id)
        return task

    async with aiohttp.ClientSession(headers=HEADERS) as session:
        await asyncio.gather(*(wait(task_id) for task_id in crowd.ids))


def _runs(task: Mapping[str, Any]) -> bool:
    return task["status"] not in ENDED


async def naive_tuned(crowd: Crowd) -> None:
    """Run the same coroutine per task, with a tuned client, prebuilt addresses and a peek."""
    async with tuned_session() as session:
        await asyncio.gather(*(_naive_tuned(session, crowd, task_id) for task_id in crowd.ids))


async def _naive_tuned(session: aiohttp.ClientSession, crowd: Crowd, task_id: str) -> Any:
    address = address_of(crowd, task_id)
    await asyncio.sleep(random.random() * crowd.interval)
    while True:
        async with session.get(address) as response:
            body = await response.read()
        crowd.looks += 1
        if peek(body).status in ENDED:
            crowd.ended(task_id)
            return read(body)
        await asyncio.sleep(crowd.interval)


# Looking for ever


async def bare_loop(crowd: Crowd) -> None:
    """
    Look for ever with a tuned aiohttp and nothing around it.

    Each worker looks at the next of its tasks once in a tick; without a tick, without a pause.
    """
    async with tuned_session() as session:
        await asyncio.gather(*(_bare(session, crowd, n) for n in range(crowd.workers)))


async def _bare(session: aiohttp.ClientSession, crowd: Crowd, number: int) -> None:
    addresses = cycle([address_of(crowd, one) for one in crowd.ids[number :: crowd.workers]])
    due = asyncio.get_running_loop().time()
    for address in addresses:
        async with session.get(address) as response:
            body = await response.read()
        crowd.looks += 1
        peek(body)
        if crowd.tick:
            due += crowd.tick
            await asyncio.sleep(due - asyncio.get_running_loop().time())


# The tuned client (performance.md §1)


def tuned_session() -> aiohttp.ClientSession:
    """Open aiohttp as fast as it goes."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=60),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={**HEADERS, "Accept-Encoding": "identity"},
        auto_decompress=False,
        timeout=aiohttp.ClientTimeout(total=None),
    )


def address_of(crowd: Crowd, task_id: str) -> URL:
    """Build the address of a task once."""
    return URL(f"{crowd.url}/mj/task/{task_id}/fetch", encoded=True)
