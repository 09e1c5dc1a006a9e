"""Several callers on one client: they take turns wherever acts have to wait."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from mjflow.errors import InvalidInput

from .. import scripted
from ..scripted import DONE, RUNNING, Later, Scripted, accepted, opened
from ..virtual import virtual_time


def server_of(*rows: Any) -> Scripted:
    server = Scripted()
    server.takes_all()
    server.every_task(*(rows or (RUNNING, DONE)))
    return server


def prompts(server: Scripted) -> list[str]:
    return [sent.body["prompt"] for sent in server.sent]


@pytest.mark.parametrize(
    "bounds",
    [{"max_in_flight": 2}, {"max_in_flight": "adaptive"}, {"submit_rate": 2.0}],
    ids=["a window", "an adaptive window", "a submit rate"],
)
@virtual_time
async def test_who_has_one_act_does_not_wait_for_all_of_somebody_else_s(
    bounds: dict[str, Any],
) -> None:
    """It comes in its turn, whatever it is that holds acts up."""
    server = server_of()
    async with opened(server, **bounds) as client:
        many = client.with_options(caller="batch")
        one = client.with_options(caller="web")
        handles = [many.imagine(f"batch {n}") for n in range(500)]
        await asyncio.sleep(1.0)
        before = len(server.sent)
        await one.imagine("web").submitted()
        assert prompts(server).index("web") - before <= 3
        assert all(handle.outcome is None for handle in handles[-100:])


@virtual_time
async def test_callers_come_in_turn_and_each_in_its_own_order() -> None:
    """One of each, round and round."""
    server = server_of(RUNNING, RUNNING, DONE)
    async with opened(server, max_in_flight=1) as client:
        first = client.imagine("first")
        await first.submitted()
        handles = [
            client.imagine(f"{name} {n}", caller=name) for name in ("a", "b", "c") for n in range(3)
        ]
        await asyncio.gather(*handles)
    assert prompts(server)[1:] == [f"{name} {n}" for n in range(3) for name in ("a", "b", "c")]


@virtual_time
async def test_who_was_turned_away_goes_first_among_its_caller_s() -> None:
    """And takes nobody else's turn."""
    server = server_of(RUNNING, RUNNING, DONE)
    server.on("imagine", scripted.queue_full())
    async with opened(server, max_in_flight=1) as client:
        handles = [client.imagine(name, caller=name[0]) for name in ("a1", "b1", "b2", "a2", "b3")]
        await asyncio.gather(*handles)
    assert prompts(server) == ["a1", "b1", "a1", "b2", "a2", "b3"]


@virtual_time
async def test_a_caller_s_chain_goes_on_in_its_name() -> None:
    """A click is its caller's, too."""
    server = server_of()
    server.takes_all("action")
    async with opened(server, max_in_flight=1) as client:
        grid = client.imagine("a cat", caller="web")
        click = grid.click("U1")
        await grid
        batch = [client.imagine(f"batch {n}", caller="batch") for n in range(5)]
        await click
        assert sum(handle.id is not None for handle in batch) <= 2
        await asyncio.gather(*batch)


@virtual_time
async def test_ten_thousand_that_wait_do_not_hold_up_one() -> None:
    """A place that becomes free is given at once, and only those who go in are woken."""
    server = server_of(RUNNING)
    async with opened(server, max_in_flight=1) as client:
        first = client.imagine("first", caller="batch")
        await first.submitted()
        handles = [client.imagine(f"batch {n}", caller="batch") for n in range(10_000)]
        web = client.imagine("web", caller="web")
        await asyncio.sleep(1.0)
        server.shows(first.id or "", DONE)
        await first
        await handles[0].submitted()
        server.shows(handles[0].id or "", DONE)
        await web.submitted()
        assert prompts(server) == ["first", "batch 0", "web"]


@virtual_time
async def test_a_slow_server_holds_up_no_caller_for_long() -> None:
    """Also the places on the wire are given by turns."""
    server = Scripted()
    server.always("imagine", Later(10.0, lambda _: accepted(server.next_id())))
    server.every_task(DONE)
    async with opened(server) as client:
        handles = [client.imagine(f"batch {n}", caller="batch") for n in range(200)]
        await asyncio.sleep(5.0)
        web = client.imagine("web", caller="web")
        await asyncio.sleep(10.0)
        assert "web" in prompts(server)
        await asyncio.gather(web, *handles)


@pytest.mark.parametrize(("option", "value"), [("caller", 7), ("spill_over", "yes")])
@virtual_time
async def test_an_option_of_the_wrong_kind_is_refused(option: str, value: object) -> None:
    """In a view and in a call; nothing is sent."""
    server = server_of()
    async with opened(server) as client:
        with pytest.raises(InvalidInput, match=option):
            client.with_options(**{option: value})
        with pytest.raises(InvalidInput, match=option):
            client.imagine("a cat", **{option: value})  # type: ignore[arg-type]
    assert server.sent == []
