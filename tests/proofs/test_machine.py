"""A client as a state machine: whatever its users, its server and the clock do, in any order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from mjflow import Client, KeyConflict, MjflowError, Task, TaskHandle
from mjflow.engine.record import Record
from mjflow.engine.settle import WORDS, Word
from mjflow.fsm.states import State
from mjflow.journal.memory import MemoryStore
from mjflow.journal.store import ANONYMOUS
from mjflow.media.masks import Mask
from mjflow.testing.clock import VirtualLoop

from .invariants import check_books, check_journal
from .puppet import FATES, Puppet, Request

T = TypeVar("T")

BASE = "https://mj.example"
MASK = Mask.rect(0, 0, 0.5, 0.5)
#: So many acts are begun at most in one life.
MOST = 8

keys = st.sampled_from(["a", "b", None])
buttons = st.sampled_from(["U1", "Vary (Region)", "Custom Zoom"])
numbers = st.integers(0, MOST - 1)
words = st.sampled_from([*FATES, "accept", "accept", "ask"])
statuses = st.sampled_from(
    ["SUBMITTED", "IN_PROGRESS", "MODAL", "SUCCESS", "SUCCESS", "FAILURE", "", "CANCEL"]
)
seconds = st.sampled_from([0.0, 0.01, 3.0, 30.0, 96.0, 700.0])


class Conversation(RuleBasedStateMachine):
    """One journal, one server, and one client after the other."""

    def __init__(self) -> None:
        super().__init__()
        self.complaints: list[Any] = []
        self.loop = VirtualLoop(horizon=None)
        self.loop.set_exception_handler(lambda _, context: self.complaints.append(context))
        asyncio.set_event_loop(self.loop)
        self.store = MemoryStore()
        self.server = Puppet(self.store)
        #: The first id of each key, for ever.
        self.first: dict[str, str] = {}
        self.begin()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    def do(self, act: Callable[[], T]) -> T:
        """Do something on the event loop, and let all go on that needs no time."""

        async def done() -> T:
            result = act()
            await asyncio.sleep(0.005)
            return result

        return self.run(done())

    def begun(self, act: Callable[[], TaskHandle]) -> None:
        """Begin an act, unless it is another one under a key that is taken."""
        with suppress(KeyConflict):
            self.handles.append(self.do(act))

    def begin(self) -> None:
        """Open a client."""
        self.handles: list[TaskHandle] = []
        self.waits: list[asyncio.Task[Task]] = []
        self.old = len(self.server.requests)
        self.client = Client(
            BASE,
            "sk-test",
            dialect="gateway",
            journal=self.store,
            transport=self.server,
            max_in_flight=3,
            poll_interval=2.0,
            deadline=600.0,
            admission_timeout=200.0,
        )
        self.run(self.client.__aenter__())

    # --- what users do --------------------------------------------------------------------

    @initialize(drawn=st.sampled_from([True, True, False]))
    def look_around(self, drawn: bool) -> None:
        """Begin with a grid that can be clicked, or with nothing."""
        if drawn:
            self.imagine("a")
            self.serve(0)

    @precondition(lambda self: len(self.handles) < MOST)
    @rule(key=keys)
    def imagine(self, key: str | None) -> None:
        self.begun(lambda: self.client.imagine(f"a {key}", key=key))

    @precondition(lambda self: 0 < len(self.handles) < MOST)
    @rule(number=numbers, button=buttons, given=st.booleans())
    def click(self, number: int, button: str, given: bool) -> None:
        parent = self.handles[number % len(self.handles)]
        mask = MASK if given and button == "Vary (Region)" else None
        prompt = "crown" if given and button != "U1" else ""
        self.begun(lambda: parent.click(button, prompt=prompt, mask=mask))

    @precondition(lambda self: self.handles)
    @rule(number=numbers)
    def modal(self, number: int) -> None:
        handle = self.handles[number % len(self.handles)]
        self.do(lambda: handle.modal("by hand", MASK))

    @precondition(lambda self: self.handles)
    @rule(number=numbers)
    def wait(self, number: int) -> None:
        handle = self.handles[number % len(self.handles)]
        self.waits.append(self.do(lambda: asyncio.ensure_future(handle.wait())))

    @precondition(lambda self: self.waits)
    @rule(number=numbers, again=st.booleans())
    def cancel_a_wait(self, number: int, again: bool) -> None:
        wait = self.waits[number % len(self.waits)]
        wait.cancel()
        if again:
            self.run(asyncio.sleep(0))
            wait.cancel()
        self.do(lambda: None)

    @precondition(lambda self: any(one.fate == "doubt" for one in self.server.requests))
    @rule(number=numbers, word=st.sampled_from(WORDS))
    def settle(self, number: int, word: Word) -> None:
        """Settle one of the doubts, if there are any; a person's word counts."""

        async def settled() -> None:
            doubts = await self.client.doubts()
            if not doubts:
                return
            record = doubts[number % len(doubts)]._record
            token, answer = record.token, record.state is State.ANSWER_IN_DOUBT
            with suppress(MjflowError):
                state = await doubts[number % len(doubts)].settle(word)
                if word == "resubmit":
                    self.server.believe(token, answer, "given up")
                elif state in (State.WITHDRAWN, State.MODAL):
                    self.server.believe(token, answer, "no")

        self.run(settled())

    @precondition(lambda self: self.server.statuses and len(self.handles) < MOST)
    @rule(number=numbers)
    def attach(self, number: int) -> None:
        ids = sorted(self.server.statuses)
        self.begun(lambda: self.client.attach(ids[number % len(ids)]))

    # --- what the server does -------------------------------------------------------------

    @precondition(lambda self: self.server.pending)
    @rule(number=numbers, word=words)
    def answer(self, number: int, word: str) -> None:
        pending = self.server.pending
        request = pending[number % len(pending)]
        if word == "ask" and request.route != "action":
            word = "accept"
        self.do(lambda: self.server.tell(request, word))

    @precondition(lambda self: self.server.pending)
    @rule(number=numbers)
    def serve(self, number: int) -> None:
        """Do a request well, as a good server does, up to the dialog or the end of the task."""
        pending = self.server.pending
        request = pending[number % len(pending)]
        self.do(lambda: self.server.tell(request, "ask" if request.free else "accept"))
        if not request.free:
            self.server.statuses[request.task_id] = "SUCCESS"
        self.run(asyncio.sleep(4.1))

    @precondition(lambda self: self.server.statuses)
    @rule(number=numbers, some=st.lists(statuses, min_size=1, max_size=3))
    def show(self, number: int, some: list[str]) -> None:
        """Show a task in one status after the other."""
        ids = sorted(self.server.statuses)
        for status in some:
            self.server.statuses[ids[number % len(ids)]] = status
            self.run(asyncio.sleep(2.1))

    @precondition(lambda self: self.server.statuses)
    @rule(number=numbers)
    def forget(self, number: int) -> None:
        ids = sorted(self.server.statuses)
        del self.server.statuses[ids[number % len(ids)]]

    @rule(some=seconds)
    def let_time_pass(self, some: float) -> None:
        self.run(asyncio.sleep(some))

    # --- one client after the other -------------------------------------------------------

    @precondition(lambda self: len(self.handles) > 1)
    @rule(pressed=st.sampled_from([0, 1, 2, 3, 5]), button=buttons)
    def close_and_open(self, pressed: int, button: str) -> None:
        """Close; after so many turns of the loop, a second Ctrl-C comes.  Then ask again."""
        self.close(pressed)
        self.begin()
        self.imagine("a")
        self.click(0, button, given=True)

    def close(self, pressed: int) -> None:
        self.run(self.closing(pressed))
        assert self.server.pending == []
        for handle in self.handles:
            assert isinstance(handle.outcome, Task | MjflowError), handle
        for wait in self.waits:
            assert wait.done()
            assert wait.cancelled() or isinstance(wait.exception(), MjflowError | None)

    async def closing(self, pressed: int) -> None:
        end = asyncio.create_task(self.client.__aexit__(None, None, None))
        for _ in range(pressed):
            await asyncio.sleep(0)
        if pressed:
            end.cancel()
        await asyncio.wait([end])
        if not end.cancelled():
            end.result()
        await asyncio.sleep(0)

    # --- what always holds ----------------------------------------------------------------

    @invariant()
    def the_books_agree(self) -> None:
        self.do(lambda: check_books(self.client))
        self.run(check_journal(self.client, self.store, BASE))

    @invariant()
    def nothing_is_complained_of(self) -> None:
        assert self.complaints == []

    @invariant()
    def nothing_is_sent_again_unless_it_was_refused(self) -> None:
        acts: dict[tuple[str, str], list[Request]] = {}
        for request in self.server.requests:
            acts.setdefault((request.key, request.route), []).append(request)
        for requests in acts.values():
            left = [one for one in requests if one.fate not in ("no", "given up")]
            if len(left) == 2 and left[0].free and left[0].fate == "doubt":
                del left[0]  # a free click may be sent once more
            assert len(left) <= 1, requests

    @invariant()
    def each_submit_has_a_token_of_its_own(self) -> None:
        tokens = [one.token for one in self.server.requests if one.route != "modal"]
        assert len(set(tokens)) == len(tokens)

    @invariant()
    def a_key_is_one_task_for_ever(self) -> None:
        for record in self.client._engine.tracker:
            if record.id and not record.key.startswith(ANONYMOUS) and _is_there(record):
                assert self.first.setdefault(record.key, record.ids[-1]) in record.ids, record

    @invariant()
    def what_is_spent_is_what_the_server_has_charged(self) -> None:
        spent = self.do(self.client.statistics).spent
        requests = self.server.requests[self.old :]
        sure = sum(one.cost for one in requests if one.fate == "yes")
        unsure = sum(one.price for one in requests if one.fate in ("doubt", "given up"))
        assert sure - 1e-6 <= spent.charged <= sure + unsure + 1e-6, spent
        assert spent.charged + spent.in_doubt <= sure + unsure + 1e-6, spent

    def teardown(self) -> None:
        self.close(0)
        others = asyncio.all_tasks(self.loop)
        assert others == set()
        self.run(self.loop.shutdown_default_executor())
        self.loop.close()
        asyncio.set_event_loop(None)
        assert self.complaints == []


def _is_there(record: Record) -> bool:
    return record.state not in (State.REFUSED, State.WITHDRAWN)


def talks(number: int) -> settings:
    return settings(
        max_examples=number,
        stateful_step_count=40,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


class TestConversation(Conversation.TestCase):  # type: ignore[misc,valid-type]
    """No order of what may happen breaks a promise."""

    settings = talks(80)


@pytest.mark.soak
class TestLongConversation(Conversation.TestCase):  # type: ignore[misc,valid-type]
    """The same, for as long as one can wait."""

    settings = talks(1000)
