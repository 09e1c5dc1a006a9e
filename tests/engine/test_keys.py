"""The same key is the same task: in one client, and in two at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from mjflow.errors import (
    InvalidInput,
    KeyConflict,
    NotSubmitted,
    SubmissionInDoubt,
)
from mjflow.journal.memory import MemoryStore
from mjflow.journal.store import Attempt
from mjflow.protocol.verdicts import Outcome

from .. import scripted
from ..scripted import (
    DONE,
    LOST,
    Held,
    Scripted,
    accepted,
    events,
    opened,
    outcome,
)
from ..virtual import virtual_time

# --- in one client ------------------------------------------------------------------------


@virtual_time
async def test_the_same_key_is_the_same_task() -> None:
    """Asked for twice, at once or later, a key is submitted once."""
    server = Scripted()
    server.on("imagine", accepted("1"))
    server.shows("1", DONE)
    async with opened(server) as client:
        first, second = client.imagine("a cat", key="k"), client.imagine("a cat", key="k")
        assert await first is await second
        assert await client.imagine("a cat", key="k") is await first
    assert server.routes == ["imagine"]


@virtual_time
async def test_the_same_key_in_doubt_stays_in_doubt() -> None:
    """Asking again for a key in doubt tells of the doubt again, and sends nothing."""
    server = Scripted()
    server.on("imagine", LOST)
    async with opened(server) as client:
        for _ in range(2):
            assert type(await outcome(client.imagine("a cat", key="k"))) is SubmissionInDoubt
    assert server.routes == ["imagine"]


@pytest.mark.parametrize("first", [scripted.banned("gore"), scripted.invalid()], ids=repr)
@virtual_time
async def test_after_a_refusal_the_key_may_be_asked_for_again(first: Outcome) -> None:
    """Nothing is left of a refused attempt: the next one has the next number."""
    server, store = Scripted(), MemoryStore()
    server.on("imagine", first, accepted("1"))
    server.shows("1", DONE)
    async with opened(server, journal=store) as client:
        assert isinstance(await outcome(client.imagine("a cat", key="k")), NotSubmitted)
        assert (await client.imagine("a cat", key="k")).id == "1"
    assert await events(store, "k") == [["REFUSED"], ["ACCEPTED", "SUCCEEDED"]]


@virtual_time
async def test_after_a_withdrawal_the_key_may_be_asked_for_again() -> None:
    """So it is after a submit that gave up because there was no room."""
    server, store = Scripted(), MemoryStore()
    server.on("imagine", scripted.queue_full(), accepted("1"))
    server.shows("1", DONE)
    async with opened(server, journal=store, admission_timeout=0.5) as client:
        assert isinstance(await outcome(client.imagine("a cat", key="k")), NotSubmitted)
        assert (await client.imagine("a cat", key="k")).id == "1"
    assert await events(store, "k") == [["REJECTED", "WITHDRAWN"], ["ACCEPTED", "SUCCEEDED"]]


@virtual_time
async def test_another_content_under_the_same_key_is_a_conflict() -> None:
    """One key for two prompts, for two buttons or for two parents is refused at once."""
    server = Scripted()
    server.takes_all("imagine")
    server.takes_all("action")
    server.every_task(DONE)
    async with opened(server) as client:
        cat, dog = client.imagine("a cat", key="cat"), client.imagine("a dog", key="dog")
        cat.click("U1", key="u")
        cat.click("V1", key="v")
        clashes: list[Callable[[], object]] = [
            lambda: client.imagine("a dog", key="cat"),
            lambda: cat.click("U2", key="u"),
            lambda: cat.click("V1", key="v", prompt="a dog"),
            lambda: dog.click("U1", key="u"),
            lambda: cat.click("U1", key="cat"),
        ]
        for clash in clashes:
            with pytest.raises(KeyConflict):
                clash()


@virtual_time
async def test_the_same_content_may_be_written_in_other_words() -> None:
    """A button's other spelling and another hook are no other content."""
    server = Scripted()
    server.takes_all("imagine")
    server.takes_all("action")
    server.every_task(DONE)
    async with opened(server) as client:
        cat = client.imagine("a cat", key="cat")
        again = client.imagine("a  cat", key="cat", notify_hook="https://hook.example")
        assert (await cat.click("U1", key="u")).id == (await again.click("upscale 1", key="u")).id
    assert server.routes == ["imagine", "action"]


@pytest.mark.parametrize("key", ["", "  ", "~mine"])
@virtual_time
async def test_some_texts_are_no_keys(key: str) -> None:
    """An empty key, and one that looks like ours, are refused for roots and clicks alike."""
    async with opened(Scripted()) as client:
        with pytest.raises(InvalidInput, match="no key"):
            client.imagine("a cat", key=key)
        with pytest.raises(InvalidInput, match="no key"):
            client.click(scripted.task(), "U1", key=key)


@virtual_time
async def test_a_chained_key_is_the_parents_the_button_and_its_occurrence() -> None:
    """A click's key comes from its parent's, however the button is spelled."""
    server = Scripted()
    server.takes_all("imagine")
    server.takes_all("action")
    server.every_task(DONE)
    async with opened(server) as client:
        cat = client.imagine("a cat", key="cat")
        keys = [
            cat.click("U1").key,
            cat.click(f"MJ::JOB::upsample::1::{scripted.UUID}").key,
            cat.click("upscale 1").key,
            cat.click("V3").click("U2").key,
            cat.change("VARIATION", 2).key,
        ]
    assert keys == ["cat/U1", "cat/U1#2", "cat/U1#3", "cat/V3/U2", "cat/V2"]


# --- two clients at once ------------------------------------------------------------------


@virtual_time
async def test_two_clients_with_one_key_pay_once() -> None:
    """The second waits for the first one's answer and then watches the same task."""
    server, store, held = Scripted(), MemoryStore(), Held()
    server.on("imagine", held)
    server.shows("1", DONE)
    async with (
        opened(server, journal=store) as one,
        opened(server, journal=store) as other,
    ):
        first = one.imagine("a cat", key="k")
        await held.arrived.wait()
        second = other.imagine("a cat", key="k")
        await asyncio.sleep(30.0)
        held.release(accepted("1"))
        assert (await first).id == (await second).id == "1"
    assert server.routes == ["imagine"]


@virtual_time
async def test_two_clients_that_ask_in_the_same_instant_pay_once() -> None:
    """The journal lets one intent in; whoever comes second makes the first one's task his."""

    class Slow(MemoryStore):
        async def attempts(self, namespace: str, key: str) -> tuple[Attempt, ...]:
            found = tuple(await super().attempts(namespace, key))
            await asyncio.sleep(0.1)
            return found

    server, store = Scripted(), Slow()
    server.takes_all()
    server.every_task(DONE)
    async with (
        opened(server, journal=store) as one,
        opened(server, journal=store, max_in_flight=1) as other,
    ):
        first, second = one.imagine("a cat", key="k"), other.imagine("a cat", key="k")
        assert (await first).id == (await second).id
        assert other.statistics().in_flight == 0
    assert server.routes == ["imagine"]


@virtual_time
async def test_a_client_whose_attempt_was_turned_away_leaves_the_key_to_the_other() -> None:
    """While one backs off the other may succeed; then both have the one task."""
    server, store = Scripted(), MemoryStore()
    server.on("imagine", scripted.saturated(retry_after=60.0), accepted("1"))
    server.shows("1", DONE)
    async with (
        opened(server, journal=store) as one,
        opened(server, journal=store) as other,
    ):
        first = one.imagine("a cat", key="k")
        await asyncio.sleep(5.0)
        assert (await other.imagine("a cat", key="k")).id == "1"
        assert (await first).id == "1"
    assert server.routes == ["imagine", "imagine"]
