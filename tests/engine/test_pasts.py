"""What the journal alone says of a task is what a live client heard."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mjflow.client import Client
from mjflow.engine.pasts import outcome_of
from mjflow.errors import MjflowError
from mjflow.fsm.events import Event
from mjflow.handle import TaskHandle
from mjflow.journal.memory import MemoryStore
from mjflow.journal.sqlite import SqliteStore
from mjflow.journal.store import Attempt, Store
from mjflow.protocol.task import Task
from mjflow.protocol.verdicts import Outcome

from .. import scripted
from ..scripted import (
    BASE,
    DONE,
    FAILED,
    LOST,
    RUNNING,
    UNREACHABLE,
    Scripted,
    accepted,
    asking,
    opened,
    outcome,
    task,
)
from ..virtual import virtual_time

Begin = Callable[[Client], TaskHandle]

STORES = [MemoryStore, lambda: SqliteStore("journal.db")]
over_stores = pytest.mark.parametrize("make", STORES, ids=["memory", "sqlite"])


def imagine(client: Client) -> TaskHandle:
    return client.imagine("a cat", key="k")


def click(client: Client) -> TaskHandle:
    return client.click(task(id="7"), "U1", key="k")


def describe(client: Client) -> TaskHandle:
    return client.describe("https://cdn.example/cat.png", key="k")


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(str(tmp_path))


async def both(
    make: Callable[[], Store], server: Scripted, begin: Begin
) -> tuple[Task | MjflowError, Attempt]:
    """Live once, and read what the journal has of it."""
    store = make()
    await store.start()
    async with opened(server, journal=store, admission_timeout=60.0) as client:
        live = await outcome(begin(client))
    (*_, attempt) = await store.attempts(BASE, "k")
    await store.aclose()
    return live, attempt


@over_stores
@pytest.mark.parametrize("row", [DONE, FAILED, {**FAILED, "status": "CANCEL"}], ids=repr)
@virtual_time
async def test_an_end_is_read_back(make: Callable[[], Store], row: scripted.Json) -> None:
    """A task is the same value, a failure an error of the same class and words."""
    server = Scripted()
    server.on("imagine", accepted("1"))
    server.shows("1", RUNNING, row)
    live, attempt = await both(make, server, imagine)
    past = outcome_of(attempt)
    if isinstance(live, Task):
        assert past == live
    else:
        assert isinstance(past, MjflowError)
        assert type(past) is type(live)
        assert vars(past) == vars(live)


@over_stores
@pytest.mark.parametrize(
    ("begin", "no"),
    [
        (imagine, scripted.banned("bloody")),
        (imagine, scripted.invalid()),
        (click, scripted.invalid()),
        (click, scripted.code_3()),
        (describe, scripted.failed_9()),
    ],
    ids=["banned", "invalid", "invalid click", "no parent", "other 9"],
)
@virtual_time
async def test_a_refusal_is_read_back(make: Callable[[], Store], begin: Begin, no: Outcome) -> None:
    """Class, words, advice and all that is on it are those of the live one."""
    server = Scripted()
    for route in ("imagine", "action", "describe"):
        server.on(route, no)
    live, attempt = await both(make, server, begin)
    past = outcome_of(attempt)
    assert [note.event for note in attempt.notes] == [Event.REFUSED]
    assert isinstance(past, MjflowError)
    assert type(past) is type(live)
    assert vars(past) == vars(live)


@pytest.mark.parametrize(
    "answer",
    [LOST, UNREACHABLE, scripted.queue_full(), scripted.web_page(), asking("1")],
    ids=["doubt", "unreachable", "rejected", "no such route", "dialog"],
)
@virtual_time
async def test_what_is_not_for_good_is_to_be_asked_again(answer: Outcome) -> None:
    """The engine knows better than the journal, and asking it costs nothing twice."""
    server = Scripted()
    server.always("imagine", answer)
    _, attempt = await both(
        MemoryStore, server, lambda client: client.imagine("a cat", key="k", on_dialog="raise")
    )
    assert outcome_of(attempt) is None
