"""Two tasks that show one job: told, and nothing else."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from mjflow import PossibleMixup, Task, Update
from mjflow.engine import mixups
from mjflow.engine.act import Act
from mjflow.engine.mixups import Mixups
from mjflow.engine.record import Record
from mjflow.fsm.states import State
from mjflow.handle import TaskHandle
from mjflow.protocol.codec import build_task
from mjflow.protocol.jobs import job_of
from mjflow.protocol.requests import Imagine

from ..client.worlds import world
from ..scripted import GRID, UUID, Scripted, accepted, existing, opened, row
from ..virtual import virtual_time

OTHER = "11111111-2222-4333-8444-555555555555"


def drawn(job: str) -> dict[str, Any]:
    """Make the row of a grid with this job in its buttons."""
    buttons = [(custom_id.replace(UUID, job), label) for custom_id, label in GRID]
    return row("SUCCESS", "100%", buttons=buttons)


def server_of(**jobs: str) -> Scripted:
    """Make a server that gives ids 1, 2, ... and shows these jobs."""
    server = Scripted()
    for name, job in jobs.items():
        server.on("imagine", accepted(name[1:]))
        server.shows(name[1:], drawn(job))
    return server


async def both(server: Scripted, **settings: Any) -> tuple[list[TaskHandle], list[Update]]:
    """Draw twice, one after the other; give the handles, and what was told of a mixup."""
    seen: list[Update] = []
    async with opened(server, observers=[seen.append], **settings) as client:
        handles = [client.imagine("a cat"), client.imagine("a cat")]
        for handle in handles:
            assert isinstance(await handle, Task)
        noticed = [handle.possible_mixup for handle in handles]
        assert [handle.state for handle in handles] == [State.SUCCESS] * 2
    told = [update for update in seen if update.kind == "mixup"]
    assert [bool(one) for one in noticed] == [bool(told)] * 2
    return handles, told


@virtual_time
async def test_one_job_under_two_ids_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """By an update, a warning and both handles; each task has its outcome all the same."""
    handles, told = await both(server_of(_1=UUID, _2=UUID))
    assert [type(update.error) for update in told] == [PossibleMixup]
    mixup = told[0].error
    assert isinstance(mixup, PossibleMixup)
    assert {mixup.task_id, mixup.other_id} == {handle.id for handle in handles}
    assert (mixup.job, told[0].state) == (UUID, State.SUCCESS)
    warned = [one.getMessage() for one in caplog.records if one.levelno == logging.WARNING]
    assert warned == [str(mixup)]
    assert 'collisions="serialise"' in warned[0]


@virtual_time
async def test_jobs_of_their_own_are_nothing_to_tell() -> None:
    """Every task has one."""
    _, told = await both(server_of(_1=UUID, _2=OTHER))
    assert told == []


@virtual_time
async def test_who_watches_the_task_hears_of_it_too() -> None:
    """Before its end, which is the last thing they hear."""
    server = server_of(_1=UUID, _2=UUID)
    async with opened(server) as client:
        await client.imagine("a cat")
        kinds = [update.kind async for update in client.imagine("a cat").events()]
    assert kinds[-2:] == ["mixup", "state"]


@virtual_time
async def test_one_task_under_two_handles_is_no_mixup() -> None:
    """A button pressed twice gives the task of then; an attached id is looked at, not compared."""
    server = Scripted()
    server.on("imagine", accepted("1"))
    server.on("action", accepted("2"), existing("2"))
    server.shows("1", drawn(UUID))
    server.shows("2", drawn(OTHER))
    seen: list[Update] = []
    async with opened(server, observers=[seen.append]) as client:
        grid = client.imagine("a cat")
        await grid.click("V1")
        await grid.click("V1")
        await client.attach("2")
        await client.attach("1")
    assert [update for update in seen if update.kind == "mixup"] == []


@virtual_time
async def test_a_picture_picked_from_a_grid_may_keep_the_grid_s_job() -> None:
    """Servers without Discord make no job for U1-U4, nor for a clip of a video."""
    server = Scripted()
    server.on("imagine", accepted("1"))
    server.on("action", accepted("2"), accepted("3"))
    for task_id in "123":
        server.shows(task_id, drawn(UUID))
    seen: list[Update] = []
    async with opened(server, observers=[seen.append]) as client:
        grid = client.imagine("a cat")
        await grid.click("U1")
        await grid.click("U2")
        assert grid.possible_mixup is None
    assert [update for update in seen if update.kind == "mixup"] == []


@virtual_time
async def test_a_server_that_keeps_its_tasks_apart_gives_no_cause() -> None:
    """Whole chains, with the same prompt over and over, at a simulated server."""
    seen: list[Update] = []
    async with world(observers=[seen.append]) as one:
        for handle in [one.client.imagine("a cat").click(b) for b in ("U1", "U1", "V2", "🔄")]:
            await handle
    assert [update for update in seen if update.kind == "mixup"] == []


def finished(number: int, job: str) -> Record:
    """Make the record of a task that has ended with a job."""
    shown = build_task({**drawn(job), "id": str(number)})
    act = Act(what=Imagine(prompt="a cat"))
    return Record(act=act, key=str(number), token="t", ids=(shown.id,), task=shown)


def numbered(number: int) -> str:
    return f"{UUID[:-8]}{number:08}"


def test_the_memory_for_it_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest are forgotten: tasks are mixed up while they run beside each other."""
    monkeypatch.setattr(mixups, "REMEMBERED", 10)
    books = Mixups()
    for number in range(100):
        assert books.noticed(finished(number, numbered(number))) is None
    assert books.noticed(finished(100, numbered(50))) is None
    for number in range(200, 300):
        assert books.noticed(finished(number, numbered(99))) is not None
    assert (len(books._tasks), len(books._possible)) == (10, 10)


@pytest.mark.parametrize(
    ("shown", "job"),
    [
        (drawn(OTHER), OTHER),
        (row("SUCCESS", buttons=[("MJ::Job::PicReader::1", "")]), ""),
        ({**row("SUCCESS"), "properties": {"messageHash": UUID.upper()}}, UUID),
        ({**row("SUCCESS"), "properties": {"messageHash": 7}}, ""),
        ({**row("SUCCESS"), "properties": None, "buttons": None}, ""),
    ],
    ids=["buttons", "no job in them", "a hash", "junk", "nothing"],
)
def test_the_job_is_read_off_the_buttons_or_the_hash(shown: dict[str, Any], job: str) -> None:
    """Where neither tells it there is none."""
    assert job_of(build_task({**shown, "id": "1"})) == job
