"""Updates: one small value for everything that happens, for logs, views and metrics."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any, Literal

from attrs import field, frozen

from mjflow.errors import MjflowError
from mjflow.fsm.states import State
from mjflow.protocol.requests import Mode
from mjflow.protocol.task import Task

logger = logging.getLogger("mjflow")

#: What kind of thing happened: a step of the automaton, news from a look, or none for too long.
UpdateKind = Literal[
    "state", "progress", "preview", "retry", "stalled", "paused", "resumed", "mixup"
]
#: Of these there are many: they are details in a log.
_DETAILS = frozenset({"progress", "preview"})


@frozen(kw_only=True)
class Update:
    """Something that happened to a task, or (without a key) to the whole client."""

    kind: UpdateKind
    #: Key of the act it is about; `""` for news about the client.
    key: str = ""
    id: str | None = None
    state: State | None = None
    #: Percent.
    progress: int | None = None
    #: Tasks ahead at submission.
    queue_place: int | None = None
    #: Link of an unfinished picture.
    preview: str | None = None
    #: What was asked for: `"imagine"`, `"blend"`, ..., `"click"`, `"change"` or `"attach"`.
    act: str = ""
    #: Canonical name of the button that the act presses; `""` for one that presses none.
    button: str = ""
    #: The speed mode it runs in; `None` leaves it to the server.
    mode: Mode | None = None
    task: Task | None = field(default=None, repr=False)
    error: MjflowError | None = None
    #: Why a request is sent again, why nothing is sent for a while, or what has stalled.
    reason: str = ""
    #: Seconds until the next try.
    delay: float | None = None
    #: How many updates were dropped before this one, for a reader of events who is too slow.
    missed: int = 0


#: Called with every update, in order, on the event loop: be quick, never block.  If it has a
#: method `close`, that is called when the client has closed.
Observer = Callable[[Update], None]


class Observers:
    """The log and a handful of observers, none of which can hurt what they observe."""

    def __init__(self, observers: Iterable[Observer] = ()) -> None:
        self._observers = list(observers)
        self._closed = False

    def __bool__(self) -> bool:
        return bool(self._observers)

    def want(self, kind: UpdateKind) -> bool:
        """Whether anybody is told of this kind of thing: an observer, or the log."""
        return bool(self._observers) or logger.isEnabledFor(_level(kind))

    def add(self, observer: Observer) -> None:
        """Call `observer` with every update from now on; after the end it is closed at once."""
        self._observers.append(observer)
        if self._closed:
            _close(observer)

    def remove(self, observer: Observer) -> None:
        """Call `observer` no more."""
        self._observers.remove(observer)

    def publish(self, update: Update) -> None:
        """Tell all; an observer that raises is logged and does no harm."""
        for observer in (log, *self._observers):
            try:
                observer(update)
            except Exception:
                logger.exception("an observer failed on %s", update.kind)

    def close(self) -> None:
        """Let those know who want to that there will be no more updates."""
        self._closed = True
        for observer in tuple(self._observers):
            _close(observer)


def _close(observer: Observer) -> None:
    close = getattr(observer, "close", None)
    try:
        if callable(close):
            close()
    except Exception:
        logger.exception("an observer failed to close")


# --- the log ------------------------------------------------------------------------------


def log(update: Update) -> None:
    """
    Write an update to the logger `mjflow`: steps as information, looks as details.

    The line is for people; for programs the record has the same as `record.mjflow`, a dictionary.
    """
    level = _level(update.kind)
    if logger.isEnabledFor(level):
        logger.log(level, "%s", _line(update), extra={"mjflow": fields_of(update)})


def _level(kind: UpdateKind) -> int:
    return logging.DEBUG if kind in _DETAILS else logging.INFO


def fields_of(update: Update) -> dict[str, Any]:
    """Return what an update tells as plain values for JSON; what is unknown is left out."""
    error = update.error
    fields = {
        "kind": update.kind,
        "key": update.key,
        "id": update.id,
        "act": update.act,
        "button": update.button,
        "mode": update.mode and update.mode.value,
        "state": update.state and update.state.value,
        "progress": update.progress,
        "queue_place": update.queue_place,
        "reason": update.reason,
        "delay": update.delay,
        "error": error and type(error).__name__,
        "message": error and error.message,
    }
    return {name: value for name, value in fields.items() if value is not None and value != ""}


def _line(update: Update) -> str:
    words = [update.kind, update.id or update.key]
    words += [str(update.state)] if update.state else []
    words += [f"{update.progress}%"] if update.progress is not None else []
    words += [update.reason] if update.reason else []
    words += [f"again in {update.delay:.1f} s"] if update.delay is not None else []
    words += [str(update.error)] if update.error else []
    return " ".join(word for word in words if word)
