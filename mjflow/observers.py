"""Updates: one small value for everything that happens, for logs, views and metrics."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Literal

from attrs import field, frozen

from mjflow.errors import MjflowError
from mjflow.fsm.states import State
from mjflow.protocol.task import Task

logger = logging.getLogger("mjflow")

#: What kind of thing happened: a step of the automaton, or news from a look.
UpdateKind = Literal["state", "progress", "preview", "retry", "paused", "resumed", "mixup"]


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
    task: Task | None = field(default=None, repr=False)
    error: MjflowError | None = None
    #: Why a request is sent again, or why nothing is sent for a while.
    reason: str = ""
    #: Seconds until the next try.
    delay: float | None = None
    #: How many updates of `client.events()` were dropped before this one, for a reader too slow.
    missed: int = 0


#: Called with every update, in order, on the event loop: be quick, never block.
Observer = Callable[[Update], None]


class Observers:
    """A handful of observers that cannot hurt what they observe."""

    def __init__(self, observers: tuple[Observer, ...] = ()) -> None:
        self._observers = list(observers)

    def __bool__(self) -> bool:
        return bool(self._observers)

    def add(self, observer: Observer) -> None:
        """Call `observer` with every update from now on."""
        self._observers.append(observer)

    def remove(self, observer: Observer) -> None:
        """Call `observer` no more."""
        self._observers.remove(observer)

    def publish(self, update: Update) -> None:
        """Tell all; an observer that raises is logged and does no harm."""
        for observer in tuple(self._observers):
            try:
                observer(update)
            except Exception:
                logger.exception("an observer failed on %s", update.kind)


def logging_observers() -> tuple[Observer, ...]:
    """Return the observer that logs, if the logger `mjflow` is to show steps."""
    return (log,) if logger.isEnabledFor(logging.INFO) else ()


def log(update: Update) -> None:
    """Write an update to the logger `mjflow`: steps as information, looks as details."""
    level = logging.DEBUG if update.kind in ("progress", "preview") else logging.INFO
    if logger.isEnabledFor(level):
        logger.log(level, "%s", _line(update))


def _line(update: Update) -> str:
    words = [update.kind, update.id or update.key]
    words += [str(update.state)] if update.state else []
    words += [f"{update.progress}%"] if update.progress is not None else []
    words += [update.reason] if update.reason else []
    words += [f"again in {update.delay:.1f} s"] if update.delay is not None else []
    words += [str(update.error)] if update.error else []
    return " ".join(words)
