"""A dialog that another client on the same journal answers: once for all of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from mjflow.client import Client
from mjflow.errors import AnswerInDoubt, ModalRequired, PromptRefused, RunHeld
from mjflow.fsm.states import State
from mjflow.handle import TaskHandle
from mjflow.journal.memory import MemoryStore
from mjflow.journal.sqlite import SqliteStore
from mjflow.journal.store import Store

from .. import scripted
from ..scripted import (
    DONE,
    LOST,
    OPEN,
    Held,
    Scripted,
    accepted,
    opened,
    outcome,
    task,
)
from ..virtual import virtual_time
from .paying import ZOOM, zooming

OTHER = "another cat --zoom 1.1"


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """A journal of each kind."""
    return MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "journal.db")


@asynccontextmanager
async def two(
    server: Scripted, store: Store, **settings: Any
) -> AsyncIterator[tuple[TaskHandle, TaskHandle]]:
    """Let two clients on one journal have the same dialog open, and nothing to answer it with."""
    server.shows("2", OPEN)
    async with (
        opened(server, journal=store, **settings) as one,
        opened(server, journal=store) as other,
    ):
        handles = asking(one), asking(other)
        for handle in handles:
            assert isinstance(await outcome(handle), ModalRequired)
            assert handle.state is State.MODAL
        yield handles


def asking(client: Client) -> TaskHandle:
    return client.click(task(), "Custom Zoom", key="k", on_dialog="raise")


def prompts(server: Scripted) -> list[str]:
    return [sent.body["prompt"] for sent in server.to("modal")]


@virtual_time
async def test_what_another_client_has_answered_is_not_answered_again(store: Store) -> None:
    """A gateway may show the dialog for an hour more (P§5.4): one answer, one payment."""
    server = zooming(accepted("2"), accepted("2"))
    async with two(server, store) as (first, second):
        second.modal(ZOOM)
        await asyncio.sleep(600.0)
        first.modal(OTHER)
        await asyncio.sleep(600.0)
        assert (first.state, first.outcome) == (State.ANSWERING, None)
        server.shows("2", DONE)
        assert {(await first).id, (await second).id} == {"2"}
    assert prompts(server) == [ZOOM]


@virtual_time
async def test_of_two_answers_in_the_same_instant_one_is_sent(store: Store) -> None:
    """The journal lets one in; the other client goes on with that."""
    server = zooming(accepted("3"), accepted("4"))
    server.shows("3", DONE)
    async with two(server, store) as (first, second):
        first.modal(ZOOM)
        second.modal(OTHER)
        assert [(await first).id, (await second).id] == ["3", "3"]
        assert [first.ids, second.ids] == [("3", "2"), ("3", "2")]
    assert len(prompts(server)) == 1


@virtual_time
async def test_an_answer_of_another_client_that_is_on_its_way_is_waited_for(store: Store) -> None:
    """It is neither doubted before its time, nor sent again."""
    held = Held()
    server = zooming(held, accepted("4"))
    server.shows("3", DONE)
    async with two(server, store) as (first, second):
        second.modal(ZOOM)
        await held.arrived.wait()
        first.modal(OTHER)
        await asyncio.sleep(60.0)
        assert (first.state, first.outcome) == (State.ANSWERING, None)
        held.release(accepted("3"))
        assert [(await first).id, (await second).id] == ["3", "3"]
    assert prompts(server) == [ZOOM]


@virtual_time
async def test_an_answer_of_another_client_in_doubt_is_in_doubt_here_too(store: Store) -> None:
    """Whoever waits is told; a person's word is needed for another one."""
    server = zooming(LOST, accepted("2"))
    async with two(server, store) as (first, second):
        second.modal(ZOOM)
        assert isinstance(await outcome(second), AnswerInDoubt)
        first.modal(OTHER)
        assert isinstance(await outcome(first), AnswerInDoubt)
        assert first.state is State.ANSWER_IN_DOUBT
        assert prompts(server) == [ZOOM]
        server.shows("2", DONE)
        await asyncio.sleep(60.0)
        assert {(await first).id, (await second).id} == {"2"}
    assert prompts(server) == [ZOOM]


@virtual_time
async def test_after_a_no_to_another_clients_answer_this_one_is_sent(store: Store) -> None:
    """Also if that no comes while this one waits for it."""
    held = Held()
    server = zooming(held, accepted("3"))
    server.shows("3", DONE)
    async with two(server, store) as (first, second):
        second.modal(f"gore {ZOOM}")
        await held.arrived.wait()
        first.modal(ZOOM)
        await asyncio.sleep(5.0)
        held.release(scripted.banned("gore"))
        assert isinstance(await outcome(second), PromptRefused)
        assert (await first).id == "3"
    assert prompts(server) == [f"gore {ZOOM}", ZOOM]


@virtual_time
async def test_an_answer_in_back_off_gives_way_to_another_clients(store: Store) -> None:
    """When its turn comes there is nothing left to be answered."""
    server = zooming(scripted.saturated(retry_after=60.0), accepted("3"), accepted("4"))
    server.shows("3", DONE)
    async with two(server, store) as (first, second):
        first.modal(OTHER)
        await asyncio.sleep(5.0)
        assert first.state is State.MODAL
        assert (await second.modal(ZOOM)).id == "3"
        assert (await first).id == "3"
    assert prompts(server) == [OTHER, ZOOM]


@virtual_time
async def test_what_another_client_saw_end_has_ended(store: Store) -> None:
    """This one has not looked for long: an answer that comes too late for a dialog is not sent."""
    server = zooming(accepted("2"), accepted("2"))
    async with two(server, store, poll_interval=3600.0) as (first, second):
        second.modal(ZOOM)
        server.shows("2", DONE)
        await second
        server.shows("2", OPEN)
        first.modal(OTHER)
        assert (await first).id == "2"
    assert prompts(server) == [ZOOM]


@virtual_time
async def test_an_answer_of_a_run_that_was_taken_over_is_not_sent(store: Store) -> None:
    """It was turned away, and waits; by the time it may be sent again somebody else is at it."""
    server = zooming(scripted.saturated(retry_after=60.0), accepted("2"))
    server.shows("2", OPEN)
    await store.start()
    lease = await store.take("run/night", "me")
    assert lease is not None
    async with opened(server, journal=store) as client:
        client._options = evolve(client._options, caller="night", lease=lease)
        handle = client.click(task(), "Custom Zoom", prompt=ZOOM, key="k")
        await asyncio.sleep(30.0)
        assert (handle.state, len(prompts(server))) == (State.MODAL, 1)
        assert await store.take("run/night", "you", lease) is not None
        error = await outcome(handle)
        assert isinstance(error, RunHeld)
        assert "'night'" in error.message
        assert handle.state is State.MODAL
    await store.aclose()
    assert prompts(server) == [ZOOM]
