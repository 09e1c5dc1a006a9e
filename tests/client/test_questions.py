"""Questions about one task: its seed, and whether it may be cancelled."""

from __future__ import annotations

import pytest

from mjflow import Client, InvalidInput, RequestRefused, Task, TaskFailed
from mjflow.testing import ScriptedTransport
from tests.virtual import virtual_time

from .worlds import world


@pytest.mark.parametrize("profile", ["gateway", "trueai"])
@virtual_time
async def test_a_finished_task_tells_its_seed(profile: str) -> None:
    """By handle or id; it is a number with all its digits."""
    async with world(simulator={"profile": profile}) as one:
        handle = one.client.imagine("a cat")
        with pytest.raises(InvalidInput, match="has no id yet"):
            await one.client.seed(handle)
        task_id = (await handle).id
        seed = await one.client.seed(handle)
        assert seed.isdigit()
        assert await one.client.seed(task_id) == seed
        assert one.simulator.ledger.total == one.client.statistics().spent.total


@virtual_time
async def test_a_seed_that_the_task_tells_is_not_asked_for() -> None:
    """A trueai server shows it by itself, once it knows it (P§2.15)."""
    server = ScriptedTransport()
    async with Client("https://mj.example", "sk-test", transport=server) as client:
        assert await client.seed(Task(id="7", seed="42")) == "42"
    assert server.sent == []


@pytest.mark.parametrize(
    ("profile", "message"),
    [("novicezk", "does not offer 'seed'"), ("gateway", "tells no seed"), ("trueai", "tells no")],
)
@virtual_time
async def test_why_there_is_no_seed(profile: str, message: str) -> None:
    """The server has none to tell, or the task has not ended."""
    async with world(simulator={"profile": profile}) as one:
        handle = one.client.imagine("a cat")
        await handle.submitted()
        with pytest.raises(RequestRefused, match=message):
            await one.client.seed(handle)


@pytest.mark.parametrize(
    ("profile", "message"),
    [
        ("novicezk", "does not offer 'cancel'"),
        ("gateway", "does not offer 'cancel'"),
        ("trueai", "mostly that is for its admins"),
    ],
)
@virtual_time
async def test_hardly_a_server_lets_its_users_cancel(profile: str, message: str) -> None:
    """The error says that the task goes on, and so it does."""
    async with world(simulator={"profile": profile}) as one:
        handle = one.client.imagine("a cat")
        await handle.submitted()
        with pytest.raises(RequestRefused, match=message):
            await one.client.cancel(handle)
        assert (await handle).ended


@virtual_time
async def test_an_admin_cancels() -> None:
    """The task then ends as a failure (P§2.17)."""
    simulator = {"profile": "trueai", "admins": ["sk-admin"]}
    async with world(simulator=simulator, api_key="sk-admin") as one:
        handle = one.client.imagine("a cat")
        await handle.submitted()
        await one.client.cancel(handle)
        with pytest.raises(TaskFailed, match="取消任务"):
            await handle
