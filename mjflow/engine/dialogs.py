"""
Answers dialogs: at most once, and only with data somebody gave.

What an answer says is decided by the plain functions of `answers`, and `answerer` sends it; here
it is seen to that somebody gives one, and what comes of it.

A dialog is never answered twice because the server still shows it: from the moment an answer
leaves until a definite no to it, `record.answered` holds and `fsm.observe` tells of no dialog
(P§5.4).  Of several clients on one journal it lets one answer; the others go on with that one's.
The one way to a second answer after silence is a person's word, `again`.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from contextlib import suppress

from mjflow.api import Api
from mjflow.engine.act import Answer, Attach
from mjflow.engine.admission import Admission
from mjflow.engine.answerer import Answerer
from mjflow.engine.answers import (
    check_fits,
    failed_callable,
    missing,
    modal_required,
    open_dialog,
)
from mjflow.engine.books import Books
from mjflow.engine.clock import Clock
from mjflow.engine.outcomes import answer_in_doubt
from mjflow.engine.record import Record
from mjflow.engine.spend import Spend
from mjflow.engine.tracker import Tracker
from mjflow.errors import IllegalTransition, MjflowError, RunHeld
from mjflow.fsm.states import State
from mjflow.journal.store import AttemptExists, LeaseLost
from mjflow.protocol.verdicts import Doubt, Refused, Verdict


class Dialogs:
    """
    Answers the dialogs of one engine, for client and flows alike.

    Args:
        look: Looks at all rows of a record's id, and moves it by what they prove.
        catch_up: Moves a record whose dialog another client has answered to where that leads.
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
        look: Callable[[Record], Awaitable[None]],
        catch_up: Callable[[Record], Awaitable[None]],
    ) -> None:
        self._api = api
        self._tracker = tracker
        self._clock = clock
        self._look = look
        self._catch_up = catch_up
        self._answerer = Answerer(api, tracker, admission, books, spend, clock)
        #: Answers given before their dialogs opened, by the key of the act.
        self._kept: dict[str, Answer] = {}

    def keep(self, record: Record, answer: Answer) -> None:
        """Keep an answer until the dialog opens that it is for."""
        self._kept[record.key] = answer

    def drop(self, record: Record) -> None:
        """Keep nothing for a record: no dialog of it will open any more."""
        self._kept.pop(record.key, None)

    def close(self) -> None:
        """Send no answer any more; what is on the wire stays there."""
        self._answerer.closing = True

    async def opened(self, record: Record) -> None:
        """Answer a dialog that has just opened, or tell the waiters what it wants."""
        kept = self._kept.pop(record.key, None)
        if kept is not None:
            await self.answer(record, kept)
            return
        if not self._answerer.waits(record):
            return
        try:
            answer = await self._decide(record)
        except Exception as error:
            self._tracker.tell(record, failed_callable(record, error))
            return
        if answer is not None:
            await self.answer(record, answer)
        elif self._answerer.waits(record):
            self._tracker.tell(record, modal_required(record))

    async def answer(self, record: Record, answer: Answer) -> None:
        """
        Send an answer until the server takes it, refuses it, or leaves us in doubt.

        Does nothing when the dialog is not open, or was answered; while an answer waits to be
        sent again, it takes its place.  What it cannot be sent for, or was turned away with too
        long, the waiters are told: nothing was paid.
        """
        if not self._answerer.is_open(record):
            return
        if missing(record, answer):
            self._tracker.tell(record, modal_required(record))
            return
        try:
            check_fits(record, answer)
            verdict = await self._answerer.answer(record, answer)
        except IllegalTransition:
            raise  # a bug, and not the caller's: let the crew make a noise about it
        except AttemptExists:
            await self._overtaken(record)
        except LeaseLost:
            await self._not_sent(record, RunHeld(record.act.options.caller, ""))
        except MjflowError as error:
            await self._not_sent(record, error)
        else:
            await self._heard(record, verdict)

    async def _overtaken(self, record: Record) -> None:
        """Go on with another client's answer; ours is sent only after a definite no to it."""
        ours = record.answer
        await self._catch_up(record)
        if record.state is State.MODAL and ours is not None:
            await self.answer(record, ours)

    async def _not_sent(self, record: Record, error: MjflowError) -> None:
        if self._answerer.is_open(record):
            self._tracker.tell(record, error)
            await self._pass_on(record)

    async def _heard(self, record: Record, verdict: Verdict | None) -> None:
        if isinstance(verdict, Doubt):
            await self.doubted(record, verdict.reason)
        elif isinstance(verdict, Refused):
            await self._pass_on(record)

    # --- in doubt -------------------------------------------------------------------------

    async def doubted(self, record: Record, reason: str) -> None:
        """
        Find out whether an answer in doubt has arrived; tell the waiters if nothing proves it.

        At a gateway the answer's own row proves it at once, or a refresh of the dialog's row; a
        server that is spoken to directly shows MODAL until it has opened Midjourney's (P§5.4).
        """
        dialect = self._api.dialect
        patience = dialect.lost_reply_wait or dialect.refresh or 0.0
        try:
            await self._try_look(record)
            await self._settled(record, patience)
            await self._try_look(record)
        finally:
            if record.state is State.ANSWER_IN_DOUBT and record.error is None:
                self._tell_all(record, answer_in_doubt(record, reason))

    async def look(self, record: Record) -> None:
        """
        Look whether an answer in doubt has arrived; moves the record when that is proven.

        Raises:
            MjflowError: It could not be looked at.
        """
        if record.state is State.ANSWER_IN_DOUBT:
            await self._look(record)

    async def again(self, record: Record) -> None:
        """
        Send the last answer once more, after a person gave the doubt about it up.

        The record was moved by ANSWER_FORCED or ANSWER_ABSENT; in any other state nothing is
        sent.  An answer of another life is decided on anew, by the act's policy.
        """
        if record.state is not State.MODAL:
            return
        self._tracker.clear(record)
        if record.answer is None:
            await self.opened(record)
        else:
            await self.answer(record, record.answer)

    async def _try_look(self, record: Record) -> None:
        with suppress(MjflowError):  # the poller looks on
            await self.look(record)

    async def _settled(self, record: Record, seconds: float) -> None:
        """Wait until a look has settled the doubt; so long and no longer."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._clock.real(seconds)):
                while record.state is State.ANSWER_IN_DOUBT:
                    await self._tracker.change(record)

    def _tell_all(self, record: Record, error: MjflowError) -> None:
        """Tell the waiters of a record, and of all others that wait for the same dialog."""
        self._tracker.tell(record, error)
        for other in self._others(record):
            self._tracker.tell(other, error)

    async def _pass_on(self, record: Record) -> None:
        """Leave a dialog that was not answered to another handle that waits for it, if any."""
        for other in self._others(record):
            await self.opened(other)

    def _others(self, record: Record) -> list[Record]:
        same = self._tracker.with_id(record.id or "")
        return [
            one
            for one in same
            if one is not record and one.state is State.MODAL and one.error is None
        ]

    # --- deciding -------------------------------------------------------------------------

    async def _decide(self, record: Record) -> Answer | None:
        """Choose an answer by the act's policy; `None` when somebody else has to answer."""
        policy, given = record.act.options.on_dialog, record.act.answer
        if policy == "raise" or isinstance(record.act.what, Attach):
            return None  # nobody asked us to answer what somebody else has opened
        if policy == "auto":
            return None if missing(record, given) else given
        answer = policy(open_dialog(record))
        if inspect.isawaitable(answer):
            answer = await answer
        if answer is not None and not isinstance(answer, Answer):
            raise TypeError(f"it gave {type(answer).__name__}, not an Answer or None")
        return answer
