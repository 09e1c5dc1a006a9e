"""A submit in doubt is settled by a look, or by a person's word where looking proves nothing."""

from __future__ import annotations

import asyncio

import pytest

from mjflow.errors import (
    InvalidInput,
    NoReply,
    NotSubmitted,
    ParentUnusable,
    SubmissionInDoubt,
    TaskNotFound,
)
from mjflow.fsm.states import State
from mjflow.journal.memory import MemoryStore

from .. import scripted
from ..scripted import (
    DONE,
    LOST,
    RUNNING,
    Scripted,
    accepted,
    events,
    opened,
    outcome,
)
from ..virtual import virtual_time
from .listing import Listing, listed


def losing(*answers: scripted.Answer) -> Scripted:
    """Make a server that loses its first answer to an imagine."""
    server = Scripted()
    server.on("imagine", LOST, *answers)
    server.every_task(DONE)
    return server


# --- look ---------------------------------------------------------------------------------


@virtual_time
async def test_a_look_at_a_gateway_proves_nothing() -> None:
    """There is nothing to look at; the doubt stays, with its error."""
    server = losing()
    async with opened(server) as client:
        handle = client.imagine("a cat")
        await outcome(handle)
        assert await handle.settle() is State.IN_DOUBT
        assert type(await outcome(handle)) is SubmissionInDoubt
    assert server.routes == ["imagine"]


@virtual_time
async def test_a_look_finds_what_was_told_in_doubt() -> None:
    """What the list shows at last is taken up; whoever waits from then on gets the result."""
    server, store = Listing(), MemoryStore()
    server.on("imagine", LOST)
    server.shows("1", RUNNING, DONE)
    async with listed(server, journal=store) as client:
        handle = client.imagine("a cat", key="k")
        await outcome(handle)
        assert await handle.settle("look") is State.IN_DOUBT
        server.has("1", server.sent[0])
        assert await handle.settle("look") is State.SUBMITTED
        assert (await handle).id == "1"
    assert await events(store, "k") == [["UNANSWERED", "FOUND", "SUCCEEDED"]]


@virtual_time
async def test_a_look_that_fails_says_so() -> None:
    """Silence of the server is no answer to the question."""
    server = Listing()
    server.on("imagine", LOST)
    async with listed(server) as client:
        handle = client.imagine("a cat")
        await outcome(handle)
        server.failures = [NoReply("silence")]
        with pytest.raises(NoReply):
            await handle.settle()
        assert handle.state is State.IN_DOUBT


@virtual_time
async def test_a_look_can_be_had_while_the_search_goes_on() -> None:
    """It is one more read, and does not end the search."""
    server = Listing()
    server.on("imagine", LOST)
    server.every_task(DONE)
    async with listed(server) as client:
        handle = client.imagine("a cat")
        await asyncio.sleep(30.0)
        assert await handle.settle() is State.IN_DOUBT
        assert handle.outcome is None
        server.has("1", server.sent[0])
        assert (await handle).id == "1"


# --- that one -----------------------------------------------------------------------------


@virtual_time
async def test_a_person_names_the_task() -> None:
    """It is read first, then it is the handle's own; children go on, the money is counted."""
    server, store = losing(), MemoryStore()
    server.on("action", accepted("2"))
    async with opened(server, journal=store) as client:
        handle = client.imagine("a cat", key="k")
        child = handle.click("U1")
        await outcome(child)
        assert await handle.settle(task_id=" 1 ") is State.SUBMITTED
        assert (await handle).id == "1"
        assert (await child).id == "2"
        assert client.statistics().spent.in_doubt == 0.0
    assert server.routes == ["imagine", "action"]
    assert await events(store, "k") == [["UNANSWERED", "FOUND", "SUCCEEDED"]]


@virtual_time
async def test_an_id_that_the_server_denies_settles_nothing() -> None:
    """A typo must not become a task that is watched for an hour."""
    server, store = Scripted(), MemoryStore()
    server.on("imagine", LOST)
    async with opened(server, journal=store) as client:
        handle = client.imagine("a cat", key="k")
        await outcome(handle)
        with pytest.raises(TaskNotFound):
            await handle.settle(task_id="1")
        assert handle.state is State.IN_DOUBT
    assert await events(store, "k") == [["UNANSWERED"]]


@virtual_time
async def test_a_task_with_another_token_is_somebody_elses() -> None:
    """Neither another client's task nor another of our own can be claimed."""
    server = losing()
    server.shows("1", {**DONE, "state": "mj1.aaaaaaaaaaaaaaaaaaaa:"})
    async with opened(server) as client:
        handle = client.imagine("a cat")
        await outcome(handle)
        with pytest.raises(InvalidInput, match="aaaaaaaaaaaaaaaaaaaa"):
            await handle.settle(task_id="1")
        assert handle.state is State.IN_DOUBT


@virtual_time
async def test_a_task_that_is_known_to_be_another_acts_cannot_be_claimed() -> None:
    """Where the server echoes no state, our own books tell."""
    server = losing(accepted("1"))
    async with opened(server) as client:
        handle = client.imagine("a cat")
        await outcome(handle)
        await client.imagine("a dog", key="dog")
        with pytest.raises(InvalidInput, match="'dog'"):
            await handle.settle(task_id="1")


@virtual_time
async def test_a_task_that_was_attached_meanwhile_can_be_claimed() -> None:
    """Somebody looked at it by its id before saying that it is the one."""
    server = losing()
    server.shows("1", RUNNING, RUNNING, DONE)
    async with opened(server) as client:
        handle = client.imagine("a cat")
        await outcome(handle)
        seen = client.attach("1")
        await handle.settle(task_id="1")
        assert (await handle).id == (await seen).id == "1"


# --- absent -------------------------------------------------------------------------------


@virtual_time
async def test_a_person_says_that_there_is_no_task() -> None:
    """The handle and what waits behind it are told; the same key may be asked for again."""
    server, store = losing(accepted("1")), MemoryStore()
    async with opened(server, journal=store) as client:
        handle = client.imagine("a cat", key="k")
        child = handle.click("U1")
        await outcome(child)
        assert await handle.settle("absent") is State.WITHDRAWN
        error = await outcome(handle)
        assert type(error) is NotSubmitted
        assert "settled as absent" in error.message
        assert type(await outcome(child)) is ParentUnusable
        assert client.statistics().spent.in_doubt == 0.0
        again = client.imagine("a cat", key="k")
        assert (await again).id == "1"
    assert server.routes == ["imagine", "imagine"]
    assert await events(store, "k") == [["UNANSWERED", "ABSENT"], ["ACCEPTED", "SUCCEEDED"]]


@virtual_time
async def test_what_a_list_shows_is_not_absent() -> None:
    """Presence proves, against a person's word."""
    server = Listing()
    server.on("imagine", LOST)
    server.every_task(DONE)
    async with listed(server) as client:
        handle = client.imagine("a cat")
        await outcome(handle)
        server.has("1", server.sent[0])
        assert await handle.settle("absent") is State.SUBMITTED
        assert (await handle).id == "1"


@virtual_time
async def test_a_task_settled_as_absent_is_taken_up_when_it_turns_up() -> None:
    """A person can err; the handle then has its task after all."""
    server, store = Listing(), MemoryStore()
    server.on("imagine", LOST, LOST)
    server.every_task(DONE)
    async with listed(server, journal=store) as client:
        first = client.imagine("a cat", key="k")
        await outcome(first)
        await first.settle("absent")
        server.has("1", server.sent[0])
        await outcome(client.imagine("a dog"))
        assert (await first).id == "1"
        assert client.imagine("a cat", key="k").id == "1"
        assert client.statistics().spent.charged == 0.1
    assert await events(store, "k") == [["UNANSWERED", "ABSENT", "FOUND", "SUCCEEDED"]]


@virtual_time
async def test_an_anonymous_task_settled_as_absent_is_taken_up_too() -> None:
    """It was struck from the books; whoever holds its handle gets the result all the same."""
    server = Listing()
    server.on("imagine", LOST, LOST)
    server.every_task(DONE)
    async with listed(server) as client:
        first = client.imagine("a cat")
        await outcome(first)
        await first.settle("absent")
        assert [handle.key for handle in client.tasks] == []
        server.has("1", server.sent[0])
        await outcome(client.imagine("a dog"))
        assert (await first).id == "1"
