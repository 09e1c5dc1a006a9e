"""From a journal's attempt back to a record: the same task for the same key, in another life."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from attrs import define

from mjflow.engine.act import Answer, Options
from mjflow.engine.admission import Admission
from mjflow.engine.books import Books
from mjflow.engine.clock import Clock
from mjflow.engine.outcomes import failure_of
from mjflow.engine.payload import asked
from mjflow.engine.record import Record
from mjflow.engine.search import Search
from mjflow.engine.tracker import Tracker
from mjflow.errors import KeyConflict
from mjflow.fsm.events import Event
from mjflow.fsm.replay import replay
from mjflow.fsm.states import LOOKED_AT, State
from mjflow.journal.store import ANONYMOUS, Attempt, is_over
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


#: Nobody knows whether something was paid here.
IN_DOUBT = frozenset({State.IN_DOUBT, State.ANSWER_IN_DOUBT})
#: A person's word; it comes too late where the task was found.
_SETTLING = frozenset({Event.ABSENT, Event.FORCED, Event.ANSWER_ABSENT, Event.ANSWER_FORCED})
#: Whoever asks for the key of such a record gets another one.
_OVER = frozenset({State.REFUSED, State.WITHDRAWN})


class Reviver:
    """
    Finds out what was submitted before, here or elsewhere.

    Args:
        watch: Looks at a record that nobody carries.
        doubted: Called with a record whose answer is in doubt, and why.
    """

    def __init__(
        self,
        tracker: Tracker,
        admission: Admission,
        books: Books,
        clock: Clock,
        search: Search,
        watch: Callable[[Record], None],
        doubted: Callable[[Record, str], None],
    ) -> None:
        self._tracker = tracker
        self._admission = admission
        self._books = books
        self._clock = clock
        self._search = search
        self._watch = watch
        self._doubted = doubted

    async def revived(self, record: Record) -> bool:
        """
        Tell whether the journal knows this key's task; then the record is that task.

        Raises:
            KeyConflict: It knows the key, for a request with other content.
        """
        if record.key.startswith(ANONYMOUS) and not record.attempt:
            return False  # nobody has ever asked for it
        attempts = await self._attempts(record)
        record.attempt = len(attempts)
        record.forced = record.forced or any(map(_was_forced, attempts))
        if not attempts or is_over(attempts[-1]):
            return False
        assert record.request is not None
        if attempts[-1].intent.digest != codec.digest(record.request):
            raise KeyConflict(record.key)
        self._restore(record, attempts[-1])
        return True

    async def doubts(self, options: Options) -> list[Record]:
        """
        List all records in doubt, oldest first, with those that only the journal knows.

        Args:
            options: What the journal does not say of these.
        """
        attempts = await self._books.open()
        known = {record.token: record for record in self._tracker if record.token}
        written = [
            known.pop(attempt.intent.token, None) or self._met(attempt, options)
            for attempt in attempts
        ]
        # What is no attempt of the journal's: answers to dialogs that somebody else has opened.
        others = [record for record in self._tracker if not record.token]
        listed = [*filter(None, written), *known.values(), *others]
        return [record for record in listed if record.state in IN_DOUBT]

    def _met(self, attempt: Attempt, options: Options) -> Record | None:
        """Make a record of an attempt in doubt that nobody has asked for in this life."""
        intent = attempt.intent
        known = self._tracker.with_key(intent.key)
        if known is not None and known.latest.state not in _OVER:
            return None  # it is about to learn of the attempt by itself
        paper = asked(intent.payload)
        in_doubt = replay(past_of(attempt).events)[0] in IN_DOUBT
        if paper is None or not in_doubt or on_its_way([attempt], datetime.now(UTC)):
            return None
        record = Record(
            act=paper.act(options),
            key=intent.key,
            attempt=intent.attempt,
            request=paper.request,
            button=paper.button,
        )
        self._tracker.add(record)
        self._restore(record, attempt)
        if record.state in LOOKED_AT:
            self._watch(record)
        return record

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

    def _restore(self, record: Record, attempt: Attempt) -> None:
        past = past_of(attempt)
        if (paper := asked(attempt.intent.payload)) is not None:
            record.mode = paper.mode  # it may have gone down to a cheaper one
        record.token = attempt.intent.token
        record.task, record.dialog, record.answer = past.task, past.dialog, past.answer
        self._tracker.name(record, past.ids)
        self._tracker.restore(record, past.events)
        if record.state in LOOKED_AT:
            self._admission.resume(record)
        reason = past.reason or "the process ended before the answer came"
        if record.state is State.IN_DOUBT:
            age = (datetime.now(UTC) - _last_word_at(attempt)).total_seconds()
            self._search.seek(record, reason, age=age * self._clock.speed)
        elif record.state is State.ANSWER_IN_DOUBT:
            self._doubted(record, reason)
        elif record.task is not None and (error := failure_of(record.task)):
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
    #: What the dialog was answered with, unless that had a mask, which no journal keeps.
    answer: Answer | None = None


def past_of(attempt: Attempt) -> Past:
    """
    Read an attempt: an intent without a word about it is doubt, never "not sent".

    The process may have died with the request on the wire.
    """
    past = Past((Event.INTENT,))
    for note in attempt.notes:
        _take_in(past, note.event, msgspec.json.decode(note.payload) if note.payload else {})
    past.events += _unsaid(past.events[-1])
    return past


def on_its_way(attempts: Sequence[Attempt], now: datetime) -> float:
    """Return the seconds for which an answer to the last request may still come; 0.0 for none."""
    if not attempts:
        return 0.0
    notes = attempts[-1].notes
    if notes and notes[-1].event is not Event.ANSWER_INTENT:
        return 0.0
    age = (now - _last_word_at(attempts[-1])).total_seconds()
    return min(ON_ITS_WAY, max(0.0, ON_ITS_WAY - age))


def _last_word_at(attempt: Attempt) -> datetime:
    return attempt.notes[-1].written_at if attempt.notes else attempt.intent.written_at


def _was_forced(attempt: Attempt) -> bool:
    return any(note.event is Event.FORCED for note in attempt.notes)


def _unsaid(last: Event) -> tuple[Event, ...]:
    """Return what a journal leaves unsaid behind an intent: that no answer has come."""
    silence = {Event.INTENT: Event.UNANSWERED, Event.ANSWER_INTENT: Event.ANSWER_UNANSWERED}
    return (silence[last],) if last in silence else ()


def _take_in(past: Past, event: Event, data: dict[str, Any]) -> None:
    if event in _SETTLING:
        past.events += _unsaid(past.events[-1])
    if event in _SETTLING and replay(past.events)[0] not in IN_DOUBT:
        return  # two who share a journal: one has given up what the other has found
    if event is Event.ANSWER_INTENT:
        past.answer = None if data["mask"] else Answer(prompt=data["prompt"])
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
