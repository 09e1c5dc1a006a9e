"""Tasks that stand still: readers are told, once, and nobody else pays for it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from mjflow import Client, InvalidInput, TaskHandle, Update
from tests.engine.watched import Watched
from tests.scripted import (
    BASE,
    DONE,
    OPEN,
    PICTURE,
    RUNNING,
    WAITING,
    Json,
    accepted,
    asking,
    opened,
    row,
    task,
)
from tests.virtual import virtual_time

HALF = row("IN_PROGRESS", "50%")


class Reader:
    """An observer that notes who has stalled, and when."""

    def __init__(self) -> None:
        self.stalls: list[str | None] = []
        #: Seconds since the reader was made.
        self.times: list[float] = []
        self.reasons: set[str] = set()
        self._began = asyncio.get_running_loop().time()

    def __call__(self, update: Update) -> None:
        if update.kind == "stalled":
            self.stalls.append(update.id)
            self.times.append(asyncio.get_running_loop().time() - self._began)
            self.reasons.add(update.reason)

    def at(self, *seconds: float) -> bool:
        """Whether it was told at these times; the first look comes within a second or so."""
        told = zip(self.times, seconds, strict=True)
        return all(wanted <= at <= wanted + 3 for at, wanted in told)


@asynccontextmanager
async def reading(server: Watched, **settings: object) -> AsyncIterator[tuple[Client, Reader]]:
    """Open a client with an observer; looks come every second."""
    reader = Reader()
    made = {"observers": [reader], "poll_interval": 1.0, "stall_after": 100.0, **settings}
    async with opened(server, **made) as client:
        yield client, reader


def server_of(*rows: Json) -> Watched:
    server = Watched()
    server.takes_all()
    server.every_task(*rows)
    return server


def clocks(client: Client) -> int:
    """How many tasks have a clock."""
    return len(client._engine.stalls)


# --- when ---------------------------------------------------------------------------------


@virtual_time
async def test_a_task_that_stands_still_is_told_of_once() -> None:
    """A hundred seconds after the last change, however long it lasts."""
    async with reading(server_of(RUNNING)) as (client, reader):
        client.imagine("a cat")
        await asyncio.sleep(1000)
        assert (reader.stalls, reader.at(100)) == (["1001"], True)
        assert reader.reasons == {"nothing has changed for 100 s"}


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        # Progress, a status, or both, but never for a hundred seconds the same.
        ([*[RUNNING] * 90, *[HALF] * 90, DONE], []),
        ([*[WAITING] * 90, *[RUNNING] * 90, DONE], []),
        ([*[row("NOT_START", "0%")] * 90, *[row("SUBMITTED", "0%")] * 90, DONE], []),
        # One stall, and another one behind a change.
        ([*[RUNNING] * 150, *[HALF] * 30, DONE], [100]),
        ([*[RUNNING] * 150, *[HALF] * 150, DONE], [100, 250]),
    ],
)
@virtual_time
async def test_every_change_sets_the_clock_back(rows: Sequence[Json], told: list[int]) -> None:
    """Of status or of progress; after it the next stall is told of as well."""
    async with reading(server_of(*rows)) as (client, reader):
        await client.imagine("a cat")
        assert reader.at(*told)
        assert clocks(client) == 0


@virtual_time
async def test_a_task_that_nobody_can_look_at_stands_still_too() -> None:
    """Whoever reads wants to know it, whatever the reason."""
    server = server_of(RUNNING)
    async with reading(server) as (client, reader):
        await client.imagine("a cat").submitted()
        await asyncio.sleep(10)
        server.trouble = lambda _: 30.0
        await asyncio.sleep(200)
        assert len(reader.stalls) == 1


@virtual_time
async def test_each_act_may_have_its_own_patience() -> None:
    """The client's own where a call says nothing; `None` is never told."""
    async with reading(server_of(RUNNING)) as (client, reader):
        for after in (30.0, None):
            client.imagine("a cat", stall_after=after)
        client.imagine("a dog")
        await asyncio.sleep(1000)
        assert (reader.stalls, reader.at(30, 100)) == (["1001", "1003"], True)


@virtual_time
async def test_a_dialog_that_waits_for_a_person_has_not_stalled() -> None:
    """An answer that brings nothing has."""
    server = server_of({**DONE, "buttons": [{"customId": c, "label": b} for c, b in PICTURE]})
    server.on("action", asking("9"))
    server.on("modal", accepted("9"))
    server.shows("9", OPEN)
    async with reading(server, on_dialog="raise") as (client, reader):
        click = client.imagine("a cat").click("Custom Zoom")
        await asyncio.sleep(500)
        assert (click.state, reader.stalls) == ("MODAL", [])
        click.modal("a cat --zoom 1.5")
        await asyncio.sleep(500)
        assert (click.state, len(reader.stalls)) == ("ANSWERING", 1)


@virtual_time
async def test_several_tasks_of_one_button_stall_each_for_itself() -> None:
    """The act that stands for all of them does not."""
    server = server_of(*[RUNNING] * 50, DONE)
    server.on("action", accepted("21,22,23,24"))
    server.shows("23", RUNNING)
    async with reading(server) as (client, reader):
        client.click(task(), "Imagine all")
        await asyncio.sleep(500)
        assert (reader.stalls, reader.at(100)) == (["23"], True)


# --- who is told --------------------------------------------------------------------------


async def stalls(handle: TaskHandle) -> list[str]:
    return [update.reason async for update in handle.events() if update.kind == "stalled"]


@virtual_time
async def test_a_reader_of_one_task_is_told_whenever_he_comes() -> None:
    """His clock begins with him; without readers there is none."""
    server = server_of(*[RUNNING] * 5)
    async with opened(server, stall_after=100.0) as client:
        handle = client.imagine("a cat")
        await asyncio.sleep(500)
        assert clocks(client) == 0
        told = asyncio.ensure_future(stalls(handle))
        await asyncio.sleep(150)
        assert clocks(client) == 1
        server.shows("1001", DONE)
        assert await told == ["nothing has changed for 100 s"]
        assert clocks(client) == 0


@virtual_time
async def test_a_second_reader_neither_delays_nor_repeats_it() -> None:
    """The clock is the task's, not the reader's."""
    server = server_of(RUNNING)
    async with reading(server) as (client, reader):
        handle = client.imagine("a cat")
        for _ in range(10):
            await asyncio.sleep(60)
            watching = asyncio.ensure_future(stalls(handle))
            await asyncio.sleep(1)
            watching.cancel()
        assert (reader.stalls, reader.at(100)) == (["1001"], True)


@virtual_time
async def test_whoever_reads_all_events_is_told_of_tasks_that_ran_before() -> None:
    """Also of those that stood still already."""
    async with opened(server_of(RUNNING), stall_after=100.0) as client:
        for number in range(3):
            client.imagine(f"cat {number}")
        await asyncio.sleep(500)

        async def told() -> list[str | None]:
            return [one.id async for one in client.events() if one.kind == "stalled"]

        reading = asyncio.ensure_future(told())
        await asyncio.sleep(150)
    assert sorted(filter(None, await reading)) == ["1001", "1002", "1003"]


@virtual_time
async def test_a_stall_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """As information, with the state in which the task stands still."""
    with caplog.at_level(logging.INFO, "mjflow"):
        async with opened(server_of(RUNNING), stall_after=100.0) as client:
            client.imagine("a cat")
            await asyncio.sleep(200)
    assert "stalled 1001 IN_PROGRESS 42% nothing has changed for 100 s" in caplog.messages


# --- what it costs ------------------------------------------------------------------------


@virtual_time
async def test_readers_who_left_leave_no_clocks() -> None:
    """At the latest when the next one would have rung."""
    async with opened(server_of(RUNNING), stall_after=100.0) as client:
        handle = client.imagine("a cat")
        await asyncio.sleep(10)
        told = asyncio.ensure_future(stalls(handle))
        await asyncio.sleep(10)
        told.cancel()
        await asyncio.sleep(150)
        assert clocks(client) == 0


@virtual_time
async def test_tasks_that_end_leave_no_clocks() -> None:
    """Neither do those that were told of."""
    rows = [*[RUNNING] * 15, DONE]
    settings = {"request_budget": None, "poll_interval": 10.0}
    async with reading(server_of(*rows), **settings) as (client, reader):
        prompts = (f"cat {number}" for number in range(200))
        assert len([done async for done in client.map(prompts)]) == 200
        assert len(reader.stalls) == 200
        assert clocks(client) == 0


@virtual_time
async def test_no_clock_outlives_the_client() -> None:
    """Nothing rings when it has closed, whoever still asks."""
    async with reading(server_of(RUNNING)) as (client, reader):
        handle = client.imagine("a cat")
        await asyncio.sleep(10)
    assert (clocks(client), [one async for one in handle.events()][-1].kind) == (0, "state")
    await asyncio.sleep(1000)
    assert (clocks(client), reader.stalls) == (0, [])


@pytest.mark.parametrize("wrong", [0, -1.0, True, "600", float("nan")])
def test_a_patience_that_cannot_be_is_refused(wrong: float) -> None:
    """When the client is made."""
    with pytest.raises(InvalidInput, match="stall_after is seconds above 0, or None"):
        Client(BASE, "sk-test", stall_after=wrong)
