"""A life that ended anywhere: what the journal makes of it in the next one."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from mjflow.client import Client
from mjflow.engine.pasts import ON_ITS_WAY, on_its_way, past_of
from mjflow.errors import SubmissionInDoubt
from mjflow.fsm.events import Event
from mjflow.fsm.replay import replay
from mjflow.fsm.states import State
from mjflow.handle import TaskHandle
from mjflow.journal.store import Attempt, Intent, Note
from mjflow.protocol.task import Task
from mjflow.protocol.verdicts import Dialog

from ..scripted import (
    DONE,
    OPEN,
    RUNNING,
    Ledger,
    Scripted,
    accepted,
    asking,
    opened,
    outcome,
)
from ..virtual import virtual_time

AT = datetime(2026, 3, 1, tzinfo=UTC)


def attempt(*notes: tuple[Event, dict[str, Any]]) -> Attempt:
    intent = Intent(
        namespace="n", key="k", attempt=1, token="t", digest="d", payload=b"", written_at=AT
    )
    written = [
        Note(event=event, payload=msgspec.json.encode(data) if data else b"", written_at=AT)
        for event, data in notes
    ]
    return Attempt(intent, written)


ACCEPTED = (Event.ACCEPTED, {"ids": ["1"], "queue_place": None})
DIALOG = (Event.DIALOG, {"ids": ["1"], "final_prompt": "offered"})
INTENT = (Event.ANSWER_INTENT, {"task_id": "1", "prompt": "p", "mask": False})
TAKEN = (Event.ANSWER_ACCEPTED, {"ids": ["2"], "queue_place": None})
ENDED = (Event.SUCCEEDED, {"raw": {**DONE, "id": "2"}})


def said(event: Event) -> tuple[Event, dict[str, Any]]:
    return event, {"reason": "why"}


#: What was noted, and where that leaves the attempt: state, ids, whether an answer is out.
LIVES: list[tuple[list[tuple[Event, dict[str, Any]]], State, tuple[str, ...], bool]] = [
    ([], State.IN_DOUBT, (), False),
    ([said(Event.UNANSWERED)], State.IN_DOUBT, (), False),
    ([said(Event.REJECTED)], State.NEW, (), False),
    ([said(Event.REFUSED)], State.REFUSED, (), False),
    ([ACCEPTED], State.SUBMITTED, ("1",), False),
    ([DIALOG], State.MODAL, ("1",), False),
    ([ACCEPTED, DIALOG], State.MODAL, ("1",), False),
    ([DIALOG, INTENT], State.ANSWER_IN_DOUBT, ("1",), True),
    ([ACCEPTED, INTENT], State.ANSWER_IN_DOUBT, ("1",), True),
    ([DIALOG, INTENT, said(Event.ANSWER_UNANSWERED)], State.ANSWER_IN_DOUBT, ("1",), True),
    ([DIALOG, INTENT, said(Event.ANSWER_REJECTED)], State.MODAL, ("1",), False),
    ([DIALOG, INTENT, said(Event.ANSWER_REFUSED)], State.MODAL, ("1",), False),
    ([DIALOG, INTENT, TAKEN], State.ANSWERING, ("2", "1"), True),
    ([DIALOG, INTENT, TAKEN, ENDED], State.SUCCESS, ("2", "1"), True),
]


@pytest.mark.parametrize(("notes", "state", "ids", "answered"), LIVES)
def test_a_life_is_taken_up_where_the_journal_left_it(
    notes: list[tuple[Event, dict[str, Any]]], state: State, ids: tuple[str, ...], answered: bool
) -> None:
    """An intent without a word is doubt; everything else is what the last word made of it."""
    past = past_of(attempt(*notes))
    assert replay(past.events) == (state, answered)
    assert past.ids == ids


def test_dialog_task_and_reason_are_kept() -> None:
    """The offered prompt, the last snapshot and the reason of a doubt come back."""
    assert past_of(attempt(DIALOG)).dialog == Dialog("1", "offered")
    task = past_of(attempt(DIALOG, INTENT, TAKEN, ENDED)).task
    assert (task and task.id, task and task.image_url) == ("2", "https://cdn.example/1.png")
    assert past_of(attempt(said(Event.UNANSWERED))).reason == "why"


@pytest.mark.parametrize("age", [-10.0, 0.0, 30.0, 94.0, 95.0, 1e6])
@pytest.mark.parametrize("notes", [[], [DIALOG, INTENT]], ids=["intent", "answer"])
def test_an_answer_may_come_for_95_seconds(
    age: float, notes: list[tuple[Event, dict[str, Any]]]
) -> None:
    """A young intent may be on another client's wire; a clock that is off changes little."""
    left = on_its_way([attempt(*notes)], AT + timedelta(seconds=age))
    assert left == pytest.approx(min(ON_ITS_WAY, max(0.0, ON_ITS_WAY - age)))


@pytest.mark.parametrize(
    "notes", [notes for notes, *_ in LIVES if notes and notes[-1] is not INTENT]
)
def test_what_was_answered_is_not_waited_for(notes: list[tuple[Event, dict[str, Any]]]) -> None:
    """With a word behind the intent there is nothing on the wire."""
    assert on_its_way([attempt(*notes)], AT) == 0.0


# --- killed between any two writes --------------------------------------------------------


class Filmed(Ledger):
    """A journal of which a copy is kept after every write, with what had been sent by then."""

    def __init__(self, server: Scripted) -> None:
        super().__init__(server.log)
        self.server = server
        self.frames: list[Ledger] = []
        #: What had been sent when the next write began: a crash just before it.
        self.sent: list[list[str]] = []

    async def intend(self, intent: Intent) -> None:
        self._crash()
        await super().intend(intent)

    async def note(self, token: str, note: Note) -> None:
        self._crash()
        await super().note(token, note)

    def _crash(self) -> None:
        frame = Ledger([])
        frame._attempts, frame._by_token = copy.deepcopy((self._attempts, self._by_token))
        self.frames.append(frame)
        self.sent.append(list(self.server.routes))


def server_of_a_chain() -> Scripted:
    server = Scripted()
    server.on("imagine", accepted("1"))
    server.on("action", asking("2", "offered"), accepted("3"))
    server.on("modal", accepted("2"))
    server.every_task(RUNNING, DONE)
    server.shows("2", RUNNING, DONE)
    return server


def chain(client: Client) -> list[TaskHandle]:
    grid = client.imagine("a cat", key="k")
    zoomed = grid.click("Custom Zoom", prompt="p")
    return [grid, zoomed, zoomed.click("U1")]


async def film() -> Filmed:
    """Let a chain run to its end and keep every moment at which it could have been killed."""
    server = server_of_a_chain()
    store = Filmed(server)
    async with opened(server, journal=store) as client:
        await chain(client)[-1]
    store._crash()
    return store


#: Writes of the chain: three intents, their replies and ends, an answer with its reply.
MOMENTS = 12


@pytest.mark.parametrize("moment", range(MOMENTS))
@virtual_time
async def test_killed_at_any_moment_no_act_is_sent_twice(moment: int) -> None:
    """From whatever the journal has, the next life goes on or tells of a doubt; none pays twice."""
    filmed = await film()
    assert len(filmed.frames) == MOMENTS
    before, server = filmed.sent[moment], Scripted()
    server.always("imagine", accepted("1"))
    server.always("modal", accepted("2"))
    clicks = [asking("2", "offered"), accepted("3")]
    server.on("action", *clicks[before.count("action") :])
    server.every_task(RUNNING, DONE)
    if "modal" not in before:
        server.shows("2", OPEN)
        server.always("modal", server.answers_dialogs())
    async with opened(server, journal=filmed.frames[moment]) as client:
        handles = chain(client)
        ends = [await outcome(handle) for handle in handles]
    sent = [*before, *server.routes]
    assert sent.count("imagine") == 1
    assert sent.count("modal") <= 1
    assert sent.count("action") <= 2
    assert all(isinstance(end, Task | SubmissionInDoubt) for end in ends)
