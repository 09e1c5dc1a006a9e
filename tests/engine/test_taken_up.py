"""Doubts of another life that are asked for as well, answers among them, and shared journals."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from mjflow.client import Client
from mjflow.errors import (
    AnswerInDoubt,
    KeyConflict,
    ModalRequired,
)
from mjflow.fsm.events import Event
from mjflow.fsm.states import State
from mjflow.handle import TaskHandle
from mjflow.journal.memory import MemoryStore
from mjflow.journal.store import Note
from mjflow.media.masks import Mask

from ..scripted import (
    DONE,
    LOST,
    OPEN,
    RUNNING,
    Scripted,
    accepted,
    asking,
    opened,
    outcome,
)
from ..virtual import virtual_time
from .paying import ZOOM


async def doubted(server: Scripted, store: MemoryStore, **settings: Any) -> None:
    """Live a life in which a first imagine goes well and a second is lost, with a click of each."""
    server.on("imagine", accepted("1"), LOST)
    server.on("action", LOST)
    server.shows("1", DONE)
    async with opened(server, journal=store, **settings) as client:
        await outcome(client.imagine("a cat", key="cat").click("U1"))
        await outcome(client.imagine("a dog", key="dog", mode="turbo", state="mine"))


async def listing(client: Client) -> list[tuple[str, State]]:
    return [(one.key, one.state) for one in await client.doubts()]


async def one_doubt(client: Client, key: str) -> TaskHandle:
    return next(one for one in await client.doubts() if one.key == key)


# --- asked for as well --------------------------------------------------------------------


@virtual_time
async def test_who_asks_for_a_listed_doubt_gets_the_same_task() -> None:
    """Handles of the list and of the key are of one record, root acts and clicks alike."""
    server, store = Scripted(), MemoryStore()
    await doubted(server, store)
    server.shows("7", DONE)
    server.shows("9", DONE)
    async with opened(server, journal=store) as client:
        click, dog = await client.doubts()
        again = client.imagine("a dog", key="dog")
        clicked = client.imagine("a cat", key="cat").click("U1")
        assert [again.state, clicked.state] == [State.IN_DOUBT, State.IN_DOUBT]
        await dog.settle(task_id="7")
        await clicked.settle(task_id="9")
        assert (await again).id == "7"
        assert (await click).id == "9"


@virtual_time
async def test_who_asked_before_the_list_was_read_gets_the_same_task() -> None:
    """The record of the key stands in the list."""
    server, store = Scripted(), MemoryStore()
    await doubted(server, store)
    server.shows("7", DONE)
    async with opened(server, journal=store) as client:
        handle = client.imagine("a dog", key="dog")
        await outcome(handle)
        await (await one_doubt(client, "dog")).settle(task_id="7")
        assert (await handle).id == "7"


@virtual_time
async def test_who_asks_in_the_same_moment_is_not_in_the_way() -> None:
    """What is being revived for its key is not made a second record of."""
    server, store = Scripted(), MemoryStore()
    await doubted(server, store)
    async with opened(server, journal=store) as client:
        handle = client.imagine("a dog", key="dog")
        listed_before = [one.key for one in await client.doubts()]
        await outcome(handle)
        assert [one.key for one in await client.doubts()] == ["cat/U1", "dog"]
        assert set(listed_before) <= {"cat/U1", "dog"}
        assert len([one for one in client.tasks if one.key == "dog"]) == 1


@virtual_time
async def test_another_content_is_a_conflict_with_a_listed_doubt() -> None:
    """The same key with another prompt, or another button, stands for another act."""
    server, store = Scripted(), MemoryStore()
    await doubted(server, store)
    async with opened(server, journal=store) as client:
        await client.doubts()
        with pytest.raises(KeyConflict):
            client.imagine("a fish", key="dog")
        with pytest.raises(KeyConflict):
            client.imagine("a cat", key="cat").click("U2", key="cat/U1")


# --- answers ------------------------------------------------------------------------------


async def answered(server: Scripted, store: MemoryStore, mask: Mask | None = None) -> None:
    """Live a life in which the answer to a dialog is lost."""
    server.on("imagine", accepted("1"))
    server.on("action", asking("2", "a cat --zoom 2"))
    server.on("modal", LOST)
    server.shows("1", DONE)
    server.shows("2", OPEN)
    button, prompt = ("Vary (Region)", "a crown") if mask else ("Custom Zoom", ZOOM)
    async with opened(server, journal=store) as client:
        zoom = client.imagine("a cat", key="k").click(button, prompt=prompt, mask=mask)
        assert type(await outcome(zoom)) is AnswerInDoubt


@virtual_time
async def test_an_answer_in_doubt_is_listed_and_watched() -> None:
    """A later look settles it, as in the life in which it was sent."""
    server, store = Scripted(), MemoryStore()
    await answered(server, store)
    async with opened(server, journal=store) as client:
        (handle,) = await client.doubts()
        assert (handle.id, handle.state) == ("2", State.ANSWER_IN_DOUBT)
        assert type(await outcome(handle)) is AnswerInDoubt
        server.shows("2", RUNNING, DONE)
        await asyncio.sleep(60.0)
        assert (await handle).id == "2"
    assert server.routes == ["imagine", "action", "modal"]


@virtual_time
async def test_an_answer_of_another_life_is_sent_once_more() -> None:
    """The journal has its prompt."""
    server, store = Scripted(), MemoryStore()
    await answered(server, store)
    server.on("modal", server.answers_dialogs())
    async with opened(server, journal=store) as client:
        (handle,) = await client.doubts()
        await handle.settle("resubmit")
        assert (await handle).id == "2"
    first, second = server.to("modal")
    assert first.body["prompt"] == second.body["prompt"] == ZOOM


@virtual_time
async def test_an_answer_with_a_mask_of_another_life_has_to_be_given_again() -> None:
    """No journal keeps masks: the dialog says what it wants."""
    server, store = Scripted(), MemoryStore()
    mask = Mask.rect(0, 0, 0.5, 1)
    await answered(server, store, mask)
    server.on("modal", server.answers_dialogs())
    async with opened(server, journal=store) as client:
        (handle,) = await client.doubts()
        await handle.settle("resubmit")
        assert type(await outcome(handle)) is ModalRequired
        assert server.routes.count("modal") == 1
        assert (await handle.modal("a crown", Mask.file(mask.png(8, 8)))).id == "2"


# --- a shared journal ---------------------------------------------------------------------


@pytest.mark.parametrize("word", [Event.ABSENT, Event.FORCED])
@virtual_time
async def test_a_word_behind_a_find_counts_for_nothing(word: Event) -> None:
    """Of two who share a journal one has found what the other gives up: the task is there."""
    server, store = Scripted(), MemoryStore()
    server.on("imagine", LOST)
    server.shows("1", DONE)
    async with opened(server, journal=store) as client:
        await outcome(client.imagine("a cat", key="k"))
    at, token = datetime.now(UTC), server.sent[0].token
    await store.note(token, Note(event=Event.FOUND, payload=b'{"ids":["1"]}', written_at=at))
    await store.note(token, Note(event=word, written_at=at))
    async with opened(server, journal=store) as client:
        assert (await client.imagine("a cat", key="k")).id == "1"
    assert server.routes == ["imagine"]
