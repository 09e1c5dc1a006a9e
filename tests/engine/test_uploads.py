"""Uploads: each content is paid for once, in this life and the next."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from mjflow import ClientClosed, MemoryStore, RequestRefused, SubmissionInDoubt
from mjflow.fsm.events import Event
from mjflow.journal.store import Note
from mjflow.protocol.verdicts import Outcome
from tests.media.pictures import JPEG, PNG
from tests.virtual import virtual_time

from ..scripted import (
    BASE,
    LOST,
    Held,
    Later,
    Ledger,
    Scripted,
    code_5,
    invalid,
    no_channel,
    opened,
    reply,
)
from .uploading import LINK, OTHER, ROUTE, an_intent, key_of, notes, server_of, stored

# --- once ---------------------------------------------------------------------------------


@virtual_time
async def test_the_same_pictures_are_uploaded_once() -> None:
    """In this life and the next: the journal knows their links."""
    server, store = server_of(stored(LINK, OTHER)), MemoryStore()
    for _ in range(2):
        async with opened(server, journal=store) as client:
            assert await client.upload(PNG, JPEG) == (LINK, OTHER)
            assert await client.upload(PNG, JPEG) == (LINK, OTHER)
    assert server.routes == [ROUTE]
    assert set(server.sent[0].body) == {"base64Array"}
    assert await notes(store, key_of(PNG, JPEG)) == [[Event.SUCCEEDED]]


@virtual_time
async def test_other_pictures_are_another_upload() -> None:
    """So are the same in another order, and the same with another field of the vendor."""
    server = Scripted()
    server.always(ROUTE, stored(LINK))
    async with opened(server) as client:
        for pictures in ((PNG,), (JPEG,), (PNG, JPEG), (JPEG, PNG)):
            await client.upload(*pictures)
        await client.upload(PNG, extra={"filter": {"instanceId": "7"}})
    assert len(server.sent) == 5
    assert server.sent[-1].body["filter"] == {"instanceId": "7"}


@virtual_time
async def test_callers_at_the_same_time_share_one_request() -> None:
    """They all get the same links, or the same error."""
    server = server_of(Later(1.0, stored(LINK)), Later(1.0, invalid()))
    async with opened(server) as client:
        calls = [client.upload(PNG) for _ in range(5)]
        assert await asyncio.gather(*calls) == [(LINK,)] * 5
        calls = [client.upload(JPEG) for _ in range(5)]
        errors = await asyncio.gather(*calls, return_exceptions=True)
        assert [type(error) for error in errors] == [RequestRefused] * 5
    assert len(server.sent) == 2


@virtual_time
async def test_a_caller_who_leaves_tears_nothing() -> None:
    """The request goes on, and its links are there for whoever asks again."""
    held = Held()
    server = server_of(held)
    async with opened(server) as client:
        caller = asyncio.create_task(client.upload(PNG))
        await held.arrived.wait()
        caller.cancel()
        with pytest.raises(asyncio.CancelledError):
            await caller
        again = asyncio.create_task(client.upload(PNG))
        await asyncio.sleep(0)
        held.release(stored(LINK))
        assert await again == (LINK,)
    assert not held.torn
    assert len(server.sent) == 1


@virtual_time
async def test_the_journal_is_written_first() -> None:
    """The intent before the request, the answer before anybody hears of it."""
    server = server_of(no_channel(), stored(LINK))
    async with opened(server, journal=Ledger(server.log)) as client:
        await client.upload(PNG)
    sent = f"sent {ROUTE}"
    assert server.log == ["intent 1", sent, "REJECTED", "intent 2", sent, "SUCCEEDED"]


@virtual_time
async def test_links_that_run_out_are_renewed() -> None:
    """What a link says of its own end is believed, with a while to spare."""
    server, store = Scripted(), MemoryStore()
    ends = [datetime.now(UTC) + timedelta(minutes=minutes) for minutes in (5, 5, 60)]
    links = [f"{LINK}?ex={int(end.timestamp()):x}" for end in ends]
    server.on(ROUTE, *map(stored, links))
    async with opened(server, journal=store) as client:
        given = [await client.upload(PNG) for _ in range(4)]
    assert given == [(one,) for one in (*links, links[2])]
    assert len(server.sent) == 3


# --- doubt --------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", [LOST, code_5(), reply({"code": 1, "result": None})])
@virtual_time
async def test_doubt_stays_until_a_person_takes_the_risk(answer: Outcome) -> None:
    """Through restarts: the same content is refused with the same token, and nothing is sent."""
    server, store = server_of(answer), MemoryStore()
    tokens = []
    for _ in range(2):
        async with opened(server, journal=store) as client:
            for _ in range(2):
                with pytest.raises(SubmissionInDoubt, match="the upload of a picture") as caught:
                    await client.upload(PNG)
                tokens.append(caught.value.token)
                assert "again=True" in caught.value.advice
    assert len(server.sent) == 1
    assert set(tokens) == {(await store.attempts(BASE, key_of(PNG)))[0].intent.token}

    server.on(ROUTE, stored(LINK))
    async with opened(server, journal=store) as client:
        assert await client.upload(PNG, again=True) == (LINK,)
        assert await client.upload(PNG, again=True) == (LINK,)
    assert len(server.sent) == 2
    assert await notes(store, key_of(PNG)) == [
        [Event.UNANSWERED, Event.FORCED],
        [Event.SUCCEEDED],
    ]


@virtual_time
async def test_the_risk_is_taken_once() -> None:
    """A second doubt is told again; a word for the first is none for the second."""
    server = server_of(LOST, LOST)
    async with opened(server) as client:
        for again in (False, True, False):
            with pytest.raises(SubmissionInDoubt):
                await client.upload(PNG, again=again)
        assert client.statistics().spent.in_doubt == 0.1
    assert len(server.sent) == 2


@virtual_time
async def test_a_life_that_ended_on_the_wire_leaves_doubt() -> None:
    """An intent without an answer was perhaps sent: after a while, nobody waits for it."""
    server, store = Scripted(), MemoryStore()
    await store.intend(an_intent(datetime.now(UTC) - timedelta(seconds=96)))
    async with opened(server, journal=store) as client:
        with pytest.raises(SubmissionInDoubt, match="the process ended before the answer came"):
            await client.upload(PNG)
    assert server.sent == []


@virtual_time
async def test_another_client_on_the_wire_is_waited_for() -> None:
    """Its links will be ours."""
    server, store = Scripted(), MemoryStore()
    await store.intend(an_intent(datetime.now(UTC)))
    note = Note(event=Event.SUCCEEDED, payload=b'{"links":["x"]}', written_at=datetime.now(UTC))
    async with opened(server, journal=store) as client:
        caller = asyncio.create_task(client.upload(PNG))
        await asyncio.sleep(30)
        assert not caller.done()
        await store.note("0" * 24, note)
        assert await caller == ("x",)
    assert server.sent == []


@virtual_time
async def test_two_clients_send_one_request() -> None:
    """Whoever writes the intent first sends; the other one waits and shares."""
    server, store = server_of(Later(2.0, stored(LINK))), MemoryStore()
    async with opened(server, journal=store) as one, opened(server, journal=store) as other:
        links = await asyncio.gather(one.upload(PNG), other.upload(PNG))
    assert [*links] == [(LINK,), (LINK,)]
    assert len(server.sent) == 1


@virtual_time
async def test_a_client_that_closes_waits_for_the_answer() -> None:
    """What is on the wire is paid: its links go into the journal, and to the caller."""
    held, store = Held(), MemoryStore()
    server = server_of(held)
    async with opened(server, journal=store) as client:
        caller = asyncio.create_task(client.upload(PNG))
        await held.arrived.wait()
        asyncio.get_running_loop().call_later(60, held.release, stored(LINK))
    assert await caller == (LINK,)
    assert await notes(store, key_of(PNG)) == [[Event.SUCCEEDED]]


@virtual_time
async def test_a_client_that_closes_sends_nothing_new() -> None:
    """What waits for a second try is told so."""
    server = server_of(no_channel())
    async with opened(server) as client:
        caller = asyncio.create_task(client.upload(PNG))
        await asyncio.sleep(0.5)
    with pytest.raises(ClientClosed):
        await caller
    assert len(server.sent) == 1


@virtual_time
async def test_an_answer_that_never_comes_is_doubt_in_the_end() -> None:
    """Closing gives up after the longest time that an answer takes."""
    held = Held()
    async with opened(server_of(held)) as client:
        caller = asyncio.create_task(client.upload(PNG))
        await held.arrived.wait()
    with pytest.raises(SubmissionInDoubt, match="interrupted"):
        await caller
