"""The same jobs for mjflow: its client as a user opens it, and its transport alone."""

from __future__ import annotations

import asyncio
from itertools import cycle

from benchmarks.crowd import KEY, Crowd
from mjflow.api import Api
from mjflow.client import Client
from mjflow.protocol.codec import peek
from mjflow.protocol.dialect import GATEWAY
from mjflow.transport.aiohttp import AiohttpTransport


def open_client(crowd: Crowd) -> Client:
    """Open a client without bounds, for the peers have none."""
    return Client(
        crowd.url,
        KEY,
        dialect=GATEWAY.name,
        poll_interval=crowd.interval,
        request_budget=None,
        max_in_flight=None,
    )


async def wait_for_all(crowd: Crowd) -> None:
    """Wait through one client until all tasks have ended."""
    async with open_client(crowd) as client:
        handles = (client.attach(task_id) for task_id in crowd.ids)
        async for handle in client.as_completed(handles, limit=len(crowd.ids)):
            assert handle.task is not None, "a look failed"
            crowd.ended(handle.task.id)
        crowd.looks = client.statistics().requests


async def look_for_ever(crowd: Crowd) -> None:
    """Look at tasks that never end through one client."""
    async with open_client(crowd) as client:
        for task_id in crowd.ids:
            client.attach(task_id)
        crowd.counter = lambda: client.statistics().requests
        await asyncio.Event().wait()


async def await_each(crowd: Crowd) -> None:
    """Await tasks that never end, each in a coroutine of its own."""
    async with open_client(crowd) as client, asyncio.TaskGroup() as group:
        for task_id in crowd.ids:
            group.create_task(client.attach(task_id).wait())


async def transport_alone(crowd: Crowd) -> None:
    """Look for ever with mjflow's transport and peek, in the loop of `peers.bare_loop`."""
    transport = AiohttpTransport(crowd.url, KEY)
    try:
        await asyncio.gather(*(_worker(transport, crowd, n) for n in range(crowd.workers)))
    finally:
        await transport.aclose()


async def _worker(transport: AiohttpTransport, crowd: Crowd, number: int) -> None:
    api = Api(transport, GATEWAY)
    targets = cycle([api.target(one) for one in crowd.ids[number :: crowd.workers]])
    due = asyncio.get_running_loop().time()
    for target in targets:
        reply = await transport.look(target)
        crowd.looks += 1
        peek(reply.body)
        if crowd.tick:
            due += crowd.tick
            await asyncio.sleep(due - asyncio.get_running_loop().time())
