"""When a task is given up: nobody knows it, or its time is up."""

from __future__ import annotations

import asyncio

import pytest

from mjflow import State, TaskLost, TaskNotFound
from mjflow.errors import MjflowError, NotAnApi, Unreachable
from mjflow.protocol.verdicts import Reply
from tests.engine.watched import Watched
from tests.scripted import (
    DONE,
    RUNNING,
    accepted,
    bad_gateway,
    opened,
    task_not_found,
)
from tests.virtual import virtual_time

# --- nobody knows the task ----------------------------------------------------------------


@virtual_time
async def test_an_attached_id_that_nobody_knows_is_not_found_after_a_minute() -> None:
    """Three denials over a minute and one when asked for it alone, not fewer."""
    server = Watched()
    async with opened(server) as client:
        with pytest.raises(TaskNotFound) as raised:
            await client.attach("404")
        assert 60.0 <= server.now <= 130.0
        assert len(server.looked) >= 3
        assert server.looks[-1:] == ["404"]
        # Nothing is kept of it.
        assert client.tasks == ()
    assert raised.value.task_id == "404"


@virtual_time
async def test_a_task_of_ours_that_the_server_forgets_is_lost() -> None:
    """It was paid, so it is parked instead of being called unknown."""
    server = Watched()
    server.takes_all()
    server.every_task(RUNNING, task_not_found())
    async with opened(server) as client:
        handle = client.imagine("a cat")
        with pytest.raises(TaskLost, match="no longer knows task 1001"):
            await handle
    assert handle.state is State.LOST


class Denying(Watched):
    """A server that denies every task that is asked for outside of its turn."""

    async def read(self, method: str, path: str, body: bytes = b"", *, slow: bool = False) -> Reply:
        return task_not_found()


@virtual_time
async def test_denials_count_only_in_a_row() -> None:
    """A gateway whose replicas disagree forgets no task."""
    server = Denying()
    server.takes_all()
    # Unchanged looks between the denials are no news, and still disprove them.
    server.every_task(*(RUNNING if n % 2 else task_not_found() for n in range(80)), DONE)
    async with opened(server) as client:
        assert (await client.imagine("a cat")).ended


@virtual_time
async def test_a_denial_that_is_not_confirmed_ends_nothing() -> None:
    """The single fetch that asks once more has the last word."""
    server = Watched()
    server.takes_all()
    server.every_task(RUNNING)
    async with opened(server) as client:
        handle = client.imagine("a cat")
        await handle.submitted()
        server.trouble = lambda _: task_not_found()
        await asyncio.sleep(600)
        assert handle.outcome is None


@pytest.mark.parametrize("error", [Unreachable("no such host"), NotAnApi("a web page")])
@virtual_time
async def test_an_attached_id_at_a_mistyped_address_is_told_soon(error: MjflowError) -> None:
    """Where no answer ever came, an hour of patience would be for a typo."""
    server = Watched()
    server.trouble = lambda _: error
    async with opened(server) as client:
        with pytest.raises(type(error)):
            await client.attach("77")
        assert server.now < 10.0


@virtual_time
async def test_a_server_that_answered_once_is_waited_for() -> None:
    """Then an attached id waits the trouble out, as everybody does."""
    server = Watched()
    server.shows("76", DONE)
    server.shows("77", DONE)
    async with opened(server) as client:
        await client.attach("76")
        server.trouble = lambda look: Unreachable("down") if look.at < 300 else None
        assert (await client.attach("77")).id == "77"
        assert server.now > 300


# --- deadlines ----------------------------------------------------------------------------


@virtual_time
async def test_a_task_that_does_not_end_is_lost_at_its_deadline() -> None:
    """The wait ends, the task is parked and no longer looked at."""
    server = Watched()
    server.takes_all()
    server.every_task(RUNNING)
    async with opened(server, deadline=100.0) as client:
        handle = client.imagine("a cat")
        with pytest.raises(TaskLost, match=r"had not ended by its deadline .*IN_PROGRESS"):
            await handle
        assert 100.0 <= server.now <= 101.0
        looks = len(server.looked)
        await asyncio.sleep(600)
        assert len(server.looked) == looks
    assert handle.state is State.LOST


@virtual_time
async def test_an_end_that_shows_only_at_the_deadline_is_an_end() -> None:
    """The last look comes first: whoever slept through the deadline gets the picture."""
    server = Watched()
    server.takes_all()
    server.slowness = 0.2
    server.every_task(RUNNING)
    async with opened(server, deadline=100.0, poll_interval=70.0) as client:
        handle = client.imagine("a cat")
        await handle.submitted()
        await asyncio.sleep(99.0)
        server.shows("1001", DONE)
        assert (await handle).ended


@virtual_time
async def test_a_deadline_holds_while_the_server_is_in_trouble() -> None:
    """Backing off does not put it off."""
    server = Watched()
    server.takes_all()
    server.every_task(RUNNING)
    async with opened(server, deadline=100.0) as client:
        handle = client.imagine("a cat")
        server.trouble = lambda _: bad_gateway()
        with pytest.raises(TaskLost):
            await handle
        assert 100.0 <= server.now <= 101.0


@virtual_time
async def test_without_a_deadline_a_task_is_waited_for_without_end() -> None:
    """A day passes, and the task still ends."""
    server = Watched()
    server.takes_all()
    server.every_task(RUNNING)
    async with opened(server, poll_interval=600.0) as client:
        handle = client.imagine("a cat", deadline=None)
        await handle.submitted()
        await asyncio.sleep(86400)
        server.shows("1001", DONE)
        assert (await handle).ended


@virtual_time
async def test_a_lost_task_is_picked_up_by_attaching_its_id() -> None:
    """It is the same record, so both handles see the end, and the click on it goes out."""
    server = Watched()
    server.takes_all()
    server.on("action", accepted("2001"))
    server.shows("1001", RUNNING)
    server.shows("2001", DONE)
    async with opened(server, deadline=50.0) as client:
        lost = client.imagine("a cat")
        click = lost.click("U1")
        for handle in (lost, click):
            with pytest.raises(TaskLost):
                await handle
        assert click.state is State.NEW
        server.shows("1001", DONE)
        assert (await client.attach("1001")).ended
        assert (await lost).ended
        assert (await click).id == "2001"
    assert server.routes == ["imagine", "action"]


@virtual_time
async def test_whoever_attaches_with_a_longer_deadline_prolongs_it() -> None:
    """Of several patiences the longest counts, and no deadline at all most."""
    server = Watched()
    server.shows("77", RUNNING)
    async with opened(server) as client:
        first = client.attach("77", deadline=50.0)
        client.attach("77", deadline=500.0)
        client.attach("77", deadline=5.0)
        with pytest.raises(TaskLost):
            await first
        assert server.now == pytest.approx(500.0, abs=1.0)
