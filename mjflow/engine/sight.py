"""One look at one task, or at many in one request, and what came of it for each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum

from attrs import frozen

from mjflow.api import Api
from mjflow.engine.record import Record
from mjflow.errors import MjflowError, NotAnApi, ReplyUnreadable, TaskNotFound
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

#: Answers to a bulk look that may be about its size, and no front proxy's (P§8.1).
_TOO_MUCH = frozenset({400, 413, 414, 422, 500})


@frozen
class Look:
    """What a look shows of one task."""

    seen: Peek
    #: Builds the whole task.
    build: Callable[[], Task]
    #: How many rows the server has for this id; 0 when only one was asked for.
    rows: int = 0


class Unchanged(Enum):
    """A look that shows what the last one showed."""

    UNCHANGED = "unchanged"


UNCHANGED = Unchanged.UNCHANGED

#: What became of a look: news, none, an answer that tells nothing, or no answer; `None` when it
#: is to be repeated with another request.
Found = Look | Unchanged | Reply | MjflowError | None


class Sight:
    """Looks at tasks through one server's eyes."""

    def __init__(self, api: Api, chunks: Chunks) -> None:
        self._api = api
        self._chunks = chunks
        self._list = api.transport.target(path_of(ListByCondition(ids=())))

    async def one(self, record: Record, now: float) -> Found:
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
        if self._chunks.size(now) == 1:
            self._chunks.worked()
        if _is_old(seen, record):
            return UNCHANGED
        return Look(seen, lambda: read_task(reply.body))

    async def many(self, records: Mapping[str, Record], now: float) -> Iterable[Found]:
        """
        Look at many tasks, by id, and tell of each in turn.

        What fails for reasons of the request itself is remembered in `chunks`, and no task's
        fault.
        """
        body = codec.encode(ListByCondition(ids=tuple(records)))
        reply: Reply | None = None
        try:
            reply = await self._api.transport.look(self._list, body)
            check_read(reply)
            rows = Rows(reply.body)
        except MjflowError as error:
            again = self._is_too_much(error, reply, len(records), now)
            return [None if again else error] * len(records)
        self._chunks.worked()
        return _found(rows, records)

    def _is_too_much(self, error: MjflowError, reply: Reply | None, size: int, now: float) -> bool:
        """Tell whether other requests may succeed where this one has failed."""
        if isinstance(error, NotAnApi):
            self._chunks.unknown(now)
            return True
        if reply is None or reply.status == 200:
            # A body cut short, or over our own limit; an object instead of a list is a word.
            much = isinstance(error, ReplyUnreadable) and not _is_object(reply)
        else:
            much = reply.status in _TOO_MUCH
        if much:
            self._chunks.failed(size)
        return much


def _is_object(reply: Reply | None) -> bool:
    return reply is not None and reply.body.lstrip()[:1] == b"{"


def _is_old(seen: Peek, record: Record) -> bool:
    return seen.status == record.seen_status and seen.progress == record.seen_progress


def _found(rows: Rows, wanted: Mapping[str, Record]) -> Iterator[Found]:
    """Match rows by id: they may be missing, repeated and in any order (P§2.16)."""
    places = {seen.id: place for place, seen in enumerate(rows.peeks)}
    several = len(places) < len(rows.peeks)
    for task_id, record in wanted.items():
        place = places.get(task_id)
        if place is None:
            message = f"the server does not know the task {task_id}"
            yield TaskNotFound(message, task_id=task_id)
        elif several:
            yield _furthest(rows, record, task_id)
        elif _is_old(rows.peeks[place], record):
            yield UNCHANGED
        else:
            yield _look(rows, place, 1)


def _look(rows: Rows, place: int, count: int) -> Look:
    return Look(rows.peeks[place], lambda: rows.task(place), count)


def _furthest(rows: Rows, record: Record, task_id: str) -> Found:
    """Choose the row that counts of the two that a gateway has for a dialog (P§5.4)."""
    statuses = {
        place: Status.read(seen.status)
        for place, seen in enumerate(rows.peeks)
        if seen.id == task_id
    }
    best = further(statuses.values())
    place = next(place for place, status in statuses.items() if status is best)
    # A second row beside a dialog proves that the answer in doubt arrived.
    proof = len(statuses) > 1 and record.state is State.ANSWER_IN_DOUBT
    if _is_old(rows.peeks[place], record) and not proof:
        return UNCHANGED
    return _look(rows, place, len(statuses))
