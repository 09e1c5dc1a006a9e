"""A client and a simulated server, in one event loop on virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO
from typing import Any

from attrs import frozen
from PIL import Image

from mjflow import Client
from mjflow.simulator import Simulator


@frozen
class World:
    client: Client
    simulator: Simulator


@asynccontextmanager
async def world(*, simulator: dict[str, Any] | None = None, **client: Any) -> AsyncIterator[World]:
    """Run a simulator and a client of it, without a bound on what is in flight."""
    settings = {"max_in_flight": None, "api_key": "sk-test", **client}
    async with (
        Simulator(threads=False, seed=7, **(simulator or {})) as server,
        Client(server.base_url, **settings) as one,
    ):
        yield World(one, server)


def mask(side: int = 1024) -> bytes:
    """Draw a mask that repaints the upper right quarter."""
    picture = Image.new("L", (side, side), 0)
    picture.paste(255, (side // 2, 0, side, side // 2))
    target = BytesIO()
    picture.save(target, "PNG")
    return target.getvalue()


def lasting_tasks() -> int:
    """Count the asyncio tasks, but for the poller's lookers, which come and go with the looks."""
    names = [getattr(task.get_coro(), "__qualname__", "") for task in asyncio.all_tasks()]
    return sum(name != "Poller._look_while_ready" for name in names)
