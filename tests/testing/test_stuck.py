"""How a program on virtual time ends that would never go on."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

import pytest

from mjflow.testing import Stuck, run

from .times import echo, now, soon_elsewhere


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

    tidied: list[float] = []

    async def clockwork() -> None:
        while True:
            await asyncio.sleep(15)

    async def main() -> None:
        ticking = asyncio.ensure_future(clockwork())
        try:
            await wait_for_ever()
        finally:
            ticking.cancel()
            await asyncio.sleep(60)
            tidied.append(now() - 7 * 86400)

    said = stuck(main(), horizon=7 * 86400.0)
    assert said.startswith("7 days of virtual time have passed")
    assert "in test_time_that_passes_for_nothing_ends.<locals>.main" in said
    assert tidied == [75.0]


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
