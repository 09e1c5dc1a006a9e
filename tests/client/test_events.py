"""What readers of a task's events and observers of a client see."""

from __future__ import annotations

import asyncio
import logging

import pytest

from mjflow import State, StillRunning, TaskFailed, TaskHandle, TaskLost, Update
from tests.client.worlds import world
from tests.engine.watched import Watched
from tests.scripted import (
    DONE,
    FAILED,
    LOST,
    OPEN,
    PICTURE,
    RUNNING,
    UNREAD,
    WAITING,
    asking,
    banned,
    opened,
    queue_full,
    row,
)
from tests.virtual import virtual_time


def server_of(*rows: dict[str, object]) -> Watched:
    server = Watched()
    server.takes_all()
    server.every_task(*rows)
    return server


def readers(handle: TaskHandle) -> int:
    return len(handle._record.feeds or ())


async def states(handle: TaskHandle) -> list[State | None]:
    return [update.state async for update in handle.events() if update.kind == "state"]


# --- events -------------------------------------------------------------------------------


@virtual_time
async def test_steps_come_in_order_and_end_with_the_outcome() -> None:
    """From where the task stands until it has ended."""
    async with opened(server_of(UNREAD, WAITING, RUNNING, DONE), mode="turbo") as client:
        handle = client.imagine("a cat")
        updates = [update async for update in handle.events()]
    assert [update.state for update in updates if update.kind == "state"] == [
        State.NEW,
        State.SUBMITTING,
        State.SUBMITTED,
        State.IN_PROGRESS,
        State.SUCCESS,
    ]
    assert [update.progress for update in updates if update.kind == "progress"] == [None, 0, 42]
    assert updates[-1].task is handle.task
    assert {update.key for update in updates} == {handle.key}
    acts = {(update.act, update.button, update.mode) for update in updates}
    assert acts == {("imagine", "", "turbo")}


@virtual_time
async def test_a_reader_who_comes_late_begins_with_where_the_task_stands() -> None:
    """One update, even when all is over."""
    async with opened(server_of(DONE)) as client:
        handle = client.imagine("a cat")
        await handle
        assert await states(handle) == [State.SUCCESS]


@virtual_time
async def test_an_error_is_an_update_not_an_exception() -> None:
    """A failure and a refusal end the events like a success."""
    async with opened(server_of(FAILED)) as client:
        *_, last = [update async for update in client.imagine("a cat").events()]
        assert isinstance(last.error, TaskFailed)
        client.imagine("a cat")
    server = server_of()
    server.on("imagine", banned("blood"))
    async with opened(server) as client:
        assert await states(client.imagine("a cat")) == [
            State.NEW,
            State.SUBMITTING,
            State.REFUSED,
        ]


@virtual_time
async def test_a_dialog_that_nobody_answers_ends_the_events() -> None:
    """An outcome, if not the last word: who answers it may read on."""
    server = server_of({**DONE, "buttons": [{"customId": c, "label": b} for c, b in PICTURE]})
    server.on("action", asking("9"))
    server.shows("9", OPEN)
    async with opened(server) as client:
        click = client.imagine("a cat").click("Vary (Region)")
        assert (await states(click))[-1] is State.MODAL
        click._engine.tracker.clear(click._record)
        reading = asyncio.ensure_future(states(click))
        await asyncio.sleep(1)
        server.shows("9", DONE)
        assert (await reading)[-1] is State.SUCCESS


@virtual_time
async def test_what_keeps_a_parent_waiting_ends_the_events_behind_it() -> None:
    """For who reads along as for who comes late, down the whole chain."""
    async with opened(server_of(RUNNING), deadline=50.0) as client:
        last = client.imagine("a cat").click("U1").click("Zoom Out 2x")
        for _ in range(2):
            *_, update = [update async for update in last.events()]
            assert (update.state, type(update.error)) == (State.NEW, TaskLost)


@virtual_time
async def test_a_slow_reader_misses_looks_but_never_a_step() -> None:
    """Of what it has not read yet only the newest progress is kept."""
    rows = [row("IN_PROGRESS", f"{percent}%") for percent in range(0, 100, 5)]
    async with opened(server_of(WAITING, *rows, DONE)) as client:
        handle = client.imagine("a cat")
        seen: list[Update] = []
        async for update in handle.events():
            seen.append(update)
            await asyncio.sleep(60)
    assert [update.state for update in seen if update.kind == "state"] == [
        State.NEW,
        State.SUBMITTING,
        State.SUBMITTED,
        State.IN_PROGRESS,
        State.SUCCESS,
    ]
    progress = [update.progress for update in seen if update.kind == "progress"]
    assert len(progress) <= 3
    assert progress[-1] == 95


@virtual_time
async def test_several_readers_see_the_same() -> None:
    """Each at its own pace."""
    async with opened(server_of(WAITING, RUNNING, DONE)) as client:
        handle = client.imagine("a cat")
        one, other = await asyncio.gather(states(handle), states(handle))
        assert one == other
        assert readers(handle) == 0


@virtual_time
async def test_a_reader_who_leaves_leaves_nothing() -> None:
    """By breaking off or by being cancelled."""
    async with opened(server_of(RUNNING)) as client:
        handle = client.imagine("a cat")
        async for _ in handle.events():
            break
        reading = asyncio.ensure_future(states(handle))
        await asyncio.sleep(30)
        assert readers(handle) == 1
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        assert readers(handle) == 0
        reading = asyncio.ensure_future(states(handle))
        await asyncio.sleep(1)
    assert (await reading)[-1] is State.IN_PROGRESS
    assert isinstance(handle.outcome, StillRunning)


@virtual_time
async def test_events_go_on_with_the_record_that_takes_the_place() -> None:
    """A free click in doubt is sent again, and its reader sees it through."""
    server = server_of({**DONE, "buttons": [{"customId": c, "label": b} for c, b in PICTURE]})
    server.on("action", LOST, asking("9", "a cat"))
    server.takes_all("modal")
    server.shows("9", DONE)
    async with opened(server) as client:
        click = client.imagine("a cat").click("Custom Zoom", prompt="a cat --zoom 1.5")
        seen = await states(click)
    assert seen.count(State.SUBMITTING) == 2
    assert seen[-1] is State.SUCCESS
    assert readers(click) == 0


@virtual_time
async def test_a_retry_is_told_with_its_reason_and_its_delay() -> None:
    """So that a view can say what is being waited for."""
    server = server_of(DONE)
    server.on("imagine", queue_full())
    async with opened(server) as client:
        updates = [update async for update in client.imagine("a cat").events()]
    (retry,) = [update for update in updates if update.kind == "retry"]
    assert "queue" in retry.reason
    assert retry.delay is not None
    assert 0 < retry.delay <= 2.0


@virtual_time
async def test_events_over_sockets_show_progress_place_and_preview() -> None:
    """What a live view needs: percent, the tasks ahead, a link to the unfinished picture."""
    async with world(simulator={"core_size": 1}, poll_interval=1.0) as here:
        here.client.imagine("a dog --v 6.1")
        await asyncio.sleep(1)
        handle = here.client.imagine("a cat --v 6.1")
        updates = [update async for update in handle.events()]
        assert updates[-1].state is State.SUCCESS
        assert {update.queue_place for update in updates} == {None, 1}
        assert any(update.progress for update in updates)
        assert any("rand=" in (update.preview or "") for update in updates)


# --- observers ----------------------------------------------------------------------------


@virtual_time
async def test_an_observer_that_fails_does_no_harm(caplog: pytest.LogCaptureFixture) -> None:
    """It is logged, and the others hear all the same."""
    seen: list[Update] = []

    def fails(_: Update) -> None:
        raise ZeroDivisionError

    async with opened(server_of(DONE), observers=[fails, seen.append]) as client:
        await client.imagine("a cat")
    assert [update.state for update in seen if update.kind == "state"][-1] is State.SUCCESS
    assert {line.message for line in caplog.records} == {"an observer failed on state"}


@virtual_time
async def test_an_observer_may_act() -> None:
    """A click from within an update goes out like any other."""
    server = server_of({**DONE, "buttons": [{"customId": c, "label": b} for c, b in PICTURE]})
    server.takes_all("action")
    clicks: list[TaskHandle] = []
    async with opened(server) as client:

        def upscale(update: Update) -> None:
            if update.state is State.SUCCESS and not clicks:
                clicks.append(client.attach(update.id or "").click("Zoom Out 2x"))

        client._engine.tracker._observers.add(upscale)
        await client.imagine("a cat")
        assert (await clicks[0]).ended


@virtual_time
async def test_steps_are_logged_when_the_logger_wants_them(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """One line a step with id, state and percent; looks only as details."""
    with caplog.at_level(logging.DEBUG, "mjflow"):
        async with opened(server_of(RUNNING, DONE)) as client:
            await client.imagine("a cat")
    lines = [(line.levelname, line.message) for line in caplog.records if line.name == "mjflow"]
    assert ("INFO", "state 1001 IN_PROGRESS 42%") in lines
    assert ("DEBUG", "progress 1001 IN_PROGRESS 42%") in lines
    assert lines[-1] == ("INFO", "state 1001 SUCCESS 100%")
