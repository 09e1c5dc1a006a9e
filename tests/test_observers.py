"""Who is told what happens: the log, for people and for programs, and observers."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest

from mjflow import Mode, QueueFull, State, Update
from mjflow.observers import Observers, fields_of, log
from tests.client.test_events import server_of
from tests.scripted import DONE, GRID, RUNNING, opened, queue_full
from tests.virtual import virtual_time

ROW = {**DONE, "buttons": [{"customId": c, "label": b} for c, b in GRID]}
FULL = QueueFull("the queue is full", advice="Wait.")


class Json(logging.Formatter):
    """A formatter as users write it."""

    def format(self, record: logging.LogRecord) -> str:
        line = {"level": record.levelname, **getattr(record, "mjflow", {})}
        return json.dumps(line)


def told(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    """Return what the lines about tasks tell programs."""
    lines = [record for record in caplog.records if record.name == "mjflow"]
    return [json.loads(Json().format(line)) for line in lines]


# --- the log ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("update", "fields", "line"),
    [
        (Update(kind="resumed"), {"kind": "resumed"}, "resumed"),
        (
            Update(kind="state", key="k", act="imagine", state=State.SUBMITTING),
            {"kind": "state", "key": "k", "act": "imagine", "state": "SUBMITTING"},
            "state k SUBMITTING",
        ),
        (
            Update(
                kind="progress",
                key="k/U1",
                id="7",
                act="click",
                button="U1",
                mode=Mode.FAST,
                state=State.IN_PROGRESS,
                progress=0,
                queue_place=3,
            ),
            {
                "kind": "progress",
                "key": "k/U1",
                "id": "7",
                "act": "click",
                "button": "U1",
                "mode": "fast",
                "state": "IN_PROGRESS",
                "progress": 0,
                "queue_place": 3,
            },
            "progress 7 IN_PROGRESS 0%",
        ),
        (
            Update(kind="retry", key="k", state=State.NEW, reason="no room", delay=2.04),
            {"kind": "retry", "key": "k", "state": "NEW", "reason": "no room", "delay": 2.04},
            "retry k NEW no room again in 2.0 s",
        ),
        (
            Update(kind="state", key="k", state=State.WITHDRAWN, error=FULL),
            {
                "kind": "state",
                "key": "k",
                "state": "WITHDRAWN",
                "error": "QueueFull",
                "message": "the queue is full",
            },
            "state k WITHDRAWN the queue is full. Wait.",
        ),
    ],
)
def test_a_record_has_a_line_for_people_and_fields_for_programs(
    update: Update, fields: dict[str, Any], line: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The fields are plain values, and what is unknown is not among them."""
    with caplog.at_level(logging.DEBUG, "mjflow"):
        log(update)
    (record,) = caplog.records
    assert (record.getMessage(), record.__dict__["mjflow"]) == (line, fields)
    assert json.loads(json.dumps(fields_of(update))) == fields


@virtual_time
async def test_a_json_formatter_gets_the_story_of_a_task(caplog: pytest.LogCaptureFixture) -> None:
    """From the submit to the end, with the reason of every wait."""
    server = server_of(RUNNING, ROW)
    server.on("imagine", queue_full())
    server.takes_all("action")
    with caplog.at_level(logging.INFO, "mjflow"):
        async with opened(server, mode="fast") as client:
            await client.imagine("a cat", key="k").click("U1")
    lines = told(caplog)
    assert {line["mode"] for line in lines} == {"fast"}
    roots = [line for line in lines if line["key"] == "k"]
    assert [(line["kind"], line["state"]) for line in roots] == [
        ("state", "SUBMITTING"),
        ("state", "NEW"),
        ("retry", "NEW"),
        ("state", "SUBMITTING"),
        ("state", "SUBMITTED"),
        ("state", "IN_PROGRESS"),
        ("state", "SUCCESS"),
    ]
    assert roots[2]["delay"] > 0
    assert "queue" in roots[2]["reason"]
    clicks = [line for line in lines if line["key"] == "k/U1"]
    assert {(line["act"], line["button"]) for line in clicks} == {("click", "U1")}
    assert (clicks[-1]["state"], clicks[-1]["id"]) == ("SUCCESS", "1002")


@virtual_time
async def test_the_level_may_be_set_at_any_time(caplog: pytest.LogCaptureFixture) -> None:
    """Also while the client runs."""
    async with opened(server_of(DONE)) as client:
        await client.imagine("a cat")
        assert told(caplog) == []
        with caplog.at_level(logging.INFO, "mjflow"):
            await client.imagine("a dog")
        steps = len(told(caplog))
        await client.imagine("a cow")
        assert len(told(caplog)) == steps > 0


@pytest.mark.parametrize(("level", "built"), [(logging.WARNING, 0), (logging.INFO, 4)])
@virtual_time
async def test_nothing_is_built_for_a_level_that_is_off(
    level: int,
    built: int,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Neither updates nor fields: of two looks that show progress, INFO does not hear."""
    count = 0

    def counted(build: Callable[..., Any]) -> Callable[..., Any]:
        def counting(*arguments: Any, **more: Any) -> Any:
            nonlocal count
            count += 1
            return build(*arguments, **more)

        return counting

    monkeypatch.setattr("mjflow.engine.tracker.Update", counted(Update))
    with caplog.at_level(level, "mjflow"):
        async with opened(server_of(RUNNING, {**RUNNING, "progress": "50%"}, DONE)) as client:
            await client.imagine("a cat")
    assert count == built


# --- observers ----------------------------------------------------------------------------


def test_observers_come_and_go() -> None:
    """Nobody hears after being removed, and with nobody there is nothing to build."""
    seen: list[Update] = []
    observers = Observers()
    assert not observers.want("state")
    observers.add(seen.append)
    assert observers.want("progress")
    observers.publish(Update(kind="resumed"))
    observers.remove(seen.append)
    observers.publish(Update(kind="resumed"))
    assert (len(seen), bool(observers)) == (1, False)


class Book:
    """An observer that wants to know when it is over."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def __call__(self, update: Update) -> None:
        self.told.append(str(update.state))

    def close(self) -> None:
        self.told.append("closed")


@virtual_time
async def test_an_observer_is_closed_when_all_is_said() -> None:
    """Behind the last update; one that comes later is closed at once."""
    book, late = Book(), Book()
    async with opened(server_of(RUNNING), observers=[book, lambda _: None]) as client:
        await client.imagine("a cat").submitted()
    assert book.told[-2:] == ["SUBMITTED", "closed"]
    client._engine.observers.add(late)
    assert late.told == ["closed"]


@virtual_time
async def test_an_observer_that_cannot_be_closed_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The others are closed all the same."""

    class Broken(Book):
        def close(self) -> None:
            raise ZeroDivisionError

    book = Book()
    async with opened(server_of(DONE), observers=[Broken(), book]) as client:
        await client.imagine("a cat")
    assert book.told[-1] == "closed"
    assert [line.message for line in caplog.records] == ["an observer failed to close"]
