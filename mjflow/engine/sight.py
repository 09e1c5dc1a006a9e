"""One look at one task, or at many in one request, and what came of it for each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum
from functools import partial

from attrs import frozen

from mjflow.api import Api
from mjflow.engine.record import Record
from mjflow.engine.schedule import Chunk
from mjflow.errors import MjflowError, NotAnApi, ReplyUnreadable
from mjflow.fsm.observe import further
from mjflow.fsm.states import State
from mjflow.protocol import codec
from mjflow.protocol.codec import Peek, peek, read_task
from mjflow.protocol.replies import check_read
from mjflow.protocol.requests import ListByCondition, path_of
from mjflow.protocol.rows import Rows
from mjflow.protocol.status import Status
from mjflow.protocol.task import Task
from mjflow.protocol.verdicts import Reply
from mjflow.timing.chunks import Chunks

#: The key and the rate are no matter of what was asked.
_NOT_ABOUT_SIZE = frozenset({401, 403, 429})


@frozen
class Look:
    """What a look shows of one task."""

    seen: Peek
    #: Builds the whole task.
    build: Callable[[], Task]
    #: How many rows the server has for this id; 0 when only one was asked for.
    rows: int = 0


class Mark(Enum):
    """What became of a look that shows nothing to read."""

    #: It shows what the last one showed, or progress that was taken in.
    UNCHANGED = "unchanged"
    #: The request told nothing of any task: another one may.
    AGAIN = "again"
    #: The task was left out of a list: a look at it alone will tell.
    LEFT_OUT = "left out"


UNCHANGED, AGAIN, LEFT_OUT = Mark

#: What became of a look: something to read or not, an answer that tells nothing, or no answer.
Found = Look | Mark | Reply | MjflowError

#: Called with what was seen of a record that has changed; takes it in if it is mere progress.
OnProgress = Callable[[Record, Peek], bool]


class Sight:
    """Looks at tasks through one server's eyes."""

    def __init__(self, api: Api, chunks: Chunks, on_progress: OnProgress) -> None:
        self._api = api
        self._chunks = chunks
        self._on_progress = on_progress
        self._list = api.transport.target(path_of(ListByCondition(ids=())))

    async def one(self, record: Record) -> Found:
        """Look at one task."""
        if record.target is None:
            record.target = self._api.target(record.ids[0])
        try:
            reply = await self._api.transport.look(record.target)
        except MjflowError as error:
            return error
        if reply.status != 200:
            return reply
        try:
            seen = peek(reply.body)
        except ReplyUnreadable:
            return reply  # an empty one denies the task (P§2.14)
        self._chunks.worked_alone()
        if self._is_routine(seen, record):
            return UNCHANGED
        return Look(seen, lambda: read_task(reply.body))

    async def many(self, chunk: Chunk, now: float) -> Iterable[Found]:
        """
        Look at many tasks, by id, and tell of each in turn.

        What fails for reasons of the request itself is remembered in `chunks`, and no task's
        fault.
        """
        body = codec.encode(ListByCondition(ids=tuple(chunk)))
        reply: Reply | None = None
        try:
            reply = await self._api.transport.look(self._list, body)
            check_read(reply)
            rows = Rows(reply.body)
        except MjflowError as error:
            again = self._is_the_requests(error, reply, len(chunk), now)
            return [AGAIN if again else error] * len(chunk)
        places = {seen.id: place for place, seen in enumerate(rows.peeks)}
        if not places.keys().isdisjoint(chunk):
            self._chunks.worked()
        return self._found(rows, places, chunk)

    def _found(self, rows: Rows, places: Mapping[str, int], chunk: Chunk) -> Iterator[Found]:
        """Match rows by id: they may be missing, repeated and in any order (P§2.16)."""
        several = len(places) < len(rows.peeks)
        for task_id, (record, _) in chunk.items():
            place = places.get(task_id)
            if place is None:
                yield LEFT_OUT
                continue
            count = 1
            if several:
                place, count = _furthest(rows, task_id)
            # A second row beside a dialog proves that the answer in doubt arrived.
            proof = count > 1 and record.state is State.ANSWER_IN_DOUBT
            if self._is_routine(rows.peeks[place], record) and not proof:
                yield UNCHANGED
            else:
                yield Look(rows.peeks[place], partial(rows.task, place), count)

    def _is_routine(self, seen: Peek, record: Record) -> bool:
        """Tell whether nothing is left to be done about what was seen."""
        is_old = seen.status == record.seen_status and seen.progress == record.seen_progress
        return is_old or self._on_progress(record, seen)

    def _is_the_requests(
        self, error: MjflowError, reply: Reply | None, size: int, now: float
    ) -> bool:
        """Tell whether other requests may succeed where this one has failed."""
        if reply is not None and reply.status in _NOT_ABOUT_SIZE:
            return False
        if isinstance(error, NotAnApi) or _is_object(reply):
            self._chunks.unknown(now)
        elif isinstance(error, ReplyUnreadable):
            self._chunks.failed(size, now)
        else:
            return False
        return True


def _is_object(reply: Reply | None) -> bool:
    """Whether a list was asked for, and a word came instead."""
    return reply is not None and reply.status == 200 and reply.body.lstrip()[:1] == b"{"


def _furthest(rows: Rows, task_id: str) -> tuple[int, int]:
    """Choose the row that counts of those with one id, for a dialog has two (P§5.4); count them."""
    statuses = {
        place: Status.read(seen.status)
        for place, seen in enumerate(rows.peeks)
        if seen.id == task_id
    }
    best = further(statuses.values())
    place = next(place for place, status in statuses.items() if status is best)
    return place, len(statuses)
