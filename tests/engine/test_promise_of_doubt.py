"""Whatever is lost, found or said: nothing is sent again but by a no or a person's word."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import Literal

from attrs import frozen
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mjflow.client import Client
from mjflow.engine.pasts import past_of
from mjflow.errors import InvalidInput, MjflowError, StillRunning, WaitTimeout
from mjflow.fsm.replay import replay
from mjflow.fsm.states import State
from mjflow.handle import TaskHandle
from mjflow.journal.memory import MemoryStore
from mjflow.protocol.verdicts import Outcome

from .. import scripted
from ..scripted import BASE, DONE, LOST, Sent, accepted
from ..virtual import virtual_time
from .listing import Listing, listed

KEYS = ["k0", "k1"]

#: What becomes of a submit: it is lost with its task, before it or after a while, or answered.
Fate = Literal["taken", "in vain", "late", "accepted", "queue full", "banned"]
Said = Literal["look", "absent", "resubmit", "that one", "all"]

fates = st.sampled_from(["taken", "in vain", "late", "accepted", "queue full", "banned"])
moments = st.sampled_from([0.0, 0.5, 3.0, 50.0, 119.5, 130.0, 400.0])
words = st.sampled_from(["look", "absent", "resubmit", "that one", "all"])


@frozen
class Script:
    dialect: str
    fates: list[Fate]
    #: Seconds each client is open, and what is said of which key, when.
    lives: list[tuple[float, list[tuple[float, int, Said]]]]
    #: Whether the list is full of other tasks for a while.
    hidden: bool


scripts = st.builds(
    Script,
    dialect=st.sampled_from(["trueai", "novicezk", "gateway"]),
    fates=st.lists(fates, max_size=8),
    lives=st.lists(
        st.tuples(
            st.sampled_from([0.0, 2.0, 100.0, 500.0]),
            st.lists(st.tuples(moments, st.integers(0, 1), words), max_size=5),
        ),
        min_size=1,
        max_size=3,
    ),
    hidden=st.booleans(),
)


class Fated(Listing):
    """A server that does to each submit what the script says."""

    def __init__(self, script: Script) -> None:
        super().__init__()
        self.fates = list(script.fates)
        #: What has become of each request, and the id of its task, by token.
        self.done: list[tuple[Sent, Fate]] = []
        self.ids: dict[str, str] = {}
        self.hidden = script.hidden
        self.always("imagine", self._fate)
        self.every_task(DONE)

    def _fate(self, request: Sent) -> Outcome:
        fate: Fate = self.fates.pop(0) if self.fates else "accepted"
        self.done.append((request, fate))
        match fate:
            case "queue full":
                return scripted.queue_full()
            case "banned":
                return scripted.banned("cat")
            case "in vain":
                return LOST
        task_id = self.ids[request.token] = self.next_id()
        wait = 40.0 if fate == "late" else 0.0
        asyncio.get_running_loop().call_later(wait, self._show, task_id, request)
        return accepted(task_id) if fate == "accepted" else LOST

    def _show(self, task_id: str, request: Sent) -> None:
        if not self.hidden:
            self.has(task_id, request)

    def reveal(self) -> None:
        """Let the list show every task."""
        self.rows.clear()
        for request, _ in self.done:
            if request.token in self.ids:
                self.has(self.ids[request.token], request)


#: Words that let another request leave, with the key they were said of.
Spoken = list[tuple[float, str]]


async def say(server: Fated, client: Client, key: str, said: Said, spoken: Spoken) -> None:
    """Say something of a key; only of a doubt can anything be said."""
    handles = [one for one in await client.doubts() if said == "all" or one.key == key]
    for handle in handles:
        try:
            await settle(server, handle, said, spoken)
        except InvalidInput as error:
            assert "no doubt to settle" in error.message  # it was settled meanwhile


async def settle(server: Fated, handle: TaskHandle, said: Said, spoken: Spoken) -> None:
    match said:
        case "that one":
            sent = [one for one, _ in server.done if one.token in server.ids]
            mine = [one for one in sent if one.body["prompt"] == handle.key]
            if mine and handle._record.token == mine[-1].token:
                await handle.settle(task_id=server.ids[mine[-1].token])
        case "absent" | "resubmit":
            spoken.append((asyncio.get_running_loop().time(), handle.key))
            await handle.settle(said)
        case _:
            await handle.settle("look")


async def live(
    server: Fated, client: Client, plan: list[tuple[float, int, Said]], spoken: Spoken
) -> None:
    for key in KEYS:
        client.imagine(key, key=key)
    start = asyncio.get_running_loop().time()
    for at, number, said in sorted(plan):
        await asyncio.sleep(max(0.0, start + at - asyncio.get_running_loop().time()))
        await say(server, client, KEYS[number], said, spoken)
        client.imagine(KEYS[number], key=KEYS[number])


def check_money(server: Fated, spoken: Spoken) -> None:
    """Between two requests of a key there was a no, or a person's word."""
    for key in KEYS:
        sent = [(one, fate) for one, fate in server.done if one.body["prompt"] == key]
        for (before, fate), (after, _) in pairwise(sent):
            no = fate in ("queue full", "banned")
            word = any(before.at <= at <= after.at for at, said_of in spoken if said_of == key)
            assert no or word, (key, fate, spoken)


async def check_journal(store: MemoryStore) -> None:
    """Every attempt can be read back, and is the life of one record."""
    for key in KEYS:
        for attempt in await store.attempts(BASE, key):
            replay(past_of(attempt).events)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(script=scripts)
@virtual_time
async def test_no_script_of_doubts_makes_us_pay_unasked_or_wait_for_ever(script: Script) -> None:
    """Over any losses, finds, words and restarts; what a list shows in the end is in no doubt."""
    server, store = Fated(script), MemoryStore()
    spoken: Spoken = []
    options = {"journal": store, "dialect": script.dialect, "admission_timeout": 300.0}
    for seconds, plan in script.lives:
        async with listed(server, **options) as client:
            try:
                async with asyncio.timeout(seconds):
                    await live(server, client, plan, spoken)
            except TimeoutError:
                pass
        check_money(server, spoken)
    server.hidden = False
    server.reveal()
    async with listed(server, **options) as client:
        handles = [client.imagine(key, key=key) for key in KEYS]
        for handle in handles:
            try:
                await handle.wait(86400.0)
            except MjflowError as error:
                assert not isinstance(error, StillRunning | WaitTimeout)
        for handle in await client.doubts():
            shown = script.dialect != "gateway" and handle._record.token in server.ids
            assert not shown
            assert await handle.settle() is State.IN_DOUBT
    check_money(server, spoken)
    await check_journal(store)
    assert asyncio.all_tasks() == {asyncio.current_task()}
