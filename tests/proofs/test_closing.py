"""
A client is closed at every single wait, its own included: nothing paid is torn or forgotten.

Closed by an exception that comes out of its block, as Ctrl-C is; by two of them.  Then the next
client takes up from the same journal what the first one left.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from .lives import Handles, Opened, check_known, check_told, live, take_up
from .stages import in_memory, over_sockets
from .steps import Cancelling, Meter, Stepped, asleep, each_wait, waking


async def closed(opened: Opened, folder: Path, meter: Meter) -> bool:
    """Close a client where the meter says; tell whether that wait came."""
    async with opened() as stage:
        handles = Handles()
        life = asyncio.create_task(Stepped(live(stage, folder, handles), meter))
        meter.cancel = life.cancel
        await asyncio.wait({life})
        assert life.cancelled() == meter.struck
        check_told(stage, handles)
        await check_known(stage, handles)
        await take_up(stage, folder)
    assert list(folder.rglob("*.part")) == []
    return meter.struck


@pytest.mark.parametrize("moment", [asleep, waking])
def test_a_client_can_be_closed_at_every_wait(tmp_path: Path, moment: Cancelling) -> None:
    """By a cancellation of its block, its opening or its closing: nothing is in doubt then."""
    waits = each_wait(lambda at: closed(in_memory, tmp_path / str(at), Meter(moment, at)))
    assert waits > 20


@pytest.mark.parametrize("later", [1, 2, 3, 4])
@pytest.mark.parametrize("moment", [asleep, waking])
def test_a_client_can_be_cancelled_again_while_it_closes(
    tmp_path: Path, moment: Cancelling, later: int
) -> None:
    """What is torn by a second Ctrl-C is told to be in doubt, and never sent again."""
    each_wait(lambda at: closed(in_memory, tmp_path / str(at), Meter(moment, at, at + later)))


def test_a_client_over_sockets_can_be_closed_at_every_other_wait(tmp_path: Path) -> None:
    """The same with real connections: all of them are closed."""
    each_wait(
        lambda at: closed(over_sockets, tmp_path / str(at), Meter(asleep, at)), first=2, step=2
    )


@pytest.mark.soak
@pytest.mark.parametrize("later", [0, 1, 2, 3, 4])
@pytest.mark.parametrize("moment", [asleep, waking])
def test_a_client_over_sockets_can_be_cancelled_again_while_it_closes(
    tmp_path: Path, moment: Cancelling, later: int
) -> None:
    """The same with one Ctrl-C or two, however long it takes."""
    each_wait(lambda at: closed(over_sockets, tmp_path / str(at), Meter(moment, at, at + later)))
