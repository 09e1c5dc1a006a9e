"""The search for lost tasks: one loop for all, within the budget, ended by closing."""

from __future__ import annotations

import asyncio
import logging
from itertools import pairwise

import pytest

from mjflow.errors import NoReply, SubmissionInDoubt, TransportError
from mjflow.fsm.states import State
from mjflow.protocol.dialect import TRUEAI
from mjflow.protocol.task import Task
from mjflow.protocol.verdicts import Outcome, Reply

from .. import scripted
from ..scripted import (
    DONE,
    LOST,
    OPEN,
    Held,
    Sent,
    accepted,
    asking,
    outcome,
    row,
    task,
)
from ..virtual import virtual_time
from .listing import Listing, listed, takes_and_is_lost, taking
from .paying import nothing_is_left, now, release_in

WAIT = TRUEAI.lost_reply_wait


# --- the loop -----------------------------------------------------------------------------


@virtual_time
async def test_one_read_serves_all_that_is_looked_for() -> None:
    """Fifty doubts of one moment are found by one look at the list."""
    ids = [str(n) for n in range(50)]
    server = taking(*ids)
    async with listed(server) as client:
        handles = [client.imagine("a cat") for _ in ids]
        found = [await handle.submitted() for handle in handles]
    assert sorted(found, key=int) == ids
    assert len(server.reads) == 1


@virtual_time
async def test_reads_come_seldomer_the_longer_it_takes() -> None:
    """The first read is after a second, then the waits grow up to a quarter of a minute."""
    server = Listing()
    server.on("imagine", LOST)
    async with listed(server) as client:
        start = now()
        await outcome(client.imagine("a cat"))
    waits = [after - before for before, after in pairwise([start, *server.reads])]
    assert waits[0] == pytest.approx(1.0, abs=0.1)
    assert waits[1] == pytest.approx(TRUEAI.poll_interval, abs=0.1)
    assert all(before < after + 0.1 for before, after in pairwise(waits[:-1]))
    assert max(waits) < 15.1
    assert 8 <= len(waits) <= 15


@virtual_time
async def test_a_new_doubt_is_looked_for_soon() -> None:
    """Whatever the loop waits for, what has just come into doubt waits a second."""
    server = Listing()
    server.on("imagine", LOST, takes_and_is_lost(server, "2"))
    server.every_task(DONE)
    async with listed(server) as client:
        client.imagine("a cat")
        await asyncio.sleep(80.0)
        start = now()
        await client.imagine("a dog").submitted()
        assert now() - start < 1.2


@virtual_time
async def test_nothing_is_read_while_nothing_is_looked_for() -> None:
    """The loop ends with the last doubt, and begins again with the next."""
    server = taking("1", "2")
    async with listed(server) as client:
        await client.imagine("a cat")
        reads = len(server.reads)
        await asyncio.sleep(3600.0)
        assert len(server.reads) == reads
        await client.imagine("a dog")
        assert len(server.reads) == reads + 1
    assert nothing_is_left()


@virtual_time
async def test_looks_for_lost_tasks_keep_within_the_request_budget() -> None:
    """Reads of the list are counted with the looks of the poll wheel."""
    server = Listing()
    server.on("imagine", LOST)
    async with listed(server, request_budget=0.02) as client:
        await outcome(client.imagine("a cat"))
    assert len(server.reads) <= 8


# --- closing ------------------------------------------------------------------------------


@virtual_time
async def test_closing_tells_what_is_looked_for_in_doubt() -> None:
    """No wait hangs on a search that has ended, and none is told that a task runs."""
    server = Listing()
    server.on("imagine", LOST)
    async with listed(server) as client:
        handle = client.imagine("a cat")
        wait = asyncio.ensure_future(outcome(handle))
        await asyncio.sleep(10.0)
    error = await wait
    assert type(error) is SubmissionInDoubt
    assert "looked for 3 times in 10 s" in error.message
    assert handle.state is State.IN_DOUBT
    assert nothing_is_left()


@virtual_time
async def test_closing_in_the_moment_of_a_doubt_tells_it() -> None:
    """Even a search that has not begun its first step ends all waits."""
    server, held = Listing(), Held()
    server.on("imagine", held)
    async with listed(server) as client:
        handle = client.imagine("a cat")
        await held.arrived.wait()
        release_in(5.0, held, LOST)
    assert type(handle.outcome) is SubmissionInDoubt
    assert nothing_is_left()


# --- evidence against what was told -------------------------------------------------------


@virtual_time
async def test_a_task_that_was_told_in_doubt_is_taken_up_when_a_list_shows_it() -> None:
    """Reads for others find what nobody looks for any more; later waits get the result."""
    server = Listing()
    server.on("imagine", LOST, takes_and_is_lost(server, "2"))
    server.every_task(DONE)
    async with listed(server) as client:
        first = client.imagine("a cat")
        child = first.click("U1")
        assert type(await outcome(first)) is SubmissionInDoubt
        server.has("1", server.sent[0])
        server.on("action", accepted("3"))
        await client.imagine("a dog")
        assert (await first).id == "1"
        assert (await child).id == "3"
        assert client.statistics().spent.in_doubt == 0.0


@virtual_time
async def test_a_task_that_was_refused_is_taken_up_when_a_list_shows_it() -> None:
    """Presence proves, against a definite no as well; the money is counted."""
    server = Listing()
    server.on("imagine", scripted.banned("cat"), takes_and_is_lost(server, "2"))
    server.every_task(DONE)
    async with listed(server) as client:
        first = client.imagine("a cat", key="k")
        await outcome(first)
        assert first.state is State.REFUSED
        server.has("1", server.sent[0])
        await client.imagine("a dog")
        assert (await first).id == "1"
        assert client.statistics().spent.charged == 0.2


# --- free clicks --------------------------------------------------------------------------


@virtual_time
async def test_a_free_click_is_looked_for_before_it_is_sent_again() -> None:
    """A dialog that the lost click has opened is used; no second one is left behind."""
    server = Listing()
    server.on("action", takes_and_is_lost(server, "2", status="MODAL"))
    server.shows("2", OPEN)
    server.on("modal", server.answers_dialogs())
    async with listed(server) as client:
        assert (await client.click(task(), "Custom Zoom", prompt="a dog --zoom 1.5")).id == "2"
    assert server.routes == ["action", "modal"]


@pytest.mark.parametrize("failure", [None, NoReply("silence")], ids=repr)
@virtual_time
async def test_a_free_click_that_is_not_found_is_sent_again(failure: TransportError | None) -> None:
    """It is free: one look is enough, whether it works or not."""
    server = Listing()
    server.on("action", LOST, asking("2"))
    server.on("modal", server.answers_dialogs())
    server.failures = [failure] if failure else []
    async with listed(server) as client:
        start = now()
        assert (await client.click(task(), "Custom Zoom", prompt="a dog --zoom 1.5")).id == "2"
        assert now() - start < 60.0
    assert server.routes == ["action", "action", "modal"]


@virtual_time
async def test_a_second_doubt_about_a_free_click_is_looked_for() -> None:
    """It is not sent a third time, but may be found."""
    server = Listing()
    server.on("action", LOST, takes_and_is_lost(server, "2", status="MODAL"))
    server.shows("2", OPEN)
    server.on("modal", server.answers_dialogs())
    async with listed(server) as client:
        assert (await client.click(task(), "Custom Zoom", prompt="a dog --zoom 1.5")).id == "2"
    assert server.routes == ["action", "action", "modal"]


@virtual_time
async def test_a_bug_in_the_search_ends_all_waits(caplog: pytest.LogCaptureFixture) -> None:
    """Whoever waits for a search that broke is told of the doubt, and the bug is raised."""
    server = Listing()
    server.on("imagine", LOST)

    async def broken(*_: object, **__: object) -> Reply:
        raise RuntimeError("a bug")

    server.read = broken  # type: ignore[method-assign]
    with caplog.at_level(logging.CRITICAL), pytest.raises(ExceptionGroup):
        async with listed(server) as client:
            handle = client.imagine("a cat")
            assert type(await outcome(handle)) is SubmissionInDoubt


@virtual_time
async def test_rows_in_any_order_and_twice_are_one_task() -> None:
    """A list that names a task twice does not make two of it."""
    server = taking("1")

    def twice(request: Sent) -> Outcome:
        server.has("1", request)
        server.has("1", request, **row("MODAL"))
        return LOST

    server.on("action", twice)
    server.shows("1", DONE)
    async with listed(server) as client:
        handle = client.click(task(), "U1")
        assert isinstance(await handle, Task)
        assert (handle.ids, handle.children) == (("1",), ())
