"""Every act that starts a task, and a server that takes them all."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from mjflow import Client, TaskHandle
from mjflow.testing import ScriptedTransport
from tests.media.pictures import JPEG, PNG

Begin = Callable[..., TaskHandle]
BASE = "https://mj.example"
LINK = "https://x.example/a.png"

ACTS: dict[str, Begin] = {
    "imagine": lambda client, **more: client.imagine("a cat", images=[PNG], **more),
    "blend": lambda client, **more: client.blend([PNG, JPEG], dimensions="Portrait", **more),
    "describe": lambda client, **more: client.describe(PNG, **more),
    "shorten": lambda client, **more: client.shorten("a very long prompt of words", **more),
    "video": lambda client, **more: client.video("it rains", image=PNG, **more),
    "edits": lambda client, **more: client.edits(PNG, "a hat", mask="rect:0.5,0,1,1", **more),
    "swap_face": lambda client, **more: client.swap_face(PNG, JPEG, **more),
}

over_acts = pytest.mark.parametrize("act", ACTS)


@asynccontextmanager
async def scripted() -> AsyncIterator[tuple[Client, ScriptedTransport]]:
    """Open a client of a server that accepts whatever comes."""
    server = ScriptedTransport()
    for route in ("imagine", "blend", "describe", "shorten", "video", "edits", "swap"):
        server.on(route, {"code": 1, "result": "1001"})
    server.shows("1001", {"status": "SUCCESS", "imageUrl": LINK})
    async with Client(BASE, "sk-test", transport=server, dialect="gateway") as client:
        yield client, server
