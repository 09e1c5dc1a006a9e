"""The same key is the same task in the next client on the same journal."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from mjflow.client import Client
from mjflow.errors import (
    AnswerInDoubt,
    ClientClosed,
    KeyConflict,
    ModalRequired,
    PromptRefused,
    SubmissionInDoubt,
    TaskFailed,
)
from mjflow.fsm.states import State
from mjflow.handle import TaskHandle
from mjflow.journal.memory import MemoryStore
from mjflow.journal.store import Intent
from mjflow.protocol.codec import digest
from mjflow.protocol.requests import Imagine

from .. import scripted
from ..scripted import (
    BASE,
    DONE,
    FAILED,
    LOST,
    OPEN,
    RUNNING,
    Scripted,
    accepted,
    asking,
    events,
    opened,
    outcome,
)
from ..virtual import virtual_time

# --- in the next client -------------------------------------------------------------------


def chain(client: Client) -> TaskHandle:
    return client.imagine("a cat", key="k").click("U1")


@virtual_time
async def test_a_chain_that_has_ended_is_the_same_chain_in_the_next_client() -> None:
    """Nothing is sent, and nothing looked at, for what the journal knows to have ended."""
    server, store = Scripted(), MemoryStore()
    server.on("imagine", accepted("1"))
    server.on("action", accepted("2"))
    server.every_task(RUNNING, DONE)
    async with opened(server, journal=store) as client:
        done = await chain(client)
    server.looks.clear()
    async with opened(server, journal=store) as client:
        again = await chain(client)
    assert (again.id, again) == ("2", done)
    assert server.routes == ["imagine", "action"]
    assert server.looks == []


@virtual_time
async def test_a_chain_that_was_running_is_watched_on_in_the_next_client() -> None:
    """An accepted task is taken up by its id, and its chain goes on from there."""
    server, store = Scripted(), MemoryStore()
    server.on("imagine", accepted("1"))
    server.on("action", accepted("2"))
    server.shows("1", RUNNING)
    server.shows("2", DONE)
    async with opened(server, journal=store) as client:
        handle = chain(client)
        await asyncio.sleep(20.0)
    assert isinstance(handle.outcome, ClientClosed)
    server.shows("1", RUNNING, DONE)
    async with opened(server, journal=store, max_in_flight=1) as client:
        last = chain(client)
        await asyncio.sleep(0.1)
        assert client.statistics().in_flight == 1
        assert (await last).id == "2"
        assert client.statistics().in_flight == 0
    assert server.routes == ["imagine", "action"]


@virtual_time
async def test_a_task_that_failed_is_the_same_failure_in_the_next_client() -> None:
    """A failed task is not paid for again because somebody asks again."""
    server, store = Scripted(), MemoryStore()
    server.on("imagine", accepted("1"))
    server.shows("1", FAILED)
    for _ in range(2):
        async with opened(server, journal=store) as client:
            error = await outcome(client.imagine("a cat", key="k"))
            assert isinstance(error, TaskFailed)
            assert error.task_id == "1"
    assert server.routes == ["imagine"]


@virtual_time
async def test_a_doubt_is_the_same_doubt_in_the_next_client() -> None:
    """Doubt is kept with its token and its reason; nothing is sent again."""
    server, store = Scripted(), MemoryStore()
    server.on("imagine", LOST)
    for _ in range(2):
        async with opened(server, journal=store) as client:
            error = await outcome(client.imagine("a cat", key="k"))
            assert isinstance(error, SubmissionInDoubt)
            assert error.token == server.sent[0].token
            assert LOST.reason in error.message
    assert server.routes == ["imagine"]


@virtual_time
async def test_after_a_rejection_the_next_client_opens_the_next_attempt() -> None:
    """What the server turned away was never started: it may be sent in another life."""
    server, store = Scripted(), MemoryStore()
    server.always("imagine", scripted.queue_full())
    async with opened(server, journal=store) as client:
        handle = client.imagine("a cat", key="k")
        await asyncio.sleep(1.0)
    assert isinstance(handle.outcome, ClientClosed)
    server.always("imagine", accepted("1"))
    server.shows("1", DONE)
    async with opened(server, journal=store) as client:
        assert (await client.imagine("a cat", key="k")).id == "1"
    assert await events(store, "k") == [["REJECTED"], ["ACCEPTED", "SUCCEEDED"]]


@virtual_time
async def test_a_refusal_is_asked_again_in_the_next_client() -> None:
    """A refused key opens its next attempt in another life as well."""
    server, store = Scripted(), MemoryStore()
    server.on("imagine", scripted.banned("gore"), accepted("1"))
    server.shows("1", DONE)
    async with opened(server, journal=store) as client:
        assert type(await outcome(client.imagine("a cat", key="k"))) is PromptRefused
    async with opened(server, journal=store) as client:
        assert (await client.imagine("a cat", key="k")).id == "1"


@virtual_time
async def test_another_content_in_the_next_client_is_a_conflict() -> None:
    """The journal keeps what a key stood for."""
    server, store = Scripted(), MemoryStore()
    server.on("imagine", accepted("1"))
    server.shows("1", DONE)
    async with opened(server, journal=store) as client:
        await client.imagine("a cat", key="k")
    async with opened(server, journal=store) as client:
        handle = client.imagine("a dog", key="k")
        assert type(await outcome(handle)) is KeyConflict
        assert handle.state is State.WITHDRAWN
    assert server.routes == ["imagine"]


@virtual_time
async def test_a_dialog_left_open_is_answered_in_the_next_client() -> None:
    """A dialog that nobody answered is open still, and wants what it wanted."""
    server, store = Scripted(), MemoryStore()
    server.on("imagine", accepted("1"))
    server.on("action", asking("2", "a cat --zoom 2"))
    server.on("modal", accepted("2"))
    server.shows("1", DONE)
    async with opened(server, journal=store, on_dialog="raise") as client:
        zoom = client.imagine("a cat", key="k").click("Custom Zoom")
        assert type(await outcome(zoom)) is ModalRequired
    server.shows("2", DONE)
    async with opened(server, journal=store) as client:
        assert (await client.imagine("a cat", key="k").click("Custom Zoom")).id == "2"
    assert server.routes == ["imagine", "action", "modal"]
    assert server.to("modal")[0].body["prompt"] == "a cat --zoom 2"


@virtual_time
async def test_an_answer_that_was_accepted_is_not_given_again_in_the_next_client() -> None:
    """Though the server still shows the dialog, the journal knows that it was answered."""
    server, store = Scripted(), MemoryStore()
    server.on("imagine", accepted("1"))
    server.on("action", asking("2"))
    server.on("modal", accepted("3"))
    server.shows("1", DONE)
    server.shows("3", OPEN)
    for rows in ((OPEN,), (OPEN, OPEN, RUNNING, DONE)):
        server.shows("3", *rows)
        async with opened(server, journal=store) as client:
            zoom = client.imagine("a cat", key="k").click("Custom Zoom", prompt="p")
            await asyncio.sleep(60.0)
    assert zoom.task is not None
    assert (zoom.task.id, zoom.ids) == ("3", ("3", "2"))
    assert server.routes == ["imagine", "action", "modal"]


@virtual_time
async def test_an_answer_in_doubt_is_in_doubt_in_the_next_client() -> None:
    """It is looked into anew, not sent again, and settled by a look as before."""
    server, store = Scripted(), MemoryStore()
    server.on("imagine", accepted("1"))
    server.on("action", asking("2"))
    server.on("modal", LOST)
    server.shows("1", DONE)
    server.shows("2", OPEN)
    for _ in range(2):
        async with opened(server, journal=store) as client:
            zoom = client.imagine("a cat", key="k").click("Custom Zoom", prompt="p")
            assert type(await outcome(zoom)) is AnswerInDoubt
    server.shows("2", OPEN, RUNNING, DONE)
    async with opened(server, journal=store) as client:
        zoom = client.imagine("a cat", key="k").click("Custom Zoom", prompt="p")
        assert (await zoom).id == "2"
    assert server.routes == ["imagine", "action", "modal"]


# --- a life that ended in the middle ------------------------------------------------------


def intent(written_at: datetime, *, token: str = "t" * 20) -> Intent:
    return Intent(
        namespace=BASE,
        key="k",
        attempt=1,
        token=token,
        digest=digest(Imagine(prompt="a cat")),
        payload=b"{}",
        written_at=written_at,
    )


@virtual_time
async def test_an_old_intent_without_a_word_is_doubt_at_once() -> None:
    """A process died with its request on the wire: it may run, so nothing is sent."""
    server, store = Scripted(), MemoryStore()
    await store.intend(intent(datetime.now(UTC) - timedelta(seconds=100)))
    async with opened(server, journal=store) as client:
        error = await outcome(client.imagine("a cat", key="k"))
        assert isinstance(error, SubmissionInDoubt)
        assert error.token == "t" * 20
    assert server.sent == []


@virtual_time
async def test_a_fresh_intent_without_a_word_is_waited_for() -> None:
    """Another process may be waiting for the answer; after 95 s it cannot come any more."""
    server, store = Scripted(), MemoryStore()
    await store.intend(intent(datetime.now(UTC) - timedelta(seconds=10)))
    loop = asyncio.get_running_loop()
    async with opened(server, journal=store) as client:
        start = loop.time()
        assert type(await outcome(client.imagine("a cat", key="k"))) is SubmissionInDoubt
        assert 84.0 < loop.time() - start < 87.0
    assert server.sent == []
