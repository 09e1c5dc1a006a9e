"""The intent before the request, the answer before the waiters, and nothing torn in between."""

from __future__ import annotations

import asyncio

import pytest

from mjflow.errors import (
    CannotWrite,
    InvalidInput,
    MjflowError,
    NotSubmitted,
    ParentUnusable,
    TaskFailed,
    UnknownButton,
    WaitTimeout,
)
from mjflow.fsm.states import State
from mjflow.journal.memory import MemoryStore
from mjflow.journal.store import AttemptExists, Intent
from mjflow.protocol.requests import Mode
from mjflow.protocol.task import Task

from .. import scripted
from ..scripted import (
    BASE,
    DONE,
    FAILED,
    RUNNING,
    Held,
    Ledger,
    Scripted,
    accepted,
    opened,
    outcome,
    task,
)
from ..virtual import virtual_time
from .paying import (
    Begin,
    imagine,
    over_routes,
)

# --- nothing was sent ---------------------------------------------------------------------


@virtual_time
async def test_a_button_that_is_not_there_costs_nothing() -> None:
    """An unknown button is told with those that are there, before anything is sent."""
    server = Scripted()
    async with opened(server) as client:
        handle = client.click(task(buttons=[]), "U1")
        with pytest.raises(UnknownButton):
            await handle
        assert handle.state is State.WITHDRAWN
    assert server.sent == []


class Broken(MemoryStore):
    """A journal that will not take an intent."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    async def intend(self, intent: Intent) -> None:
        raise self.error


@pytest.mark.parametrize(
    ("error", "kind"),
    [(CannotWrite("the disk is full"), CannotWrite), (AttemptExists("k"), NotSubmitted)],
    ids=["cannot write", "attempt exists"],
)
@over_routes
@virtual_time
async def test_without_an_intent_nothing_is_sent(
    route: str, begin: Begin, error: Exception, kind: type[MjflowError]
) -> None:
    """An intent that cannot be written ends the act, clearly, and its place is given back."""
    server = Scripted()
    async with opened(server, journal=Broken(error), max_in_flight=1) as client:
        handle = begin(client)
        assert type(await outcome(handle)) is kind
        assert handle.state is State.WITHDRAWN
        assert client.statistics().in_flight == 0
    assert server.sent == []


@virtual_time
async def test_a_state_that_is_too_long_is_refused_before_anything_is_sent() -> None:
    """Servers take 255 characters of state; a longer one costs nothing and frees its place."""
    server = Scripted()
    async with opened(server, max_in_flight=1) as client:
        with pytest.raises(InvalidInput, match="too long"):
            await client.imagine("a cat", state="x" * 250)
        assert client.statistics().in_flight == 0
    assert server.sent == []


@virtual_time
async def test_fields_that_would_replace_the_requests_own_are_refused() -> None:
    """`extra=` cannot smuggle in another prompt; nothing is sent."""
    server = Scripted()
    async with opened(server) as client:
        with pytest.raises(InvalidInput, match="prompt"):
            await client.imagine("a cat", extra={"prompt": "a dog"})
    assert server.sent == []


# --- the journal --------------------------------------------------------------------------


@over_routes
@virtual_time
async def test_the_intent_is_written_before_the_request_leaves(route: str, begin: Begin) -> None:
    """The journal has the intent first, then the answer, and only then a waiter hears of it."""
    server = Scripted()
    server.on(route, accepted("1"))
    server.shows("1", DONE)
    async with opened(server, journal=Ledger(server.log)) as client:
        await begin(client).submitted()
        server.log.append("told")
    assert server.log == ["intent 1", f"sent {route}", "ACCEPTED", "told"]


@virtual_time
async def test_the_journal_and_the_wire_share_a_token() -> None:
    """What stands in the wire's `state` is what the journal knows the attempt by."""
    server, store = Scripted(), MemoryStore()
    server.on("imagine", accepted("1"))
    server.shows("1", DONE)
    async with opened(server, journal=store) as client:
        await client.imagine("a cat", key="k", state="mine")
    (attempt,) = await store.attempts(BASE, "k")
    assert server.sent[0].body["state"] == f"mj1.{attempt.intent.token}:mine"


class Full(Ledger):
    """A journal that takes intents, and nothing after that."""

    async def note(self, token: str, note: object) -> None:
        raise CannotWrite("the disk is full")


@virtual_time
async def test_a_paid_task_goes_on_though_its_answer_cannot_be_written() -> None:
    """A full disk between sending and noting loses no task: the answer counts all the same."""
    server = Scripted()
    server.on("imagine", accepted("1"))
    server.shows("1", RUNNING, DONE)
    async with opened(server, journal=Full(server.log)) as client:
        assert (await imagine(client)).id == "1"


@virtual_time
async def test_a_rejection_that_cannot_be_written_is_not_followed_by_another_try() -> None:
    """Without the rejection in the journal there can be no next attempt: nothing is paid."""
    server = Scripted()
    server.on("imagine", scripted.queue_full())
    async with opened(server, journal=Full(server.log), max_in_flight=1) as client:
        handle = imagine(client)
        assert type(await outcome(handle)) is CannotWrite
        assert handle.state is State.WITHDRAWN
        assert client.statistics().in_flight == 0
    assert server.log == ["intent 1", "sent imagine"]


# --- whoever waits ------------------------------------------------------------------------


@virtual_time
async def test_a_cancelled_caller_does_not_tear_the_request() -> None:
    """The request stays on the wire and the task goes on, whatever becomes of its waiter."""
    server, held = Scripted(), Held()
    server.on("imagine", held)
    server.shows("1", DONE)
    async with opened(server) as client:
        handle = client.imagine("a cat")
        waiter = asyncio.create_task(handle.wait())
        await held.arrived.wait()
        waiter.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiter
        held.release(accepted("1"))
        assert (await handle).id == "1"
    assert (held.torn, server.routes) == (False, ["imagine"])


@pytest.mark.parametrize("moment", range(12))
@virtual_time
async def test_a_caller_may_be_cancelled_at_any_moment(moment: int) -> None:
    """However far the submit has come when its caller goes away, it is sent once and ends."""
    server = Scripted()
    server.on("imagine", accepted("1"))
    server.shows("1", RUNNING, DONE)
    async with opened(server) as client:
        handle = client.imagine("a cat")
        waiter = asyncio.create_task(handle.wait())
        for _ in range(moment):
            await asyncio.sleep(0)
        waiter.cancel()
        assert isinstance(await outcome(handle), Task)
        await asyncio.gather(waiter, return_exceptions=True)
    assert server.routes == ["imagine"]


@virtual_time
async def test_a_wait_with_a_limit_leaves_the_task_alone() -> None:
    """`wait(timeout=)` raises WaitTimeout; the same handle can be waited for again."""
    server, held = Scripted(), Held()
    server.on("imagine", held)
    server.shows("1", DONE)
    async with opened(server) as client:
        handle = client.imagine("a cat")
        with pytest.raises(WaitTimeout):
            await handle.wait(timeout=3.0)
        held.release(accepted("1"))
        assert (await handle).id == "1"
    assert not held.torn


@pytest.mark.parametrize("mode", [Mode.RELAX, Mode.FAST, Mode.TURBO])
@virtual_time
async def test_the_speed_mode_is_in_the_path(mode: Mode) -> None:
    """A mode is a prefix of the submit's path, and of no look's (P§1)."""
    server = Scripted()
    server.on("imagine", accepted("1"))
    server.shows("1", DONE)
    async with opened(server) as client:
        await client.imagine("a cat", mode=mode)
    prefix = {"relax": "", "fast": "/mj-fast", "turbo": "/mj-turbo"}[mode]
    assert server.sent[0].path == f"{prefix}/mj/submit/imagine"


# --- chains -------------------------------------------------------------------------------


@virtual_time
async def test_a_chain_waits_for_each_task_before_it() -> None:
    """A click leaves when its parent has ended, with the id and the custom id of then."""
    server = Scripted()
    server.on("imagine", accepted("1"))
    server.on("action", accepted("2"))
    server.shows("1", RUNNING, RUNNING, DONE)
    server.shows("2", DONE)
    async with opened(server) as client:
        assert (await client.imagine("a cat").click("U2")).id == "2"
    body = server.to("action")[0].body
    assert (body["taskId"], body["customId"]) == ("1", f"MJ::JOB::upsample::2::{scripted.UUID}")


@virtual_time
async def test_after_a_parent_that_came_to_nothing_nothing_is_sent() -> None:
    """A failed parent withdraws the whole chain behind it, and says why."""
    server = Scripted()
    server.on("imagine", accepted("1"))
    server.shows("1", FAILED)
    async with opened(server) as client:
        last = client.imagine("a cat").click("U1").click("Vary (Strong)")
        with pytest.raises(ParentUnusable, match="任务超时") as caught:
            await last
        assert last.state is State.WITHDRAWN
    assert isinstance(caught.value.__cause__, ParentUnusable)
    assert isinstance(caught.value.__cause__.__cause__, TaskFailed)
    assert server.routes == ["imagine"]
