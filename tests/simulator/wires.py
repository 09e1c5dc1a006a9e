"""A raw client for the simulator: literal JSON in, literal JSON out, time moved by hand."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import aiohttp
from attrs import define, field

from mjflow.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

KEY = {"Authorization": "Bearer sk-test"}
#: How each kind of server wants its key, P§1.
KEYS = {
    "gateway": KEY,
    "trueai": {"Authorization": "sk-test"},
    "novicezk": {"mj-api-secret": "sk-test"},
}
# Longer than any imagine, and a multiple of the refresh.
LONG = 90.0
# Longer than any video, and a multiple of the refresh.
LONGER = 240.0


class ManualClock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Read the clock, in seconds."""
        return self.now


@define
class Answer:
    """One HTTP answer, read to its end."""

    status: int
    type: str
    raw: bytes
    headers: dict[str, str] = field(factory=dict)

    @property
    def json(self) -> Any:
        """The body as JSON, whatever its type says."""
        return json.loads(self.raw)


@define
class Wire:
    """A simulator, its clock, and a session that talks to it."""

    simulator: Simulator
    clock: ManualClock
    session: aiohttp.ClientSession

    async def ask(self, method: str, path: str, body: Any = None, **options: Any) -> Answer:
        """Send one request; `body` goes out as JSON."""
        if body is not None:
            options["json"] = body
        async with self.session.request(method, path, **options) as response:
            raw = await response.read()
            return Answer(response.status, response.content_type, raw, dict(response.headers))

    async def submit(self, act: str, **body: Any) -> Answer:
        """Send one submit."""
        path = "/mj/insight-face/swap" if act == "swap" else f"/mj/submit/{act}"
        return await self.ask("POST", path, body)

    async def imagine(self, prompt: str = "a cute cat", **body: Any) -> str:
        """Submit a prompt and give the id of its task."""
        answer = await self.submit("imagine", prompt=prompt, **body)
        return str(answer.json["result"])

    async def fetch(self, task_id: str) -> Any:
        """Fetch one task."""
        return (await self.ask("GET", f"/mj/task/{task_id}/fetch")).json

    async def looked(self, task_id: str) -> Answer:
        """Fetch one task, and give the answer whatever it is."""
        return await self.ask("GET", f"/mj/task/{task_id}/fetch")

    async def rows(self, *ids: str) -> Any:
        """Look at many tasks."""
        answer = await self.ask("POST", "/mj/task/list-by-condition", {"ids": list(ids)})
        return answer.json

    async def picture(self, task_id: str) -> bytes:
        """Download a task's picture."""
        return (await self.ask("GET", f"/mj/image/{task_id}")).raw

    async def button(self, task_id: str, name: str) -> str:
        """Give the custom id of a finished task's button, named by its label or emoji."""
        buttons = (await self.fetch(task_id))["buttons"]
        return next(str(b["customId"]) for b in buttons if name in (b["label"], b["emoji"]))

    async def click(self, task_id: str, name: str, **body: Any) -> Answer:
        """Press a button by its label or emoji."""
        custom_id = await self.button(task_id, name)
        return await self.submit("action", taskId=task_id, customId=custom_id, **body)

    async def made(self, act: str, **body: Any) -> Any:
        """Submit something and give its task when it has ended, as its server shows it."""
        answer = await self.submit(act, **body)
        self.wait(LONGER)
        return await self.fetch(answer.json["result"])

    async def file(self, link: str) -> Answer:
        """Download what a link leads to."""
        return await self.ask("GET", link)

    def wait(self, seconds: float = LONG) -> None:
        """Let virtual seconds pass."""
        self.clock.now += seconds / self.simulator.speed

    async def finished(self, prompt: str = "a cute cat", *names: str) -> str:
        """Imagine, press buttons one after the other, and give the last task when it ended."""
        task_id = await self.imagine(prompt)
        self.wait()
        for name in names:
            task_id = str((await self.click(task_id, name)).json["result"])
            self.wait()
        return task_id


@asynccontextmanager
async def wired(**options: Any) -> AsyncIterator[Wire]:
    """Run a simulator with the given options on a manual clock."""
    clock = ManualClock()
    simulator = Simulator(**{"clock": clock, "epoch": 1_700_000_000.0, **options})
    headers = KEYS[simulator.profile.family]
    async with simulator, aiohttp.ClientSession(simulator.base_url, headers=headers) as session:
        yield Wire(simulator, clock, session)
