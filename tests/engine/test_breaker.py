"""When the key or the balance is refused: one probe a minute, and an end after ten."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from mjflow.client import Client
from mjflow.engine.wire import ON_THE_WIRE
from mjflow.errors import MjflowError, NotAuthorized, QuotaExceeded
from mjflow.fsm.states import State
from mjflow.observers import Update
from mjflow.protocol.task import Task
from mjflow.protocol.verdicts import Outcome

from .. import scripted
from ..scripted import (
    DONE,
    LOST,
    OPEN,
    Held,
    Later,
    Scripted,
    accepted,
    asking,
    opened,
    outcome,
    task,
)
from ..virtual import virtual_time

FAULTS: list[tuple[Outcome, type[MjflowError]]] = [
    (scripted.key_refused(), NotAuthorized),
    (scripted.shape_a("令牌额度已用尽", 403), NotAuthorized),
    (scripted.quota_empty(), QuotaExceeded),
    (scripted.blocked(), NotAuthorized),
]
over_faults = pytest.mark.parametrize(
    ("fault", "kind"), FAULTS, ids=["401", "403", "quota", "blocked"]
)


async def worked(client: Client, server: Scripted) -> None:
    """Let one task succeed, so that the key is known to be good."""
    server.on("imagine", accepted("1"))
    server.every_task(DONE)
    await client.imagine("a cat")
    server.sent.clear()


@over_faults
@virtual_time
async def test_what_never_worked_is_told_at_once(fault: Outcome, kind: type[MjflowError]) -> None:
    """A wrong key or an empty balance at the start ends every wait within seconds."""
    server = Scripted()
    server.always("imagine", Later(1.0, fault))
    loop = asyncio.get_running_loop()
    async with opened(server) as client:
        start = loop.time()
        handles = [client.imagine(f"cat {n}") for n in range(100)]
        errors = {type(await outcome(handle)) for handle in handles}
        assert (errors, loop.time() - start < 5.0) == ({kind}, True)
        assert {handle.state for handle in handles} == {State.WITHDRAWN}
        assert client.statistics().spent.total == 0.0
    assert len(server.sent) <= ON_THE_WIRE


@over_faults
@virtual_time
async def test_while_the_breaker_is_open_only_a_probe_a_minute_is_sent(
    fault: Outcome, kind: type[MjflowError]
) -> None:
    """What worked before may work again: one request a minute asks, the others wait."""
    server, seen = Scripted(), list[Update]()
    async with opened(server, observers=[seen.append]) as client:
        await worked(client, server)
        server.always("imagine", fault)
        handles = [client.imagine("first")]
        await asyncio.sleep(1.0)
        handles += [client.imagine(f"cat {n}") for n in range(20)]
        await asyncio.sleep(299.0)
        assert isinstance(client.statistics().paused, kind)
        assert [handle.state for handle in handles] == [State.NEW] * 21
        gaps = [after.at - before.at for before, after in pairwise(server.sent)]
        assert len(gaps) in (4, 5)
        assert gaps == pytest.approx([60.0] * len(gaps), abs=0.5)
        server.takes_all()
        for handle in handles:
            assert isinstance(await outcome(handle), Task)
        assert client.statistics().paused is None
    assert [u.kind for u in seen if u.kind in ("paused", "resumed")] == ["paused", "resumed"]


@over_faults
@virtual_time
async def test_after_ten_minutes_the_breaker_ends_every_wait(
    fault: Outcome, kind: type[MjflowError]
) -> None:
    """Nobody waits for a mend that does not come; nothing was paid."""
    server = Scripted()
    loop = asyncio.get_running_loop()
    async with opened(server, max_in_flight=5) as client:
        await worked(client, server)
        server.always("imagine", fault)
        start = loop.time()
        handles = [client.imagine(f"cat {n}") for n in range(20)]
        assert {type(await outcome(handle)) for handle in handles} == {kind}
        assert 599.0 < loop.time() - start < 662.0
        assert {handle.state for handle in handles} == {State.WITHDRAWN}
        assert client.statistics().in_flight == 0
    assert len(server.sent) <= 5 + 11


@virtual_time
async def test_a_client_that_gave_up_still_finds_out_that_all_is_well_again() -> None:
    """A web server runs for weeks: after a mend, a submit a minute later goes through."""
    server = Scripted()
    server.always("imagine", scripted.key_refused())
    server.every_task(DONE)
    async with opened(server) as client:
        assert type(await outcome(client.imagine("a cat"))) is NotAuthorized
        assert type(await outcome(client.imagine("a cat"))) is NotAuthorized
        assert len(server.sent) == 1
        server.takes_all()
        await asyncio.sleep(61.0)
        assert isinstance(await outcome(client.imagine("a cat")), Task)
        assert isinstance(await outcome(client.imagine("a cat")), Task)


@virtual_time
async def test_what_waited_for_the_wire_when_it_broke_is_not_sent() -> None:
    """Sixteen were on the wire when the key was refused; the next twenty-four stay behind."""
    server = Scripted()
    async with opened(server) as client:
        await worked(client, server)
        server.always("imagine", Later(2.0, scripted.key_refused()))
        handles = [client.imagine(f"cat {n}") for n in range(40)]
        await asyncio.sleep(30.0)
        assert len(server.sent) == ON_THE_WIRE
        server.takes_all()
        assert all([isinstance(await outcome(handle), Task) for handle in handles])


@virtual_time
async def test_answers_to_dialogs_wait_for_the_breaker_as_well() -> None:
    """An answer is paid for: while the balance is empty it is not sent, and then it is."""
    server, held = Scripted(), Held()
    async with opened(server) as client:
        await worked(client, server)
        server.on("action", held)
        server.always("imagine", scripted.quota_empty())
        server.always("modal", server.answers_dialogs())
        server.shows("2", OPEN)
        zoom = client.click(task(), "Custom Zoom", prompt="p")
        await held.arrived.wait()
        client.imagine("a dog")
        await asyncio.sleep(1.0)
        held.release(asking("2"))
        await asyncio.sleep(30.0)
        assert (zoom.state, server.to("modal")) == (State.MODAL, [])
        server.takes_all()
        assert (await zoom).id == "2"
    assert len(server.to("modal")) == 1


@virtual_time
async def test_an_answer_may_be_the_probe_that_closes_the_breaker() -> None:
    """An answer refused for the balance opens it; the same one, accepted, closes it."""
    server = Scripted()
    async with opened(server) as client:
        await worked(client, server)
        server.on("action", asking("2", "p"))
        server.on("modal", scripted.quota_empty(), server.answers_dialogs())
        server.shows("2", OPEN)
        zoom = client.click(task(), "Custom Zoom")
        await asyncio.sleep(30.0)
        assert isinstance(client.statistics().paused, QuotaExceeded)
        assert (await zoom).id == "2"
        assert client.statistics().paused is None
    first, second = server.to("modal")
    assert second.at - first.at == pytest.approx(60.0, abs=0.5)


@virtual_time
async def test_an_answer_whose_balance_stays_empty_is_an_error() -> None:
    """After ten minutes its waiters are told; the dialog stays open."""
    server = Scripted()
    async with opened(server) as client:
        await worked(client, server)
        server.on("action", asking("2", "p"))
        server.always("modal", scripted.quota_empty())
        server.shows("2", OPEN)
        zoom = client.click(task(), "Custom Zoom")
        assert type(await outcome(zoom)) is QuotaExceeded
        assert zoom.state is State.MODAL


@virtual_time
async def test_a_probe_that_is_never_answered_does_not_close_the_breaker() -> None:
    """Silence proves nothing: the next probe goes a minute later."""
    server = Scripted()
    async with opened(server) as client:
        await worked(client, server)
        server.on("imagine", scripted.key_refused(), LOST, scripted.key_refused())
        server.takes_all()
        handles = [client.imagine(f"cat {n}") for n in range(1)]
        await asyncio.sleep(1.0)
        handles += [client.imagine(f"cat {n}") for n in range(2)]
        outcomes = [await outcome(handle) for handle in handles]
        kinds = sorted(type(one).__name__ for one in outcomes)
        assert kinds == ["SubmissionInDoubt", "Task", "Task"]
    gaps = [after.at - before.at for before, after in pairwise(server.sent[:4])]
    assert gaps == pytest.approx([60.0] * 3, abs=1.0)
