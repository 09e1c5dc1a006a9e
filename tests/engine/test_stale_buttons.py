"""A button whose id has changed is found anew by its name, and clicked once more (P§2.5)."""

from __future__ import annotations

import asyncio

import pytest

from mjflow.errors import RequestRefused, UnknownButton
from mjflow.journal.memory import MemoryStore
from mjflow.protocol.codec import digest
from mjflow.protocol.requests import Action

from ..scripted import (
    BASE,
    DONE,
    UUID,
    Json,
    Scripted,
    accepted,
    events,
    gateway_error,
    invalid,
    opened,
    outcome,
    row,
    shape_a,
)
from ..virtual import virtual_time
from .served import PROFILES, became, cents, served

#: Cents for a grid and a U.
GRID, PICK = 10, 5
OTHER = UUID.replace("7", "8")


def renewed(shown: Json = DONE, *, without: str = "") -> Json:
    """Return a row whose buttons have other ids."""
    buttons = [
        {**button, "customId": button["customId"].replace(UUID, OTHER)}
        for button in shown["buttons"]
        if button["label"] != without
    ]
    return {**shown, "buttons": buttons}


def server_with(*answers: object) -> Scripted:
    """Script a server whose grid is done, and that answers clicks so."""
    server = Scripted()
    server.on("imagine", accepted("1"))
    server.on("action", *answers)  # type: ignore[arg-type]
    server.shows("1", DONE, renewed())
    server.shows("2", DONE)
    return server


# --- at a simulated server ----------------------------------------------------------------


@pytest.mark.parametrize("button", ["U2", "V3", "🔄"])
@pytest.mark.parametrize("profile", PROFILES)
@virtual_time
async def test_a_click_with_an_old_id_ends_well_and_is_paid_once(profile: str, button: str) -> None:
    """The refused one costs nothing, and the one behind it is the button that was meant."""
    async with served(profile, faults=["stale-buttons=1:1"]) as one:
        grid = one.parent("grid")
        await grid
        before = one.ledger.total
        click = grid.click(button)
        assert (await click).status == "SUCCESS"
        assert one.simulator.faults.struck["stale-buttons"] == 1
        assert cents(one.ledger.total - before) == (PICK if button == "U2" else GRID)


@pytest.mark.parametrize("profile", PROFILES)
@virtual_time
async def test_ids_that_change_with_every_click_are_not_run_after(profile: str) -> None:
    """It is clicked under a second id, and under no third one."""
    async with served(profile, faults=["stale-buttons"]) as one:
        grid = one.parent("grid")
        await grid
        before = one.ledger.total
        assert type(await became(grid.click("U2"))) is RequestRefused
        assert one.simulator.faults.struck["stale-buttons"] == 2
        assert one.ledger.total == before


# --- what is sent -------------------------------------------------------------------------


@virtual_time
async def test_the_same_button_is_sent_under_its_new_id_as_the_next_attempt() -> None:
    """The journal has a definite no behind the first attempt."""
    server, store = server_with(invalid(), accepted("2")), MemoryStore()
    async with opened(server, journal=store) as client:
        click = client.imagine("a cat", key="k").click("U2")
        assert (await click).id == "2"
    ids = [sent.body["customId"] for sent in server.to("action")]
    assert ids == [f"MJ::JOB::upsample::2::{UUID}", f"MJ::JOB::upsample::2::{OTHER}"]
    assert await events(store, "k/U2") == [["REJECTED"], ["ACCEPTED", "SUCCEEDED"]]
    first, second = server.to("action")
    assert first.token != second.token
    assert second.at - first.at < 1.0


@pytest.mark.parametrize("spelling", ["u2", f"MJ::JOB::upsample::2::{UUID}", "*upsample::2*"])
@virtual_time
async def test_the_new_id_is_that_of_the_same_button_however_it_was_written(spelling: str) -> None:
    """An id that was given belonged to the task, so its button is known by name."""
    server = server_with(invalid(), accepted("2"))
    async with opened(server) as client:
        await client.imagine("a cat").click(spelling)
    assert server.to("action")[1].body["customId"] == f"MJ::JOB::upsample::2::{OTHER}"


@pytest.mark.parametrize(
    "refusal",
    [invalid(), gateway_error("custom_id_is_required"), shape_a("Invalid request, x", 400)],
    ids=["a server's", "a gateway's own", "shape A"],
)
@virtual_time
async def test_every_definite_no_to_a_click_is_looked_into(refusal: object) -> None:
    """No two servers say it in the same words, and what the task shows now tells it for sure."""
    server = server_with(refusal, accepted("2"))
    async with opened(server) as client:
        assert (await client.imagine("a cat").click("U2")).id == "2"


# --- what is not --------------------------------------------------------------------------


@virtual_time
async def test_a_button_that_has_its_id_still_is_not_clicked_again() -> None:
    """Then the server means something else by its no."""
    server = server_with(invalid())
    server.shows("1", DONE)
    async with opened(server) as client:
        assert type(await outcome(client.imagine("a cat").click("U2"))) is RequestRefused
    assert server.routes == ["imagine", "action"]


@virtual_time
async def test_a_button_that_the_task_has_lost_is_told() -> None:
    """There is nothing to click any more."""
    server = server_with(invalid())
    server.shows("1", DONE, renewed(without="U2"))
    async with opened(server) as client:
        error = await outcome(client.imagine("a cat").click("U2"))
    assert type(error) is RequestRefused
    assert server.routes == ["imagine", "action"]


@virtual_time
async def test_a_task_that_cannot_be_fetched_again_leaves_the_refusal_as_it_is() -> None:
    """The question was free, and nothing depends on its answer."""
    server = server_with(invalid())
    server.shows("1", DONE, shape_a("broken", 500))
    async with opened(server) as client:
        assert type(await outcome(client.imagine("a cat").click("U2"))) is RequestRefused
    assert server.routes == ["imagine", "action"]


@virtual_time
async def test_an_id_of_another_task_is_refused_before_anything_is_sent() -> None:
    """Only an id that the task had is resolved anew."""
    server = server_with()
    async with opened(server) as client:
        click = client.imagine("a cat").click(f"MJ::JOB::upsample::2::{OTHER}")
        assert type(await outcome(click)) is UnknownButton
    assert server.routes == ["imagine"]


# --- in another life ----------------------------------------------------------------------


@virtual_time
async def test_the_next_client_takes_the_click_under_the_new_id_for_the_same_one() -> None:
    """Its journal shows the old ids, for that was the task's end; the key is no other's."""
    server, store = server_with(invalid(), accepted("2")), MemoryStore()
    server.shows("2", row("IN_PROGRESS", "10%"))
    async with opened(server, journal=store) as client:
        click = client.imagine("a cat", key="k").click("U2")
        await asyncio.sleep(30.0)
    server.shows("2", DONE)
    async with opened(server, journal=store) as client:
        click = client.imagine("a cat", key="k").click("U2")
        assert (await click).id == "2"
    assert server.routes == ["imagine", "action", "action"]


@virtual_time
async def test_a_life_that_ended_before_the_second_click_is_gone_on_with() -> None:
    """The next client comes upon the old id once more, and then goes the same way."""
    server, store = server_with(invalid(), invalid(), invalid(), accepted("2")), MemoryStore()
    async with opened(server, journal=store) as client:
        assert type(await outcome(client.imagine("a cat", key="k").click("U2"))) is RequestRefused
    async with opened(server, journal=store) as client:
        assert (await client.imagine("a cat", key="k").click("U2")).id == "2"
    last = (await store.attempts(BASE, "k/U2"))[-1]
    assert last.intent.attempt == 4


def test_a_button_counts_by_its_name_in_what_a_key_stands_for() -> None:
    """Another id of the same button is no other content; another button is."""
    one = Action(task_id="1", custom_id=f"MJ::JOB::upsample::2::{UUID}")
    same = Action(task_id="1", custom_id=f"MJ::JOB::upsample::2::{OTHER}")
    other = Action(task_id="1", custom_id=f"MJ::JOB::upsample::3::{UUID}")
    elsewhere = Action(task_id="2", custom_id=f"MJ::JOB::upsample::2::{UUID}")
    assert digest(one) == digest(same)
    assert digest(one) not in (digest(other), digest(elsewhere))


@virtual_time
async def test_the_questions_about_refused_clicks_keep_within_the_request_budget() -> None:
    """Eight clicks that are refused at one moment ask for their parent as looks are granted."""
    server = server_with(*[invalid()] * 16)
    async with opened(server, request_budget=1.0) as client:
        grid = client.imagine("a cat", key="k")
        await grid
        clock = asyncio.get_running_loop()
        before = clock.time()
        clicks = [grid.click(f"{letter}{n}") for letter in "UV" for n in range(1, 5)]
        await asyncio.gather(*map(became, clicks))
        assert clock.time() - before > 2.5  # all but the first few wait a second each
    assert len(server.to("action")) == 16
