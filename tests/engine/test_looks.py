"""What looks mean: news, and ends."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from mjflow import State, TaskFailed, TaskLost, Update
from mjflow.engine.looks import _IN_STEP
from mjflow.errors import CannotWrite, MjflowError
from mjflow.fsm.events import Event
from mjflow.fsm.observe import observe, proves_answer
from mjflow.fsm.replay import answered_after
from mjflow.fsm.transitions import advance
from mjflow.journal.memory import MemoryStore
from mjflow.journal.store import Note
from mjflow.protocol.status import Status
from mjflow.protocol.verdicts import Reply
from tests.engine.watched import Watched
from tests.scripted import (
    DONE,
    FAILED,
    GRID,
    OPEN,
    PICTURE,
    RUNNING,
    UNREAD,
    WAITING,
    accepted,
    asking,
    bad_gateway,
    opened,
    reply,
    row,
    task_not_found,
    web_page,
)
from tests.virtual import virtual_time

INTERVAL = 5.0

# --- news ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "oddity",
    [
        row(""),
        row("PAUSED"),
        row("success"),
        {**RUNNING, "status": None},
        {**RUNNING, "status": 7},
        {**RUNNING, "progress": None},
        row("IN_PROGRESS", "排队中"),
        row("IN_PROGRESS", "1000%"),
        row("SUBMITTED", "100%"),
    ],
    ids=lambda row: f"{row['status']}-{row['progress']}",
)
@virtual_time
async def test_odd_statuses_and_progress_neither_end_nor_stop_a_task(
    oddity: dict[str, Any],
) -> None:
    """What no document names is waited over."""
    server = Watched()
    server.takes_all()
    server.every_task(oddity, RUNNING, oddity, DONE)
    async with opened(server) as client:
        assert (await client.imagine("a cat")).id == "1001"


@virtual_time
async def test_progress_that_runs_backwards_is_told_as_it_comes() -> None:
    """Only the state never goes back."""
    server = Watched()
    server.takes_all()
    rows = [("SUBMITTED", "0%"), ("IN_PROGRESS", "46%"), ("SUBMITTED", "31%"), ("NOT_START", "")]
    server.every_task(*(row(*one) for one in rows), DONE)
    seen: list[Update] = []
    async with opened(server, observers=[seen.append]) as client:
        await client.imagine("a cat")
    steps = [update.state for update in seen if update.kind == "state"]
    assert steps == [State.SUBMITTING, State.SUBMITTED, State.IN_PROGRESS, State.SUCCESS]
    assert [one.progress for one in seen if one.kind == "progress"] == [0, 46, 31, None]


@virtual_time
async def test_a_step_carries_the_progress_of_the_look_that_brought_it() -> None:
    """The update of a step and the look behind it agree."""
    server = Watched()
    server.takes_all()
    server.every_task(WAITING, RUNNING, DONE)
    seen: list[Update] = []
    async with opened(server, observers=[seen.append]) as client:
        await client.imagine("a cat")
    told = [(one.state, one.progress) for one in seen if one.kind == "state"]
    assert told[-2:] == [(State.IN_PROGRESS, 42), (State.SUCCESS, 100)]


@virtual_time
async def test_a_preview_is_told_while_the_task_runs() -> None:
    """The link of an unfinished picture comes with the look that shows it."""
    server = Watched()
    server.takes_all()
    link = "https://mj.example/mj/image/1001?rand=1"
    server.every_task(WAITING, {**RUNNING, "imageUrl": link}, DONE)
    seen: list[Update] = []
    async with opened(server, observers=[seen.append]) as client:
        await client.imagine("a cat")
    assert [one.preview for one in seen if one.kind == "preview"] == [link]


@virtual_time
async def test_the_full_task_is_built_while_somebody_reads_its_events() -> None:
    """A reader gets each look whole; without one nothing but the end is built."""
    server = Watched()
    server.takes_all()
    server.every_task(WAITING, RUNNING, DONE)
    async with opened(server) as client:
        watched, ignored = client.imagine("a cat"), client.imagine("a dog")
        shown = [update.task.progress async for update in watched.events() if update.task]
        await ignored.submitted()
        assert shown[:2] == [0, 42]
        assert ignored.task is None or ignored.task.ended


@virtual_time
async def test_an_unread_status_is_remembered_as_one() -> None:
    """A gateway's empty status is a look that was made: the id is known to the server."""
    server = Watched()
    server.shows("77", UNREAD, task_not_found())
    async with opened(server) as client:
        with pytest.raises(TaskLost, match="no longer knows"):
            await client.attach("77")


@pytest.mark.parametrize("answered", [False, True])
@pytest.mark.parametrize("rows", [1, 2])
@pytest.mark.parametrize(("state", "word"), _IN_STEP.items())
def test_what_counts_as_mere_progress_moves_nothing(
    state: State, word: str, rows: int, answered: bool
) -> None:
    """Whatever is known of the task's dialog: such a look may be taken in without more ado."""
    event = observe(state, Status.read(word), answered=answered, rows=rows)
    assert advance(state, event, answered=answered) is state
    assert answered_after(event, answered=answered, moved=False) is answered
    assert not proves_answer(state, event, answered=answered)


@virtual_time
async def test_progress_that_nobody_reads_is_known_to_who_reads_later() -> None:
    """It builds no task; the next event tells the progress of its own look all the same."""
    server = Watched()
    server.takes_all()
    server.every_task(*(row("IN_PROGRESS", f"{percent}%") for percent in range(1, 10)))
    async with opened(server) as client:
        handle = client.imagine("a cat")
        await asyncio.sleep(4 * INTERVAL)
        looks = len(server.looked)
        assert (handle._record.seen_progress, handle.task) == (f"{looks}%", None)
        update = await anext(one async for one in handle.events() if one.kind == "progress")
        assert (update.progress, handle.task and handle.task.progress) == (looks + 1, looks + 1)


@virtual_time
async def test_no_look_is_logged_as_trouble(caplog: pytest.LogCaptureFixture) -> None:
    """An ordinary life leaves no line in the log."""
    server = Watched()
    server.takes_all()
    server.every_task(UNREAD, WAITING, RUNNING, DONE)
    with caplog.at_level(logging.INFO, "mjflow.engine"):
        async with opened(server) as client:
            await client.imagine("a cat")
    assert caplog.records == []


# --- the end ------------------------------------------------------------------------------


@pytest.mark.parametrize(("status", "state"), [("FAILURE", "FAILURE"), ("CANCEL", "CANCEL")])
@virtual_time
async def test_an_end_without_a_result_is_raised_with_the_task(status: str, state: str) -> None:
    """Failure and cancellation end the wait with an error that carries the last look."""
    server = Watched()
    server.takes_all()
    server.every_task(row(status, "100%", reason="任务超时"))
    async with opened(server) as client:
        handle = client.imagine("a cat")
        with pytest.raises(MjflowError) as raised:
            await handle
    assert handle.state == state
    assert raised.value.task.fail_reason == "任务超时"  # type: ignore[attr-defined]
    assert server.looked[-1].at <= INTERVAL + 0.2


class TwoRows(Watched):
    """A gateway that keeps two rows for a dialog: looks show the first, lists both (P§5.4)."""

    def __init__(self) -> None:
        super().__init__()
        self.first: dict[str, Any] = FAILED
        self.second: dict[str, Any] | Reply | MjflowError = RUNNING
        self.lists = 0
        self.on("action", asking("9", "a cat"))
        self.on("modal", accepted("9"))
        self.shows("1001", {**DONE, "buttons": [_button(one) for one in (*GRID, *PICTURE)]})
        self.on("imagine", accepted("1001"))

    def shows_first(self) -> None:
        self.shows("9", OPEN, self.first)

    async def read(self, method: str, path: str, body: bytes = b"", *, slow: bool = False) -> Reply:
        if method == "GET":
            return await super().read(method, path, body)
        self.lists += 1
        match self.second:
            case Reply() as answer:
                return answer
            case MjflowError() as error:
                raise error
            case second:
                return reply([{**self.first, "id": "9"}, {**second, "id": "9"}])


def _button(pair: tuple[str, str]) -> dict[str, str]:
    return {"customId": pair[0], "label": pair[1]}


@virtual_time
async def test_the_failure_of_a_dialog_is_confirmed_by_all_its_rows() -> None:
    """The first row has timed out, the second goes on and ends well: so does the task."""
    server = TwoRows()
    server.shows_first()
    async with opened(server) as client:
        click = client.imagine("a cat").click("Custom Zoom", prompt="a cat --zoom 1.5")
        await click.submitted()
        await asyncio.sleep(60)
        assert (click.state, click.outcome) == (State.IN_PROGRESS, None)
        server.second = DONE
        assert (await click.wait(timeout=2 * INTERVAL)).image_url == "https://cdn.example/1.png"
    # Asked about at every look, for it was not believed at any.
    assert server.lists == pytest.approx(len([x for x in server.looked if x.id == "9"]), abs=2)


@virtual_time
async def test_a_failure_that_all_rows_show_ends_a_dialog() -> None:
    """Both rows failed, so the task did."""
    server = TwoRows()
    server.second = FAILED
    server.shows_first()
    async with opened(server) as client:
        with pytest.raises(TaskFailed):
            await client.imagine("a cat").click("Custom Zoom", prompt="a cat")


@virtual_time
async def test_a_failure_that_cannot_be_confirmed_yet_is_not_believed() -> None:
    """While lists cannot be read the task is looked at again, ever more seldom."""
    server = TwoRows()
    server.second = bad_gateway()
    server.shows_first()
    async with opened(server) as client:
        click = client.imagine("a cat").click("Custom Zoom", prompt="a cat")
        await click.submitted()
        await asyncio.sleep(120)
        assert click.outcome is None
        server.second = DONE
        await click.wait(timeout=61)


@virtual_time
async def test_a_server_without_lists_has_no_second_row() -> None:
    """There a failure counts at once."""
    server = TwoRows()
    server.second = web_page()
    server.shows_first()
    async with opened(server) as client:
        with pytest.raises(TaskFailed):
            await client.imagine("a cat").click("Custom Zoom", prompt="a cat")
    assert server.lists == 1


@virtual_time
async def test_the_failure_of_an_attached_task_is_confirmed_too() -> None:
    """Nobody knows whether an attached task has a dialog behind it."""
    server = TwoRows()
    server.second = DONE
    server.shows("9", FAILED)
    async with opened(server) as client:
        assert (await client.attach("9")).ended
    assert server.lists == 1


@virtual_time
async def test_other_failures_are_believed_without_a_second_look() -> None:
    """A task that had no dialog has one row."""
    server = TwoRows()
    server.shows("1001", FAILED)
    async with opened(server) as client:
        with pytest.raises(TaskFailed):
            await client.imagine("a cat")
    assert server.lists == 0


class Full(MemoryStore):
    """A journal whose disk is full when a task ends."""

    async def note(self, token: str, note: Note) -> None:
        if note.event is Event.SUCCEEDED:
            raise CannotWrite("can't write to 'mjflow.db': the disk is full")
        await super().note(token, note)


@virtual_time
async def test_an_end_that_cannot_be_journaled_is_told_all_the_same(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The picture is paid and there; another life will see it again."""
    server = Watched()
    server.takes_all()
    server.every_task(DONE)
    async with opened(server, journal=Full()) as client:
        assert (await client.imagine("a cat")).id == "1001"
    assert "the disk is full" in caplog.text
