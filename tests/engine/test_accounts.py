"""A server whose accounts are away: asked once a minute, and given up by each act's patience."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from mjflow import Mask, QueueFull, State, Task, Update
from mjflow.engine.accounts import TOLERANCE, Accounts
from mjflow.protocol.requests import Mode
from mjflow.protocol.verdicts import Cause, Rejected

from .. import scripted
from ..scripted import DONE, OPEN, RUNNING, Scripted, accepted, asking, opened, outcome, task
from ..virtual import virtual_time
from .test_breaker import worked
from .test_lanes import Queues

AWAY = Rejected(Cause.NO_ACCOUNT, "away")
FULL = Rejected(Cause.QUEUE_FULL, "full")
SATURATED = Rejected(Cause.SATURATED, "busy")


def away(times: int = TOLERANCE, *, between: Rejected = AWAY) -> Accounts:
    """Let the server say "no account" so often, with something else in the middle."""
    accounts = Accounts()
    for number in range(times):
        accounts.rejected(between if number == times // 2 else AWAY, Mode.FAST, float(number))
    return accounts


def test_only_five_in_a_row_count() -> None:
    """Fewer may be bad luck; then the answer is known without asking, but once a minute."""
    assert away(TOLERANCE - 1).foretell(Mode.FAST, 4.0) is None
    accounts = away()
    assert accounts.missing == AWAY
    told = [accounts.foretell(Mode.FAST, at) for at in (4.0, 63.0, 64.0, 65.0, 123.0, 124.0)]
    assert told == [AWAY, AWAY, None, AWAY, AWAY, None]


def test_another_mode_may_have_an_account() -> None:
    """What is known of one says nothing of the others."""
    assert away().foretell(Mode.RELAX, 4.0) is None
    assert away().foretell(None, 4.0) is None


@pytest.mark.parametrize(("between", "known"), [(FULL, False), (SATURATED, True)], ids=repr)
def test_a_full_queue_proves_that_there_is_an_account(between: Rejected, known: bool) -> None:
    """It is an account's queue; a gateway that is busy proves nothing."""
    accounts = away(TOLERANCE + 1, between=between)
    assert (accounts.missing is not None) == known


def test_an_acceptance_forgets_it() -> None:
    """From then on five more are needed."""
    accounts = away()
    accounts.found(Mode.FAST)
    assert (accounts.missing, accounts.foretell(Mode.FAST, 4.0)) == (None, None)
    for number in range(TOLERANCE - 1):
        accounts.rejected(AWAY, Mode.FAST, 10.0 + number)
    assert accounts.missing is None


@virtual_time
async def test_one_act_a_minute_asks_and_all_go_on_when_there_is_an_account() -> None:
    """The others back off as if they had been told the same."""
    server, seen = Scripted(), list[Update]()
    async with opened(server, observers=[seen.append], max_in_flight=10) as client:
        await worked(client, server)
        server.always("imagine", scripted.code_3())
        handles = [client.imagine(f"cat {n}") for n in range(50)]
        await asyncio.sleep(1.0)
        asked = len(server.sent)
        assert asked <= TOLERANCE + 16
        await asyncio.sleep(1800.0)
        assert {handle.state for handle in handles} == {State.NEW}
        assert isinstance(client.statistics().paused, QueueFull)
        gaps = [after.at - before.at for before, after in pairwise(server.sent[asked:])]
        assert all(60.0 <= gap < 75.0 for gap in gaps)
        assert len(gaps) >= 24
        server.takes_all()
        for handle in handles:
            assert isinstance(await outcome(handle), Task)
        assert (client.statistics().paused, client.statistics().in_flight) == (None, 0)
    assert [u.kind for u in seen if u.kind in ("paused", "resumed")] == ["paused", "resumed"]


@virtual_time
async def test_each_act_gives_up_when_its_own_patience_ends() -> None:
    """Whether it has ever asked or not; nothing was paid."""
    server = Scripted()
    server.always("imagine", scripted.code_3())
    loop = asyncio.get_running_loop()
    async with opened(server, max_in_flight=5, admission_timeout=300.0) as client:
        begun = loop.time()
        handles = [client.imagine(f"cat {n}") for n in range(40)]
        errors = [await outcome(handle) for handle in handles]
        assert {type(error) for error in errors} == {QueueFull}
        assert "no usable account" in str(errors[-1])
        assert 200.0 < loop.time() - begun < 310.0
        assert client.statistics().in_flight == 0
    assert len(server.sent) < 30


@virtual_time
async def test_acts_in_another_mode_go_on() -> None:
    """Only the mode without an account is left out."""
    server = Queues(scripted.code_3())
    server.every_task(DONE)
    server.full = {"turbo"}
    async with opened(server) as client:
        stuck = [client.imagine(f"cat {n}", mode="turbo") for n in range(20)]
        await asyncio.sleep(30.0)
        for number in range(5):
            assert isinstance(await client.imagine(f"dog {number}", mode="fast"), Task)
        assert client.statistics().paused is not None
        server.full = set()
        for handle in stuck:
            assert isinstance(await outcome(handle), Task)


@virtual_time
async def test_answers_and_uploads_are_told_without_asking_as_well() -> None:
    """They wait like the others, and go through when there is an account."""
    server = Scripted()
    server.every_task(RUNNING, DONE)
    server.on("action", asking("2", "p"))
    server.shows("2", OPEN)
    server.always("imagine", scripted.code_3())
    server.always("modal", server.answers_dialogs())
    server.always("upload-discord-images", scripted.answered(1, ["https://cdn/1.png"]))
    async with opened(server, on_dialog="raise") as client:
        zoom = client.click(task(), "Custom Zoom")
        await outcome(zoom)
        cats = [client.imagine(f"cat {n}") for n in range(10)]
        await asyncio.sleep(30.0)
        zoom.modal("p")
        upload = asyncio.create_task(client.upload(Mask.rect(0, 0, 0.5, 1).png(8, 8)))
        await asyncio.sleep(20.0)
        assert set(server.routes) == {"action", "imagine"}
        server.takes_all()
        assert (await zoom).id == "2"
        await asyncio.gather(*cats)
        assert len(await upload) == 1


@virtual_time
async def test_one_no_account_is_just_backed_off_from() -> None:
    """Below five in a row nothing is paused."""
    server = Scripted()
    server.on("imagine", *[scripted.code_3()] * (TOLERANCE - 1), accepted("1"))
    server.every_task(DONE)
    async with opened(server) as client:
        assert (await client.imagine("a cat")).id == "1"
        assert client.statistics().paused is None
    assert len(server.sent) == TOLERANCE
