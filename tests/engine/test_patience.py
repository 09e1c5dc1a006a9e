"""How long a rejected submit is tried again, and what becomes of it then."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from mjflow.engine.patience import Patience
from mjflow.errors import MjflowError, ParentUnusable, QueueFull, Unreachable
from mjflow.fsm.states import State
from mjflow.protocol.verdicts import Cause, Outcome, Rejected

from .. import scripted
from ..scripted import (
    DONE,
    RUNNING,
    UNREACHABLE,
    Later,
    Scripted,
    accepted,
    opened,
    outcome,
    task,
)
from ..virtual import virtual_time

FULL = Rejected(Cause.QUEUE_FULL, "full")
CHANNEL = Rejected(Cause.NO_CHANNEL, "no channel")
STALE = Rejected(Cause.PARENT_STALE, "stale")
SILENT = Rejected(Cause.UNREACHABLE, "refused")

# --- the arithmetic -----------------------------------------------------------------------


def tries(
    patience: Patience, verdict: Rejected, *, known: bool = True, start: float = 0.0
) -> float:
    """Return the instant at which it is given up, when every try is turned away at once."""
    now = start
    while (delay := patience.next_try(verdict, now, 0.5, known_server=known)) is not None:
        assert delay > 0.0
        now += delay
    return now


@pytest.mark.parametrize("limit", [5.0, 60.0, 4200.0])
def test_no_room_is_borne_up_to_the_admission_timeout(limit: float) -> None:
    """The last try is before the limit, and less than one pause before it."""
    assert limit - 60.0 < tries(Patience(limit), FULL) <= limit


def test_without_a_limit_no_room_is_borne_for_ever() -> None:
    """`None` waits without end, in pauses that do not grow beyond a minute."""
    patience = Patience(None)
    pauses = [patience.next_try(FULL, 1e6 * n, 0.5, known_server=True) for n in range(2000)]
    assert None not in pauses
    assert max(pause for pause in pauses if pause is not None) <= 60.0
    assert patience.left(1e9) is None


def test_what_the_server_asks_for_is_waited() -> None:
    """A Retry-After is never undercut."""
    delay = Patience(None).next_try(
        Rejected(Cause.SATURATED, "busy", retry_after=30.0), 0.0, 0.0, known_server=True
    )
    assert delay is not None
    assert delay >= 30.0


def test_a_stale_parent_is_borne_for_45_seconds() -> None:
    """A gateway's copy is at most 15 s old (P§2.5); three of them are enough."""
    assert 39.0 < tries(Patience(4200.0), STALE) <= 45.0


def test_the_45_seconds_begin_with_the_first_stale_parent() -> None:
    """What was borne for a full queue before does not count."""
    patience = Patience(4200.0)
    patience.next_try(FULL, 0.0, 0.5, known_server=True)
    assert 1039.0 < tries(patience, STALE, start=1000.0) <= 1045.0


def test_a_server_that_was_never_heard_is_given_up_in_seconds() -> None:
    """Three tries in a second and a half: a typo in a host name must not wait long."""
    assert tries(Patience(4200.0), SILENT, known=False) == 1.5


def test_a_server_that_was_heard_before_is_waited_for() -> None:
    """A network that is gone for a while is like a full queue."""
    assert tries(Patience(4200.0), SILENT, known=True) > 4100.0


def test_what_is_left_counts_from_the_first_rejection() -> None:
    """Before that there is no limit, after the end there is nothing."""
    patience = Patience(60.0)
    assert patience.left(5.0) is None
    patience.next_try(FULL, 10.0, 0.5, known_server=True)
    assert [patience.left(now) for now in (10.0, 30.0, 70.0, 99.0)] == [60.0, 40.0, 0.0, 0.0]


def lacking(patience: Patience, verdict: Rejected, now: float) -> float | None:
    return patience.next_try(verdict, now, 0.5, known_server=True, lacking=True)


def test_an_act_that_no_channel_takes_where_others_are_taken_is_given_up_in_minutes() -> None:
    """The gateway most likely never offers it (P§8.2)."""
    patience, now = Patience(4200.0), 0.0
    while (delay := lacking(patience, CHANNEL, now)) is not None:
        now += delay
    assert 240.0 < now <= 300.0


def test_the_minutes_without_a_channel_begin_anew_after_any_other_answer() -> None:
    """A full queue behind it shows that there is a channel."""
    patience = Patience(4200.0)
    assert lacking(patience, CHANNEL, 0.0) is not None
    assert lacking(patience, FULL, 280.0) is not None
    assert lacking(patience, CHANNEL, 310.0) is not None
    assert lacking(patience, CHANNEL, 620.0) is None


# --- in the engine ------------------------------------------------------------------------


@virtual_time
async def test_a_gateway_that_takes_other_acts_is_asked_for_minutes_only() -> None:
    """What it says of an act that it never offers is what it says when it is busy (P§8.2)."""
    server = Scripted()
    server.takes_all("imagine")
    server.every_task(DONE)
    server.always("shorten", scripted.no_channel())
    loop = asyncio.get_running_loop()
    async with opened(server) as client:
        await client.imagine("a cat")
        start = loop.time()
        error = await outcome(client.shorten("a long prompt"))
        assert type(error) is QueueFull
        assert "does not offer it" in error.advice
        assert 240.0 < loop.time() - start < 301.0


@pytest.mark.parametrize("taken", ["shorten", None], ids=["the same act", "none"])
@virtual_time
async def test_a_channel_that_may_come_back_is_waited_for(taken: str | None) -> None:
    """It was there before, or nothing is taken at all: then it is the channels that are away."""
    server = Scripted()
    server.every_task(DONE)
    loop = asyncio.get_running_loop()
    async with opened(server) as client:
        if taken:
            server.on(taken, accepted("1"))
            await client.shorten("another prompt")
        server.always("shorten", scripted.no_channel())
        start = loop.time()
        assert type(await outcome(client.shorten("a long prompt"))) is QueueFull
        assert loop.time() - start > 4000.0


@virtual_time
async def test_a_queue_that_stays_full_ends_with_nothing_paid() -> None:
    """After the admission timeout the act is withdrawn with QueueFull."""
    server = Scripted()
    server.always("imagine", scripted.queue_full())
    loop = asyncio.get_running_loop()
    async with opened(server, admission_timeout=600.0) as client:
        start = loop.time()
        handle = client.imagine("a cat")
        error = await outcome(handle)
        assert type(error) is QueueFull
        assert "Nothing was paid" in error.advice
        assert (handle.state, client.statistics().spent.total) == (State.WITHDRAWN, 0.0)
        assert 500.0 < loop.time() - start <= 601.0
    pauses = [after.at - before.at for before, after in pairwise(server.sent)]
    assert 1.0 <= min(pauses) <= 2.1
    assert 30.0 <= max(pauses) <= 60.1


@virtual_time
async def test_the_admission_timeout_holds_while_others_take_all_the_room() -> None:
    """Turned away once, an act does not wait for a place of our own window for ever either."""
    server = Scripted()
    server.on("imagine", accepted("1"), Later(1.0, scripted.queue_full()), accepted("3"))
    server.shows("1", DONE)
    server.shows("3", RUNNING)
    loop = asyncio.get_running_loop()
    async with opened(server, max_in_flight=1, admission_timeout=100.0) as client:
        await client.imagine("first")
        second = client.imagine("second")
        await asyncio.sleep(0.1)
        client.imagine("third")
        start = loop.time()
        assert type(await outcome(second)) is QueueFull
        assert 99.0 < loop.time() - start < 103.0


@virtual_time
async def test_at_first_contact_an_unreachable_server_is_told_in_seconds() -> None:
    """Three tries, then Unreachable; nothing was paid."""
    server = Scripted()
    server.always("imagine", UNREACHABLE)
    loop = asyncio.get_running_loop()
    async with opened(server) as client:
        start = loop.time()
        handle = client.imagine("a cat")
        assert type(await outcome(handle)) is Unreachable
        assert (handle.state, loop.time() - start < 5.0) == (State.WITHDRAWN, True)
    assert server.routes == ["imagine"] * 3


FIRST_ANSWERS = [scripted.queue_full(), scripted.invalid(), accepted("1")]


@pytest.mark.parametrize("first", FIRST_ANSWERS, ids=repr)
@virtual_time
async def test_once_the_server_was_heard_an_outage_is_waited_out(first: Outcome) -> None:
    """Ten minutes without a network later the act succeeds."""
    server = Scripted()
    server.shows("1", DONE)
    server.every_task(DONE)
    server.on("imagine", first)
    server.always("imagine", UNREACHABLE)
    async with opened(server) as client:
        before = client.imagine("a cat")
        await asyncio.sleep(1.0)
        handle = client.imagine("a dog")
        await asyncio.sleep(600.0)
        assert (handle.state, handle.outcome) == (State.NEW, None)
        server.takes_all()
        assert (await handle).image_url is not None
        await outcome(before)


@pytest.mark.parametrize("route", ["action", "change"])
@virtual_time
async def test_a_parent_the_gateway_sees_late_is_waited_for(route: str) -> None:
    """`task_status_not_success` passes when the gateway's copy is refreshed."""
    server = Scripted()
    server.on(route, *[scripted.parent_stale()] * 4, accepted("2"))
    server.shows("2", DONE)
    async with opened(server) as client:
        if route == "action":
            handle = client.click(task(), "U1")
        else:
            handle = client.change(task(), "UPSCALE")
        assert (await handle).id == "2"


@virtual_time
async def test_a_parent_that_stays_unfinished_is_given_up_after_45_seconds() -> None:
    """It is something else then; the act is withdrawn, nothing was paid."""
    server = Scripted()
    server.always("action", scripted.parent_stale())
    loop = asyncio.get_running_loop()
    async with opened(server) as client:
        start = loop.time()
        error: object = await outcome(client.click(task(), "U1"))
        assert type(error) is ParentUnusable
        assert 38.0 < loop.time() - start <= 46.0


@virtual_time
async def test_a_retry_is_announced_with_its_reason_and_delay() -> None:
    """Observers see why a submit is sent again, and when."""
    server = Scripted()
    server.on("imagine", scripted.saturated(retry_after=20.0), accepted("1"))
    server.shows("1", DONE)
    async with opened(server) as client:
        updates = [update async for update in client.imagine("a cat").events()]
    (retry,) = [update for update in updates if update.kind == "retry"]
    assert retry.delay is not None
    assert (20.0 <= retry.delay <= 22.5, "429" in retry.reason) == (True, True)


@virtual_time
async def test_every_kind_of_rejection_keeps_its_error() -> None:
    """What a submit is given up for is told by the class of the error."""
    kinds: dict[str, type[MjflowError]] = {}
    answers = {"full": scripted.queue_full(), "busy": scripted.saturated()}
    answers |= {"no account": scripted.code_3(), "no channel": scripted.no_channel()}
    for name, answer in answers.items():
        server = Scripted()
        server.always("imagine", answer)
        async with opened(server, admission_timeout=10.0) as client:
            error = await outcome(client.imagine("a cat"))
            assert isinstance(error, MjflowError)
            kinds[name] = type(error)
    assert kinds == dict.fromkeys(answers, QueueFull)
