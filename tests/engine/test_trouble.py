"""Looks that fail, by the server's fault or by ours."""

from __future__ import annotations

import asyncio
import logging

import pytest

from mjflow import Client, State, TaskHandle
from mjflow.errors import MjflowError, NoReply, Unreachable
from mjflow.protocol.verdicts import Reply
from mjflow.timing.wheel import Wheel
from tests.engine.watched import Look, Trouble, Watched, gaps
from tests.scripted import (
    DONE,
    RUNNING,
    WAITING,
    bad_gateway,
    opened,
    reply,
    saturated,
    shape_a,
    web_page,
)
from tests.virtual import virtual_time

INTERVAL = 5.0


async def submitted(client: Client, count: int) -> list[TaskHandle]:
    handles = [client.imagine(f"cat {n}") for n in range(count)]
    for handle in handles:
        await handle.submitted()
    return handles


async def between_looks(server: Watched) -> None:
    """Let the first look pass, and forget it."""
    while not server.looked:
        await asyncio.sleep(0.1)
    await asyncio.sleep(0.5)
    server.looked.clear()


# --- trouble ------------------------------------------------------------------------------

TROUBLES: list[tuple[str, Trouble]] = [
    ("hangs", 30.0),
    ("refuses", Unreachable("cannot connect")),
    ("breaks off", NoReply("the connection broke")),
    ("says 500", shape_a("Internal Server Error", 500)),
    ("says 502 in HTML", bad_gateway()),
    ("says 200 in HTML", web_page()),
    ("cuts the body", Reply(200, b'{"id": "1001", "status": "IN_PRO')),
    ("says nothing", Reply(500, b"")),
    ("sends junk", Reply(200, b"\xff\x00\x81")),
    ("sends another type", reply([1, 2, 3])),
    ("sends no id", reply({"status": "SUCCESS"})),
    ("is saturated", saturated()),
]


@pytest.mark.parametrize("trouble", [one for _, one in TROUBLES], ids=[n for n, _ in TROUBLES])
@virtual_time
async def test_a_server_in_trouble_ends_no_task_and_is_asked_less_and_less(
    trouble: Trouble,
) -> None:
    """Looks back off to a minute at most, and the task ends as if nothing had been."""
    server = Watched()
    server.takes_all()
    server.shows("1001", WAITING)
    async with opened(server) as client:
        handle = client.imagine("a cat")
        await handle.submitted()
        await between_looks(server)
        server.shows("1001", DONE)
        server.trouble = lambda _: trouble
        await asyncio.sleep(1800)
        assert handle.outcome is None
        silence = trouble if isinstance(trouble, float) else 0.0
        waits = [gap - silence for gap in gaps(server.times)]
        assert max(waits) <= 60.2
        assert min(waits[6:]) >= 29.0
        assert waits[0] <= 2.2
        server.trouble = lambda _: None
        assert (await handle.wait(timeout=61 + silence)).id == handle.id


@virtual_time
async def test_after_trouble_the_usual_interval_returns() -> None:
    """One good look, and the backoff begins anew with the next failure."""
    server = Watched()
    server.takes_all()
    server.every_task(RUNNING)
    async with opened(server) as client:
        await submitted(client, 1)
        server.trouble = lambda look: NoReply("broken") if look.at < 300 else None
        await asyncio.sleep(400)
        server.looked.clear()
        await asyncio.sleep(100)
    assert gaps(server.times) == pytest.approx([INTERVAL] * len(gaps(server.times)), abs=0.06)


@virtual_time
async def test_a_server_that_names_a_wait_is_given_it() -> None:
    """`Retry-After` of a look is honoured, up to two minutes."""
    server = Watched()
    server.takes_all()
    server.every_task(RUNNING)
    async with opened(server) as client:
        await submitted(client, 1)
        await between_looks(server)
        server.trouble = lambda _: saturated(retry_after=90.0)
        await asyncio.sleep(600)
    assert all(90.0 <= gap <= 99.2 for gap in gaps(server.times))


@virtual_time
async def test_trouble_with_one_task_does_not_slow_the_others() -> None:
    """Backoff is each task's own."""
    server = Watched()
    server.takes_all()
    server.every_task(RUNNING)
    async with opened(server) as client:
        await submitted(client, 2)
        server.trouble = lambda look: NoReply("broken") if look.id == "1001" else None
        await asyncio.sleep(300)
        server.looked.clear()
        await asyncio.sleep(300)
    seen = [look.id for look in server.looked]
    assert seen.count("1001") <= 11
    assert seen.count("1002") in (60, 61)


# --- bugs ---------------------------------------------------------------------------------


@virtual_time
async def test_a_bug_in_one_look_parks_its_task_alone_and_is_raised_at_the_end(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Its waiters are told, the others go on, and closing does not pass over it."""
    server = Watched()
    server.takes_all()
    server.every_task(WAITING, WAITING, DONE)

    def trouble(look: Look) -> Trouble | None:
        if look.id == "1001":
            raise ZeroDivisionError("what a bug")
        return None

    server.trouble = trouble
    with pytest.raises(ExceptionGroup) as raised:
        async with opened(server) as client:
            first, second = await submitted(client, 2)
            with pytest.raises(MjflowError, match="a bug in mjflow: ZeroDivisionError"):
                await first
            assert first.state is State.LOST
            assert (await second).id == second.id
            # It can be picked up again.
            server.trouble = lambda _: None
            assert (await client.attach("1001")).id == "1001"
    assert [str(error) for error in raised.value.exceptions] == ["what a bug"]
    assert [line.levelno for line in caplog.records] == [logging.ERROR]


@virtual_time
async def test_if_the_wheel_itself_breaks_nobody_waits_in_vain(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A bug in the poller ends every wait at once."""
    server = Watched()
    server.takes_all()
    server.every_task(RUNNING)
    with pytest.raises(ExceptionGroup):
        async with opened(server) as client:
            handles = await submitted(client, 3)

            def broken(*_: object) -> None:
                raise ZeroDivisionError

            monkeypatch.setattr(Wheel, "pop", broken)
            for handle in handles:
                with pytest.raises(MjflowError, match="a bug in mjflow"):
                    await handle.wait(timeout=60)
    assert "report" in caplog.text
