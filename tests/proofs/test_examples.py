"""What the proofs have found so far, each as short as can be."""

from __future__ import annotations

import asyncio

from mjflow import Client, ModalRequired, TaskHandle, TaskLost
from mjflow.fsm.events import Event
from mjflow.fsm.states import State
from mjflow.journal.memory import MemoryStore
from mjflow.simulator import Simulator
from mjflow.transport.aiohttp import AiohttpTransport

from ..engine.paying import release_in
from ..scripted import (
    DONE,
    OPEN,
    RUNNING,
    Held,
    Scripted,
    accepted,
    asking,
    events,
    opened,
    outcome,
)
from .leaks import clean
from .stages import in_memory
from .steps import Meter, Stepped, asleep


@clean
async def test_a_close_that_is_cancelled_leaves_no_connection_open() -> None:
    """A second Ctrl-C while the first of three pools closes does not spare the other two."""
    async with Simulator(threads=False) as server:
        transport = AiohttpTransport(server.base_url, "sk-test")
        await transport.submit("/mj/submit/imagine", b"{}")
        await transport.read("GET", "/mj/task/1/fetch")
        meter = Meter(asleep, 1)
        closing = asyncio.create_task(Stepped(transport.aclose(), meter))
        meter.cancel = closing.cancel
        await asyncio.wait([closing])
        assert closing.cancelled()


@clean
async def test_a_race_can_be_left_in_the_moment_in_which_a_task_ends() -> None:
    """The bell that rings too late is nobody's business any more."""
    async with in_memory() as stage, stage.client() as client:
        handle = client.imagine("a cat")
        reader = asyncio.create_task(race(client, handle))
        await handle.submitted()
        reader.cancel()
        lost = TaskLost("it is gone", task_id=handle.id)
        client._engine.tracker.move(handle._record, Event.FORGOTTEN, error=lost)
        await asyncio.wait([reader])
        assert reader.cancelled()


async def race(client: Client, handle: TaskHandle) -> None:
    async for _ in client.as_completed([handle]):
        pass


@clean
async def test_an_act_of_several_tasks_waits_while_one_of_them_asks() -> None:
    """A dialog is no failure: once it is answered, and all are done, the act is."""
    server = Scripted()
    server.on("imagine", accepted("15,16"))
    server.always("modal", server.answers_dialogs())
    server.shows("15", DONE)
    server.shows("16", OPEN)
    async with opened(server, on_dialog="raise") as client:
        both = client.imagine("a cat")
        assert type(await outcome(both)) is ModalRequired
        assert not both.task
        both.children[1].modal("a crown")
        await asyncio.sleep(1.0)
        assert (await both).id == "15"


@clean
async def test_an_answer_is_heard_although_its_task_was_seen_to_run_before() -> None:
    """Closing tears no request whose task a look was quicker to show than its own reply."""
    server, store, held = Scripted(), MemoryStore(), Held()
    server.on("imagine", accepted("1"))
    server.on("action", asking("2", "offered"))
    server.on("modal", held)
    server.shows("1", DONE)
    server.shows("2", OPEN, RUNNING)
    async with opened(server, journal=store, poll_interval=1.0) as client:
        zoom = client.imagine("a cat", key="k").click("Custom Zoom", prompt="p")
        await held.arrived.wait()
        await asyncio.sleep(10.0)
        assert zoom.state is State.IN_PROGRESS
        release_in(30.0, held, accepted("2"))
    assert not held.torn
    assert (await events(store, zoom.key))[0][-1] == "ANSWER_ACCEPTED"


@clean
async def test_what_a_person_says_of_a_torn_answer_holds_in_the_lives_after_it() -> None:
    """The journal has no word between the intent and the person's; it is read all the same."""
    server, store = Scripted(), MemoryStore()
    server.on("imagine", accepted("1"))
    server.on("action", asking("2", "offered"))
    server.on("modal", Held())
    server.shows("1", DONE)
    server.shows("2", OPEN)
    torn = asyncio.create_task(zoom_until_cancelled(server, store))
    for _ in range(2):
        await asyncio.sleep(30.0)
        torn.cancel()
    await asyncio.wait([torn])
    async with opened(server, journal=store) as client:
        zoom = client.imagine("a cat", key="k").click("Custom Zoom", prompt="p")
        await outcome(zoom)
        assert await zoom.settle("absent") is State.MODAL
    for _ in range(2):
        async with opened(server, journal=store, on_dialog="raise") as client:
            zoom = client.imagine("a cat", key="k").click("Custom Zoom", prompt="p")
            assert type(await outcome(zoom)) is ModalRequired
            assert zoom.state is State.MODAL


async def zoom_until_cancelled(server: Scripted, store: MemoryStore) -> None:
    async with opened(server, journal=store) as client:
        await client.imagine("a cat", key="k").click("Custom Zoom", prompt="p")
