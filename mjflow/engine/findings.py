"""
What ends a doubt: a task that was found, or a person's word.  Written first, then it moves.

One finding at a time: whoever is second sees what the first has made of the record, and no
journal ever says of one attempt that it was found and, behind it, that it does not exist.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from attrs import evolve

from mjflow.engine.act import Act, Answer
from mjflow.engine.admission import Admission
from mjflow.engine.books import Books
from mjflow.engine.outcomes import settled_absent
from mjflow.engine.record import Record
from mjflow.engine.spend import Spend
from mjflow.engine.tracker import Tracker
from mjflow.errors import MjflowError
from mjflow.fsm.events import Event
from mjflow.fsm.states import State
from mjflow.journal.store import ANONYMOUS
from mjflow.protocol.verdicts import Accepted

logger = logging.getLogger("mjflow.engine")

#: Sent, without an id, and no reply is to come: here a task with our token can only be news.
FINDABLE = frozenset({State.IN_DOUBT, State.REFUSED, State.WITHDRAWN})


class Findings:
    """
    Moves what was in doubt, or was given up too soon.

    Args:
        follow: Called with a record whose task was found: it is to be looked at.
    """

    def __init__(
        self,
        tracker: Tracker,
        admission: Admission,
        books: Books,
        spend: Spend,
        follow: Callable[[Record], None],
    ) -> None:
        self._tracker = tracker
        self._admission = admission
        self._books = books
        self._spend = spend
        self._follow = follow
        self._turn = asyncio.Lock()

    # --- a submit in doubt ----------------------------------------------------------------

    async def found(self, record: Record, ids: tuple[str, ...]) -> None:
        """Let these be the record's tasks; presence proves, whatever was said before."""
        async with self._turn:
            if record.state not in FINDABLE:
                return
            await self._books.event(record, Event.FOUND, ids=list(ids))
            if record.successor is not None and record.latest.state is State.NEW:
                return  # it gives way when it wants to leave: the journal knows better by then
            home = self._home(record)
            if home is not record:
                logger.warning(
                    "the submit %r that was given up (token %s) has turned up as task %s: it runs "
                    "beside the one that took its place, and both may be paid",
                    record.key,
                    record.token,
                    ", ".join(ids),
                )
            self._take_up(home, ids)

    def _take_up(self, record: Record, ids: tuple[str, ...]) -> None:
        if record.state is not State.IN_DOUBT:
            self._spend.submitted(record, Accepted(ids))
        self._tracker.name(record, ids)
        self._admission.resume(record)
        self._tracker.move(record, Event.FOUND)
        self._follow(record)

    def _home(self, record: Record) -> Record:
        """Return the record that the task is to be: a new one if the act was sent once more."""
        heir = self._tracker.with_key(record.key)
        if record.successor is None and heir in (None, record):
            self._tracker.add(record)
            return record
        stray = Record(
            act=_unanswering(record.act),
            key=f"{ANONYMOUS}{record.key}/{record.token}",
            state=record.state,
            token=record.token,
            attempt=record.attempt,
            parent=record.parent,
            button=record.button,
            request=record.request,
            mode=record.mode,
        )
        self._spend.hand_over(record, stray)
        self._tracker.add(stray)
        return stray

    async def absent(self, record: Record) -> None:
        """
        Take a person's word that there is no task.

        Raises:
            CannotWrite: The journal takes nothing; nothing has changed.
        """
        async with self._turn:
            if undecided(record):
                await self._books.decide(record, Event.ABSENT)
                self._tracker.move(record, Event.ABSENT, error=settled_absent(record))

    async def forced(self, record: Record) -> Record | None:
        """
        Give an attempt up; return the record that is to be sent in its place, if it may be.

        Raises:
            CannotWrite: The journal takes nothing; nothing has changed.
        """
        async with self._turn:
            if not undecided(record):
                return None
            await self._books.decide(record, Event.FORCED)
            self._tracker.move(record, Event.FORCED)
            again = Record(
                act=_unleased(record.act),
                key=record.key,
                attempt=record.attempt,
                parent=record.parent,
                button=record.button,
                request=record.request,
                clicks=record.clicks,
                forced=True,
            )
            self._tracker.supersede(record, again)
            return again

    # --- an answer in doubt ---------------------------------------------------------------

    async def answer_found(self, record: Record, ids: tuple[str, ...]) -> None:
        """Take it as proven that an answer in doubt was taken, and runs under these ids."""
        async with self._turn:
            if record.state is State.ANSWER_IN_DOUBT:
                await self._books.event(record, Event.ANSWER_ACCEPTED, ids=list(ids))
                self._tracker.name(record, ids)
                self._tracker.move(record, Event.ANSWER_ACCEPTED)

    async def answer_given_up(
        self, record: Record, event: Event, error: MjflowError | None
    ) -> bool:
        """
        Take a person's word about an answer in doubt; tell whether the dialog is open again.

        Args:
            event: `ANSWER_ABSENT` or `ANSWER_FORCED`.

        Raises:
            CannotWrite: The journal takes nothing; nothing has changed.
        """
        async with self._turn:
            if record.state is not State.ANSWER_IN_DOUBT:
                return False
            await self._books.decide(record, event)
            return self._tracker.move(record, event, error=error)


def _unanswering(act: Act) -> Act:
    """Return the same act with its dialog left to a person: the act's answer is spent elsewhere."""
    return evolve(act, answer=Answer(), options=evolve(act.options, on_dialog="raise"))


def _unleased(act: Act) -> Act:
    """Return the same act as nobody's part of a run: a person may send it when that has ended."""
    return evolve(act, options=evolve(act.options, lease=None))


def undecided(record: Record) -> bool:
    """Tell whether a submit is in doubt, and was not given up."""
    return record.state is State.IN_DOUBT and record.successor is None
