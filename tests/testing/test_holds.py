"""What works beside the loop, and holds its clock."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
import time

import pytest

from mjflow.testing import VirtualLoop, clock, virtual_time

from .times import now, soon_elsewhere


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
async def test_the_end_of_the_threads_is_waited_for_with_the_clock_held() -> None:
    """A thread that nobody waits for any more still ends in good order."""
    loop = asyncio.get_running_loop()
    loop.run_in_executor(None, time.sleep, 0.02).cancel()
    async with asyncio.timeout(1e-5):
        await loop.shutdown_default_executor()
    assert now() == 0.0


@virtual_time
async def test_a_hold_keeps_the_clock_for_others() -> None:
    """What the loop cannot see at work is waited for inside `hold()`."""
    done = asyncio.Event()
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    with soon_elsewhere(done), loop.hold():
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
