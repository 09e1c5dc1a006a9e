"""A person gives an attempt up and has it sent once more; what becomes of both."""

from __future__ import annotations

import asyncio
import logging

import pytest

from mjflow.errors import (
    NotSubmitted,
    SubmissionInDoubt,
)
from mjflow.fsm.states import State
from mjflow.journal.memory import MemoryStore

from .. import scripted
from ..scripted import (
    DONE,
    LOST,
    OPEN,
    RUNNING,
    Scripted,
    accepted,
    asking,
    events,
    opened,
    outcome,
    task,
)
from ..virtual import virtual_time
from .listing import Listing, listed


def losing(*answers: scripted.Answer) -> Scripted:
    """Make a server that loses its first answer to an imagine."""
    server = Scripted()
    server.on("imagine", LOST, *answers)
    server.every_task(DONE)
    return server


@virtual_time
async def test_a_person_has_it_sent_once_more() -> None:
    """A new attempt goes out with a token of its own; all who wait go on with it."""
    server, store = losing(accepted("1")), MemoryStore()
    server.on("action", accepted("2"))
    async with opened(server, journal=store) as client:
        handle = client.imagine("a cat", key="k", state="mine")
        child = handle.click("U1")
        await outcome(child)
        assert await handle.settle("resubmit") is State.NEW
        assert (await handle).id == "1"
        assert (await child).id == "2"
        assert client.imagine("a cat", key="k").id == "1"
        spent = client.statistics().spent
    assert (spent.charged, spent.in_doubt) == (0.15, 0.1)
    first, second = server.to("imagine")
    assert first.token != second.token
    assert {**first.body, "state": ""} == {**second.body, "state": ""}
    assert second.body["state"].endswith(":mine")
    assert await events(store, "k") == [["UNANSWERED", "FORCED"], ["ACCEPTED", "SUCCEEDED"]]


@virtual_time
async def test_an_anonymous_act_can_be_sent_once_more_too() -> None:
    """No key of the caller's is needed, and it may come into doubt again and again."""
    server = losing(LOST, LOST, accepted("1"))
    async with opened(server) as client:
        handle = client.imagine("a cat")
        for sent in range(1, 4):
            assert type(await outcome(handle)) is SubmissionInDoubt
            assert len(server.sent) == sent
            await handle.settle("resubmit")
        assert (await handle).id == "1"


@virtual_time
async def test_a_click_can_be_sent_once_more() -> None:
    """With the same button of the same task."""
    server = Scripted()
    server.on("action", LOST, accepted("2"))
    server.shows("2", DONE)
    async with opened(server) as client:
        handle = client.click(task(), "U3")
        await outcome(handle)
        await handle.settle("resubmit")
        assert (await handle).id == "2"
    first, second = server.sent
    assert first.body["customId"] == second.body["customId"]


@virtual_time
async def test_what_a_list_shows_is_not_bought_again() -> None:
    """Who wants it sent once more gets what was found instead."""
    server = Listing()
    server.on("imagine", LOST)
    server.every_task(DONE)
    async with listed(server) as client:
        handle = client.imagine("a cat")
        await outcome(handle)
        server.has("1", server.sent[0])
        assert await handle.settle("resubmit") is State.SUBMITTED
        assert (await handle).id == "1"
    assert server.routes == ["imagine"]


@virtual_time
async def test_two_who_say_resubmit_at_once_send_it_once() -> None:
    """The second finds the doubt given up."""
    server = losing(accepted("1"))
    async with opened(server) as client:
        handle = client.imagine("a cat")
        await outcome(handle)
        await asyncio.gather(handle.settle("resubmit"), handle.settle("resubmit"))
        assert (await handle).id == "1"
    assert server.routes == ["imagine", "imagine"]


@virtual_time
async def test_a_resubmit_that_is_refused_is_told() -> None:
    """Then the first attempt is in doubt still, and nobody asks about it any more."""
    server = losing(scripted.banned("cat"))
    async with opened(server) as client:
        handle = client.imagine("a cat")
        await outcome(handle)
        await handle.settle("resubmit")
        assert isinstance(await outcome(handle), NotSubmitted)
        assert handle.state is State.REFUSED
        assert client.statistics().spent.in_doubt == 0.1


@virtual_time
async def test_an_attempt_given_up_that_turns_up_is_kept_beside_the_other(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Both tasks run and are paid: neither takes the other's place, and somebody is told."""
    server, store = Listing(), MemoryStore()
    server.on("imagine", LOST, accepted("2"), LOST)
    server.every_task(RUNNING)
    async with listed(server, journal=store) as client:
        handle = client.imagine("a cat", key="k")
        await outcome(handle)
        await handle.settle("resubmit")
        await handle.submitted()
        server.has("1", server.sent[0])
        with caplog.at_level(logging.WARNING):
            await outcome(client.imagine("a dog"))
        assert "'k' that was given up" in caplog.text
        assert "task 1" in caplog.text
        running = [one.id for one in client.tasks if one.state is State.IN_PROGRESS]
        assert (handle.id, sorted(map(str, running))) == ("2", ["1", "2"])
        spent = client.statistics().spent
        assert (spent.charged, spent.in_doubt) == (0.2, 0.1)
        server.shows("1", DONE)
        assert (await client.attach("1")).id == "1"
    assert await events(store, "k") == [
        ["UNANSWERED", "FORCED", "FOUND", "SUCCEEDED"],
        ["ACCEPTED"],
    ]


@virtual_time
async def test_an_attempt_given_up_that_turns_up_in_time_makes_the_next_needless(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """While the second waits for room, the first is found: it is not sent, and its waiters get
    the first."""
    server, store = Listing(), MemoryStore()
    server.on("imagine", LOST, LOST, accepted("3"))
    server.shows("1", RUNNING, DONE)
    server.shows("3", RUNNING)
    async with listed(server, journal=store, max_in_flight=1) as client:
        cat, dog = client.imagine("a cat", key="k"), client.imagine("a dog")
        await outcome(cat)
        await outcome(dog)
        await client.imagine("a bird").submitted()
        assert await cat.settle("resubmit") is State.NEW
        server.has("1", server.sent[0])
        assert await dog.settle("look") is State.IN_DOUBT
        assert caplog.messages == []
        server.shows("3", DONE)
        assert (await cat).id == "1"
        await asyncio.sleep(60.0)
        assert client.statistics().in_flight == 0
    assert server.routes == ["imagine"] * 3
    assert await events(store, "k") == [["UNANSWERED", "FORCED", "FOUND", "SUCCEEDED"]]


@virtual_time
async def test_the_dialog_of_a_free_click_given_up_is_not_answered() -> None:
    """Its answer is spent on the second one: an orphan costs nothing, a second answer would."""
    server = Listing()
    server.on("action", LOST, LOST, asking("2"))
    server.on("modal", accepted("2"))
    server.on("imagine", LOST)
    server.shows("1", OPEN)
    server.shows("2", OPEN, RUNNING, DONE)
    async with listed(server) as client:
        handle = client.click(task(), "Custom Zoom", prompt="a cat --zoom 1.5")
        await outcome(handle)
        await handle.settle("resubmit")
        await handle
        server.has("1", server.sent[1], status="MODAL")
        await outcome(client.imagine("a dog"))
        await asyncio.sleep(60.0)
    assert server.routes == ["action", "action", "action", "modal", "imagine"]
