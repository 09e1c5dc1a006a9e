"""What OpenTelemetry is told: a span for every task, and the measurements."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import HistogramDataPoint, InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from mjflow import Client, State, Update, otel
from mjflow.otel import Telemetry
from tests.client.worlds import world
from tests.engine.watched import Watched
from tests.scripted import (
    DONE,
    FAILED,
    GRID,
    LOST,
    OPEN,
    PICTURE,
    RUNNING,
    accepted,
    asking,
    banned,
    opened,
    queue_full,
)
from tests.virtual import virtual_time


class Collector:
    """Both exporters of the SDK, in memory."""

    def __init__(self) -> None:
        self._spans = InMemorySpanExporter()
        self.tracers = TracerProvider()
        self.tracers.add_span_processor(SimpleSpanProcessor(self._spans))
        self._metrics = InMemoryMetricReader()
        self.meters = MeterProvider([self._metrics])

    def observer(self) -> Telemetry:
        return otel.observer(self.tracers, self.meters)

    @property
    def spans(self) -> list[ReadableSpan]:
        """Return the spans that have ended, in that order."""
        return list(self._spans.get_finished_spans())

    def points(self, name: str) -> list[tuple[dict[str, Any], Any]]:
        """Return the values of a metric by their labels; of a histogram, its points."""
        data = self._metrics.get_metrics_data()
        metrics = [
            metric
            for resource in (data.resource_metrics if data else ())
            for scope in resource.scope_metrics
            for metric in scope.metrics
            if metric.name == name
        ]
        return [
            (dict(point.attributes or {}), getattr(point, "value", point))
            for metric in metrics
            for point in metric.data.data_points
        ]

    def total(self, name: str) -> float:
        return float(sum(value for _, value in self.points(name)))

    def shutdown(self) -> None:
        self.meters.shutdown()
        self.tracers.shutdown()


@pytest.fixture
def collector() -> Iterator[Collector]:
    collector = Collector()
    yield collector
    collector.shutdown()


class Said(NamedTuple):
    """A span, as tests compare it."""

    name: str
    attributes: dict[str, Any]
    events: list[str]
    error: str | None


def said(span: ReadableSpan) -> Said:
    error = span.status.description if span.status.status_code is StatusCode.ERROR else None
    return Said(
        span.name, dict(span.attributes or {}), [event.name for event in span.events], error
    )


def server_of(*rows: dict[str, object]) -> Watched:
    server = Watched()
    server.takes_all()
    server.takes_all("action")
    server.every_task(*rows)
    return server


def with_buttons(buttons: Any) -> dict[str, object]:
    return {**DONE, "buttons": [{"customId": c, "label": b} for c, b in buttons]}


# --- spans --------------------------------------------------------------------------------


@virtual_time
async def test_every_task_has_a_span_from_its_submit_to_its_end(collector: Collector) -> None:
    """Named by act and button, and telling key, id, mode and outcome; but never the prompt."""
    server = server_of(RUNNING, with_buttons(GRID))
    async with opened(server, observers=[collector.observer()], mode="fast") as client:
        await client.imagine("a secret cat", key="order-17").click("V2")
    grid, click = map(said, collector.spans)
    common = {"mjflow.mode": "fast", "mjflow.state": "SUCCESS"}
    assert grid == Said(
        "imagine",
        {**common, "mjflow.act": "imagine", "mjflow.key": "order-17", "mjflow.task_id": "1001"},
        ["accepted", "running"],
        None,
    )
    assert click == Said(
        "click V2",
        {
            **common,
            "mjflow.act": "click",
            "mjflow.button": "V2",
            "mjflow.key": "order-17/V2",
            "mjflow.task_id": "1002",
        },
        ["accepted", "running"],
        None,
    )
    assert {span.kind for span in collector.spans} == {SpanKind.CLIENT}
    assert "secret" not in str([span.to_json() for span in collector.spans])


@virtual_time
async def test_a_span_belongs_to_the_request_that_asked(collector: Collector) -> None:
    """Whoever opened the client has nothing to do with it."""
    tracer = collector.tracers.get_tracer("a web application")
    with tracer.start_as_current_span("start"):
        opening = opened(server_of(RUNNING, DONE), observers=[collector.observer()])
        client = await opening.__aenter__()
    with tracer.start_as_current_span("request") as request:
        await client.imagine("a cat")
    await opening.__aexit__(None, None, None)
    (span,) = [span for span in collector.spans if span.name == "imagine"]
    assert span.parent is not None
    assert span.parent.span_id == request.get_span_context().span_id


@virtual_time
async def test_a_failure_is_the_spans_error(collector: Collector) -> None:
    """With the class of the error, of what the server says as of what it refuses."""
    server = server_of(FAILED)
    async with opened(server, observers=[collector.observer()]) as client:
        failed = client.imagine("a cat")
        click = failed.click("U1")
        await asyncio.wait([asyncio.ensure_future(one.wait()) for one in (failed, click)])
        server.on("imagine", banned("blood"))
        refused = client.imagine("a cat")
        await asyncio.wait([asyncio.ensure_future(refused.wait())])
    spans = [said(span) for span in collector.spans]
    assert [span.attributes["error.type"] for span in spans] == ["TaskFailed", "PromptRefused"]
    assert all(span.error for span in spans)
    labels = [labels for labels, _ in collector.points("mjflow.tasks")]
    # The click was never sent: it is counted, and has no span.
    assert sorted((one["mjflow.state"], one["error.type"]) for one in labels) == [
        ("FAILURE", "TaskFailed"),
        ("REFUSED", "PromptRefused"),
        ("WITHDRAWN", "ParentUnusable"),
    ]


@virtual_time
async def test_a_span_tells_of_dialogs_and_retries(collector: Collector) -> None:
    """As events, a retry with its reason and its delay."""
    server = server_of(with_buttons(PICTURE))
    server.on("imagine", queue_full(), accepted("1"))
    server.on("action", asking("9"))
    server.on("modal", accepted("9"))
    server.shows("9", OPEN, RUNNING, DONE)
    async with opened(server, observers=[collector.observer()]) as client:
        await client.imagine("a cat").click("Custom Zoom", prompt="a cat --zoom 1.5")
    grid, zoom = map(said, collector.spans)
    assert grid.events == ["retry", "accepted"]
    assert zoom.events[0] == "dialog"
    assert "answer" in zoom.events
    told = dict(collector.spans[0].events[0].attributes or {})
    assert "queue" in str(told["mjflow.reason"])
    assert 0 < float(str(told["mjflow.delay"])) < 3


@virtual_time
async def test_a_lost_task_and_one_in_doubt_end_their_spans(collector: Collector) -> None:
    """What stalled first says so; who is found later begins another span."""
    server = server_of(RUNNING)
    observer = collector.observer()
    settings: dict[str, Any] = {"deadline": 300.0, "stall_after": 100.0}
    async with opened(server, observers=[observer], **settings) as client:
        lost = client.imagine("a cat")
        await asyncio.wait([asyncio.ensure_future(lost.wait())])
        server.on("imagine", LOST)
        doubt = client.imagine("a dog")
        await asyncio.wait([asyncio.ensure_future(doubt.wait())])
        assert len(observer) == 0
        server.shows("1001", DONE)
        assert lost.id is not None
        await client.attach(lost.id)
    spans = [said(span) for span in collector.spans]
    assert [span.events for span in spans] == [
        ["accepted", "running", "stalled", "lost"],
        ["doubt"],
        ["accepted"],
    ]
    assert [span.attributes["mjflow.state"] for span in spans] == ["LOST", "IN_DOUBT", "SUCCESS"]
    assert [bool(span.error) for span in spans] == [True, True, False]


@virtual_time
async def test_closing_the_client_ends_every_span(collector: Collector) -> None:
    """Each tells where its task was left; nothing is in flight any more."""
    server = server_of(RUNNING)
    server.on("imagine", asking("9"), accepted("10"))
    server.shows("9", OPEN)
    async with opened(server, observers=[collector.observer()], on_dialog="raise") as client:
        for prompt in ("a cat", "a dog"):
            await client.imagine(prompt).submitted()
        await asyncio.sleep(60)
        assert collector.total("mjflow.tasks.in_flight") == 2
        assert collector.spans == []
    left = {span.attributes["mjflow.task_id"]: span for span in map(said, collector.spans)}
    assert {key: span.attributes["mjflow.state"] for key, span in left.items()} == {
        "9": "MODAL",
        "10": "IN_PROGRESS",
    }
    assert collector.total("mjflow.tasks.in_flight") == 0
    assert collector.points("mjflow.tasks") == []


@virtual_time
async def test_a_task_that_had_ended_before_has_no_span(collector: Collector) -> None:
    """It was not begun here, and did not take the time of a look."""
    async with opened(server_of(DONE), observers=[collector.observer()]) as client:
        await client.attach("1001")
    assert (collector.spans, collector.points("mjflow.tasks")) == ([], [])


def test_news_of_what_has_no_span_is_no_span(collector: Collector) -> None:
    """Of the client itself, and of a task that is over."""
    observer = collector.observer()
    for update in (Update(kind="resumed"), Update(kind="retry", key="k"), Update(kind="progress")):
        observer(update)
    assert (len(observer), collector.points("mjflow.retries")) == (0, [])


# --- metrics ------------------------------------------------------------------------------


@virtual_time
async def test_tasks_are_counted_by_act_and_outcome_over_sockets(collector: Collector) -> None:
    """The books of the server agree."""
    faults = {"fails": 0.3, "queue-full": 0.2}
    async with world(
        simulator={"faults": faults}, observers=[collector.observer()], mode="fast"
    ) as here:
        prompts = (f"prompt {number}" for number in range(40))
        async for _ in here.client.map(prompts, then=lambda grid: grid.click("U1")):
            pass
        ledger = here.simulator.ledger
    count = {
        (labels["mjflow.act"], labels.get("mjflow.button"), labels["mjflow.state"]): value
        for labels, value in collector.points("mjflow.tasks")
    }
    failed = len(ledger.refunds)
    assert count["imagine", None, "SUCCESS"] + count["imagine", None, "FAILURE"] == 40
    assert count["imagine", None, "FAILURE"] + count["click", "U1", "FAILURE"] == failed > 5
    assert {labels["mjflow.mode"] for labels, _ in collector.points("mjflow.tasks")} == {"fast"}
    assert collector.total("mjflow.tasks.in_flight") == 0
    turned_away = [submit for submit in ledger.submits if "queue-full" in submit.faults]
    assert collector.total("mjflow.retries") == len(turned_away) > 5
    spans = [point.count for _, point in collector.points("mjflow.task.duration")]
    assert sum(spans) == len(collector.spans)


def test_a_task_takes_from_its_submit_to_its_end(collector: Collector) -> None:
    """In seconds; of what was there before, nobody knows."""
    now = 100.0
    tracer, meter = collector.tracers.get_tracer("test"), collector.meters.get_meter("test")
    observer = Telemetry(tracer, meter, now=lambda: now)
    observer(Update(kind="state", key="a", act="imagine", state=State.SUBMITTING))
    now = 130.0
    observer(Update(kind="state", key="a", act="imagine", state=State.SUCCESS))
    ((labels, point),) = collector.points("mjflow.task.duration")
    assert isinstance(point, HistogramDataPoint)
    assert (point.count, point.sum) == (1, 30.0)
    assert labels == {"mjflow.act": "imagine", "mjflow.state": "SUCCESS"}


def test_a_raw_custom_id_is_no_label(collector: Collector) -> None:
    """Each has a job in it: as a label it would be one of a kind; as an attribute it is useful."""
    observer, raw = collector.observer(), "MJ::Unheard::Of::5f3c"
    for state in (State.SUBMITTING, State.SUCCESS):
        observer(Update(kind="state", key="~1/x", act="click", button=raw, state=state))
    (span,) = map(said, collector.spans)
    assert (span.name, span.attributes["mjflow.button"]) == ("click", raw)
    ((labels, _),) = collector.points("mjflow.tasks")
    assert labels == {"mjflow.act": "click", "mjflow.state": "SUCCESS"}


def test_what_is_open_is_bounded(collector: Collector) -> None:
    """Beyond it the oldest are let go of, and counted as if they had never been in flight."""
    tracer, meter = collector.tracers.get_tracer("test"), collector.meters.get_meter("test")
    observer = Telemetry(tracer, meter, most_open=10)
    for number in range(100):
        observer(Update(kind="state", key=str(number), act="imagine", state=State.SUBMITTING))
        assert len(observer) <= 10
    assert collector.total("mjflow.tasks.in_flight") == 10
    observer.close()
    observer.close()
    assert (len(observer), len(collector.spans)) == (0, 100)


# --- around it ----------------------------------------------------------------------------


@virtual_time
async def test_an_exporter_that_fails_does_no_harm(caplog: pytest.LogCaptureFixture) -> None:
    """The task ends as if nobody had watched."""

    class Broken(Telemetry):
        def _stepped(self, update: Update) -> None:
            raise ZeroDivisionError

    meters, tracers = MeterProvider(), TracerProvider()
    observer = Broken(tracers.get_tracer("test"), meters.get_meter("test"))
    with caplog.at_level(logging.ERROR, "mjflow"):
        async with opened(server_of(DONE), observers=[observer]) as client:
            assert (await client.imagine("a cat")).ended
    assert set(caplog.messages) == {"an observer failed on state"}
    meters.shutdown()


@virtual_time
async def test_without_a_provider_nothing_happens() -> None:
    """A library may always have it on: the program decides where it goes, if anywhere."""
    async with opened(server_of(DONE), observers=[otel.observer()]) as client:
        assert (await client.imagine("a cat")).ended


def test_what_is_missing_is_said_with_its_cure() -> None:
    """Without the extra, and nothing else of mjflow needs it."""
    program = (
        "import sys; sys.modules['opentelemetry'] = None\n"
        "import mjflow; mjflow.Client\n"
        "try: import mjflow.otel\n"
        "except ModuleNotFoundError as error: print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "mjflow.otel needs OpenTelemetry's API: pip install 'mjflow[otel]'\n"


def test_a_client_takes_it_as_an_observer() -> None:
    """Before anything runs."""
    Client("https://mj.example", "sk-test", observers=[otel.observer()])
