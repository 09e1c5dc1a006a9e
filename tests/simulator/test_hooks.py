"""Webhooks: who sends them, when, and what can go wrong (P§7, P§12.10)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from attrs import evolve

from mjflow.simulator import PROFILES, Simulator
from mjflow.simulator.hooks import is_local

from .wires import KEYS, Wire, wired


@asynccontextmanager
async def listening(received: list[Any]) -> AsyncIterator[str]:
    """Take in every webhook that comes, and give the address for them."""

    async def take(request: web.Request) -> web.Response:
        assert request.content_type == "application/json"
        received.append(await request.json())
        return web.Response()

    app = web.Application()
    app.router.add_post("/hook", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    finally:
        await runner.cleanup()


async def story(wire: Wire, hook: str, **body: Any) -> str:
    """Submit a prompt with a hook and let it run to its end, hooks delivered every second."""
    task_id = await wire.imagine("x", notifyHook=hook, **body)
    for _ in range(120):
        wire.wait(1)
        await wire.simulator.deliver_hooks()
    return task_id


def told(received: list[Any]) -> list[tuple[str, str]]:
    """Give status and progress of each push."""
    return [(row["status"], row["progress"]) for row in received]


@pytest.mark.parametrize("profile", ["trueai", "novicezk"])
async def test_a_task_is_pushed_when_status_or_progress_change(profile: str) -> None:
    """The whole task, in the server's own words, with its state, P§7."""
    received: list[Any] = []
    async with wired(profile=profile) as wire, listening(received) as hook:
        task_id = await story(wire, hook, state="mine")
        pushes = told(received)
        assert pushes[0] == ("SUBMITTED", "0%")
        assert pushes[-1] == ("SUCCESS", "100%")
        assert {status for status, _ in pushes[1:-1]} == {"IN_PROGRESS"}
        assert len({*pushes}) == len(pushes) == 8
        assert {row["id"] for row in received} == {task_id}
        assert {row["state"] for row in received} == {"mine"}
        last = await wire.fetch(task_id)
        assert set(received[-1]) == set(last)


async def test_a_gateway_drops_the_hook(wire: Wire) -> None:
    """By default, P§7."""
    received: list[Any] = []
    async with listening(received) as hook:
        await story(wire, hook)
    assert received == []


async def test_a_gateway_that_passes_hooks_on_shows_the_server_behind() -> None:
    """With its own fields and the raw link, P§7."""
    received: list[Any] = []
    profile = evolve(PROFILES["gateway"], obeys_hooks=True)
    async with wired(profile=profile) as wire, listening(received) as hook:
        await story(wire, hook)
        assert "instanceId" in received[-1]
        assert "/attachments/" in received[-1]["imageUrl"]


@pytest.mark.parametrize("profile", ["trueai", "novicezk"])
async def test_a_hook_may_be_dropped(profile: str) -> None:
    """As a gateway does, P§12.10."""
    received: list[Any] = []
    async with (
        wired(profile=profile, faults={"drops-hooks": 1}) as wire,
        listening(received) as hook,
    ):
        await story(wire, hook)
    assert received == []


@pytest.mark.parametrize(
    ("name", "count"), [("hook-lost", 0), ("hook-twice", 16), ("hook-end-twice", 9)]
)
async def test_webhooks_may_be_lost_or_doubled(name: str, count: int) -> None:
    """Also the end, half a minute later, P§12.10."""
    received: list[Any] = []
    async with wired(profile="trueai", faults={name: 1}) as wire, listening(received) as hook:
        await story(wire, hook)
        assert len(received) == count
        if name == "hook-end-twice":
            assert told(received)[-2:] == [("SUCCESS", "100%")] * 2


async def test_webhooks_may_come_in_another_order() -> None:
    """One comes behind its follower, P§12.10."""
    received: list[Any] = []
    faults = ["hook-reordered=1:1"]
    async with wired(profile="trueai", faults=faults) as wire, listening(received) as hook:
        await story(wire, hook)
        pushes = told(received)
        assert pushes[1] == ("SUBMITTED", "0%")
        assert len(pushes) == 8


async def test_a_failure_is_pushed_too() -> None:
    """With its reason."""
    received: list[Any] = []
    async with (
        wired(profile="trueai", faults={"fails": 1}) as wire,
        listening(received) as hook,
    ):
        await story(wire, hook)
        assert received[-1]["status"] == "FAILURE"
        assert received[-1]["failReason"].startswith("[Internal Server Error]")


async def test_a_task_that_waited_is_pushed_when_it_begins() -> None:
    """The queue holds it up, and then it is told of like any other."""
    received: list[Any] = []
    async with wired(profile="trueai", core_size=1) as wire, listening(received) as hook:
        await wire.imagine()
        await story(wire, hook)
        assert told(received)[-1] == ("SUCCESS", "100%")


async def test_a_task_that_begins_anew_is_pushed_anew() -> None:
    """After a restart its life is told from the start, P§5.5."""
    received: list[Any] = []
    async with wired(profile="trueai") as wire, listening(received) as hook:
        await wire.imagine("x", notifyHook=hook)
        wire.wait(20)
        await wire.simulator.deliver_hooks()
        wire.simulator.restart()
        wire.wait()
        await wire.simulator.deliver_hooks()
        assert told(received).count(("SUBMITTED", "0%")) == 2
        assert told(received)[-1] == ("SUCCESS", "100%")


async def test_a_receiver_that_is_gone_harms_nothing() -> None:
    """Nobody tries again, P§7."""
    async with wired(profile="trueai") as wire:
        task_id = await story(wire, "http://127.0.0.1:1/hook")
        assert (await wire.fetch(task_id))["status"] == "SUCCESS"


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://127.0.0.1:80/x", True),
        ("http://127.8.8.8/x", True),
        ("http://[::1]/x", True),
        ("http://localhost:1/x", True),
        ("https://hooks.example.org/x", False),
        ("http://10.0.0.1/x", False),
        ("http://127.0.0.1.example.org/x", False),
        ("file:///etc/passwd", False),
        ("nonsense", False),
    ],
)
def test_only_addresses_on_loopback_are_called(url: str, local: bool) -> None:
    """A hook that is meant for a real server must not be fed with tasks that do not exist."""
    assert is_local(url) == local


async def test_webhooks_come_by_themselves_where_time_passes() -> None:
    """An errand sleeps until the next is due, and ends with the server."""
    received: list[Any] = []
    async with (
        Simulator(profile="trueai", speed=2000) as simulator,
        aiohttp.ClientSession(simulator.base_url, headers=KEYS["trueai"]) as session,
        listening(received) as hook,
    ):
        body = {"prompt": "x", "notifyHook": hook}
        async with session.post("/mj/submit/imagine", json=body) as response:
            assert response.status == 200
        limit = time.monotonic() + 30
        while not received or received[-1]["status"] != "SUCCESS":
            assert time.monotonic() < limit
            await asyncio.sleep(0.005)
        assert ("SUBMITTED", "0%") in told(received)
