"""
A client is closed at every single wait of its own tasks: carriers, lookers, the poller.

What they do then is whatever closing makes of it; what must come out of it is what `test_closing`
asks for as well.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from mjflow import MjflowError

from .lives import Handles, Opened, check_known, check_told, live, take_up
from .programs import program
from .stages import in_memory, over_sockets
from .steps import Cancelling, Meter, Stepped, asleep, each_wait, waking

Close = Callable[[asyncio.Task[None]], None]


async def closed(opened: Opened, folder: Path, meter: Meter, *, again: int = 0) -> bool:
    """
    Close a client at a wait of its own tasks; tell whether that wait came.

    Args:
        again: In which turn of the loop after the first Ctrl-C a second one comes; 0 for none.
    """
    async with opened() as stage:
        handles = Handles()
        life = asyncio.create_task(live(stage, folder, handles))
        meter.cancel = lambda: press(life, again)
        loop = asyncio.get_running_loop()
        loop.set_task_factory(counting(meter))
        await asyncio.wait({life})
        loop.set_task_factory(None)
        assert life.cancelled() == meter.struck
        check_told(stage, handles)
        await check_known(stage, handles)
        await take_up(stage, folder)
    assert list(folder.rglob("*.part")) == []
    return meter.struck


def counting(meter: Meter) -> Any:
    """Make a factory whose tasks report their waits."""

    def factory(
        loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, Any], **options: Any
    ) -> asyncio.Task[Any]:
        return asyncio.Task(Stepped(work, meter), loop=loop, **options)

    return factory


def press(life: asyncio.Task[None], again: int) -> None:
    """Press Ctrl-C, and once more after so many turns."""
    life.cancel()
    if again:
        in_turns(again, life.cancel)


def in_turns(turns: int, call: Callable[[], object]) -> None:
    loop = asyncio.get_running_loop()
    if turns == 1:
        loop.call_soon(call)
    else:
        loop.call_soon(in_turns, turns - 1, call)


async def left(folder: Path, meter: Meter) -> bool:
    """Leave a client's block, as a program does at its end, while others still use the client."""
    async with in_memory() as stage:
        handles, over = Handles(), asyncio.Event()
        meter.cancel = over.set
        loop = asyncio.get_running_loop()
        async with stage.client(poll_interval=15.0) as client:
            user = asyncio.create_task(program(client, folder, handles.setdefault))
            user.add_done_callback(lambda _: over.set())
            loop.set_task_factory(counting(meter))
            await over.wait()
        loop.set_task_factory(None)
        (ending,) = await asyncio.gather(user, return_exceptions=True)
        assert ending is None or (meter.struck and isinstance(ending, MjflowError)), ending
        check_told(stage, handles)
        await check_known(stage, handles)
        await take_up(stage, folder)
        assert stage.torn == []
    return meter.struck


@pytest.mark.parametrize("moment", [asleep, waking])
def test_a_client_can_be_closed_at_every_wait_of_its_tasks(
    tmp_path: Path, moment: Cancelling
) -> None:
    """Whatever its tasks are at, nothing is torn, and the next client goes on from there."""
    waits = each_wait(lambda at: closed(in_memory, tmp_path / str(at), Meter(moment, at)))
    assert waits > 60


@pytest.mark.parametrize("moment", [asleep, waking])
def test_a_client_can_be_left_at_every_wait_of_its_tasks(
    tmp_path: Path, moment: Cancelling
) -> None:
    """The same without any exception; whoever waits is told one of ours."""
    each_wait(lambda at: left(tmp_path / str(at), Meter(moment, at)))


@pytest.mark.parametrize("again", [2, 4])
@pytest.mark.parametrize("moment", [asleep, waking])
def test_a_client_can_be_torn_down_at_every_wait_of_its_tasks(
    tmp_path: Path, moment: Cancelling, again: int
) -> None:
    """A second Ctrl-C, some turns of the loop later, tears what is on the wire: it is told."""
    each_wait(lambda at: closed(in_memory, tmp_path / str(at), Meter(moment, at), again=again))


@pytest.mark.soak
@pytest.mark.parametrize("again", [1, 3, 5, 6, 8])
@pytest.mark.parametrize("moment", [asleep, waking])
def test_a_client_can_be_torn_down_in_any_turn(
    tmp_path: Path, moment: Cancelling, again: int
) -> None:
    """The same, with the second Ctrl-C sooner or later."""
    each_wait(lambda at: closed(in_memory, tmp_path / str(at), Meter(moment, at), again=again))


@pytest.mark.soak
@pytest.mark.parametrize("again", [0, 3])
def test_a_client_over_sockets_can_be_closed_at_every_wait_of_its_tasks(
    tmp_path: Path, again: int
) -> None:
    """The same with real connections, however long it takes."""
    each_wait(lambda at: closed(over_sockets, tmp_path / str(at), Meter(asleep, at), again=again))
