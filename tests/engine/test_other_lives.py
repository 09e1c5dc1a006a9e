"""Doubts of another life: listed from the journal, looked for, settled, and asked for again."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from attrs import evolve

from mjflow.client import Client
from mjflow.engine.payload import payload_of
from mjflow.errors import (
    NotSubmitted,
    SubmissionInDoubt,
    Unreachable,
)
from mjflow.fsm.states import State
from mjflow.handle import TaskHandle
from mjflow.journal.memory import MemoryStore
from mjflow.journal.store import Intent
from mjflow.protocol import codec
from mjflow.protocol.requests import Imagine, Mode
from mjflow.protocol.token import wrap

from ..scripted import (
    BASE,
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
from .paying import now


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


# --- listed -------------------------------------------------------------------------------


@virtual_time
async def test_doubts_of_another_life_are_listed_oldest_first() -> None:
    """Nobody needs to ask for their keys; nothing is sent."""
    server, store = Scripted(), MemoryStore()
    await doubted(server, store)
    sent = len(server.sent)
    async with opened(server, journal=store) as client:
        assert await listing(client) == [("cat/U1", State.IN_DOUBT), ("dog", State.IN_DOUBT)]
        assert await listing(client) == [("cat/U1", State.IN_DOUBT), ("dog", State.IN_DOUBT)]
        for handle in await client.doubts():
            error = await outcome(handle)
            assert isinstance(error, SubmissionInDoubt)
            assert error.key == handle.key
            assert LOST.reason in error.message
        assert [one.button for one in await client.doubts()] == ["U1", ""]
    assert len(server.sent) == sent


@virtual_time
async def test_doubts_of_this_life_stand_among_them() -> None:
    """In the order in which they were sent, those still looked for included."""
    server, store = Listing(), MemoryStore()
    await doubted(server, store)
    async with listed(server, journal=store) as client:
        server.on("imagine", LOST, accepted("5"))
        server.shows("5", RUNNING)
        client.imagine("a bird", key="bird")
        client.imagine("a fish", key="fish")
        await asyncio.sleep(1.0)
        assert [key for key, _ in await listing(client)] == ["cat/U1", "dog", "bird"]


@virtual_time
async def test_acts_without_a_key_are_listed_too() -> None:
    """Nobody can ask for them by a key: only this list has them."""
    server, store = Scripted(), MemoryStore()
    server.on("imagine", LOST, accepted("1"))
    server.shows("1", DONE)
    async with opened(server, journal=store) as client:
        await outcome(client.imagine("a cat"))
    async with opened(server, journal=store) as client:
        (handle,) = await client.doubts()
        assert handle.key.startswith("~")
        await handle.settle("resubmit")
        assert (await handle).id == "1"
    assert [sent.body["prompt"] for sent in server.sent] == ["a cat", "a cat"]


@virtual_time
async def test_what_is_no_doubt_is_not_listed() -> None:
    """Neither what runs nor what has ended, what was refused, or what may be on its way."""
    server, store = Scripted(), MemoryStore()
    server.on("imagine", accepted("1"), accepted("2"))
    server.shows("1", DONE)
    server.shows("2", RUNNING)
    async with opened(server, journal=store) as client:
        await client.imagine("a cat", key="done")
        await client.imagine("a dog", key="running").submitted()
    await store.intend(intent(Imagine(prompt="x"), key="fresh", age=10.0))
    await store.intend(intent(Imagine(prompt="x"), key="old", age=1000.0))
    await store.intend(intent(Imagine(prompt="x"), key="there", namespace="https://other.example"))
    async with opened(server, journal=store) as client:
        assert await listing(client) == [("old", State.IN_DOUBT)]


def intent(
    request: Imagine, *, key: str, age: float = 0.0, namespace: str = BASE, payload: bytes = b""
) -> Intent:
    token = f"token-{key}"
    sent = evolve(request, state=wrap(token, "mine"))
    return Intent(
        namespace=namespace,
        key=key,
        attempt=1,
        token=token,
        digest=codec.digest(request),
        payload=payload or payload_of(sent, Mode.FAST),
        written_at=datetime.now(UTC) - timedelta(seconds=age),
    )


@pytest.mark.parametrize("payload", [b"{", b"[]", b'{"path":"/mj/x","mode":null,"body":{}}'])
@virtual_time
async def test_what_is_no_act_of_ours_is_left_out(payload: bytes) -> None:
    """Uploads are settled by whoever uploads; what cannot be read is nobody's."""
    server, store = Scripted(), MemoryStore()
    await store.intend(intent(Imagine(prompt="x"), key="k", age=1000.0, payload=payload))
    async with opened(server, journal=store) as client:
        assert await client.doubts() == ()


@virtual_time
async def test_doubts_are_listed_though_the_server_cannot_be_reached() -> None:
    """The journal knows them."""
    server, store = Listing(), MemoryStore()
    await doubted(server, store)
    unreachable = Unreachable("no route to host")

    async def read(*_: object, **__: object) -> Any:
        raise unreachable

    server.read = read  # type: ignore[method-assign]
    async with listed(server, dialect="auto", journal=store) as client:
        assert [key for key, _ in await listing(client)] == ["cat/U1", "dog"]


# --- looked for ---------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["key", "list"])
@virtual_time
async def test_a_doubt_of_another_life_is_looked_for(by: str) -> None:
    """The search goes on where the last life ended, whoever asks."""
    server, store = Listing(), MemoryStore()
    server.on("imagine", LOST)
    server.shows("1", RUNNING, DONE)
    async with listed(server, journal=store) as client:
        client.imagine("a cat", key="k")
        await asyncio.sleep(5.0)
    server.has("1", server.sent[0])
    async with listed(server, journal=store) as client:
        handle = client.imagine("a cat", key="k") if by == "key" else await one_doubt(client, "k")
        assert (await handle).id == "1"
    assert server.routes == ["imagine"]
    assert await events(store, "k") == [["UNANSWERED", "FOUND", "SUCCEEDED"]]


@virtual_time
async def test_an_old_doubt_is_told_after_one_look() -> None:
    """There was time enough for the task to turn up."""
    server, store = Listing(), MemoryStore()
    await store.intend(intent(Imagine(prompt="a cat"), key="k", age=3600.0))
    async with listed(server, journal=store) as client:
        start = now()
        error = await outcome(client.imagine("a cat", key="k"))
        assert isinstance(error, SubmissionInDoubt)
        assert "looked for once" in error.message
        assert now() - start < 2.0


# --- settled ------------------------------------------------------------------------------


@virtual_time
async def test_a_doubt_of_another_life_is_named() -> None:
    """It is watched, it ends, and the next life knows the end."""
    server, store = Scripted(), MemoryStore()
    await doubted(server, store)
    server.shows("7", RUNNING, DONE)
    async with opened(server, journal=store) as client:
        dog = await one_doubt(client, "dog")
        await dog.settle(task_id="7")
        assert (await dog).id == "7"
        assert await listing(client) == [("cat/U1", State.IN_DOUBT)]
    async with opened(server, journal=store) as client:
        assert (await client.imagine("a dog", key="dog")).id == "7"


@virtual_time
async def test_a_doubt_of_another_life_is_settled_as_absent() -> None:
    """The same key may be asked for again, in the same life and in the next."""
    server, store = Scripted(), MemoryStore()
    await doubted(server, store)
    server.on("imagine", accepted("8"))
    server.shows("8", DONE)
    async with opened(server, journal=store) as client:
        dog = await one_doubt(client, "dog")
        assert await dog.settle("absent") is State.WITHDRAWN
        assert type(await outcome(dog)) is NotSubmitted
        assert (await client.imagine("a dog", key="dog")).id == "8"
    assert await events(store, "dog") == [["UNANSWERED", "ABSENT"], ["ACCEPTED", "SUCCEEDED"]]


@virtual_time
async def test_an_absence_is_known_in_the_next_life() -> None:
    """What one life settled, another one may submit."""
    server, store = Scripted(), MemoryStore()
    await doubted(server, store)
    async with opened(server, journal=store) as client:
        for handle in await client.doubts():
            await handle.settle("absent")
    server.on("imagine", accepted("8"))
    server.shows("8", DONE)
    async with opened(server, journal=store) as client:
        assert await client.doubts() == ()
        assert (await client.imagine("a dog", key="dog")).id == "8"


@virtual_time
async def test_a_doubt_of_another_life_is_sent_once_more_as_it_was() -> None:
    """Prompt, mode, state and all come from the journal; only the token is new."""
    server, store = Scripted(), MemoryStore()
    await doubted(server, store)
    server.on("imagine", accepted("8"))
    server.on("action", accepted("9"))
    server.shows("8", DONE)
    server.shows("9", DONE)
    async with opened(server, journal=store) as client:
        click, dog = await client.doubts()
        await click.settle("resubmit")
        await dog.settle("resubmit")
        assert (await dog).id == "8"
        assert (await click).id == "9"
    first, second = server.to("imagine")[1:]
    assert (first.path, second.path) == ("/mj-turbo/mj/submit/imagine",) * 2
    assert {**first.body, "state": ""} == {**second.body, "state": ""}
    assert second.body["state"].partition(":")[2] == "mine"
    clicks = server.to("action")
    assert clicks[0].body["customId"] == clicks[1].body["customId"]
    assert clicks[0].body["taskId"] == clicks[1].body["taskId"] == "1"
