"""
Carries one act from the call to the server's word about it.

House rules, here and in `sender`, of all that sends paying requests for new tasks:

1. The intent is in the journal before the first byte leaves; the answer is in the journal before
   anybody hears of it.
2. A request is sent again only after a definite no (`Rejected`), as the journal's next attempt.
   Doubt is looked into and told, and never sent again, save a click that is free (P§3.6) and what
   a person gives up.
3. Everything here runs in tasks that the engine owns: no caller's cancellation tears a request.
"""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress

from mjflow.api import Api
from mjflow.engine.admission import NO_ROOM, Admission
from mjflow.engine.books import Books
from mjflow.engine.clock import Clock
from mjflow.engine.findings import Findings
from mjflow.engine.lanes import Ways, after_refusal, cheaper, ways_of
from mjflow.engine.outcomes import in_doubt
from mjflow.engine.patience import Patience
from mjflow.engine.record import Record
from mjflow.engine.resolve import request_of
from mjflow.engine.revive import Reviver
from mjflow.engine.search import Search
from mjflow.engine.sender import Sender
from mjflow.engine.tracker import Tracker
from mjflow.errors import IllegalTransition, MjflowError, NotSubmitted, ParentUnusable, RunHeld
from mjflow.fsm.events import Event
from mjflow.fsm.states import ENDED, State
from mjflow.journal.store import AttemptExists, LeaseLost
from mjflow.protocol.refusals import refusal
from mjflow.protocol.task import Task
from mjflow.protocol.verdicts import Cause, Doubt, Rejected

#: States of a parent from which nothing good can come any more.
_BARREN = (ENDED - {State.SUCCESS}) | {State.REFUSED, State.WITHDRAWN}


class Submitter:
    """Sends what costs money, exactly once."""

    def __init__(
        self,
        api: Api,
        tracker: Tracker,
        admission: Admission,
        books: Books,
        clock: Clock,
        sender: Sender,
        reviver: Reviver,
        findings: Findings,
        search: Search,
    ) -> None:
        self._api = api
        self._tracker = tracker
        self._admission = admission
        self._books = books
        self._clock = clock
        self._sender = sender
        self._reviver = reviver
        self._findings = findings
        self._search = search

    async def carry(self, record: Record) -> None:
        """Carry a new record until the server has it, refused it, or it is withdrawn."""
        try:
            if record.request is None:  # else it was sent before, and is to be sent once more
                parent = await self._parent(record)
                record.request, record.button = request_of(record.act, parent, self._api.dialect)
            if not await self._reviver.revived(record):
                await self._submit(record)
        except IllegalTransition:
            raise  # a bug, and not the caller's: let the crew make a noise about it
        except LeaseLost:
            await self._withdraw(record.latest, RunHeld(record.act.options.caller, ""))
        except MjflowError as error:
            await self._withdraw(record.latest, error)

    async def _withdraw(self, record: Record, error: MjflowError) -> None:
        if record.state is not State.NEW:
            self._tracker.tell(record, error)
            return
        await self._books.event(record, Event.WITHDRAWN)
        self._tracker.move(record, Event.WITHDRAWN, error=error)

    # --- the parent -----------------------------------------------------------------------

    async def _parent(self, record: Record) -> Task | None:
        """Wait for the task this act builds on; what keeps it waiting keeps us waiting."""
        if record.parent is None:
            return None
        while True:
            outcome = await self._tracker.outcome(record.parent)
            parent = record.parent.latest
            if isinstance(outcome, Task):
                return outcome
            if parent.state in _BARREN:
                message = f"the task before {record.act.button!r} came to nothing"
                raise ParentUnusable(f"{message}: {outcome.message}") from outcome
            self._tracker.tell(record, outcome)
            self._tracker.clear(record)  # from now on it has the parent's outcome, see `Record`
            await self._tracker.change(parent)

    # --- attempts -------------------------------------------------------------------------

    async def _submit(self, record: Record) -> None:
        options = record.act.options
        patience = Patience(options.admission_timeout)
        known = self._api.dialect.prefixes
        all_ways = ways = ways_of(options.mode, known, spill_over=options.spill_over)
        turned_away = False
        while True:
            await self._enter(record, patience, ways, again=turned_away)
            try:
                verdict = await self._sender.attempt(record)
            except AttemptExists:
                await self._give_way(record)
                return
            turned_away = True
            if isinstance(verdict, Rejected):
                ways = await self._turned_away(record, verdict, patience, all_ways)
            elif isinstance(verdict, Doubt) and self._sender.repeats(record):
                again = await self._again(record)
                if again is None:
                    return
                record = again
            else:
                return

    async def _enter(self, record: Record, patience: Patience, ways: Ways, *, again: bool) -> None:
        """Wait for a place in flight; after a rejection not for ever."""
        left = patience.left(self._clock.now())
        try:
            async with asyncio.timeout(None if left is None else self._clock.real(left)):
                await self._admission.enter(record, ways, again=again)
        except TimeoutError:
            assert patience.last is not None
            raise refusal(patience.last) from None

    # --- once more ------------------------------------------------------------------------

    async def _turned_away(
        self, record: Record, verdict: Rejected, patience: Patience, ways: Ways
    ) -> Ways:
        """Wait before the next try, unless there is another way; return the modes to try."""
        if verdict.cause is Cause.BUTTON_STALE:
            self._at_once(record, verdict)
            return ways
        if verdict.cause not in NO_ROOM:
            await self._back_off(record, verdict, patience)
            return ways
        if self._admission.has_room(cheaper(ways, record.mode)):
            patience.note(verdict, self._clock.now())
            self._at_once(record, verdict)
        else:
            await self._back_off(record, verdict, patience)
        return after_refusal(ways, record.mode)

    def _at_once(self, record: Record, verdict: Rejected) -> None:
        self._tracker.publish(record, "retry", reason=verdict.reason, delay=0.0)

    async def _back_off(self, record: Record, verdict: Rejected, patience: Patience) -> None:
        """Wait before the next try, or raise the error of a rejection that lasts too long."""
        self._sender.check_open()
        if verdict.breaks:
            return  # the gate to the wire stays shut until it is mended, or given up
        delay = patience.next_try(
            verdict,
            self._clock.now(),
            random.random(),
            known_server=self._sender.server_known,
            lacking=self._admission.offers.lacking(record),
        )
        if delay is None:
            raise refusal(verdict)
        self._tracker.publish(record, "retry", reason=verdict.reason, delay=delay)
        await self._clock.sleep(delay)

    async def _again(self, record: Record) -> Record | None:
        """
        Send a free click once more: the first may have left a dialog that costs nothing.

        Gives the record to be sent, or `None` where a look has found the first one's dialog.
        """
        try:
            if self._search.possible:
                with suppress(MjflowError):
                    await self._search.look()
            return await self._findings.forced(record)
        except asyncio.CancelledError:
            self._tracker.tell(record, in_doubt(record, "interrupted"))
            raise
        except MjflowError as error:
            self._tracker.tell(record, in_doubt(record, error.message))
            return None

    async def _give_way(self, record: Record) -> None:
        """Let this be the task that another client has just submitted under the same key."""
        if not await self._reviver.revived(record):
            raise NotSubmitted(
                f"another client is submitting the key {record.key!r} just now",
                advice="Nothing was sent from here. Ask for the key again in a minute.",
            )
