"""Never pays twice, and every wait ends: whatever the server says, whenever we are closed."""

from __future__ import annotations

import asyncio
from collections import defaultdict

from attrs import frozen
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mjflow.client import Client
from mjflow.errors import MjflowError, StillRunning, WaitTimeout
from mjflow.fsm.events import Event
from mjflow.fsm.replay import replay
from mjflow.handle import TaskHandle
from mjflow.journal.memory import MemoryStore
from mjflow.protocol.task import Task
from mjflow.protocol.verdicts import Outcome

from .. import scripted
from ..scripted import (
    BASE,
    DONE,
    FAILED,
    LOST,
    OPEN,
    RUNNING,
    UNREACHABLE,
    UNREAD,
    WAITING,
    Later,
    Scripted,
    Sent,
    accepted,
    opened,
)
from ..virtual import virtual_time
from .paying import MASK

#: The acts of the chain, with the id that each is given; a modal has that of its dialog.
IDS = {"imagine": "1", "U1": "2", "region": "3", "modal": ""}

#: Answers that start nothing; all others may have been paid.
NO: dict[str, Outcome] = {
    "queue full": scripted.queue_full(),
    "busy": scripted.saturated(retry_after=7.0),
    "unreachable": UNREACHABLE,
    "key": scripted.key_refused(),
    "quota": scripted.quota_empty(),
    "stale": scripted.parent_stale(),
    "code 3": scripted.code_3(),
    "banned": scripted.banned("gore"),
    "invalid": scripted.invalid(),
    "page": scripted.web_page(),
}
DOUBT: dict[str, Outcome] = {
    "lost": LOST,
    "code 5": scripted.code_5(),
    "502": scripted.bad_gateway(),
    "no id": scripted.answered(1, ""),
    "strange": scripted.answered(77, "1"),
}
ROWS = {
    "unread": UNREAD,
    "waiting": WAITING,
    "running": RUNNING,
    "open": OPEN,
    "done": DONE,
    "failed": FAILED,
}
YES = ("accepted", "dialog", "remix", "existing", "new id")


def reply_to(task_id: str, word: str) -> Outcome:
    match word:
        case "accepted":
            return accepted(task_id)
        case "dialog":
            return scripted.asking(task_id, "offered")
        case "remix":
            return scripted.remix(task_id, "offered")
        case "existing":
            return scripted.existing(task_id)
        case "new id":
            return accepted("4")
        case _:
            return NO.get(word) or DOUBT[word]


words = st.sampled_from([*NO, *DOUBT, *YES])
waits = st.sampled_from([0.01, 1.0, 40.0, 94.0])
rows = st.lists(st.sampled_from(["unread", "waiting", "running", "open"]), max_size=4)
ends = st.sampled_from(["done", "failed", "running", "open"])
per_act = st.lists(st.tuples(words, waits), max_size=4)


@frozen
class Script:
    """What the server says to each act, shows of each id, and when we are closed."""

    answers: dict[str, list[tuple[str, float]]]
    rows: dict[str, list[str]]
    #: Seconds that each client but the last is open.
    lives: list[float]
    with_mask: bool
    modal_at: float | None


scripts = st.builds(
    Script,
    answers=st.fixed_dictionaries(dict.fromkeys(IDS, per_act)),
    rows=st.fixed_dictionaries(
        {task_id: st.builds(lambda some, end: [*some, end], rows, ends) for task_id in "1234"}
    ),
    lives=st.lists(st.sampled_from([0.0, 0.005, 5.0, 100.0, 700.0]), max_size=2),
    with_mask=st.booleans(),
    modal_at=st.none() | st.sampled_from([0.0, 3.0, 50.0, 200.0]),
)


class Teller(Scripted):
    """A server that remembers what it said to each act."""

    def __init__(self, script: Script) -> None:
        super().__init__()
        self.said: defaultdict[str, list[str]] = defaultdict(list)
        self._script = {act: list(told) for act, told in script.answers.items()}
        for task_id, shown in script.rows.items():
            self.shows(task_id, *(ROWS[word] for word in shown))

    async def _outcome(self, request: Sent) -> Outcome:
        act = act_of(request)
        told = self._script[act]
        word, seconds = told.pop(0) if told else ("accepted", 0.01)
        self.said[f"{act} of {request.body.get('taskId')}"].append(word)
        task_id = request.body["taskId"] if act == "modal" else IDS[act]
        self.always(request.route, Later(seconds, reply_to(task_id, word)))
        return await super()._outcome(request)


def act_of(request: Sent) -> str:
    if request.route == "action":
        return "U1" if "upsample" in request.body["customId"] else "region"
    return request.route


def begin(client: Client, script: Script) -> list[TaskHandle]:
    mask = MASK if script.with_mask else None
    grid = client.imagine("a cat", key="k")
    picture = grid.click("U1")
    region = picture.click("Vary (Region)", prompt="a crown", mask=mask)
    return [grid, picture, region]


async def wait(handle: TaskHandle, seconds: float) -> Task | MjflowError:
    """Wait for an outcome and forgive those that a person can settle."""
    try:
        return await handle.wait(timeout=seconds)
    except MjflowError as error:
        return error


async def live(client: Client, script: Script, seconds: float) -> list[Task | MjflowError]:
    handles = begin(client, script)
    if script.modal_at is not None:
        asyncio.get_running_loop().call_later(script.modal_at, answer, client, handles[-1])
    return [await wait(handle, seconds / 3) for handle in handles]


def answer(client: Client, region: TaskHandle) -> None:
    """Answer the dialog by hand, unless the client is closed by now."""
    try:
        region.modal("a crown", MASK)
    except MjflowError as error:
        assert "closed" in error.message


def check_money(server: Teller) -> None:
    """No act was sent after an answer that may mean money; a free click, after one more."""
    for act, said in server.said.items():
        last = [n for n, word in enumerate(said) if word not in NO]
        if act.startswith("region") and last and said[last[0]] in DOUBT:
            del last[0]
            assert len(last) <= 1, (act, said)
        elif last:
            assert last == [len(said) - 1], (act, said)


async def check_journal(store: MemoryStore) -> None:
    """What was noted of every attempt is the life of one record."""
    for key in ("k", "k/U1", "k/U1/vary_region"):
        for attempt in await store.attempts(BASE, key):
            replay([Event.INTENT, *(note.event for note in attempt.notes)])


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(script=scripts)
@virtual_time
async def test_no_script_makes_us_pay_twice_or_wait_for_ever(script: Script) -> None:
    """Over any answers, looks and restarts, each act is paid at most once and every wait ends."""
    server, store = Teller(script), MemoryStore()
    options = {"journal": store, "poll_interval": 20.0, "deadline": 900.0}
    for seconds in script.lives:
        async with opened(server, **options, admission_timeout=300.0) as client:
            await live(client, script, seconds)
        check_money(server)
    async with opened(server, **options, admission_timeout=300.0) as client:
        outcomes = await live(client, script, 3 * 86400.0)
        assert not any(isinstance(one, StillRunning | WaitTimeout) for one in outcomes)
    check_money(server)
    await check_journal(store)
    assert asyncio.all_tasks() == {asyncio.current_task()}
