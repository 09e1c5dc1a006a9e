"""Doubt on real sockets and every kind of server, compared with what the server's books say."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest

from mjflow import Client, MjflowError, State, Status, SubmissionInDoubt, Task
from mjflow.handle import TaskHandle
from mjflow.journal.memory import MemoryStore
from mjflow.simulator import Submit
from mjflow.testing import assert_paid_once

from ..virtual import virtual_time
from .worlds import World, mask, world

#: Faults after which a task exists of whose id the client was told nothing, and where they occur.
LOSING = [
    *(
        (fault, profile)
        for fault in ("lost-reply", "timeout-after-accept", "cut-reply", "empty-200")
        for profile in ("gateway", "trueai", "novicezk")
    ),
    *((fault, "gateway") for fault in ("do-request-failed", "code-5-with-task", "insert-failed")),
]
#: Faults after which no task exists, and the client cannot know that.
VAIN = [
    ("code-5-without-task", "gateway"),
    ("http-502", "gateway"),
    ("http-502", "trueai"),
    ("http-502", "novicezk"),
]
LISTS = {"gateway": False, "trueai": True, "novicezk": True}
#: Seconds for all that is waited for: answers that never come, and two minutes of looking.
LONG = 3600.0


def on(profile: str, *faults: str, **simulator: Any) -> dict[str, Any]:
    return {"simulator": {"profile": profile, "faults": list(faults), **simulator}}


async def outcomes(handles: Iterable[TaskHandle]) -> list[Task | MjflowError]:
    """Wait for what becomes of handles, whatever it is."""
    ends: list[Task | MjflowError] = []
    for handle in handles:
        try:
            ends.append(await handle.wait(LONG))
        except MjflowError as error:
            ends.append(error)
    return ends


def begin(client: Client) -> list[TaskHandle]:
    """Begin chains that any kind of server can carry out."""
    grids = [client.imagine(f"a cat {n}", key=f"k{n}") for n in range(3)]
    return [*grids, *(grid.click("U1") for grid in grids), grids[0].click("V2")]


async def tokens_in_doubt(client: Client) -> set[str]:
    """Name the tokens of all doubts as the simulator's books do."""
    errors = [handle.outcome for handle in await client.doubts()]
    return {f"mj1.{error.token}" for error in errors if isinstance(error, SubmissionInDoubt)}


def tokens(submits: Iterable[Submit]) -> set[str]:
    return {submit.token for submit in submits}


def check_money(one: World) -> None:
    """No submit was charged twice; what we counted is what the server's books say."""
    assert_paid_once(one.simulator.ledger)


async def check_chains(one: World, profile: str) -> None:
    handles = begin(one.client)
    ends = await outcomes(handles)
    ledger = one.simulator.ledger
    doubts = await tokens_in_doubt(one.client)
    check_money(one)
    if LISTS[profile]:
        assert doubts == tokens(submit for submit in ledger.unknowable() if not submit.exists)
        assert doubts or all(isinstance(end, Task) for end in ends)
    else:
        assert doubts == tokens(ledger.unknowable())
    told = {end.token for end in ends if isinstance(end, SubmissionInDoubt)}
    assert {f"mj1.{token}" for token in told} == doubts


@pytest.mark.parametrize("rate", ["1", "1:1", "0.4"])
@pytest.mark.parametrize(("fault", "profile"), [*LOSING, *VAIN])
@virtual_time
async def test_what_is_reported_as_doubt_is_what_could_not_be_known(
    fault: str, profile: str, rate: str
) -> None:
    """At a gateway exactly the unknowable submits are doubts; where tasks are listed, only those
    of which no task exists, and all others end well."""
    async with world(**on(profile, f"{fault}={rate}"), dialect=profile) as one:
        await check_chains(one, profile)


@pytest.mark.parametrize("fault", ["lost-reply", "empty-200", "http-502"])
@pytest.mark.parametrize("profile", ["gateway", "trueai"])
@virtual_time
async def test_free_clicks_are_used_or_sent_again(profile: str, fault: str) -> None:
    """Vary (Region) goes well although the first answer to its click is lost."""
    async with world(**on(profile), dialect=profile) as one:
        grid = one.client.imagine("a cat")
        picture = grid.click("U1")
        await picture
        one.simulator.faults.switch(f"{fault}@clicks=1:1")
        region = picture.click("Vary (Region)", prompt="a crown", mask=mask())
        assert (await region).status is Status.SUCCESS
        clicks = [one for one in one.simulator.ledger.submits if one.act == "action"]
        check_money(one)
        assert await one.client.doubts() == ()
        used = profile == "trueai" and fault != "http-502"
        assert len(clicks) == (2 if used else 3)


@virtual_time
async def test_a_restart_that_forgets_leaves_doubts_and_buys_nothing() -> None:
    """novicezk forgets all tasks when it restarts: what was being looked for stays in doubt."""
    async with world(**on("novicezk", "lost-reply=1:1"), dialect="novicezk") as one:
        handle = one.client.imagine("a cat", key="k")
        while not one.simulator.ledger.submits:
            await asyncio.sleep(0.01)
        one.simulator.restart()
        (end,) = await outcomes([handle])
        assert isinstance(end, SubmissionInDoubt)
        assert await handle.settle("look") is State.IN_DOUBT
        assert len(one.simulator.ledger.charges) == 1
        await handle.settle("resubmit")
        assert (await handle).ended
        assert len(one.simulator.ledger.charges) == 2


@virtual_time
async def test_a_restart_that_forgets_nothing_changes_nothing() -> None:
    """trueai queues its tasks again, and lists them."""
    async with world(**on("trueai", "lost-reply=1:1"), dialect="trueai") as one:
        handle = one.client.imagine("a cat", key="k")
        while not one.simulator.ledger.submits:
            await asyncio.sleep(0.01)
        one.simulator.restart()
        assert (await handle).ended
        assert len(one.simulator.ledger.charges) == 1


async def crowd(one: World, tasks: int) -> None:
    """Let others submit so many tasks."""
    others = Client(one.simulator.base_url, "sk-other", dialect="trueai", max_in_flight=None)
    async with others:
        await asyncio.gather(*(others.imagine("a dog").submitted() for _ in range(tasks)))


@virtual_time
async def test_a_task_behind_a_hundred_newer_ones_stays_in_doubt() -> None:
    """trueai lists the newest hundred of all users: a look in vain is no lie, and no proof."""
    async with world(**on("trueai"), dialect="trueai") as one:
        one.simulator.faults.switch("lost-reply@submits=1:1")
        handle = one.client.imagine("a cat", key="k")
        while not one.simulator.ledger.submits:
            await asyncio.sleep(0.01)
        await crowd(one, 100)
        (end,) = await outcomes([handle])
        assert isinstance(end, SubmissionInDoubt)
        assert "not among the 100 tasks that the server lists" in end.message
        assert await handle.settle("look") is State.IN_DOUBT
        (mine,) = one.simulator.ledger.by_state(f"mj1.{end.token}")
        assert mine.task_id is not None
        assert await handle.settle(task_id=mine.task_id) is State.SUBMITTED
        assert (await handle).id == mine.task_id
        check_money(one)


@pytest.mark.parametrize("profile", ["gateway", "trueai", "novicezk"])
@virtual_time
async def test_a_doubt_survives_in_the_journal_and_can_be_settled_there(profile: str) -> None:
    """The next client lists it, settles it, and the key is submitted anew after "absent"."""
    store = MemoryStore()
    fault = "http-502=1:1"
    async with world(**on(profile, fault), dialect=profile, journal=store) as one:
        first = one.client.imagine("a cat", key="k")
        (end,) = await outcomes([first])
        assert isinstance(end, SubmissionInDoubt)
        again = Client(
            one.simulator.base_url, "sk-test", dialect=profile, journal=store, max_in_flight=None
        )
        async with again as client:
            (doubt,) = await client.doubts()
            assert (doubt.key, doubt.state) == ("k", State.IN_DOUBT)
            assert await doubt.settle("absent") is State.WITHDRAWN
            assert (await client.imagine("a cat", key="k")).ended
            assert await client.doubts() == ()
        check_money(one)
        assert len(one.simulator.ledger.charges) == 1


@pytest.mark.parametrize("profile", ["trueai", "novicezk"])
@virtual_time
async def test_a_client_that_was_closed_in_doubt_finds_its_task_in_the_next_life(
    profile: str,
) -> None:
    """The search goes on where it was, by the journal's token."""
    store = MemoryStore()
    async with world(**on(profile, "lost-reply=1:1")) as one:
        settings: dict[str, Any] = {"dialect": profile, "journal": store, "max_in_flight": None}
        async with Client(one.simulator.base_url, "sk-test", **settings) as client:
            handle = client.imagine("a cat", key="k")
            while not one.simulator.ledger.submits:
                await asyncio.sleep(0.01)
        assert isinstance(handle.outcome, SubmissionInDoubt)
        async with Client(one.simulator.base_url, "sk-test", **settings) as client:
            (doubt,) = await client.doubts()
            assert (await doubt).ended
            assert (await client.imagine("a cat", key="k")).id == doubt.id
        assert len(one.simulator.ledger.charges) == 1


@pytest.mark.parametrize("fault", ["lost-reply", "empty-200"])
@pytest.mark.parametrize("more", [[], ["modal-new-id"], ["modal-stays-stale"]], ids=repr)
@pytest.mark.parametrize("profile", ["gateway", "trueai"])
@virtual_time
async def test_answers_whose_reply_was_lost_are_never_given_twice(
    profile: str, more: list[str], fault: str
) -> None:
    """Every wait ends, with the task or with the doubt; where it is listed, with the task."""
    async with world(**on(profile, *more), dialect=profile) as one:
        picture = one.client.imagine("a cat").click("U1")
        await picture
        one.simulator.faults.switch(f"{fault}@answers=1:1")
        region = picture.click("Vary (Region)", prompt="a crown", mask=mask())
        (end,) = await outcomes([region])
        check_money(one)
        assert sum(one.simulator.ledger.answers().values()) == 1
        if profile == "trueai" and more != ["modal-stays-stale"]:
            assert isinstance(end, Task)
        assert isinstance(end, Task | SubmissionInDoubt)
