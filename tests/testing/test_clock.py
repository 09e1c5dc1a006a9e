"""Virtual time: what moves the clock, what holds it, and how a program that is stuck ends."""

from __future__ import annotations

import asyncio
import gc
import inspect
import os
import random
import signal
import socket
import sys
import threading
import time
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

import pytest

import mjflow
from mjflow.testing import Simulator, Stuck, VirtualLoop, clock, run, virtual_time


def now() -> float:
    return asyncio.get_running_loop().time()


def virtual_loop() -> VirtualLoop:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    return loop


@contextmanager
def soon_elsewhere(event: asyncio.Event) -> Iterator[None]:
    """Set an event from a thread that the loop knows nothing of."""
    loop = asyncio.get_running_loop()
    other = threading.Timer(0.02, loop.call_soon_threadsafe, [event.set])
    other.start()
    yield
    other.join()


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


@asynccontextmanager
async def echo() -> AsyncIterator[int]:
    """Run a server that says again what it hears, and give its port."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(line)
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


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


# --- what works beside the loop -----------------------------------------------------------


@virtual_time
async def test_a_thread_holds_the_clock() -> None:
    """Blocking work of less than a second takes no time."""
    async with asyncio.timeout(1e-5):
        await asyncio.to_thread(time.sleep, 0.02)
    assert now() == 0.0


@virtual_time
async def test_a_thread_that_works_on_lets_time_pass_as_in_the_world(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A timeout around a thread that hangs strikes all the same."""
    monkeypatch.setattr(clock, "_STANDSTILL", 0.01)
    go = threading.Event()
    began = time.monotonic()
    working = asyncio.ensure_future(asyncio.to_thread(go.wait))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(working), 0.02)
    assert time.monotonic() - began >= 0.03
    go.set()
    assert await working


@virtual_time
async def test_after_its_threads_the_clock_leaps_again() -> None:
    """A hold ends with the work, also when nobody waits for it any more."""
    go = threading.Event()
    done = asyncio.ensure_future(asyncio.to_thread(time.sleep, 0))
    forgotten = asyncio.ensure_future(asyncio.to_thread(go.wait))
    await done
    forgotten.cancel()
    await asyncio.sleep(3600)
    go.set()
    assert now() == 3600


@virtual_time
async def test_a_hold_keeps_the_clock_for_others() -> None:
    """What the loop cannot see at work is waited for inside `hold()`."""
    done = asyncio.Event()
    with soon_elsewhere(done), virtual_loop().hold():
        async with asyncio.timeout(1e-5):
            await done.wait()
    assert now() == 0.0


@virtual_time
async def test_a_child_process_holds_the_clock_until_it_ends() -> None:
    """A timeout does not strike while a program works, whatever it is started by."""
    shout = "import sys; print(sys.stdin.read().upper())"
    pipe = asyncio.subprocess.PIPE
    async with asyncio.timeout(1e-5):
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-S", "-c", shout, stdin=pipe, stdout=pipe
        )
        out, _ = await child.communicate(b"hello")
        shell = await asyncio.create_subprocess_shell("exit 3")
        code = await shell.wait()
    await asyncio.sleep(3600)
    assert (out, code, now()) == (b"HELLO\n", 3, 3600)


@virtual_time
async def test_a_signal_wakes_whom_it_concerns() -> None:
    """A handler runs at once, though everybody sleeps."""
    woken = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, woken.set)
    os.kill(os.getpid(), signal.SIGUSR1)
    async with asyncio.timeout(3600):
        await woken.wait()
    asyncio.get_running_loop().remove_signal_handler(signal.SIGUSR1)
    assert now() == 0.0


# --- stuck --------------------------------------------------------------------------------


async def wait_for_ever() -> None:
    await asyncio.Event().wait()


def stuck(main: Coroutine[Any, Any, Any], **settings: Any) -> str:
    """Run what never ends, and give what is said about it."""
    with pytest.raises(Stuck) as caught:
        run(main, **settings)
    return str(caught.value)


def test_a_deadlock_says_who_waits_where() -> None:
    """The error names the file, the line and the function of each task."""
    said = stuck(wait_for_ever(), patience=0.01)
    line = inspect.getsourcelines(wait_for_ever)[1] + 1
    assert said.startswith("deadlock: nothing is scheduled and nobody will wake")
    assert f"{__file__}:{line} in wait_for_ever" in said


def test_open_sockets_do_not_hide_a_deadlock() -> None:
    """A server that nobody calls is no reason to wait."""

    async def main() -> None:
        async with echo():
            await wait_for_ever()

    assert "deadlock" in stuck(main(), patience=0.01)


def test_a_crowd_that_is_stuck_is_counted() -> None:
    """Ten tasks are named, of the others there is a number."""

    async def main() -> None:
        await asyncio.gather(*(wait_for_ever() for _ in range(1234)))

    lines = stuck(main(), patience=0.01).splitlines()
    assert (len(lines), lines[-1]) == (12, "  and 1,225 more")


def test_the_stuck_program_is_cleaned_up() -> None:
    """Its tasks are cancelled, and what they do at their end may take its time."""
    tidied: list[float] = []

    async def main() -> None:
        try:
            await wait_for_ever()
        finally:
            await asyncio.sleep(60)
            tidied.append(now())

    stuck(main(), patience=0.01)
    assert tidied == [60.0]


def test_time_that_passes_for_nothing_ends() -> None:
    """Whoever waits for ever beside a clockwork that ticks for ever is stuck too."""

    async def clockwork() -> None:
        while True:
            await asyncio.sleep(15)

    async def main() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(clockwork())
            group.create_task(wait_for_ever())

    said = stuck(main(), horizon=7 * 86400.0)
    assert said.startswith("7 days of virtual time have passed")
    assert "in wait_for_ever" in said


def test_without_a_horizon_time_goes_on() -> None:
    """A year passes when it may, and timers are punctual after it."""

    async def main() -> float:
        await asyncio.sleep(365 * 86400)
        await asyncio.sleep(0.5)
        with suppress(TimeoutError):
            await asyncio.wait_for(wait_for_ever(), 1e-7)
        return now()

    assert run(main(), horizon=None) == pytest.approx(365 * 86400 + 0.5, abs=1e-6)


@pytest.mark.parametrize("patience", [5.0, None])
def test_whoever_is_woken_from_elsewhere_is_not_stuck(patience: float | None) -> None:
    """Patience is for what others do; without a bound there is any amount of it."""

    async def main() -> None:
        woken = asyncio.Event()
        with soon_elsewhere(woken):
            await woken.wait()

    run(main(), patience=patience)


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
