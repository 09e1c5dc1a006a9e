"""A paying request without an answer: told to the caller, and never sent again."""

from __future__ import annotations

import asyncio

import pytest

from mjflow.errors import ModalRequired, ParentUnusable, SubmissionInDoubt, Unreachable
from mjflow.fsm.states import State
from mjflow.journal.memory import MemoryStore
from mjflow.protocol.verdicts import Outcome

from .. import scripted
from ..scripted import (
    DONE,
    LOST,
    OPEN,
    RUNNING,
    UNREACHABLE,
    Held,
    Scripted,
    accepted,
    asking,
    events,
    opened,
    outcome,
    task,
)
from ..virtual import virtual_time

DOUBTS: list[Outcome] = [
    LOST,
    scripted.bad_gateway(),
    scripted.code_5(),
    scripted.gateway_error("insert_midjourney_task_failed"),
    scripted.reply("", 200),
    scripted.answered(1, ""),
    scripted.answered(99, "1"),
]

#: Buttons whose click is free: only the answer to their dialog is paid.
FREE = ["Vary (Region)", "Custom Zoom"]


@pytest.mark.parametrize("answer", DOUBTS, ids=repr)
@pytest.mark.parametrize("route", ["imagine", "action", "change"])
@virtual_time
async def test_a_doubtful_request_is_never_sent_again(route: str, answer: Outcome) -> None:
    """Doubt ends in IN_DOUBT with its token and key, and a day later nothing was sent again."""
    server, store = Scripted(), MemoryStore()
    server.on(route, answer)
    async with opened(server, journal=store) as client:
        match route:
            case "imagine":
                handle = client.imagine("a cat", key="k")
            case "action":
                handle = client.click(task(), "U1", key="k")
            case _:
                handle = client.change(task(), "UPSCALE", 1, key="k")
        error = await outcome(handle)
        assert isinstance(error, SubmissionInDoubt)
        assert (error.token, error.key) == (server.sent[0].token, "k")
        assert handle.state is State.IN_DOUBT
        await asyncio.sleep(86400.0)
    assert server.routes == [route]
    assert await events(store, "k") == [["UNANSWERED"]]


@virtual_time
async def test_a_made_up_key_is_not_told() -> None:
    """Without a key of the caller's own, SubmissionInDoubt carries none."""
    server = Scripted()
    server.on("imagine", LOST)
    async with opened(server) as client:
        error = await outcome(client.imagine("a cat"))
    assert isinstance(error, SubmissionInDoubt)
    assert error.key is None


@virtual_time
async def test_every_later_wait_hears_of_the_doubt_as_well() -> None:
    """Doubt holds until something settles it: no wait hangs, none pays."""
    server = Scripted()
    server.on("imagine", LOST)
    async with opened(server) as client:
        handle = client.imagine("a cat")
        kinds = {type(await outcome(handle)) for _ in range(3)}
    assert kinds == {SubmissionInDoubt}
    assert server.routes == ["imagine"]


@virtual_time
async def test_what_is_in_doubt_counts_as_money_in_doubt() -> None:
    """The price of a doubtful request is neither spent nor saved."""
    server = Scripted()
    server.on("imagine", LOST)
    async with opened(server) as client:
        await outcome(client.imagine("a cat"))
        spent = client.statistics().spent
    assert (spent.charged, spent.in_doubt) == (0.0, 0.1)


# --- free clicks --------------------------------------------------------------------------


@pytest.mark.parametrize("button", FREE)
@virtual_time
async def test_a_free_click_is_sent_again_once(button: str) -> None:
    """A click that only opens a dialog costs nothing twice, so doubt about it is not told."""
    server, store = Scripted(), MemoryStore()
    server.on("action", LOST, asking("2"))
    async with opened(server, journal=store, on_dialog="raise") as client:
        handle = client.click(task(), button, key="k")
        await outcome(handle)
        assert (handle.id, handle.state) == ("2", State.MODAL)
    assert server.routes == ["action", "action"]
    assert await events(store, "k") == [["UNANSWERED", "FORCED"], ["DIALOG"]]


@pytest.mark.parametrize("button", FREE)
@virtual_time
async def test_a_free_click_is_not_sent_a_third_time(button: str) -> None:
    """A second doubt about a free click is told like any other."""
    server = Scripted()
    server.on("action", LOST, LOST)
    async with opened(server) as client:
        handle = client.click(task(), button)
        error = await outcome(handle)
        assert isinstance(error, SubmissionInDoubt)
        assert error.token == server.sent[1].token
        await asyncio.sleep(86400.0)
    assert server.routes == ["action", "action"]


@pytest.mark.parametrize("button", FREE)
@virtual_time
async def test_a_free_click_whose_second_try_never_leaves_ends_all_waits(button: str) -> None:
    """When the second try cannot be sent, whoever waits for the click hears of it."""
    server = Scripted()
    server.on("action", LOST)
    server.always("action", UNREACHABLE)
    async with opened(server, admission_timeout=60.0) as client:
        handle = client.click(task(), button)
        child = handle.click("U1")
        assert type(await outcome(handle)) is Unreachable
        assert handle.state is State.WITHDRAWN
        assert type(await outcome(child)) is ParentUnusable
        assert child.state is State.WITHDRAWN


@virtual_time
async def test_a_chain_goes_on_behind_a_free_click_that_was_sent_again() -> None:
    """Who waits for the first click waits for the second: handles, waiters, events, children."""
    server = Scripted()
    server.on("action", LOST, asking("2", "a cat"), accepted("4"), scripted.invalid())
    server.on("modal", accepted("2"))
    server.shows("2", RUNNING, DONE)
    server.shows("4", DONE)
    async with opened(server) as client:
        zoom = client.click(task(), "Custom Zoom", prompt="a cat --zoom 1.3", key="zoom")
        child = zoom.click("U1")
        assert (await child).id == "4"
        assert (await zoom).id == "2"
        assert zoom.click("U1", key="zoom/U1").id == "4"
        assert zoom.click("U1").key == "zoom/U1#2"
    assert server.routes[:4] == ["action", "action", "modal", "action"]


@virtual_time
async def test_closing_does_not_send_a_free_click_again() -> None:
    """A doubt that comes while the client closes stays a doubt."""
    server, held = Scripted(), Held()
    server.on("action", held)
    async with opened(server) as client:
        handle = client.click(task(), "Custom Zoom")
        await held.arrived.wait()
        asyncio.get_running_loop().call_later(5.0, held.release, LOST)
    assert handle.state is State.IN_DOUBT
    assert isinstance(handle.outcome, SubmissionInDoubt)
    assert server.routes == ["action"]


@virtual_time
async def test_a_free_click_is_sent_again_once_over_all_lives() -> None:
    """What was sent in spite of doubt before a restart is not sent in spite of doubt after it."""
    server, store = Scripted(), MemoryStore()
    server.on("imagine", accepted("1"))
    server.shows("1", DONE)
    server.on("action", LOST, scripted.saturated(retry_after=60.0), LOST)
    async with opened(server, journal=store) as client:
        client.imagine("a cat", key="k").click("Custom Zoom")
        await asyncio.sleep(30.0)
    async with opened(server, journal=store) as client:
        zoom = client.imagine("a cat", key="k").click("Custom Zoom")
        assert type(await outcome(zoom)) is SubmissionInDoubt
    assert server.routes == ["imagine", "action", "action", "action"]


# --- chains -------------------------------------------------------------------------------


@virtual_time
async def test_children_of_a_task_in_doubt_wait_and_are_told() -> None:
    """Chained acts stay NEW behind a doubt; their waiters hear of it; nothing is sent."""
    server = Scripted()
    server.on("imagine", LOST)
    async with opened(server) as client:
        first = client.imagine("a cat")
        second = first.click("U1")
        third = second.click("Vary (Strong)")
        errors = [await outcome(handle) for handle in (third, second, first)]
        assert [type(error) for error in errors] == [SubmissionInDoubt] * 3
        assert [second.state, third.state] == [State.NEW, State.NEW]
    assert [second.state, third.state] == [State.WITHDRAWN, State.WITHDRAWN]
    assert server.routes == ["imagine"]


@virtual_time
async def test_the_doubt_of_a_parent_ends_for_its_children_in_the_moment_it_ends() -> None:
    """Who has answered a dialog may wait for what comes behind it at once, and is not told of
    the dialog again."""
    server = Scripted()
    server.on("action", asking("2"), accepted("3"), scripted.invalid())
    server.on("modal", server.answers_dialogs())
    server.shows("2", OPEN)
    server.shows("3", DONE)
    async with opened(server, on_dialog="raise") as client:
        zoom = client.click(task(), "Custom Zoom")
        child = zoom.click("U1")
        grandchild = child.click("Vary (Strong)", key="last")
        for handle in (grandchild, child, zoom):
            assert type(await outcome(handle)) is ModalRequired
        zoom.modal("p")
        assert (child.outcome, grandchild.outcome) == (None, None)
        assert (await child).id == "3"
