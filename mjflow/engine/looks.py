"""What a look that shows something new does to a record."""

from __future__ import annotations

from collections.abc import Callable

from mjflow.api import Api
from mjflow.engine.admission import Admission
from mjflow.engine.books import Books
from mjflow.engine.clock import Clock
from mjflow.engine.outcomes import failure_of
from mjflow.engine.record import Record
from mjflow.engine.spend import Spend
from mjflow.engine.tracker import Tracker
from mjflow.errors import (
    MjflowError,
    NotAuthorized,
    TaskLost,
    TaskNotFound,
)
from mjflow.fsm.events import Event
from mjflow.fsm.observe import further, observe
from mjflow.fsm.states import LOOKED_AT, State
from mjflow.protocol.codec import Peek, read_task
from mjflow.protocol.replies import check_read
from mjflow.protocol.status import Status
from mjflow.protocol.task import Task
from mjflow.protocol.verdicts import Dialog, Reply

#: A server that denies a task this often in a row, over this long, has forgotten it.
DENIALS, DENIED_FOR = 3, 60.0  # seconds


class Looks:
    """Turns looks into events, and events into steps."""

    def __init__(
        self,
        api: Api,
        tracker: Tracker,
        admission: Admission,
        books: Books,
        spend: Spend,
        clock: Clock,
        *,
        on_dialog: Callable[[Record], None],
    ) -> None:
        self._api = api
        self._tracker = tracker
        self._admission = admission
        self._books = books
        self._spend = spend
        self._clock = clock
        self._on_dialog = on_dialog

    # --- something new --------------------------------------------------------------------

    async def news(self, record: Record, seen: Peek, reply: Reply) -> None:
        """Take in a look that differs from the last one."""
        record.denials, record.denied_since = 0, None
        status = Status.read(seen.status)
        event = observe(record.state, status, answered=record.answered)
        if status.ended:
            await self._ended(record, read_task(reply.body))
        elif event is Event.DIALOG_SEEN:
            await self._dialog(record, read_task(reply.body))
        else:
            self._tracker.move(record, event)
        self._remember(record, seen)

    def _remember(self, record: Record, seen: Peek) -> None:
        moved = seen.progress != record.seen_progress
        record.seen_status, record.seen_progress = seen.status, seen.progress
        if record.state not in LOOKED_AT:
            return
        if seen.image_url and seen.image_url != record.preview:
            record.preview = seen.image_url
            self._tracker.publish(record, "preview")
        if moved:
            self._tracker.publish(record, "progress")

    async def _dialog(self, record: Record, task: Task) -> None:
        if record.dialog is None:
            record.dialog = Dialog(task.id, task.final_prompt)
            await self._books.dialog_seen(record, record.dialog)
        if self._tracker.move(record, Event.DIALOG_SEEN, task=task):
            self._on_dialog(record)

    # --- the end --------------------------------------------------------------------------

    async def _ended(self, record: Record, task: Task) -> None:
        if task.status is not Status.SUCCESS and record.dialog is not None:
            task = await self._furthest(task)
        event = observe(record.state, task.status, answered=record.answered)
        if not task.ended:
            self._tracker.move(record, event)
            return
        await self._books.ended(record, task)
        if task.status is not Status.SUCCESS:
            self._spend.failed(record)
        self._tracker.move(record, event, task=task, error=failure_of(task))

    async def _furthest(self, task: Task) -> Task:
        """
        Ask in bulk for all rows of a dialog's id before its failure counts.

        A gateway keeps two rows for a dialog and a single fetch shows the first, which may have
        timed out while the second goes on (P§5.4).
        """
        try:
            rows = await self._api.list([task.id])
        except MjflowError:
            return task
        found = [task, *rows]
        furthest = further(row.status for row in found)
        return next(row for row in found if row.status is furthest)

    # --- nothing to see -------------------------------------------------------------------

    async def miss(self, record: Record, what: MjflowError | Reply) -> None:
        """Take in that a record could not be looked at; by itself that never ends a task."""
        error = self._read_error(record, what) if isinstance(what, Reply) else what
        match error:
            case TaskNotFound():
                await self._denied(record, error)
            case NotAuthorized():
                if self._admission.broke(error, submit=False):
                    self.give_up(error)
            case _:
                pass

    def _read_error(self, record: Record, reply: Reply) -> MjflowError | None:
        try:
            check_read(reply, task_id=record.id)
            read_task(reply.body)
        except MjflowError as error:
            return error
        return None

    async def _denied(self, record: Record, error: TaskNotFound) -> None:
        now = self._clock.now()
        record.denied_since = now if record.denied_since is None else record.denied_since
        record.denials += 1
        if record.denials < DENIALS or now - record.denied_since < DENIED_FOR:
            return
        try:
            await self._api.fetch(error.task_id or "")
        except TaskNotFound:
            self._tracker.move(record, Event.FORGOTTEN, error=_forgotten(record, error))
        except MjflowError:
            pass

    def deadline(self, record: Record) -> None:
        """Stop looking at a record whose time is up."""
        record.deadline = None
        error = TaskLost(
            f"task {record.id} did not end within {record.act.options.deadline:g} s "
            f"(last status {record.seen_status or 'not told'})",
            task_id=record.id,
            task=record.task,
        )
        if record.state is not State.ANSWER_IN_DOUBT:
            self._tracker.move(record, Event.DEADLINE, error=error)

    def give_up(self, error: MjflowError) -> None:
        """Stop looking at all records: the key stays refused; every task can be resumed."""
        for record in self._tracker:
            if record.state in LOOKED_AT:
                lost = TaskLost(
                    f"task {record.id} could not be looked at any more: {error.message}",
                    task_id=record.id,
                    task=record.task,
                    advice=f"{error.advice} Then `mjflow watch {record.id}` picks it up.",
                )
                lost.__cause__ = error
                self._tracker.move(record, Event.FORGOTTEN, error=lost)


def _forgotten(record: Record, error: TaskNotFound) -> MjflowError:
    if record.seen_status is None and not record.token:
        return error
    return TaskLost(
        f"the server no longer knows task {record.id}", task_id=record.id, task=record.task
    )
