"""Who is who: finds records by id, key or token, moves them, and wakes those who wait."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import suppress
from typing import Any, cast

from mjflow.engine.record import Record
from mjflow.engine.resolve import button_name
from mjflow.errors import MjflowError
from mjflow.fsm.events import Event
from mjflow.fsm.replay import answered_after, replay
from mjflow.fsm.states import State
from mjflow.fsm.transitions import advance
from mjflow.observers import Observers, Update, UpdateKind
from mjflow.protocol.task import Task
from mjflow.protocol.wire import percent


class Tracker:
    """The books of one engine; plain and synchronous, so that no two steps can interleave."""

    def __init__(self, observers: Observers, stepped: Callable[[Record], None]) -> None:
        self._observers = observers
        #: Called at every step, before anybody who is woken runs.
        self._stepped = stepped
        self._by_key: dict[str, Record] = {}
        #: Nearly always one.
        self._by_id: dict[str, Record | tuple[Record, ...]] = {}
        #: States of the records that were struck from the books.
        self._forgotten: Counter[State] = Counter()

    def __len__(self) -> int:
        return len(self._by_key)

    def __iter__(self) -> Iterator[Record]:
        return iter(tuple(self._by_key.values()))

    # --- finding --------------------------------------------------------------------------

    def add(self, record: Record) -> None:
        """Take a new record into the books."""
        self._by_key[record.key] = record

    def forget(self, record: Record) -> None:
        """Strike a record from the books; whoever holds it may still read it."""
        if self._by_key.get(record.key) is record:
            del self._by_key[record.key]
            self._forgotten[record.state] += 1
        for task_id in record.ids:
            self._file(task_id, *(one for one in self.with_id(task_id) if one is not record))

    def states(self) -> Counter[State]:
        """Count in which states the records are, those struck from the books included."""
        return self._forgotten + Counter(record.state for record in self)

    def with_key(self, key: str) -> Record | None:
        """Find the record of a key."""
        return self._by_key.get(key)

    def with_id(self, task_id: str) -> tuple[Record, ...]:
        """Find the records of an id: several when a button was pressed twice."""
        found = self._by_id.get(task_id, ())
        return found if isinstance(found, tuple) else (found,)

    def _file(self, task_id: str, *records: Record) -> None:
        """Write down whose id this is."""
        if records:
            self._by_id[task_id] = records if len(records) > 1 else records[0]
        else:
            self._by_id.pop(task_id, None)

    def supersede(self, record: Record, successor: Record) -> None:
        """Let another record stand for the same act; whoever waits or reads goes on with it."""
        record.successor = successor
        self._by_key[record.key] = successor
        successor.feeds, record.feeds = record.feeds, None
        _ring(record.waiters)
        _ring(record.watchers)
        record.waiters = record.watchers = None

    def name(self, record: Record, ids: tuple[str, ...]) -> None:
        """Give a record its ids, newest first; older ones stay as aliases."""
        known = tuple(task_id for task_id in record.ids if task_id not in ids)
        for task_id in ids:
            if task_id not in record.ids:
                self._file(task_id, *self.with_id(task_id), record)
        if record.ids and ids[0] != record.ids[0]:
            record.target = None
        record.ids = ids + known

    # --- moving ---------------------------------------------------------------------------

    def move(
        self,
        record: Record,
        event: Event,
        *,
        error: MjflowError | None = None,
        task: Task | None = None,
        ours: bool = True,
    ) -> bool:
        """
        Move a record by one event and wake whom it concerns; tell whether it changed.

        `error` becomes what waiters get in the new state; a step without one clears the old.  An
        event that moves nothing came too late to be told: a refused answer is no error of a task
        that has been seen to run.
        """
        before = record.state
        record.state = advance(before, event, answered=record.answered, ours=ours)
        moved = record.state is not before
        record.answered = answered_after(event, answered=record.answered, moved=moved)
        if task is not None:
            record.task = task
        if not moved:
            return False
        record.error = error
        self._step(record)
        return True

    def restore(self, record: Record, events: Iterable[Event]) -> None:
        """Move a record to where a journal says it was."""
        record.state, record.answered = replay(events)
        self._step(record)

    def tell(self, record: Record, error: MjflowError) -> None:
        """Give waiters an error without moving the record: its state already says the rest."""
        record.error = error
        self._step(record)

    def clear(self, record: Record) -> None:
        """Take back what `tell` told: whoever waits from now on waits again."""
        record.error = None

    # --- waiting --------------------------------------------------------------------------

    def outcome(self, record: Record) -> Coroutine[Any, Any, Task | MjflowError]:
        """Wait for an outcome and return it as a value; costs one Future, no requests."""
        return self._outcome(record, raising=False)

    def result(self, record: Record) -> Coroutine[Any, Any, Task]:
        """Wait for an outcome and return the task, or raise the error."""
        return cast("Coroutine[Any, Any, Task]", self._outcome(record, raising=True))

    async def _outcome(self, record: Record, *, raising: bool) -> Task | MjflowError:
        while (outcome := (record := record.latest).outcome) is None:
            future = self.waiter(record)
            try:
                await future
            finally:
                self.leave(record, future)
        if raising and isinstance(outcome, MjflowError):
            raise outcome.with_traceback(None)
        return outcome

    def waiter(self, record: Record) -> asyncio.Future[None]:
        """Return a Future that is done when there is an outcome, or a successor to ask for it."""
        if record.waiters is None:
            record.waiters = []
        return _line_up(record.waiters)

    def leave(self, record: Record, waiter: asyncio.Future[None]) -> None:
        """Take a waiter back; harmless when it has rung."""
        _discard(record.waiters, waiter)

    async def change(self, record: Record) -> None:
        """Wait for the record's next step."""
        if record.watchers is None:
            record.watchers = []
        future = _line_up(record.watchers)
        try:
            await future
        finally:
            _discard(record.watchers, future)

    def _step(self, record: Record) -> None:
        # Whoever waits for its end goes before whoever waits for its place: a run that stops with
        # it has stopped by the time the next request may leave.
        self._wake(record)
        self._stepped(record)
        self.publish(record, "state")

    def _wake(self, record: Record) -> None:
        if record.watchers:
            _ring(record.watchers)
            record.watchers = None
        if record.waiters and record.outcome is not None:
            _ring(record.waiters)
            record.waiters = None

    # --- telling --------------------------------------------------------------------------

    def is_read(self, record: Record, kind: UpdateKind) -> bool:
        """Whether anybody is told of this kind of thing, should it happen to a record."""
        return bool(record.feeds) or self._observers.want(kind)

    def publish(
        self,
        record: Record,
        kind: UpdateKind,
        *,
        reason: str = "",
        delay: float | None = None,
        error: MjflowError | None = None,
    ) -> None:
        """
        Tell observers and feeds what happened; costs nothing when there are none.

        Args:
            error: What is to be told without being the record's outcome.
        """
        if not self.is_read(record, kind):
            return
        update = update_of(record, kind, reason=reason, delay=delay, error=error)
        self._observers.publish(update)
        for feed in record.feeds or ():
            feed(update)


def update_of(
    record: Record,
    kind: UpdateKind,
    *,
    reason: str = "",
    delay: float | None = None,
    error: MjflowError | None = None,
) -> Update:
    """Describe a record as it stands."""
    outcome = error or record.outcome
    return Update(
        kind=kind,
        key=record.key,
        id=record.id,
        state=record.state,
        progress=percent(record.seen_progress),
        queue_place=record.queue_place,
        preview=record.preview,
        act=record.act.name,
        button=button_name(record.button, record.act),
        mode=record.mode,
        task=record.task,
        error=outcome if isinstance(outcome, MjflowError) else None,
        reason=reason,
        delay=delay,
    )


def _line_up(futures: list[asyncio.Future[None]]) -> asyncio.Future[None]:
    future = asyncio.get_running_loop().create_future()
    futures.append(future)
    return future


def _discard(futures: list[asyncio.Future[None]] | None, future: asyncio.Future[None]) -> None:
    """Take a Future out again; most were taken out when they rang."""
    if futures:
        with suppress(ValueError):
            futures.remove(future)


def _ring(futures: list[asyncio.Future[None]] | None) -> None:
    for future in futures or ():
        if not future.done():
            future.set_result(None)
