"""Settles a doubt on request: by looking, or by a person's word where looking proves nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any, Literal, get_args

from mjflow.api import Api
from mjflow.engine.answers import answer_given_up
from mjflow.engine.dialogs import Dialogs
from mjflow.engine.findings import Findings
from mjflow.engine.record import Record
from mjflow.engine.search import Search
from mjflow.engine.tracker import Tracker
from mjflow.errors import ClientClosed, InvalidInput, MjflowError
from mjflow.fsm.events import Event
from mjflow.fsm.states import State

#: What can be said of a doubt.
Word = Literal["look", "absent", "resubmit"]
WORDS: tuple[Word, ...] = get_args(Word)

_IN_DOUBT = frozenset({State.IN_DOUBT, State.ANSWER_IN_DOUBT})


class Settle:
    """
    Carries out what a person says of a record in doubt.

    Whatever is said, the server is looked at first where that can prove something: what has turned
    up meanwhile is neither given up nor bought again.

    Args:
        ready: Sees to it that the server's dialect is known, or raises.
        spawn: Runs an errand that no caller's cancellation tears.
        carry: Called with a record that is to be sent.
        answer: Called with a record whose answer is to be sent once more.
    """

    def __init__(
        self,
        api: Api,
        tracker: Tracker,
        findings: Findings,
        search: Search,
        dialogs: Dialogs,
        *,
        ready: Callable[[], Awaitable[object]],
        spawn: Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]],
        carry: Callable[[Record], None],
        answer: Callable[[Record], None],
    ) -> None:
        self._api = api
        self._tracker = tracker
        self._findings = findings
        self._search = search
        self._dialogs = dialogs
        self._ready = ready
        self._spawn = spawn
        self._carry = carry
        self._answer = answer

    async def settle(self, record: Record, word: Word, task_id: str | None) -> State:
        """
        Settle a doubt and return the state after it; as of `TaskHandle.settle`.

        Raises:
            InvalidInput: There is nothing to settle, or it cannot be settled so.
            CannotWrite: The journal takes nothing; nothing has changed.
            ClientClosed: The client was closed meanwhile.
            NotAuthorized, TransportError: The server could not be looked at.
        """
        _check(word, task_id)
        record = record.latest
        if record.state not in _IN_DOUBT:
            if word == "look" and task_id is None:
                return record.state
            raise InvalidInput(
                f"there is no doubt to settle: the state is {record.state}",
                advice="`await client.doubts()` lists what can be settled.",
            )
        states: list[State] = []
        errand = self._spawn(self._settled(record, word, task_id, states))
        await asyncio.wait([errand])
        if errand.cancelled():
            raise ClientClosed(
                "the client was closed before this was settled",
                advice="Settle it in the next one: `await client.doubts()` lists it.",
            )
        errand.result()
        return states[0]

    async def _settled(
        self, record: Record, word: Word, task_id: str | None, states: list[State]
    ) -> None:
        if task_id is not None:
            await self._named(record, task_id)
        elif word == "look":
            await self._look(record)
        else:
            with suppress(MjflowError):  # a person knows more than a server that does not answer
                await self._look(record)
            await self._given_up(record, word)
        states.append(record.latest.state)

    async def _look(self, record: Record) -> None:
        await self._ready()
        if record.state is State.ANSWER_IN_DOUBT:
            await self._dialogs.look(record)
        elif self._search.possible:
            await self._search.look()

    async def _named(self, record: Record, task_id: str) -> None:
        await self._ready()
        task = await self._api.fetch(task_id.strip())
        if task.token not in (None, record.token):
            raise InvalidInput(
                f"task {task.id} is another one: its token is {task.token}",
                advice=f"The right one's state begins with mj1.{record.token}.",
            )
        if other := self._owner(task.id, record):
            raise InvalidInput(
                f"task {task.id} is another one: that of the key {other.key!r}",
                advice=f"The right one's state begins with mj1.{record.token}.",
            )
        if record.state is State.ANSWER_IN_DOUBT:
            await self._findings.answer_found(record, (task.id,))
        else:
            await self._findings.found(record, (task.id,))

    def _owner(self, task_id: str, record: Record) -> Record | None:
        """Find the act that is known to have started a task, if it is another one."""
        known = self._tracker.with_id(task_id)
        return next((one for one in known if one.token not in ("", record.token)), None)

    async def _given_up(self, record: Record, word: Word) -> None:
        if record.state is State.ANSWER_IN_DOUBT:
            await self._answer_given_up(record, word)
        elif word == "absent":
            await self._findings.absent(record)
        elif again := await self._findings.forced(record):
            self._carry(again)

    async def _answer_given_up(self, record: Record, word: Word) -> None:
        if word == "absent":
            error = answer_given_up(record)
            await self._findings.answer_given_up(record, Event.ANSWER_ABSENT, error)
        elif await self._findings.answer_given_up(record, Event.ANSWER_FORCED, None):
            self._answer(record)


def _check(word: str, task_id: str | None) -> None:
    if word not in WORDS:
        raise InvalidInput(f"settle() takes one of {', '.join(map(repr, WORDS))}, not {word!r}")
    if task_id is not None and not task_id.strip():
        raise InvalidInput("the task id is empty")
    if task_id is not None and word != "look":
        raise InvalidInput(
            f"a task that is there is not to be settled as {word!r}",
            advice="Give its id alone.",
        )
