"""A button that starts several tasks: one act, several ids, one outcome."""

from __future__ import annotations

import asyncio

import pytest

from mjflow.engine.spend import Spent
from mjflow.errors import TaskFailed, TaskLost
from mjflow.fsm.states import State
from mjflow.journal.memory import MemoryStore
from mjflow.protocol.verdicts import Reply

from ..scripted import DONE, FAILED, RUNNING, Scripted, accepted, events, opened, outcome, task
from ..virtual import virtual_time


def four() -> Scripted:
    """Make a server on which "Imagine all" starts tasks 21 to 24."""
    server = Scripted()
    server.on("action", accepted("21,22,23,24"))
    server.every_task(RUNNING, DONE)
    return server


@virtual_time
async def test_the_parent_succeeds_when_all_have() -> None:
    """Every id becomes a task of its own; the act ends with the last of them."""
    server = four()
    server.shows("23", *[RUNNING] * 20, DONE)
    async with opened(server) as client:
        handle = client.click(task(), "Imagine all")
        await handle.submitted()
        await asyncio.sleep(60.0)
        states = [child.state for child in handle.children]
        assert states == [State.SUCCESS, State.SUCCESS, State.IN_PROGRESS, State.SUCCESS]
        assert handle.outcome is None
        await handle
        assert [child.id for child in handle.children] == ["21", "22", "23", "24"]
        assert [(await child).id for child in handle.children] == ["21", "22", "23", "24"]
    assert server.routes == ["action"]


@virtual_time
async def test_the_parent_fails_when_one_has() -> None:
    """One failure is the act's; the others end as they do, and only its price is given back."""
    server = four()
    server.shows("22", RUNNING, FAILED)
    async with opened(server) as client:
        handle = client.click(task(), "Imagine all")
        error = await outcome(handle)
        assert isinstance(error, TaskFailed)
        assert error.task_id == "22"
        states = [child.state for child in handle.children]
        assert states == [State.SUCCESS, State.FAILURE, State.SUCCESS, State.SUCCESS]
        spent = client.statistics().spent
        assert spent.refunded == pytest.approx(spent.charged / 4)
        assert spent.total == pytest.approx(Spent(charged=0.3).total)


@virtual_time
async def test_one_place_in_flight_is_held_until_the_last_has_ended() -> None:
    """The act counts once in the window, and is out of it when all is done."""
    server = four()
    async with opened(server, max_in_flight=1) as client:
        handle = client.click(task(), "Imagine all")
        await handle.submitted()
        assert client.statistics().in_flight == 1
        await handle
        assert client.statistics().in_flight == 0


@virtual_time
async def test_the_journal_takes_no_childs_end_for_the_end_of_all() -> None:
    """After a restart in the middle all four are watched on, the ended ones too."""
    server, store = four(), MemoryStore()
    server.shows("23", RUNNING)
    async with opened(server, journal=store) as client:
        handle = client.click(task(), "Imagine all", key="k")
        await asyncio.sleep(60.0)
        assert [child.state for child in handle.children].count(State.SUCCESS) == 3
    assert await events(store, "k") == [["ACCEPTED"]]
    server.shows("23", RUNNING, DONE)
    async with opened(server, journal=store) as client:
        handle = client.click(task(), "Imagine all", key="k")
        await handle
        assert [child.state for child in handle.children] == [State.SUCCESS] * 4
    assert server.routes == ["action"]


@virtual_time
async def test_a_child_can_be_clicked() -> None:
    """Each of the tasks offers its own buttons."""
    server = four()
    server.on("action", accepted("31"))
    async with opened(server) as client:
        handle = client.click(task(), "Imagine all")
        await handle
        assert (await handle.children[2].click("U1")).id == "31"
    assert server.sent[1].body["taskId"] == "23"


@virtual_time
async def test_a_child_that_is_denied_from_the_start_is_lost() -> None:
    """It was accepted and is paid: no unknown id, as one that somebody mistyped."""
    server = four()
    server.shows("22", Reply(204, b""))
    async with opened(server) as client:
        error = await outcome(client.click(task(), "Imagine all"))
    assert isinstance(error, TaskLost)
    assert error.task_id == "22"
