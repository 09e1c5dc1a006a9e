"""The client's books at one moment."""

from __future__ import annotations

import asyncio
import math

import pytest
from attrs.exceptions import FrozenInstanceError

from mjflow import ModalRequired, NotAuthorized, State, TaskLost
from tests.client.worlds import world
from tests.engine.watched import Watched
from tests.scripted import (
    DONE,
    FAILED,
    LOST,
    OPEN,
    PICTURE,
    RUNNING,
    accepted,
    asking,
    banned,
    key_refused,
    opened,
)
from tests.virtual import virtual_time


@virtual_time
async def test_every_task_is_counted_in_the_state_it_is_in() -> None:
    """Those that are forgotten included, and each of them once."""
    server = Watched()
    server.takes_all()
    server.every_task(DONE)
    server.shows("1001", RUNNING)
    server.shows("1002", FAILED)
    async with opened(server) as client:
        assert client.statistics().states == {}
        for number in range(4):
            await client.imagine(f"cat {number}").submitted()
        server.on("imagine", banned("blood"), LOST)
        for number in range(2):
            client.imagine(f"dog {number}")
        await asyncio.sleep(60)
        assert client.statistics().states == {
            State.IN_PROGRESS: 1,
            State.FAILURE: 1,
            State.SUCCESS: 2,
            State.REFUSED: 1,
            State.IN_DOUBT: 1,
        }


@virtual_time
async def test_an_open_dialog_and_a_lost_task_are_counted_where_they_are() -> None:
    """Also after somebody was told of them, and after they were picked up again."""
    server = Watched()
    server.takes_all()
    server.shows("1001", {**DONE, "buttons": [{"customId": c, "label": b} for c, b in PICTURE]})
    server.on("action", asking("9"))
    server.shows("9", OPEN)
    async with opened(server, deadline=60.0) as client:
        click = client.imagine("a cat").click("Vary (Region)")
        with pytest.raises(ModalRequired):
            await click
        assert client.statistics().states == {State.SUCCESS: 1, State.MODAL: 1}
        await asyncio.sleep(120)
        assert client.statistics().states == {State.SUCCESS: 1, State.LOST: 1}
        server.shows("9", RUNNING)
        client.attach("9")
        await asyncio.sleep(10)
        assert client.statistics().states == {State.SUCCESS: 1, State.IN_PROGRESS: 1}
        with pytest.raises(TaskLost):
            await click


@virtual_time
async def test_the_window_and_what_is_in_it_are_told() -> None:
    """A task leaves it with its end."""
    server = Watched()
    server.takes_all()
    server.every_task(RUNNING)
    async with opened(server, max_in_flight=2) as client:
        handles = [client.imagine(f"cat {number}") for number in range(5)]
        await asyncio.sleep(30)
        statistics = client.statistics()
        assert (statistics.in_flight, statistics.window) == (2, 2)
        server.every_task(DONE)
        server.shows("1001", DONE)
        server.shows("1002", DONE)
        await asyncio.gather(*handles)
        assert client.statistics().in_flight == 0
    async with opened(server) as client:
        assert client.statistics().window == math.inf


@virtual_time
async def test_looks_are_counted_and_a_pause_is_told() -> None:
    """With the reason for it."""
    server = Watched()
    server.takes_all()
    server.every_task(RUNNING)
    async with opened(server) as client:
        await client.imagine("a cat").submitted()
        await asyncio.sleep(60)
        assert client.statistics().looks == len(server.looked) > 10
        assert client.statistics().paused is None
        server.trouble = lambda _: key_refused()
        await asyncio.sleep(10)
        assert isinstance(client.statistics().paused, NotAuthorized)


@virtual_time
async def test_statistics_are_a_snapshot() -> None:
    """They do not change afterwards, by themselves or by anybody."""
    server = Watched()
    server.on("imagine", accepted("1"))
    server.shows("1", DONE)
    async with opened(server) as client:
        before = client.statistics()
        await client.imagine("a cat")
        assert (before.looks, before.states) == (0, {})
        with pytest.raises(FrozenInstanceError):
            before.looks = 7  # type: ignore[misc]


@virtual_time
async def test_what_was_spent_agrees_with_the_server() -> None:
    """Charges, refunds and their difference."""
    async with world(simulator={"faults": ["fails=1:2"]}) as here:
        handles = [here.client.imagine(f"cat {number}") for number in range(6)]
        await asyncio.gather(*handles, return_exceptions=True)
        spent, ledger = here.client.statistics().spent, here.simulator.ledger
        assert (spent.charged, spent.refunded) == (0.6, 0.2)
        assert spent.total == pytest.approx(0.4)
        assert (len(ledger.charges), len(ledger.refunds), ledger.total) == (6, 2, 0.4)
        assert spent.complete
