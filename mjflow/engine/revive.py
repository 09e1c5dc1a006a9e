"""From a journal's attempt back to a record: the same task for the same key, in another life."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from mjflow.engine.act import Options
from mjflow.engine.admission import Admission
from mjflow.engine.books import Books
from mjflow.engine.clock import Clock
from mjflow.engine.outcomes import failure_of
from mjflow.engine.pasts import IN_DOUBT, last_word_at, on_its_way, past_of
from mjflow.engine.payload import asked
from mjflow.engine.record import Record
from mjflow.engine.search import Search
from mjflow.engine.tracker import Tracker
from mjflow.errors import KeyConflict
from mjflow.fsm.events import Event
from mjflow.fsm.states import LOOKED_AT, State
from mjflow.journal.store import ANONYMOUS, Attempt, is_over
from mjflow.protocol import codec

#: Seconds between two looks into the journal for an answer that may be on its way.
_STEP = 1.0
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

    async def catch_up(self, record: Record) -> None:
        """Go on with the answer that another client has given to a dialog, whatever it comes to."""
        attempts = await self._attempts(record)
        known = next((one for one in attempts if one.intent.token == record.token), None)
        if known is not None and record.state is State.ANSWERING:
            self._restore(record, known)

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
        in_doubt = past_of(attempt).state in IN_DOUBT
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
            age = (datetime.now(UTC) - last_word_at(attempt)).total_seconds()
            self._search.seek(record, reason, age=age * self._clock.speed)
        elif record.state is State.ANSWER_IN_DOUBT:
            self._doubted(record, reason)
        elif record.task is not None and (error := failure_of(record.task)):
            self._tracker.tell(record, error)


def _was_forced(attempt: Attempt) -> bool:
    return any(note.event is Event.FORCED for note in attempt.notes)
