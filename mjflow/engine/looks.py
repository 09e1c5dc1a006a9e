"""What a look that shows something new does to a record, and what one that fails does."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from sys import intern

from mjflow.api import Api
from mjflow.engine.act import Attach
from mjflow.engine.admission import Admission
from mjflow.engine.books import Books
from mjflow.engine.clock import Clock
from mjflow.engine.outcomes import failure_of
from mjflow.engine.record import Record, Trouble
from mjflow.engine.sight import Look
from mjflow.engine.spend import Spend
from mjflow.engine.tracker import Tracker
from mjflow.errors import (
    CannotWrite,
    MjflowError,
    NotAnApi,
    NotAuthorized,
    TaskLost,
    TaskNotFound,
    Unreachable,
)
from mjflow.fsm.events import Event
from mjflow.fsm.observe import further, observe, proves_answer
from mjflow.fsm.states import LOOKED_AT, State
from mjflow.protocol.codec import Peek, read_task
from mjflow.protocol.replies import check_read
from mjflow.protocol.status import Status
from mjflow.protocol.task import Task
from mjflow.protocol.verdicts import Dialog, Reply
from mjflow.timing.limits import RequestBudget

logger = logging.getLogger("mjflow.engine")

#: The status that moves a record nowhere, whatever was seen of it before: most news is this.
_IN_STEP = {
    State.SUBMITTED: Status.SUBMITTED.value,
    State.IN_PROGRESS: Status.IN_PROGRESS.value,
}
#: A server that denies a task this often in a row, over this long, has forgotten it.
DENIALS, DENIED_FOR = 3, 60.0  # seconds
#: Failed looks at an attached id after which a server that has never answered counts as a typo.
FIRST_CONTACT_LOOKS = 3
#: While the key is refused: seconds between two looks, and until there is no hope left.
PROBE_INTERVAL, HOPELESS_AFTER = 60.0, 600.0


class Looks:
    """
    Turns looks into events, and events into steps.

    Args:
        budget: What looks are granted; a question about what one has shown is another look.
        on_change: Called with a record whose status or progress has changed.
        on_dialog: Called with a record whose dialog was seen to open.
        known: Whether the server has ever answered this client as it should.
    """

    def __init__(
        self,
        api: Api,
        tracker: Tracker,
        admission: Admission,
        books: Books,
        spend: Spend,
        clock: Clock,
        *,
        budget: RequestBudget,
        on_change: Callable[[Record], None],
        on_dialog: Callable[[Record], None],
        known: Callable[[], bool],
    ) -> None:
        self._api = api
        self._tracker = tracker
        self._admission = admission
        self._books = books
        self._spend = spend
        self._clock = clock
        self._budget = budget
        self._on_change = on_change
        self._on_dialog = on_dialog
        self._known = known
        #: Since when the key is refused, and when it is tried again; `None` while it is good.
        self._refused_since: float | None = None
        self._next_probe = 0.0

    # --- something new --------------------------------------------------------------------

    def progressed(self, record: Record, seen: Peek) -> bool:
        """
        Take in a look at once, if all it shows is progress that nobody reads; tell whether it was.

        Nothing is to be built for such a look, nor written, nor asked.
        """
        if seen.status != _IN_STEP.get(record.state) or self._tracker.is_read(record, "progress"):
            return False
        _remember(record, seen, preview=None)
        self._on_change(record)
        return True

    async def news(self, record: Record, look: Look) -> None:
        """
        Take in a look that differs from the last one.

        Raises:
            MjflowError: It could not be taken in now, and will be news again: a dialog could not
                be journaled, or a failure not be confirmed.
        """
        if look.rows > 1 and record.state is State.ANSWER_IN_DOUBT:
            await self.all_rows(record)  # rows may just be repeated, and prove nothing
        else:
            await self._take_in(record, look)

    async def all_rows(self, record: Record) -> None:
        """
        Look at all rows of a record's id, and move by what they prove together (P§5.4).

        Raises:
            MjflowError: They could not be looked at, or not be taken in now.
        """
        task_id = record.ids[0]
        await self._clock.turn(self._budget)
        rows = [row for row in await self._api.list([task_id]) if row.id == task_id]
        if rows and record.state in LOOKED_AT:
            await self._take_in(record, _look_of(rows))

    async def _take_in(self, record: Record, look: Look) -> None:
        seen = look.seen
        status = Status.read(seen.status)
        if status.ended:
            await self._ended(record, look)
            return
        event = observe(record.state, status, answered=record.answered, rows=look.rows)
        task = look.build() if record.feeds or event is Event.DIALOG_SEEN else None
        if event is Event.DIALOG_SEEN and record.dialog is None and task is not None:
            dialog = Dialog(task.id, task.final_prompt)
            await self._books.dialog_seen(record, dialog)
            record.dialog = dialog
        proven = proves_answer(record.state, event, answered=record.answered)
        self._step(record, seen, event, task)
        if proven:
            await self._books.event(record, Event.ANSWER_ACCEPTED)

    def _step(
        self,
        record: Record,
        seen: Peek,
        event: Event,
        task: Task | None,
        error: MjflowError | None = None,
    ) -> None:
        """Remember a look and move by it, in one go: a look that is remembered is not news."""
        progressed = seen.progress != record.seen_progress
        # Kept only for those who read along: of ten thousand links it would be the largest part.
        is_read = self._tracker.is_read(record, "preview")
        preview = (seen.image_url or record.preview) if is_read else None
        previewed = preview != record.preview
        _remember(record, seen, preview)
        changed = self._tracker.move(record, event, task=task, error=error)
        if changed and event is Event.DIALOG_SEEN:
            self._on_dialog(record)
        if record.state not in LOOKED_AT:
            return
        self._on_change(record)
        if previewed:
            self._tracker.publish(record, "preview")
        if progressed:
            self._tracker.publish(record, "progress")

    # --- the end --------------------------------------------------------------------------

    async def _ended(self, record: Record, look: Look) -> None:
        task = look.build()
        if task.status is not Status.SUCCESS and not look.rows and _may_have_two_rows(record):
            task = await self._furthest(task)
        event = observe(record.state, task.status, answered=record.answered)
        if not task.ended:
            # Not remembered: the end it does not mean is to be asked about at every look.
            self._tracker.move(record, event)
            return
        await self._write_end(record, task)
        if task.status is not Status.SUCCESS:
            self._spend.failed(record)
        self._step(record, look.seen, event, task, failure_of(task))

    async def _write_end(self, record: Record, task: Task) -> None:
        """Write an end to the journal; where that fails it is seen again in another life."""
        try:
            await self._books.ended(record, task)
        except CannotWrite as error:
            logger.warning("the end of task %s is not in the journal: %s", task.id, error)

    async def _furthest(self, task: Task) -> Task:
        """
        Ask in bulk for all rows of a dialog's id before its failure counts.

        A gateway keeps two rows for a dialog and a single fetch shows the first, which may have
        timed out while the second goes on (P§5.4).

        Raises:
            MjflowError: It cannot be told just now.
        """
        await self._clock.turn(self._budget)
        try:
            rows = await self._api.list([task.id])
        except NotAnApi:  # a server without this route has no second rows either
            return task
        return _that_counts([task, *(row for row in rows if row.id == task.id)])

    # --- nothing to see -------------------------------------------------------------------

    async def miss(self, record: Record, what: MjflowError | Reply) -> None:
        """Take in that a record could not be looked at; by itself that never ends a task."""
        error = self._read_error(record, what) if isinstance(what, Reply) else what
        match error:
            case TaskNotFound():
                await self._denied(record, error)
            case NotAuthorized():
                self._refused(error)
            case Unreachable() | NotAnApi() if _unheard_of(record) and not self._known():
                if record.trouble and record.trouble.misses >= FIRST_CONTACT_LOOKS:
                    self._tracker.move(record, Event.FORGOTTEN, error=error)

    def _read_error(self, record: Record, reply: Reply) -> MjflowError | None:
        try:
            check_read(reply, task_id=record.id)
            read_task(reply.body)
        except MjflowError as error:
            return error
        return None

    # --- a refused key --------------------------------------------------------------------

    def rest(self) -> float:
        """Say how many seconds a look has to wait; while the key is refused one a minute goes."""
        now = self._clock.now()
        if self._refused_since is None:
            return 0.0
        if now < self._next_probe:
            return self._next_probe - now
        self._next_probe = now + PROBE_INTERVAL
        return 0.0

    def recovered(self) -> None:
        """Learn that a look worked again."""
        self._refused_since = None

    def _refused(self, error: NotAuthorized) -> None:
        self._admission.broke(error, submit=False)
        if not self._known():  # nothing has ever worked: a person has to mend something first
            self._give_up(error)
            return
        now = self._clock.now()
        if self._refused_since is None:
            self._refused_since, self._next_probe = now, now + PROBE_INTERVAL
        elif now - self._refused_since >= HOPELESS_AFTER:
            self._give_up(error)

    def _give_up(self, error: MjflowError) -> None:
        """Stop looking at all records: the key stays refused; every task can be resumed."""
        for record in self._tracker:
            if record.state in LOOKED_AT:
                told = error if _unheard_of(record) else _unwatched(record, error)
                self._tracker.move(record, Event.FORGOTTEN, error=told)

    # --- a task that nobody knows, a time that is up --------------------------------------

    async def _denied(self, record: Record, error: TaskNotFound) -> None:
        now = self._clock.now()
        trouble = record.trouble = record.trouble or Trouble()
        since = trouble.denied_since = now if trouble.denied_since is None else trouble.denied_since
        trouble.denials += 1
        if trouble.denials < DENIALS or now - since < DENIED_FOR:
            return
        await self._clock.turn(self._budget)
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
            f"task {record.id} had not ended by its deadline "
            f"(last status {record.seen_status or 'not told'})",
            task_id=record.id,
            task=record.task,
        )
        if record.state is not State.ANSWER_IN_DOUBT:
            self._tracker.move(record, Event.DEADLINE, error=error)


def _that_counts(rows: Sequence[Task]) -> Task:
    status = further(row.status for row in rows)
    return next(row for row in rows if row.status is status)


def _look_of(rows: Sequence[Task]) -> Look:
    """Make one look of all rows of an id; the row of an answer has an action of its own."""
    task = _that_counts(rows)
    progress = None if task.progress is None else f"{task.progress}%"
    seen = Peek(task.id, task.status.value, progress, task.image_url)
    return Look(seen, lambda: task, len({row.action for row in rows}))


def _remember(record: Record, seen: Peek, preview: str | None) -> None:
    # Ten thousand records have one copy of each word in common.
    record.seen_status = seen.status and intern(seen.status)
    record.seen_progress = seen.progress and intern(seen.progress)
    record.preview = preview


def _may_have_two_rows(record: Record) -> bool:
    """Whether a dialog may have been answered under this id; of an attached one nobody knows."""
    return record.dialog is not None or not record.token


def _unheard_of(record: Record) -> bool:
    """Whether a record is an id somebody gave us, and no look has confirmed it yet."""
    return record.seen_status is None and isinstance(record.act.what, Attach)


def _forgotten(record: Record, error: TaskNotFound) -> MjflowError:
    if _unheard_of(record):
        return error
    return TaskLost(
        f"the server no longer knows task {record.id}", task_id=record.id, task=record.task
    )


def _unwatched(record: Record, error: MjflowError) -> TaskLost:
    lost = TaskLost(
        f"task {record.id} could not be looked at any more: {error.message}",
        task_id=record.id,
        task=record.task,
        advice=f"{error.advice} Then `mjflow watch {record.id}` picks it up.",
    )
    lost.__cause__ = error
    return lost
