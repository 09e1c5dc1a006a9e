"""What users hold: awaiting, waiting, and what is known without either."""

from __future__ import annotations

import asyncio
import gc
import traceback
from typing import Any

import pytest

from mjflow import (
    PromptRefused,
    State,
    StillRunning,
    SubmissionInDoubt,
    TaskFailed,
    TaskLost,
    TaskNotFound,
    WaitTimeout,
)
from tests.engine.watched import Watched
from tests.scripted import (
    DESCRIBED,
    DONE,
    FAILED,
    LOST,
    PICTURE,
    RUNNING,
    WAITING,
    Held,
    accepted,
    answered,
    banned,
    opened,
)
from tests.virtual import virtual_time

SINGLE = {**DONE, "buttons": [{"customId": c, "label": b} for c, b in (*PICTURE, *DESCRIBED)]}


def server_of(*rows: dict[str, Any]) -> Watched:
    server = Watched()
    server.takes_all()
    server.every_task(*rows)
    return server


# --- known without waiting ----------------------------------------------------------------


@virtual_time
async def test_a_handle_tells_where_its_task_stands() -> None:
    """From the call to the end, without a request of its own."""
    server = server_of(WAITING, RUNNING, DONE)
    async with opened(server) as client:
        handle = client.imagine("a cat", key="order-17")
        assert repr(handle) == "<TaskHandle 'order-17': NEW>"
        assert (handle.id, handle.ids, handle.state) == (None, (), State.NEW)
        assert (handle.key, handle.button, handle.outcome) == ("order-17", "", None)
        assert await handle.submitted() == handle.id == "1001"
        assert handle.state is State.SUBMITTED
        task = await handle
        assert handle.outcome is handle.task is task
        assert repr(handle) == "<TaskHandle '1001': SUCCESS>"


@virtual_time
async def test_a_click_names_its_button_canonically() -> None:
    """As it was asked for until the parent has ended, then as the parent spells it."""
    server = server_of(SINGLE)
    async with opened(server) as client:
        click = client.imagine("a cat").click("zoom out 2X")
        assert click.button == "zoom_2x"


@virtual_time
async def test_a_handle_nobody_keeps_leaves_no_complaint() -> None:
    """A failure that nobody asks about is no exception that was never retrieved."""
    server = server_of(FAILED)
    complaints: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, c: complaints.append(c))
    async with opened(server) as client:
        client.imagine("a cat")
        await asyncio.sleep(60)
        gc.collect()
        assert client.tasks == ()
    assert complaints == []


@virtual_time
async def test_tasks_lists_what_is_open_and_what_has_a_key() -> None:
    """Ended acts without a key of the caller's are forgotten."""
    server = server_of(DONE)
    async with opened(server) as client:
        kept = client.imagine("a cat", key="order-17")
        await asyncio.gather(kept, client.imagine("a dog"))
        server.every_task(RUNNING)
        running = client.imagine("a bird")
        assert [handle.key for handle in client.tasks] == ["order-17", running.key]


# --- waiting ------------------------------------------------------------------------------


@virtual_time
async def test_a_handle_may_be_awaited_again_and_by_many() -> None:
    """The same task each time."""
    async with opened(server_of(RUNNING, DONE)) as client:
        handle = client.imagine("a cat")
        first, *others = await asyncio.gather(handle, handle, handle.wait(), handle.wait(3600))
        assert [other is first for other in others] == [True] * 3
        assert await handle is await handle is first


@virtual_time
async def test_a_wait_with_a_timeout_ends_and_the_task_goes_on() -> None:
    """The error is a `TimeoutError` that names the task; a later wait gets the result."""
    server = server_of(RUNNING)
    async with opened(server) as client:
        handle = client.imagine("a cat")
        with pytest.raises(TimeoutError) as raised:
            await handle.wait(timeout=30)
        assert server.now == pytest.approx(30, abs=0.1)
        assert isinstance(raised.value, WaitTimeout)
        assert (raised.value.task_id, raised.value.timeout) == ("1001", 30)
        assert (handle.state, handle.outcome) == (State.IN_PROGRESS, None)
        assert not handle._record.waiters
        server.shows("1001", DONE)
        assert (await handle.wait(timeout=30)).ended


@virtual_time
async def test_a_timeout_before_acceptance_names_no_task() -> None:
    """There is no id yet."""
    server, held = server_of(DONE), Held()
    server.on("imagine", held)
    async with opened(server) as client:
        handle = client.imagine("a cat")
        with pytest.raises(WaitTimeout, match="not yet accepted") as raised:
            await handle.wait(timeout=1)
        assert raised.value.task_id is None
        held.release(accepted("7"))
        assert (await handle).id == "7"


@virtual_time
async def test_no_time_at_all_asks_only_for_what_is_there() -> None:
    """Zero seconds: the outcome, if there is one."""
    async with opened(server_of(RUNNING, DONE)) as client:
        handle = client.imagine("a cat")
        with pytest.raises(WaitTimeout):
            await handle.wait(timeout=0)
        await handle
        assert (await handle.wait(timeout=0)).ended


@virtual_time
async def test_the_timeouts_of_asyncio_work_on_handles() -> None:
    """They cancel the wait, which leaves the task alone."""
    server = server_of(RUNNING)
    async with opened(server) as client:
        handle = client.imagine("a cat")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(handle, 10)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(10):
                await handle
        assert handle.outcome is None
        assert not handle._record.waiters


@virtual_time
async def test_the_id_comes_before_the_end_or_an_error_does() -> None:
    """`submitted` raises what became of a task that was never accepted."""
    server = server_of(RUNNING)
    server.on("imagine", banned("blood"), LOST, accepted("7"))
    async with opened(server) as client:
        with pytest.raises(PromptRefused):
            await client.imagine("a cat").submitted()
        with pytest.raises(SubmissionInDoubt):
            await client.imagine("a cat").submitted()
        assert await client.imagine("a cat").submitted() == "7"


@virtual_time
async def test_an_error_raised_twice_carries_one_traceback() -> None:
    """A handle that is awaited a hundred times does not grow its error."""
    async with opened(server_of(FAILED)) as client:
        handle = client.imagine("a cat")
        depths = []
        for _ in range(5):
            with pytest.raises(TaskFailed) as raised:
                await handle
            depths.append(len(traceback.extract_tb(raised.value.__traceback__)))
        assert len(set(depths)) == 1
        assert raised.value.__context__ is None


# --- several tasks of one button ----------------------------------------------------------


def imagine_all(*rows: dict[str, Any]) -> Watched:
    server = server_of(SINGLE)
    ids = [str(number) for number in range(1, 1 + len(rows))]
    server.on("action", answered(1, ",".join(ids)))
    for task_id, row in zip(ids, rows, strict=True):
        server.shows(task_id, row)
    return server


@virtual_time
async def test_each_task_of_a_button_has_a_handle_of_its_own() -> None:
    """To attach one of their ids is to get that one, not the act that started them all."""
    server = imagine_all(DONE, RUNNING)
    async with opened(server) as client:
        click = client.imagine("a cat").click("Imagine all")
        await click.submitted()
        await asyncio.sleep(10)
        first, second = click.children
        assert click.ids == (first.id, second.id) == ("1", "2")
        assert (await first).ended
        assert client.attach("2").key == second.key
        assert click.outcome is None
        server.shows("2", DONE)
        assert (await click).ended


@virtual_time
async def test_a_lost_child_leaves_its_parent_lost() -> None:
    """Nobody knows how it ended."""
    server = imagine_all(DONE, RUNNING)
    async with opened(server, deadline=60.0) as client:
        click = client.imagine("a cat").click("Imagine all")
        with pytest.raises(TaskLost):
            await click
        assert click.state is State.LOST


# --- attaching ----------------------------------------------------------------------------


@virtual_time
async def test_an_id_of_an_ended_task_is_attached_in_one_look() -> None:
    """At once, not an interval later."""
    server = server_of()
    server.shows("77", DONE)
    async with opened(server) as client:
        assert (await client.attach("77")).id == "77"
        assert server.now < 0.5
        assert (await client.get("77")).id == "77"
        with pytest.raises(TaskNotFound):
            await client.get("78")


@virtual_time
async def test_attaching_an_own_task_gives_the_same_record() -> None:
    """It is looked at once for both, and closing tells both."""
    server = server_of(RUNNING)
    async with opened(server) as client:
        mine = client.imagine("a cat")
        again = client.attach(await mine.submitted())
        assert again.key == mine.key
    assert isinstance(again.outcome, StillRunning)
    assert again.outcome is mine.outcome
