"""What is charged, given back and in doubt: as gateways reckon it (P§3.6)."""

from __future__ import annotations

import asyncio

import pytest

from mjflow.engine.spend import Spent
from mjflow.fsm.states import State
from mjflow.protocol.prices import DEFAULT
from mjflow.protocol.requests import Mode
from mjflow.protocol.verdicts import Outcome

from .. import scripted
from ..scripted import (
    DONE,
    FAILED,
    LOST,
    OPEN,
    RUNNING,
    Scripted,
    accepted,
    asking,
    existing,
    opened,
    outcome,
    task,
)
from ..virtual import virtual_time


@pytest.mark.parametrize(
    ("button", "price"),
    [("U1", 0.05), ("V1", 0.1), ("reroll", 0.1), ("Vary (Strong)", 0.1), ("Zoom Out 2x", 0.1)],
)
@virtual_time
async def test_a_click_costs_what_its_button_does(button: str, price: float) -> None:
    """The price list knows buttons by what they do, not by their ids."""
    server = Scripted()
    server.on("action", accepted("2"))
    server.shows("2", DONE)
    async with opened(server) as client:
        await client.click(task(), button)
        assert client.statistics().spent == Spent(charged=price)


@pytest.mark.parametrize(("action", "price"), [("UPSCALE", 0.05), ("VARIATION", 0.1)])
@virtual_time
async def test_a_classic_call_costs_what_it_does(action: str, price: float) -> None:
    """`submit/change` is charged as the click it stands for."""
    server = Scripted()
    server.on("change", accepted("2"))
    server.shows("2", DONE)
    async with opened(server) as client:
        await client.change(task(), action, 2)
        assert client.statistics().spent == Spent(charged=price)


@virtual_time
async def test_a_free_click_costs_nothing_and_its_answer_does() -> None:
    """Vary (Region) and Custom Zoom are charged with the modal."""
    server = Scripted()
    server.on("action", asking("2", "p"))
    server.on("modal", accepted("2"))
    server.shows("2", RUNNING, DONE)
    async with opened(server) as client:
        await client.click(task(), "Custom Zoom")
        assert client.statistics().spent == Spent(charged=0.1)


@virtual_time
async def test_a_remix_dialog_is_charged_twice() -> None:
    """Once for the click and once for its answer."""
    server = Scripted()
    server.on("action", scripted.remix("2", "p"))
    server.on("modal", accepted("2"))
    server.shows("2", RUNNING, DONE)
    async with opened(server) as client:
        await client.click(task(), "V1", prompt="a dog")
        assert client.statistics().spent == Spent(charged=0.2)


@virtual_time
async def test_a_button_pressed_before_is_charged_again() -> None:
    """A duplicate is charged by the gateway though nothing new runs."""
    server = Scripted()
    server.on("action", existing("2"))
    server.shows("2", DONE)
    async with opened(server) as client:
        await client.click(task(), "U1")
        assert client.statistics().spent == Spent(charged=0.05)


@pytest.mark.parametrize("answer", [scripted.invalid(), scripted.queue_full()], ids=repr)
@virtual_time
async def test_a_no_costs_nothing(answer: Outcome) -> None:
    """Neither what is refused nor what is turned away is charged."""
    server = Scripted()
    server.always("imagine", answer)
    async with opened(server, admission_timeout=1.0) as client:
        await outcome(client.imagine("a cat"))
        assert client.statistics().spent == Spent()


@virtual_time
async def test_a_failure_is_given_back_with_all_that_it_cost() -> None:
    """Gateways refund a failed task: the click's charge and the answer's."""
    server = Scripted()
    server.on("action", scripted.remix("2", "p"))
    server.on("modal", accepted("2"))
    server.shows("2", RUNNING, FAILED)
    async with opened(server) as client:
        await outcome(client.click(task(), "V1", prompt="a dog"))
        spent = client.statistics().spent
    assert (spent, spent.total) == (Spent(charged=0.2, refunded=0.2), 0.0)


@virtual_time
async def test_an_answer_in_doubt_is_charged_when_it_turns_out_to_have_arrived() -> None:
    """While nobody knows it is in doubt; when the task moves on it was paid."""
    server = Scripted()
    server.on("action", asking("2", "p"))
    server.on("modal", LOST)
    server.shows("2", *[OPEN] * 5, RUNNING, DONE)
    async with opened(server) as client:
        handle = client.click(task(), "Custom Zoom")
        await outcome(handle)
        assert client.statistics().spent == Spent(in_doubt=0.1)
        while handle.state is not State.SUCCESS:
            await asyncio.sleep(1.0)
        assert client.statistics().spent == Spent(charged=0.1)


@virtual_time
async def test_an_answer_in_doubt_that_failed_was_paid_and_given_back() -> None:
    """A failure proves that the answer arrived; the refund takes it off again."""
    server = Scripted()
    server.on("action", asking("2", "p"))
    server.on("modal", LOST)
    server.shows("2", OPEN, FAILED)
    async with opened(server) as client:
        handle = client.click(task(), "Custom Zoom")
        while handle.state is not State.FAILURE:
            await asyncio.sleep(1.0)
        assert client.statistics().spent == Spent(charged=0.1, refunded=0.1)


@virtual_time
async def test_a_mode_without_a_known_price_makes_a_lower_bound() -> None:
    """No source tells the price of fast mode: the sum says that it is incomplete."""
    server = Scripted()
    server.takes_all()
    server.every_task(DONE)
    async with opened(server) as client:
        await client.imagine("a cat", mode=Mode.FAST)
        assert client.statistics().spent == Spent(charged=0.1, complete=False)


@virtual_time
async def test_a_price_list_of_ones_own_counts() -> None:
    """`prices=` replaces what the sources tell."""
    server = Scripted()
    server.takes_all()
    server.every_task(DONE)
    async with opened(server, prices=DEFAULT.overridden({"IMAGINE": 0.03})) as client:
        await asyncio.gather(*(client.imagine(f"cat {n}") for n in range(10)))
        assert client.statistics().spent == Spent(charged=0.3)
