"""
OpenTelemetry: a span for every task, and a few metrics; the extra `otel`.

    async with mjflow.Client(observers=[mjflow.otel.observer()]) as client:
        ...

A task's span begins when it is submitted and ends when it has; a request handler's own span is
its parent, if the task was asked for inside it.  Prompts never leave the program this way.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

from attrs import define

from mjflow.fsm.states import SETTLED, State
from mjflow.journal.store import ANONYMOUS
from mjflow.observers import Update
from mjflow.protocol.spellings import is_custom_id

try:
    from opentelemetry.metrics import Meter, MeterProvider, get_meter
    from opentelemetry.trace import (
        Span,
        SpanKind,
        Status,
        StatusCode,
        Tracer,
        TracerProvider,
        get_tracer,
    )
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "mjflow.otel needs OpenTelemetry's API: pip install 'mjflow[otel]'", name=error.name
    ) from error

#: Spans that are open at most; beyond it the oldest are ended, so that memory is bounded.
MOST_OPEN = 100_000
#: News, besides steps, of which a span tells.
_TOLD_OF = frozenset({"retry", "stalled", "mixup"})
#: Steps of which a span tells.
_EVENTS = {
    State.SUBMITTED: "accepted",
    State.IN_PROGRESS: "running",
    State.MODAL: "dialog",
    State.ANSWERING: "answer",
    State.ANSWER_IN_DOUBT: "answer in doubt",
    State.IN_DOUBT: "doubt",
    State.LOST: "lost",
}


def observer(
    tracer_provider: TracerProvider | None = None, meter_provider: MeterProvider | None = None
) -> Telemetry:
    """
    Make an observer for `Client(observers=[...])`, one for each client.

    Args:
        tracer_provider, meter_provider: Where spans and measurements go; `None` takes the
            program's global ones, which do nothing until they are set up.
    """
    tracer = get_tracer("mjflow", tracer_provider=tracer_provider)
    return Telemetry(tracer, get_meter("mjflow", meter_provider=meter_provider))


@define
class _Open:
    """A task that has begun."""

    span: Span
    began: float
    #: What its measurements are told apart by.
    labels: dict[str, str]
    #: Its last step.
    last: Update


class Telemetry:
    """
    Turns updates into spans and measurements; closed with its client, or by `close`.

    Args:
        now: Seconds that only go forward.
    """

    def __init__(
        self,
        tracer: Tracer,
        meter: Meter,
        *,
        now: Callable[[], float] = time.monotonic,
        most_open: int = MOST_OPEN,
    ) -> None:
        self._tracer = tracer
        self._now = now
        self._most_open = most_open
        #: By the keys of their tasks, the oldest first.
        self._open: OrderedDict[str, _Open] = OrderedDict()
        self._tasks = meter.create_counter(
            "mjflow.tasks", unit="{task}", description="Tasks that have ended, by outcome."
        )
        self._seconds = meter.create_histogram(
            "mjflow.task.duration", unit="s", description="From the submit of a task to its end."
        )
        self._in_flight = meter.create_up_down_counter(
            "mjflow.tasks.in_flight", unit="{task}", description="Tasks begun and not ended."
        )
        self._retries = meter.create_counter(
            "mjflow.retries", unit="{retry}", description="Submits to be sent again, after a no."
        )

    def __len__(self) -> int:
        """How many spans are open."""
        return len(self._open)

    def __call__(self, update: Update) -> None:
        """Take in what happened; an observer."""
        if update.kind == "state":
            self._stepped(update)
        elif update.kind in _TOLD_OF and (task := self._open.get(update.key)):
            _add_event(task.span, update.kind, update)
            if update.kind == "retry":
                self._retries.add(1, task.labels)

    def close(self) -> None:
        """End the spans of all tasks that have not ended; each tells where it was left."""
        while self._open:
            self._leave(self._open.popitem()[1])

    # --- one task -------------------------------------------------------------------------

    def _stepped(self, update: Update) -> None:
        over = _is_over(update)
        task = self._open.get(update.key)
        if task is None and over:
            self._never_begun(update)
            return
        task = task or self._begun(update)
        task.last = update
        if event := _EVENTS.get(update.state or State.NEW):
            _add_event(task.span, event, update)
        if over:
            del self._open[update.key]
            self._ended(task, update)

    def _never_begun(self, update: Update) -> None:
        """Count what was withdrawn before it was sent; else it has ended in another life."""
        if update.state is State.WITHDRAWN:
            self._tasks.add(1, _labels(update, ended=True))

    def _begun(self, update: Update) -> _Open:
        labels = _labels(update)
        span = self._tracer.start_span(_name(update), kind=SpanKind.CLIENT, attributes=labels)
        task = self._open[update.key] = _Open(span, self._now(), labels, update)
        self._in_flight.add(1, labels)
        if len(self._open) > self._most_open:
            self._leave(self._open.popitem(last=False)[1])
        return task

    def _ended(self, task: _Open, update: Update) -> None:
        labels = _labels(update, ended=True)
        self._tasks.add(1, labels)
        self._seconds.record(self._now() - task.began, labels)
        if update.error is not None:
            task.span.set_status(Status(StatusCode.ERROR, update.error.message))
        self._leave(task)

    def _leave(self, task: _Open) -> None:
        """End the span of a task, wherever that is by now."""
        self._in_flight.add(-1, task.labels)
        task.span.set_attributes(_attributes(task.last))
        task.span.end()


def _is_over(update: Update) -> bool:
    """Whether nothing more is seen of a task unless somebody asks."""
    in_doubt = update.state is State.IN_DOUBT and update.error is not None
    return in_doubt or update.state in SETTLED


def _name(update: Update) -> str:
    return f"{update.act} {_button(update)}".strip()


def _button(update: Update) -> str:
    """Name the button, but for raw custom ids: each has another job in it, and is one of a kind."""
    return "" if is_custom_id(update.button) else update.button


def _labels(update: Update, *, ended: bool = False) -> dict[str, str]:
    """Tell a task from others by what has few values, as metrics want it."""
    labels = {"mjflow.act": update.act}
    if button := _button(update):
        labels["mjflow.button"] = button
    if update.mode is not None:
        labels["mjflow.mode"] = update.mode.value
    if ended and update.state is not None:
        labels["mjflow.state"] = update.state.value
    if ended and update.error is not None:
        labels["error.type"] = type(update.error).__name__
    return labels


def _attributes(update: Update) -> dict[str, str | int]:
    """Tell all that is known of a task, and nothing of what was asked for."""
    attributes: dict[str, str | int] = {**_labels(update, ended=True)}
    if not update.key.startswith(ANONYMOUS):
        attributes["mjflow.key"] = update.key
    if update.id is not None:
        attributes["mjflow.task_id"] = update.id
    if update.button:
        attributes["mjflow.button"] = update.button
    if update.queue_place is not None:
        attributes["mjflow.queue_place"] = update.queue_place
    return attributes


def _add_event(span: Span, name: str, update: Update) -> None:
    told: dict[str, str | float] = {}
    if update.reason:
        told["mjflow.reason"] = update.reason
    if update.delay is not None:
        told["mjflow.delay"] = update.delay
    if update.error is not None:
        told["error.type"] = type(update.error).__name__
    span.add_event(name, told)
