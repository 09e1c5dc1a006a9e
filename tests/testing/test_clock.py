"""Virtual time: what moves the clock, and the ways to it."""

from __future__ import annotations

import asyncio
import gc
import inspect
import random
import socket
import threading

import pytest

import mjflow
from mjflow.testing import Simulator, VirtualLoop, run, virtual_time

from .times import echo, now

# --- leaps --------------------------------------------------------------------------------


@virtual_time
async def test_time_begins_at_zero_and_is_exact() -> None:
    """A sleeper wakes at the very instant it asked for, and code in between takes no time."""
    instants = [now()]
    for _ in range(4):
        await asyncio.sleep(2.5)
        instants.append(now())
    assert instants == [0.0, 2.5, 5.0, 7.5, 10.0]


@virtual_time
async def test_a_crowd_sleeps_for_hours() -> None:
    """Sleepers wake in the order of their instants, whoever began first."""
    woken = []

    async def sleep(hours: float) -> None:
        await asyncio.sleep(hours * 3600)
        woken.append(hours)

    await asyncio.gather(*(sleep(hours) for hours in (6, 1, 3, 0.5)))
    assert (woken, now()) == ([0.5, 1, 3, 6], 6 * 3600)


@virtual_time
async def test_a_timeout_strikes_at_its_instant() -> None:
    """`asyncio.timeout` ends a wait that nothing else would end."""
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(7200):
            await asyncio.Event().wait()
    assert now() == 7200


@virtual_time
async def test_a_group_is_cancelled_at_the_first_failure() -> None:
    """The tasks of a `TaskGroup` end when one of them fails, not when they would have."""

    async def fail() -> None:
        await asyncio.sleep(60)
        raise LookupError

    with pytest.raises(ExceptionGroup):
        async with asyncio.TaskGroup() as group:
            group.create_task(asyncio.sleep(3600))
            group.create_task(fail())
    assert now() == 60


@virtual_time
async def test_a_busy_loop_comes_to_its_end() -> None:
    """Whoever watches the clock without ever sleeping is not kept for ever."""
    while now() < 1.0:
        await asyncio.sleep(0)
    assert now() == pytest.approx(1.0, abs=0.001)


# --- sockets ------------------------------------------------------------------------------


@virtual_time
async def test_sockets_deliver_before_the_clock_leaps() -> None:
    """A reply inside the program takes no time, so that no timeout is too short for it."""
    async with echo() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for number in range(200):
            async with asyncio.timeout(1e-5):
                writer.write(b"%d\n" % number)
                assert await reader.readline() == b"%d\n" % number
        writer.close()
        await writer.wait_closed()
    assert now() == 0.0


@virtual_time
async def test_whoever_waits_for_a_silent_peer_is_ended_by_a_timeout() -> None:
    """Open sockets on which nothing happens do not keep the clock."""
    async with echo() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(90):
                await reader.readline()
        writer.close()
        await writer.wait_closed()
    assert now() == 90


def test_a_simulator_and_its_client_live_the_same_life_each_time() -> None:
    """Same seed, same instants: nothing of the machine's speed gets in."""
    first, second = run(portraits()), run(portraits())
    assert (len(first), first) == (3, second)


async def portraits() -> list[tuple[float, str]]:
    random.seed(4)  # the client spreads its looks at random
    async with (
        Simulator(seed=4, epoch=0.0) as server,
        mjflow.Client(server.base_url, dialect="gateway", poll_interval=5.0) as client,
    ):
        grid = client.imagine("a portrait")
        acts = [grid, grid.click("U1"), grid.click("V3")]
        return [(now(), str(done.id)) async for done in client.as_completed(acts)]


def test_raw_sockets_deliver_too() -> None:
    """`sock_recv` and its kin are no exception."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        ours, theirs = socket.socketpair()
        with ours, theirs:
            ours.setblocking(False)
            theirs.setblocking(False)
            async with asyncio.timeout(1e-5):
                await loop.sock_sendall(theirs, b"x")
                assert await loop.sock_recv(ours, 1) == b"x"

    run(main())


# --- the ways in --------------------------------------------------------------------------


def test_run_returns_what_the_coroutine_returns() -> None:
    """As `asyncio.run` does; its error comes out as it is."""

    async def main(fail: bool) -> str:
        await asyncio.sleep(3600)
        return "late" if not fail else [][0]

    assert run(main(False)) == "late"
    with pytest.raises(IndexError):
        run(main(True))


def test_the_decorator_keeps_name_arguments_and_result() -> None:
    """pytest sees the test that was written, and finds its fixtures."""

    @virtual_time
    async def documented(first: int, *, second: int = 2) -> int:
        """Add."""
        await asyncio.sleep(first)
        return first + second

    assert (documented(1), documented(1, second=5)) == (3, 6)
    assert (documented.__name__, documented.__doc__) == ("documented", "Add.")
    assert list(inspect.signature(documented).parameters) == ["first", "second"]


def test_nothing_is_left_open() -> None:
    """The loop closes its sockets, its threads and its children."""

    async def main() -> None:
        await asyncio.to_thread(int)
        async with echo() as port:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            await writer.wait_closed()

    before = threading.active_count()
    run(main())
    gc.collect()
    assert threading.active_count() == before


def test_a_loop_may_be_made_by_hand() -> None:
    """Any runner takes the class as its factory of loops."""

    async def main() -> float:
        await asyncio.sleep(1e5)
        return now()

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        assert (runner.run(main()), runner.run(main())) == (1e5, 2e5)
