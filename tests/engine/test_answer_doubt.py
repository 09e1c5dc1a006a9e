"""An answer of which nothing was heard: looked into, told in the end, and never repeated."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from mjflow.client import Client
from mjflow.errors import AnswerInDoubt, MjflowError
from mjflow.fsm.states import State
from mjflow.handle import TaskHandle
from mjflow.journal.memory import MemoryStore
from mjflow.protocol.dialect import GATEWAY, TRUEAI
from mjflow.protocol.verdicts import Outcome, Reply

from .. import scripted
from ..scripted import (
    DONE,
    FAILED,
    LOST,
    OPEN,
    RUNNING,
    WAITING,
    Json,
    Scripted,
    accepted,
    asking,
    bad_gateway,
    events,
    opened,
    outcome,
    reply,
    task,
)
from ..virtual import virtual_time
from .paying import MASK, ZOOM, now

assert GATEWAY.refresh is not None
REFRESH, PATIENCE = GATEWAY.refresh, TRUEAI.lost_reply_wait

CLICKED = {**OPEN, "action": "CUSTOM_ZOOM"}
ANSWERED = {**OPEN, "action": "MODAL"}


class Rows(Scripted):
    """A server whose lists show rows of their own; looks at one id show the first row."""

    def __init__(self, *answers: Outcome, rows: list[Json] | Reply | None = None) -> None:
        super().__init__()
        #: What a list shows of dialog 2; by default the one row that a look shows.
        self.rows = rows
        self.lists = 0
        self.on("action", asking("2", "a cat --zoom 2"))
        self.on("modal", *(answers or (LOST,)))
        self.shows("2", CLICKED)

    async def read(self, method: str, path: str, body: bytes = b"", *, slow: bool = False) -> Reply:
        if method == "GET":
            return await super().read(method, path, body)
        await asyncio.sleep(0.01)
        self.lists += 1
        if isinstance(self.rows, Reply):
            return self.rows
        shown = [json.loads(self._look("2").body)] if self.rows is None else self.rows
        return reply([{**row, "id": "2"} for row in shown])


def zoom(client: Client, **given: Any) -> TaskHandle:
    return client.click(task(), "Custom Zoom", **{"prompt": ZOOM, **given})


async def waited(handle: TaskHandle) -> tuple[float, object]:
    """Wait for what becomes of a handle; say how long that took since the answer left."""
    began = now()
    became = await outcome(handle)
    return now() - began, became


# --- proof --------------------------------------------------------------------------------


@virtual_time
async def test_a_second_row_proves_at_once_that_the_answer_arrived() -> None:
    """A gateway keeps a row for the answer (P§5.4): nobody is told of a doubt."""
    server, store = Rows(rows=[CLICKED, ANSWERED]), MemoryStore()
    async with opened(server, journal=store) as client:
        handle = zoom(client, key="k")
        while handle.state is not State.ANSWERING or server.lists == 0:
            await asyncio.sleep(0.01)
        await asyncio.sleep(1.0)
        assert (handle.state, handle.outcome, server.lists) == (State.ANSWERING, None, 1)
        server.shows("2", DONE)
        assert (await handle).id == "2"
        assert client.statistics().spent.charged == 0.1
    assert server.routes == ["action", "modal"]
    assert await events(store, "k") == [
        ["DIALOG", "ANSWER_INTENT", "ANSWER_UNANSWERED", "ANSWER_ACCEPTED", "SUCCEEDED"]
    ]


@pytest.mark.parametrize("rows", [[CLICKED], [CLICKED, CLICKED], [{**CLICKED, "status": ""}] * 3])
@virtual_time
async def test_rows_that_are_repeated_prove_nothing(rows: list[Json]) -> None:
    """The answer's own row has an action of its own; the same row twice is one row (P§12)."""
    server = Rows(rows=rows)
    async with opened(server) as client:
        handle = zoom(client)
        assert isinstance(await outcome(handle), AnswerInDoubt)
        assert handle.state is State.ANSWER_IN_DOUBT
    assert server.routes == ["action", "modal"]


@pytest.mark.parametrize("further", [WAITING, RUNNING])
@virtual_time
async def test_a_row_that_left_the_dialog_proves_it(further: Json) -> None:
    """Whatever the first row still shows; and the proof is on paper, for another life."""
    server, store = Rows(rows=[CLICKED, {**further, "action": "MODAL"}]), MemoryStore()
    async with opened(server, journal=store) as client:
        handle = zoom(client, key="k")
        await asyncio.sleep(1.0)
        expected = State.SUBMITTED if further is WAITING else State.IN_PROGRESS
        assert (handle.state, handle.outcome) == (expected, None)
        assert (await events(store, "k"))[0][-1] == "ANSWER_ACCEPTED"
        server.shows("2", DONE)
        await handle


@virtual_time
async def test_an_end_that_all_rows_show_is_the_end() -> None:
    """The answer arrived, and what came of it is known by the first look."""
    server = Rows(rows=[CLICKED, {**FAILED, "action": "MODAL"}])
    async with opened(server) as client:
        handle = zoom(client)
        took, error = await waited(handle)
        assert (type(error).__name__, handle.state) == ("TaskFailed", State.FAILURE)
        assert took < 1.0
        spent = client.statistics().spent
        assert (spent.charged, spent.refunded) == (0.1, 0.1)


@virtual_time
async def test_the_dialogs_own_row_proves_it_after_a_refresh() -> None:
    """A gateway that never heard of the answer still copies what the task does (P§5.4)."""
    server = Rows()
    async with opened(server, poll_interval=3600.0) as client:
        handle = zoom(client)
        await asyncio.sleep(REFRESH - 1.0)
        assert (handle.state, handle.outcome) == (State.ANSWER_IN_DOUBT, None)
        server.shows("2", RUNNING)
        await asyncio.sleep(2.0)
        assert (handle.state, handle.outcome) == (State.IN_PROGRESS, None)
        assert server.lists == 2


# --- no proof -----------------------------------------------------------------------------

DOUBTS: list[Outcome] = [
    LOST,
    scripted.bad_gateway(),
    scripted.code_5(),
    scripted.gateway_error("insert_midjourney_task_failed"),
    scripted.answered(99, "2"),
]


@pytest.mark.parametrize("answer", DOUBTS, ids=repr)
@virtual_time
async def test_a_lone_dialog_stays_in_doubt(answer: Outcome) -> None:
    """After one refresh waiters get AnswerInDoubt; it is watched on, and never sent again."""
    server, store = Rows(answer), MemoryStore()
    async with opened(server, journal=store, poll_interval=60.0) as client:
        handle = zoom(client, key="k")
        took, error = await waited(handle)
        assert isinstance(error, AnswerInDoubt)
        assert (error.task_id, error.key, error.token) == ("2", "k", server.sent[0].token)
        assert took == pytest.approx(REFRESH, abs=1.0)
        handle.modal("something else")
        await asyncio.sleep(7200.0)
        assert handle.state is State.ANSWER_IN_DOUBT
    assert server.routes == ["action", "modal"]
    assert await events(store, "k") == [["DIALOG", "ANSWER_INTENT", "ANSWER_UNANSWERED"]]


@virtual_time
async def test_a_later_look_takes_the_doubt_back() -> None:
    """The error is gone for whoever waits from then on, and the task goes on to its end."""
    server = Rows()
    async with opened(server) as client:
        handle = zoom(client)
        assert isinstance(await outcome(handle), AnswerInDoubt)
        server.shows("2", RUNNING, RUNNING, DONE)
        while handle.state is State.ANSWER_IN_DOUBT:
            await asyncio.sleep(1.0)
        assert handle.outcome is None
        assert (await handle).id == "2"
        assert client.statistics().spent.charged == 0.1
    assert server.routes == ["action", "modal"]


@virtual_time
async def test_a_server_spoken_to_directly_is_given_time_to_open_midjourneys_dialog() -> None:
    """trueai shows MODAL for a while after an accepted answer (P§5.4)."""
    server = Rows()
    async with opened(server, dialect="trueai") as client:
        handle = zoom(client)
        await asyncio.sleep(PATIENCE - 5.0)
        assert (handle.state, handle.outcome) == (State.ANSWER_IN_DOUBT, None)
        server.shows("2", WAITING, RUNNING, DONE)
        assert (await handle).id == "2"
    assert server.routes == ["action", "modal"]


@virtual_time
async def test_a_server_spoken_to_directly_is_not_waited_for_for_ever() -> None:
    """After two minutes the doubt is told; the task is watched on."""
    server = Rows()
    async with opened(server, dialect="trueai") as client:
        handle = zoom(client)
        took, error = await waited(handle)
        assert isinstance(error, AnswerInDoubt)
        assert took == pytest.approx(PATIENCE, abs=1.0)
        server.shows("2", WAITING, RUNNING, DONE)
        await asyncio.sleep(60.0)
        assert (await handle).id == "2"


@virtual_time
async def test_a_look_that_fails_proves_nothing() -> None:
    """While lists cannot be read the doubt is told in time all the same."""
    server = Rows(rows=bad_gateway())
    async with opened(server) as client:
        took, error = await waited(zoom(client))
        assert isinstance(error, AnswerInDoubt)
        assert took == pytest.approx(REFRESH, abs=1.0)
    assert server.lists == 2


@virtual_time
async def test_a_deadline_does_not_end_a_doubt() -> None:
    """The waiters were told; the task may yet run, and is paid if it does."""
    server = Rows()
    async with opened(server, deadline=REFRESH / 2) as client:
        handle = zoom(client)
        assert isinstance(await outcome(handle), AnswerInDoubt)
        await asyncio.sleep(600.0)
        assert handle.state is State.ANSWER_IN_DOUBT
        server.shows("2", DONE)
        await asyncio.sleep(10.0)
        assert (await handle).id == "2"


@virtual_time
async def test_closing_ends_the_wait_with_the_doubt() -> None:
    """A client that closes waits for no refresh, and keeps nobody waiting."""
    server = Rows()
    async with opened(server) as client:
        handle = zoom(client)
        waiting = asyncio.ensure_future(outcome(handle))
        await asyncio.sleep(1.0)
        assert handle.state is State.ANSWER_IN_DOUBT
        began = now()
    assert now() - began < 1.0
    assert isinstance(await waiting, AnswerInDoubt)


# --- more than one handle -----------------------------------------------------------------


def twice(*answers: Outcome) -> Rows:
    """Make a server on which two clicks lead to one dialog."""
    server = Rows(*answers)
    server.on("action", asking("2", "a cat --zoom 2"))
    return server


@virtual_time
async def test_all_who_wait_for_the_dialog_are_told_of_the_doubt() -> None:
    """One of two handles has answered, and the other would else wait in vain."""
    server = twice(LOST)
    async with opened(server) as client:
        handles = [zoom(client), zoom(client)]
        errors = [await outcome(handle) for handle in handles]
        assert [type(error) for error in errors] == [AnswerInDoubt, AnswerInDoubt]
        server.shows("2", DONE)
        await asyncio.sleep(10.0)
        assert [(await handle).id for handle in handles] == ["2", "2"]
    assert server.routes == ["action", "action", "modal"]


@virtual_time
async def test_a_dialog_whose_answer_was_refused_is_left_to_the_other_handle() -> None:
    """Each brings an answer of its own; the second is sent when the first has had its no."""
    server = twice(scripted.banned("gore"), accepted("2"))
    async with opened(server) as client:
        first, second = zoom(client, prompt=f"gore {ZOOM}"), zoom(client)
        error = await outcome(first)
        assert isinstance(error, MjflowError)
        server.shows("2", DONE)
        assert (await second).id == "2"
    prompts = [sent.body["prompt"] for sent in server.to("modal")]
    assert prompts == [f"gore {ZOOM}", ZOOM]


@virtual_time
async def test_a_new_id_is_followed_by_all_who_waited_for_the_dialog() -> None:
    """The answer starts a task with an id of its own (P§5.4): it is the outcome of both."""
    server = twice(accepted("3"))
    server.shows("3", RUNNING, DONE)
    async with opened(server) as client:
        first, second = zoom(client), zoom(client)
        assert [(await first).id, (await second).id] == ["3", "3"]
    assert server.routes == ["action", "action", "modal"]


# --- a person's word ----------------------------------------------------------------------


@virtual_time
async def test_a_resubmitted_answer_is_the_same_once_more() -> None:
    """Prompt and mask go out again, and a doubt about the second is a doubt as well."""
    server = Rows(LOST, LOST, accepted("2"))
    async with opened(server) as client:
        handle = client.click(task(), "Vary (Region)", prompt="a crown", mask=MASK)
        for _ in range(2):
            assert isinstance(await outcome(handle), AnswerInDoubt)
            await handle.settle("resubmit")
        await asyncio.sleep(1.0)
        server.shows("2", RUNNING, DONE)
        assert (await handle).id == "2"
    bodies = [sent.body for sent in server.to("modal")]
    assert len(bodies) == 3
    assert bodies[0] == bodies[1] == bodies[2]


@virtual_time
async def test_an_answer_that_turns_up_is_not_resubmitted() -> None:
    """Before a person's word is carried out the server is looked at."""
    server = Rows()
    async with opened(server) as client:
        handle = zoom(client)
        assert isinstance(await outcome(handle), AnswerInDoubt)
        server.rows = [CLICKED, ANSWERED]
        assert await handle.settle("resubmit") is State.ANSWERING
        server.shows("2", DONE)
        assert (await handle).id == "2"
    assert server.routes == ["action", "modal"]
