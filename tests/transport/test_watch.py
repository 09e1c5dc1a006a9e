"""The one timer of all looks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from mjflow.transport.watch import Watch

from .conftest import Elapse

LIMIT = 30.0


async def _turns() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def _held(watch: Watch) -> str:
    """Wait for ever under the watch, and say whose cancellation ended it."""
    task = watch.enter()
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        return "limit" if watch.took(task) else "caller"
    finally:
        watch.leave(task)
    return ""


async def test_limit_strikes_after_its_time(elapse: Elapse) -> None:
    """A task inside is cancelled when its limit is over, and not before."""
    task = asyncio.ensure_future(_held(Watch(LIMIT)))
    await _turns()
    elapse(LIMIT - 1)
    await _turns()
    assert not task.done()
    elapse(2)
    assert await task == "limit"
    assert task.cancelling() == 0


async def test_callers_cancellation_stays_the_callers(elapse: Elapse) -> None:
    """A cancellation from outside is not taken for the limit."""
    task = asyncio.ensure_future(_held(Watch(LIMIT)))
    await _turns()
    task.cancel()
    assert await task == "caller"


@pytest.mark.parametrize("caller_first", [True, False])
async def test_cancellation_wins_over_the_limit(elapse: Elapse, caller_first: bool) -> None:
    """When both come in the same moment, the caller's cancellation is not swallowed."""
    task = asyncio.ensure_future(_held(Watch(LIMIT)))
    await _turns()
    elapse(LIMIT + 1)
    while not caller_first and not task.cancelling():
        await asyncio.sleep(0)
    task.cancel()
    assert await task == "caller"


async def test_limit_holds_within_a_cancelled_task(elapse: Elapse) -> None:
    """What a task does on its way out has an end too: that of its cancellation."""
    watch = Watch(LIMIT)

    async def on_the_way_out() -> str:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return await _held(watch)
        return ""

    task = asyncio.ensure_future(on_the_way_out())
    await _turns()
    task.cancel()
    await _turns()
    elapse(LIMIT + 1)
    assert await task == "caller"


async def test_many_limits_need_one_timer(elapse: Elapse, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each task has its own time, and the loop one timer."""
    loop = asyncio.get_running_loop()
    set_at: list[float] = []
    call_at = loop.call_at

    def spy(when: float, callback: Callable[[], None]) -> asyncio.TimerHandle:
        set_at.append(when)
        return call_at(when, callback)

    monkeypatch.setattr(loop, "call_at", spy)
    watch = Watch(LIMIT)
    elder = [asyncio.ensure_future(_held(watch)) for _ in range(100)]
    await _turns()
    elapse(LIMIT / 2)
    younger = [asyncio.ensure_future(_held(watch)) for _ in range(100)]
    await _turns()
    assert len(set_at) == 1
    elapse(LIMIT / 2 + 1)
    assert await asyncio.gather(*elder) == ["limit"] * 100
    assert ([task.done() for task in younger], len(set_at)) == ([False] * 100, 2)
    elapse(LIMIT / 2)
    assert await asyncio.gather(*younger) == ["limit"] * 100


async def test_limit_that_struck_unheard_leaves_no_trace(elapse: Elapse) -> None:
    """When another error comes out instead of the cancellation, the task is not left cancelled."""

    async def swallowing() -> int:
        task = watch.enter()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            pass
        finally:
            watch.leave(task)
        await asyncio.sleep(0)
        return task.cancelling()

    watch = Watch(LIMIT)
    task = asyncio.ensure_future(swallowing())
    await _turns()
    elapse(LIMIT + 1)
    assert await task == 0


async def test_closed_watch_strikes_no_more(elapse: Elapse) -> None:
    """Closing stops the timer; doing so twice is harmless."""
    watch = Watch(LIMIT)
    task = asyncio.ensure_future(_held(watch))
    await _turns()
    watch.close()
    watch.close()
    elapse(LIMIT + 1)
    await _turns()
    assert not task.done()
    task.cancel()
    assert await task == "caller"
