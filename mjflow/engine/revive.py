"""From a journal's attempt back to a record: the same task for the same key, in another life."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from attrs import define

from mjflow.engine.admission import Admission
from mjflow.engine.books import Books
from mjflow.engine.clock import Clock
from mjflow.engine.outcomes import answer_in_doubt, failure_of, in_doubt
from mjflow.engine.record import Record
from mjflow.engine.tracker import Tracker
from mjflow.errors import KeyConflict, MjflowError
from mjflow.fsm.events import Event
from mjflow.fsm.states import LOOKED_AT, State
from mjflow.journal.store import Attempt, is_over
from mjflow.protocol import codec
from mjflow.protocol.task import Task
from mjflow.protocol.verdicts import Dialog

#: Seconds that an answer may take: until then a request without one may be on the wire still,
#: sent by another client on this journal; from then on it is in doubt.
ON_ITS_WAY = 95.0
#: Seconds between two looks into the journal for such an answer.
_STEP = 1.0

_NAMING = frozenset({Event.ACCEPTED, Event.DIALOG, Event.FOUND, Event.ANSWER_ACCEPTED})
_ENDINGS = frozenset({Event.SUCCEEDED, Event.FAILED, Event.CANCELLED})


class Reviver:
    """Finds out whether a key was submitted before, here or elsewhere."""

    def __init__(self, tracker: Tracker, admission: Admission, books: Books, clock: Clock) -> None:
        self._tracker = tracker
        self._admission = admission
        self._books = books
        self._clock = clock

    async def revived(self, record: Record) -> bool:
        """
        Tell whether the journal knows this key's task; then the record is that task.

        Raises:
            KeyConflict: It knows the key, for a request with other content.
        """
        attempts = await self._attempts(record)
        record.attempt = len(attempts)
        record.forced = record.forced or any(map(_was_forced, attempts))
        if not attempts or is_over(attempts[-1]):
            return False
        assert record.request is not None
        if attempts[-1].intent.digest != codec.digest(record.request):
            raise KeyConflict(record.key)
        self._restore(record, attempts[-1].intent.token, past_of(attempts[-1]))
        return True

    async def _attempts(self, record: Record) -> Sequence[Attempt]:
        """Read what is known of the key, and wait for an answer that may be on its way."""
        attempts = await self._books.past(record)
        token, until = "", 0.0
        while left := on_its_way(attempts, datetime.now(UTC)):
            if attempts[-1].intent.token != token:
                token, until = attempts[-1].intent.token, self._clock.now() + left
            elif self._clock.now() >= until:
                break
            await self._clock.sleep(min(left, _STEP))
            attempts = await self._books.past(record)
        return attempts

    def _restore(self, record: Record, token: str, past: Past) -> None:
        record.token = token
        record.task, record.dialog = past.task, past.dialog
        self._tracker.name(record, past.ids)
        self._tracker.restore(record, past.events)
        if record.state in LOOKED_AT:
            self._admission.resume()
            record.placed = True
        if error := _error(record, past.reason):
            self._tracker.tell(record, error)


@define
class Past:
    """What a journal tells of one attempt."""

    events: tuple[Event, ...]
    #: The server's ids, the one to look at first.
    ids: tuple[str, ...] = ()
    dialog: Dialog | None = None
    #: The whole last snapshot, when the task has ended.
    task: Task | None = None
    #: What the last word said.
    reason: str = ""


def past_of(attempt: Attempt) -> Past:
    """
    Read an attempt: an intent without a word about it is doubt, never "not sent".

    The process may have died with the request on the wire.
    """
    past = Past((Event.INTENT,))
    for note in attempt.notes:
        _take_in(past, note.event, msgspec.json.decode(note.payload) if note.payload else {})
    if not attempt.notes:
        past.events += (Event.UNANSWERED,)
    elif attempt.notes[-1].event is Event.ANSWER_INTENT:
        past.events += (Event.ANSWER_UNANSWERED,)
    return past


def on_its_way(attempts: Sequence[Attempt], now: datetime) -> float:
    """Return the seconds for which an answer to the last request may still come; 0.0 for none."""
    if not attempts:
        return 0.0
    intent, notes = attempts[-1].intent, attempts[-1].notes
    if notes and notes[-1].event is not Event.ANSWER_INTENT:
        return 0.0
    written_at = notes[-1].written_at if notes else intent.written_at
    return min(ON_ITS_WAY, max(0.0, ON_ITS_WAY - (now - written_at).total_seconds()))


def _was_forced(attempt: Attempt) -> bool:
    return any(note.event is Event.FORCED for note in attempt.notes)


def _take_in(past: Past, event: Event, data: dict[str, Any]) -> None:
    if event is Event.ANSWER_INTENT and past.dialog is None:
        # Nothing else says that a dialog was seen: that note could not be written.
        past.dialog = Dialog(data["task_id"])
        past.events += (Event.DIALOG,)
    past.events += (event,)
    past.reason = data.get("reason", "")
    if event in _NAMING and data.get("ids"):
        past.ids = (*data["ids"], *(old for old in past.ids if old not in data["ids"]))
    if event is Event.DIALOG:
        past.dialog = Dialog(past.ids[0], data.get("final_prompt", ""))
    if event in _ENDINGS:
        past.task = codec.build_task(data["raw"])


def _error(record: Record, reason: str) -> MjflowError | None:
    """Make the error that goes with the state in which a journal has left a record."""
    reason = reason or "the process ended before the answer came"
    match record.state:
        case State.IN_DOUBT:
            return in_doubt(record, reason)
        case State.ANSWER_IN_DOUBT:
            return answer_in_doubt(record, reason)
        case State.FAILURE | State.CANCEL if record.task is not None:
            return failure_of(record.task)
        case _:
            return None
