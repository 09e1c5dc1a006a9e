"""
A run is cut short at every write of its journal, and at every wait of its tasks, and goes on.

What comes out of it in the end is what an uninterrupted run gives, and nothing was paid twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from mjflow import CannotWrite
from mjflow.testing.clock import run

from .leaks import run_clean
from .mortal import Full, Mortal, until_death
from .nights import RUN, Told, check_paid, check_resumed, live, night
from .stages import InMemory
from .steps import Meter, Stepped, asleep, each_wait, waking
from .test_carriers import counting

#: How many waits are passed over: all are tried in the soak, and as many as there is time for here.
STRIDE = 3


async def goes_on(stage: InMemory, folder: Path) -> None:
    """Go on until all is done, with a person to settle what is in doubt."""
    wanted = tuple(map(Told.of, await live(InMemory(), folder / "whole")))
    results = await live(stage, folder / "out", settled=True)
    if not await check_resumed(stage, results, wanted):
        assert await check_resumed(stage, await live(stage, folder / "out"), wanted)


# --- killed ---------------------------------------------------------------------------------


async def killed(stage: InMemory, folder: Path, mortal: Mortal) -> None:
    """Live until it dies, then go on."""
    store, server = mortal.hold(stage.store), mortal.hold(stage.server)
    await until_death(mortal, live(stage, folder / "out", store=store, server=server))
    asyncio.get_running_loop().set_task_factory(None)
    await goes_on(stage, folder)


async def killed_at_write(folder: Path, number: int, *, after: bool) -> bool:
    """Kill a run at a write; tell whether that write came."""
    mortal = Mortal(number, after=after)
    await killed(InMemory(), folder, mortal)
    return mortal.dead.is_set()


async def killed_at_wait(folder: Path, number: int) -> bool:
    """Kill a run at a wait of any of its tasks; tell whether that wait came."""
    mortal, meter = Mortal(), Meter(asleep, number)
    meter.cancel = mortal.die
    asyncio.get_running_loop().set_task_factory(counting(meter))
    await killed(InMemory(), folder, mortal)
    return meter.struck


def each(attempt: Callable[[int], Coroutine[Any, Any, bool]], *, step: int = 1) -> int:
    """Make an attempt at each number until there is no such; a killed process leaves things."""
    number = 1
    while run(attempt(number)):
        number += step
    return number


@pytest.mark.parametrize("after", [False, True])
def test_a_run_can_be_killed_at_every_write(tmp_path: Path, after: bool) -> None:
    """Before a write, or when it is done and nobody has heard of it."""
    assert each(lambda at: killed_at_write(tmp_path / str(at), at, after=after)) > 40


def test_a_run_can_be_killed_at_many_waits(tmp_path: Path) -> None:
    """Whatever any of its tasks waits for."""
    assert each(lambda at: killed_at_wait(tmp_path / str(at), at), step=STRIDE) > 150


@pytest.mark.soak
def test_a_run_can_be_killed_at_every_wait(tmp_path: Path) -> None:
    """The same, however long it takes."""
    each(lambda at: killed_at_wait(tmp_path / str(at), at))


# --- without room ---------------------------------------------------------------------------


async def out_of_room(folder: Path, number: int) -> bool:
    """Run with a journal that takes nothing from a write on; tell whether that write came."""
    stage = InMemory()
    full = Full(stage.store, number)
    with suppress(CannotWrite):
        for result in await live(stage, folder / "out", store=full):
            assert result.ok or full.struck
    await goes_on(stage, folder)
    return full.struck


def test_a_disk_can_be_full_at_every_write(tmp_path: Path) -> None:
    """Nothing is lost, nothing is paid twice, and with room again the run goes on."""
    assert each(lambda at: out_of_room(tmp_path / str(at), at)) > 40


# --- interrupted ----------------------------------------------------------------------------


async def interrupted(folder: Path, meter: Meter, *, all_tasks: bool = False) -> bool:
    """Press Ctrl-C at a wait of the program, or of any task; tell whether that wait came."""
    stage = InMemory()
    work = live(stage, folder / "out")
    life: asyncio.Task[Any] = asyncio.create_task(work if all_tasks else Stepped(work, meter))
    meter.cancel = life.cancel
    if all_tasks:
        asyncio.get_running_loop().set_task_factory(counting(meter))
    await asyncio.wait({life})
    asyncio.get_running_loop().set_task_factory(None)
    assert life.cancelled() == meter.struck
    assert stage.server.torn == []
    assert await stage.store.lease(f"run/{stage.namespace}/{RUN}") is None
    await goes_on(stage, folder)
    assert list(folder.rglob("*.part")) == []
    return meter.struck


@pytest.mark.parametrize("moment", [asleep, waking])
def test_a_program_can_be_interrupted_at_every_wait(tmp_path: Path, moment: Any) -> None:
    """Nothing is torn, nothing is in doubt, nothing is left behind, and the lease is given back."""
    waits = each_wait(lambda at: interrupted(tmp_path / str(at), Meter(moment, at)))
    assert waits > 3


@pytest.mark.parametrize("moment", [asleep, waking])
def test_a_run_can_be_interrupted_at_many_waits_of_its_tasks(tmp_path: Path, moment: Any) -> None:
    """The same, whatever its own tasks are at."""
    each_wait(
        lambda at: interrupted(tmp_path / str(at), Meter(moment, at), all_tasks=True), step=STRIDE
    )


@pytest.mark.soak
@pytest.mark.parametrize("moment", [asleep, waking])
def test_a_run_can_be_interrupted_at_every_wait_of_its_tasks(tmp_path: Path, moment: Any) -> None:
    """The same, however long it takes."""
    each_wait(lambda at: interrupted(tmp_path / str(at), Meter(moment, at), all_tasks=True))


# --- left -----------------------------------------------------------------------------------


async def left(folder: Path, meter: Meter) -> bool:
    """Leave a run at a wait of any task, and go on with it in the same client."""
    stage = InMemory()
    async with stage.client(poll_interval=15.0) as client:
        reader = asyncio.create_task(night(client, folder / "out").collect())
        meter.cancel = reader.cancel
        asyncio.get_running_loop().set_task_factory(counting(meter))
        await asyncio.wait({reader})
        asyncio.get_running_loop().set_task_factory(None)
        assert reader.cancelled() == meter.struck
        results = await night(client, folder / "out").collect()
        assert [result.ok for result in results] == [True, True]
        assert client.statistics().in_flight == 0
    await check_paid(stage)
    assert stage.server.torn == []
    return meter.struck


@pytest.mark.parametrize("moment", [asleep, waking])
def test_a_run_can_be_left_at_many_waits(tmp_path: Path, moment: Any) -> None:
    """The client goes on, and so does the next run of that name in it."""
    each_wait(lambda at: left(tmp_path / str(at), Meter(moment, at)), step=STRIDE)


@pytest.mark.soak
@pytest.mark.parametrize("moment", [asleep, waking])
def test_a_run_can_be_left_at_every_wait(tmp_path: Path, moment: Any) -> None:
    """The same, however long it takes."""
    each_wait(lambda at: left(tmp_path / str(at), Meter(moment, at)))


def test_a_run_leaves_nothing_behind(tmp_path: Path) -> None:
    """No task, no timer, no socket, no warning."""
    run_clean(live(InMemory(), tmp_path))
