"""The same jobs for mjflow: its client as a user would open it, and its transport alone."""

from __future__ import annotations

import asyncio
from itertools import cycle

import mjflow
from benchmarks.crowd import KEY, Crowd
from mjflow.api import Api
from mjflow.protocol.codec import peek
from mjflow.protocol.dialect import GATEWAY
from mjflow.transport.aiohttp import AiohttpTransport


def open_client(crowd: Crowd) -> mjflow.Client:
    """Open a client without bounds, for the peers have none."""
    return mjflow.Client(
        crowd.url,
        KEY,
        dialect=GATEWAY.name,
        poll_interval=crowd.interval,
        request_budget=None,
        max_in_flight=None,
    )


async def wait_all(crowd: Crowd) -> None:
    """Wait for all tasks through one client."""
    async with open_client(crowd) as client:
        handles = (client.attach(task_id) for task_id in crowd.ids)
        async for handle in client.as_completed(handles, limit=len(crowd.ids)):
            assert handle.id is not None
            crowd.ended(handle.id)
        crowd.looks = client.statistics().looks


async def look_for_ever(crowd: Crowd) -> None:
    """Look at tasks that never end through one client."""
    async with open_client(crowd) as client:
        for task_id in crowd.ids:
            client.attach(task_id)
        while True:
            await asyncio.sleep(0.02)
            crowd.looks = client._engine.poller.looks


async def transport_alone(crowd: Crowd) -> None:
    """Look for ever with mjflow's transport and peek, in the bare loop of the peers."""
    transport = AiohttpTransport(crowd.url, KEY)
    try:
        await asyncio.gather(*(_worker(transport, crowd, n) for n in range(crowd.workers)))
    finally:
        await transport.aclose()


async def _worker(transport: AiohttpTransport, crowd: Crowd, number: int) -> None:
    api = Api(transport, GATEWAY)
    loop = asyncio.get_running_loop()
    due = loop.time()
    for target in cycle([api.target(one) for one in crowd.ids[number :: crowd.workers]]):
        reply = await transport.look(target)
        crowd.looks += 1
        peek(reply.body)
        if crowd.tick:
            due += crowd.tick
            await asyncio.sleep(due - loop.time())
