"""The calls of a client that are no link of a chain, each with what it must come to."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping

import pytest
from attrs import frozen

from mjflow import Client, MjflowError, ModalRequired, Status
from mjflow.simulator import Simulator
from tests.contract.plans import PROMPT, REGION
from tests.contract.tour import PROFILES, drawn

#: Those who may cancel tasks at a trueai server.
ADMIN = "sk-admin"
KEY = "sk-test"

_TABLE = """
    get(id)                     task                task                task
    attach(id)                  task                task                task
    modal(id, prompt, mask)     task                task                UnknownButton
    change(id, "UPSCALE", 2)    task                RequestRefused      task
    video(extend=id, index=0)   task                task                RequestRefused
    seed(id)                    seed                seed                RequestRefused
    upload(picture)             link                link                RequestRefused
    cancel(id)                  RequestRefused      RequestRefused      RequestRefused
    cancel(id) by an admin      RequestRefused      TaskFailed          RequestRefused
"""


@frozen
class Errand:
    """One row of the table."""

    title: str
    #: What it must come to, by server.
    expected: Mapping[str, str]

    async def run(self, client: Client, server: Simulator) -> str:
        """Do it, and say what came of it."""
        try:
            return await _DOINGS[self.title](client, server)
        except MjflowError as error:
            return type(error).__name__


def _read(table: str) -> tuple[Errand, ...]:
    rows = [re.split(r" {2,}", line.strip()) for line in filter(str.strip, table.splitlines())]
    return tuple(Errand(row[0], dict(zip(PROFILES, row[1:], strict=True))) for row in rows)


async def _grid(client: Client) -> str:
    return (await client.imagine(PROMPT)).id


async def _single(client: Client) -> str:
    return (await client.imagine(PROMPT).click("U1")).id


async def _get(client: Client, _: Simulator) -> str:
    grid = await _grid(client)
    task = await client.get(grid)
    assert (task.id, task.status) == (grid, Status.SUCCESS)
    return "task"


async def _attach(client: Client, server: Simulator) -> str:
    running = await client.imagine(PROMPT).submitted()
    async with Client(server.base_url, KEY, dialect=server.profile.family) as another:
        task = await another.attach(running)
    assert (task.id, task.status) == (running, Status.SUCCESS)
    return "task"


async def _modal(client: Client, server: Simulator) -> str:
    region = client.click(await _single(client), "Vary (Region)", on_dialog="raise")
    with pytest.raises(ModalRequired):
        await region
    task = await client.modal(region.id or "", REGION["prompt"], REGION["mask"])
    assert server.tasks[task.id].answers == 1
    return "task"


async def _change(client: Client, server: Simulator) -> str:
    task = await client.change(await _grid(client), "UPSCALE", 2)
    assert server.tasks[task.id].cell == 2
    return "task"


async def _extend(client: Client, server: Simulator) -> str:
    video = client.video("the cat runs", image=drawn("orange"))
    await video
    task = await client.video("faster", extend=video, index=0)
    parent = server.tasks[task.id].parent
    assert parent is not None
    assert parent.id == video.id
    return "task"


async def _seed(client: Client, _: Simulator) -> str:
    seed = await client.seed(await _grid(client))
    assert seed.isdigit()
    return "seed"


async def _upload(client: Client, _: Simulator) -> str:
    (link,) = await client.upload(drawn("orange"))
    assert link.startswith("http")
    return "link"


async def _cancel(client: Client, _: Simulator) -> str:
    running = client.imagine(PROMPT)
    await running.submitted()
    await client.cancel(running)
    return (await running).status


async def _cancel_as_admin(_: Client, server: Simulator) -> str:
    async with Client(server.base_url, ADMIN, dialect=server.profile.family) as admin:
        return await _cancel(admin, server)


_DOINGS: Mapping[str, Callable[[Client, Simulator], Awaitable[str]]] = {
    "get(id)": _get,
    "attach(id)": _attach,
    "modal(id, prompt, mask)": _modal,
    'change(id, "UPSCALE", 2)': _change,
    "video(extend=id, index=0)": _extend,
    "seed(id)": _seed,
    "upload(picture)": _upload,
    "cancel(id)": _cancel,
    "cancel(id) by an admin": _cancel_as_admin,
}

ERRANDS = _read(_TABLE)
