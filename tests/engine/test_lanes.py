"""Speed modes: what may be in flight in each, and how an act goes down to a cheaper one."""

from __future__ import annotations

import asyncio
from collections import Counter
from itertools import pairwise
from math import inf
from pathlib import Path
from typing import Any

import pytest

from mjflow import QueueFull, Update
from mjflow.engine.lanes import Lanes, Ways, after_refusal, cheaper, ways_of
from mjflow.errors import InvalidInput
from mjflow.handle import TaskHandle
from mjflow.journal.memory import MemoryStore
from mjflow.media.sidecar import read_sidecar
from mjflow.protocol.dialect import GATEWAY, NOVICEZK
from mjflow.protocol.prices import DEFAULT
from mjflow.protocol.requests import Mode
from mjflow.protocol.verdicts import Reply

from .. import scripted
from ..client.worlds import world
from ..scripted import DONE, OPEN, RUNNING, Scripted, Sent, accepted, asking, opened, outcome, task
from ..virtual import virtual_time

TURBO, FAST, RELAX = Mode.TURBO, Mode.FAST, Mode.RELAX
SPELLINGS = {
    "23": scripted.queue_full(),
    "9": scripted.queue_full_9(),
    "429": scripted.saturated(),
    "503": scripted.no_channel(),
}
spelt = pytest.mark.parametrize("full", list(SPELLINGS.values()), ids=list(SPELLINGS))


def mode_of(sent: Sent) -> str:
    """Read a request's mode off its path; at a gateway relax has no prefix."""
    return sent.path.partition("/mj/")[0].removeprefix("/mj-") or "relax"


class Queues(Scripted):
    """A server with a queue for each mode."""

    def __init__(self, full: Reply | None = None) -> None:
        super().__init__()
        #: Modes in which there is no room.
        self.full: set[str] = set()
        self._no = full or scripted.queue_full()
        self.always("imagine", self._taken)
        self.always("action", self._taken)

    def _taken(self, sent: Sent) -> Reply:
        return self._no if mode_of(sent) in self.full else accepted(self.next_id())

    @property
    def modes(self) -> list[str]:
        """The mode of each request, in order."""
        return [mode_of(sent) for sent in self.sent]


# --- plain --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "spill_over", "ways"),
    [
        (TURBO, True, (TURBO, FAST, RELAX)),
        (FAST, True, (FAST, RELAX)),
        (RELAX, True, (RELAX,)),
        (None, True, (None,)),
        (TURBO, False, (TURBO,)),
        (None, False, (None,)),
    ],
)
def test_an_act_goes_down_and_never_up(mode: Mode | None, spill_over: bool, ways: Ways) -> None:
    """Dearer modes are never among its ways; without leave there is only its own."""
    assert ways_of(mode, GATEWAY.prefixes, spill_over=spill_over) == ways


@pytest.mark.parametrize(
    ("known", "ways"),
    [({RELAX}, (TURBO, RELAX)), ({FAST}, (TURBO, FAST)), (NOVICEZK.prefixes, (TURBO,))],
)
def test_it_goes_only_where_the_server_has_a_mode(known: Any, ways: Ways) -> None:
    """What the server does not know is left out."""
    assert ways_of(TURBO, known, spill_over=True) == ways


def test_after_a_refusal_the_cheaper_modes_come_first() -> None:
    """At the bottom it begins again from the top."""
    ways = (TURBO, FAST, RELAX)
    assert [cheaper(ways, mode) for mode in ways] == [(FAST, RELAX), (RELAX,), ()]
    assert [after_refusal(ways, mode) for mode in ways] == [
        (FAST, RELAX, TURBO),
        (RELAX, TURBO, FAST),
        ways,
    ]


def test_one_bound_is_for_all_modes_together() -> None:
    """One number makes one window, whatever the mode."""
    lanes = Lanes(3)
    assert len({lanes.of(mode) for mode in (None, *Mode)}) == 1
    assert (lanes.limit, lanes.taken) == (3.0, 0)


def test_a_mapping_makes_a_lane_of_each_mode_it_names() -> None:
    """What it does not name shares the default lane, which is adaptive unless it is named."""
    lanes = Lanes({"turbo": 3, Mode.FAST: None})
    assert {name: window.limit for name, window in lanes.windows.items()} == {
        "default": 13.0,
        "turbo": 3.0,
        "fast": inf,
    }
    assert lanes.of(RELAX) is lanes.of(None) is not lanes.of(FAST)
    assert Lanes({"default": 5}).limit == 5.0


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"warp": 3}, "no lane 'warp'. The lanes: turbo, fast, relax, default"),
        ({"turbo": 0}, "at least 1"),
        ({"turbo": "many"}, "not 'many'"),
        ({3: 3}, "no lane 3"),
        (True, "not True"),
        (2.5, "not 2.5"),
    ],
)
def test_a_bound_that_cannot_be_is_refused(given: Any, message: str) -> None:
    """The error says which, and what would be right."""
    with pytest.raises(InvalidInput) as raised:
        Lanes(given)
    assert message in str(raised.value)


# --- windows ------------------------------------------------------------------------------


@virtual_time
async def test_each_lane_has_its_own_window() -> None:
    """A full one holds up nobody in another."""
    server = Queues()
    server.every_task(RUNNING, RUNNING, RUNNING, DONE)
    bounds = {"turbo": 1, "fast": 2, "default": 4}
    async with opened(server, max_in_flight=bounds) as client:
        handles = [client.imagine(f"{m} {n}", mode=m) for n in range(6) for m in Mode]
        await asyncio.sleep(1.0)
        assert Counter(server.modes) == {"turbo": 1, "fast": 2, "relax": 4}
        assert (client.statistics().in_flight, client.statistics().window) == (7, 7.0)
        await asyncio.gather(*handles)
        assert client.statistics().in_flight == 0
    assert Counter(server.modes) == dict.fromkeys(Mode, 6)


@spelt
@virtual_time
async def test_a_full_queue_halves_the_lane_of_that_act_alone(full: Reply) -> None:
    """The others' windows stay as they are."""
    server = Queues(full)
    server.every_task(RUNNING)
    server.full = {"turbo"}
    bounds = dict.fromkeys(("turbo", "fast", "default"), "adaptive")
    async with opened(server, max_in_flight=bounds) as client:
        for mode in Mode:
            client.imagine(f"a {mode} cat", mode=mode)
        await asyncio.sleep(0.5)
        windows = client._engine.admission.lanes.windows
        assert {name: window.limit for name, window in windows.items()} == {
            "turbo": 1.0,
            "fast": 13.0,
            "default": 13.0,
        }


@virtual_time
async def test_no_room_in_a_lane_ends_with_its_patience() -> None:
    """From the first "queue full" on, waiting for a place in the lane counts as well."""
    server = Queues()
    server.full = {"turbo"}
    server.shows("1001", RUNNING)
    loop = asyncio.get_running_loop()
    bounds = {"turbo": 1, "fast": 1}
    async with opened(server, max_in_flight=bounds, admission_timeout=100.0) as client:
        turned_away = client.imagine("a cat", mode="turbo")
        begun = loop.time()
        fast = client.imagine("a dog", mode="fast")
        await asyncio.sleep(1.0)
        server.full = set()
        taking = client.imagine("an owl", mode="turbo")  # takes the lane's only place meanwhile
        await taking.submitted()
        server.shows(taking.id or "", RUNNING)
        assert isinstance(await outcome(turned_away), QueueFull)
        assert loop.time() - begun == pytest.approx(100.0, abs=1.0)
        assert (fast.outcome, client.statistics().in_flight) == (None, 2)


# --- spill-over ---------------------------------------------------------------------------


async def modes_at(handles: list[TaskHandle]) -> list[str | None]:
    """Wait until all are accepted; tell the mode in which each runs."""
    for handle in handles:
        await handle.submitted()
    return [handle.mode for handle in handles]


@virtual_time
async def test_a_full_lane_spills_over_into_the_cheaper_ones() -> None:
    """Turbo, then fast, then relax; the handle tells where it ended up."""
    server = Queues()
    server.every_task(RUNNING)
    bounds = {"turbo": 1, "fast": 2, "relax": None}
    async with opened(server, max_in_flight=bounds, mode="turbo", spill_over=True) as client:
        handles = [client.imagine(f"cat {n}") for n in range(5)]
        assert await modes_at(handles) == ["turbo", "fast", "fast", "relax", "relax"]
    assert Counter(server.modes) == {"turbo": 1, "fast": 2, "relax": 2}


@virtual_time
async def test_nothing_spills_up_or_without_leave() -> None:
    """A full relax lane waits while turbo is free; so does who did not allow it."""
    server = Queues()
    server.every_task(RUNNING)
    bounds = {"turbo": 1, "fast": 1, "relax": 1}
    async with opened(server, max_in_flight=bounds) as client:
        allowed = [client.imagine(f"cat {n}", mode="relax", spill_over=True) for n in range(2)]
        plain = [client.imagine(f"dog {n}", mode="turbo") for n in range(2)]
        await asyncio.sleep(5.0)
        assert [handle.id is None for handle in (*allowed, *plain)] == [False, True, False, True]
    assert Counter(server.modes) == {"relax": 1, "turbo": 1}


@virtual_time
async def test_where_all_lanes_are_full_the_first_place_counts() -> None:
    """Whichever lane it is in; and the place in the others is left to others."""
    server = Queues()
    server.every_task(RUNNING)
    bounds = {"turbo": 1, "fast": 1, "relax": 1}
    async with opened(server, max_in_flight=bounds, mode="turbo", spill_over=True) as client:
        running = [client.imagine(f"cat {n}") for n in range(3)]
        await modes_at(running)
        waiting = [client.imagine(f"dog {n}") for n in range(2)]
        await asyncio.sleep(5.0)
        assert [handle.id for handle in waiting] == [None, None]
        server.shows(running[1].id or "", DONE)  # the fast one
        await running[1]
        assert await modes_at(waiting[:1]) == ["fast"]
        server.shows(running[0].id or "", DONE)  # the turbo one
        assert await modes_at(waiting) == ["fast", "turbo"]


@spelt
@virtual_time
async def test_a_mode_that_is_full_at_the_server_is_left_at_once(full: Reply) -> None:
    """The next mode is tried without a pause, and so is the one after it."""
    server, seen = Queues(full), list[Update]()
    server.every_task(DONE)
    server.full = {"turbo", "fast"}
    bounds = {"turbo": 3, "fast": 3}
    async with opened(server, max_in_flight=bounds, observers=[seen.append]) as client:
        handle = client.imagine("a cat", mode="turbo", spill_over=True)
        assert await modes_at([handle]) == ["relax"]
        await handle
    assert server.modes == ["turbo", "fast", "relax"]
    assert server.sent[-1].at - server.sent[0].at < 0.5
    assert [update.delay for update in seen if update.kind == "retry"] == [0.0, 0.0]


@virtual_time
async def test_where_every_mode_is_full_it_backs_off_and_begins_from_the_top() -> None:
    """After its patience it ends as any other."""
    server = Queues()
    server.full = set(Mode)
    options: dict[str, Any] = {"mode": "turbo", "spill_over": True, "admission_timeout": 60.0}
    async with opened(server, max_in_flight={"turbo": 3, "fast": 3}, **options) as client:
        assert isinstance(await outcome(client.imagine("a cat")), QueueFull)
        assert client.statistics().in_flight == 0
    rounds = [server.modes[n : n + 3] for n in range(0, len(server.modes), 3)]
    assert rounds[:-1] == [["turbo", "fast", "relax"]] * (len(rounds) - 1)
    assert 3 <= len(rounds) <= 6
    starts = [server.sent[n].at for n in range(0, len(server.sent), 3)]
    assert all(later - earlier >= 1.0 for earlier, later in pairwise(starts))


@virtual_time
async def test_also_in_one_window_for_all_the_full_mode_is_left() -> None:
    """Though others take the place that it gave back: when it has its turn, it goes down."""
    server = Queues()
    server.full = {"turbo"}
    server.every_task(RUNNING, RUNNING, DONE)
    async with opened(server, max_in_flight=2, mode="turbo", spill_over=True) as client:
        handles = [client.imagine(f"cat {n}") for n in range(10)]
        for handle in handles:
            await handle
        assert {handle.mode for handle in handles} == {FAST}
    assert Counter(server.modes) == {"turbo": 10, "fast": 10}


@virtual_time
async def test_what_it_costs_is_the_price_of_the_mode_it_ran_in() -> None:
    """Twice for turbo, once for fast."""
    server = Queues()
    server.every_task(RUNNING)
    prices = DEFAULT.overridden({"IMAGINE": 1.0}, {TURBO: 4.0, FAST: 2.0})
    bounds = {"turbo": 1, "fast": 1, "relax": 1}
    async with opened(server, max_in_flight=bounds, prices=prices, spill_over=True) as client:
        handles = [client.imagine(f"cat {n}", mode="turbo") for n in range(3)]
        assert await modes_at(handles) == ["turbo", "fast", "relax"]
        assert client.statistics().spent.charged == 7.0


@virtual_time
async def test_a_chain_goes_on_in_the_mode_it_asked_for() -> None:
    """That one act went down binds the next one to nothing."""
    server = Queues()
    server.every_task(RUNNING, DONE)
    server.full = {"turbo"}
    async with opened(server, mode="turbo", spill_over=True) as client:
        grid = client.imagine("a cat")
        await grid
        server.full = set()
        picture = grid.click("U1")
        await picture
        assert (grid.mode, picture.mode) == (FAST, TURBO)


@virtual_time
async def test_a_dialog_is_answered_in_the_mode_of_its_click() -> None:
    """And holds a place in that lane."""
    server = Queues()
    server.on("action", scripted.queue_full(), asking("2", "p"))
    server.on("modal", server.answers_dialogs(RUNNING, RUNNING, DONE))
    server.shows("2", OPEN)
    async with opened(server, max_in_flight={"turbo": 5, "fast": 5}, mode="turbo") as client:
        zoom = client.click(task(), "Custom Zoom", spill_over=True)
        while not server.to("modal"):
            await asyncio.sleep(0.5)
        windows = client._engine.admission.lanes.windows
        assert (windows["fast"].taken, windows["turbo"].taken) == (1, 0)
        await zoom
        assert windows["fast"].taken == 0
    assert server.modes == ["turbo", "fast", "fast"]


@virtual_time
async def test_another_life_knows_the_mode_it_ran_in() -> None:
    """The journal has the mode of the request that was accepted, and its lane is taken."""
    server, store = Queues(), MemoryStore()
    server.every_task(RUNNING)
    server.full = {"turbo"}
    options: dict[str, Any] = {"mode": "turbo", "spill_over": True, "journal": store}
    options["max_in_flight"] = {"turbo": 5, "fast": 5}
    async with opened(server, **options) as client:
        await client.imagine("a cat", key="k").submitted()
    async with opened(server, **options) as client:
        handle = client.imagine("a cat", key="k")
        await handle.submitted()
        assert handle.mode == FAST
        windows = client._engine.admission.lanes.windows
        assert (windows["fast"].taken, windows["turbo"].taken) == (1, 0)
    assert server.modes == ["turbo", "fast"]


@virtual_time
async def test_a_picture_s_sidecar_tells_the_mode_it_ran_in(tmp_path: Path) -> None:
    """Not the one that was asked for."""
    async with world(max_in_flight={"turbo": 1, "fast": 1}, mode="turbo", spill_over=True) as one:
        handles = [one.client.imagine(f"cat {n}") for n in range(2)]
        for handle in handles:
            for saved in await handle.download(tmp_path):
                assert read_sidecar(saved.path)["mode"] == handle.mode
        assert [handle.mode for handle in handles] == ["turbo", "fast"]


@pytest.mark.parametrize("spelling", ["queue-full-23", "queue-full-9", "queue-full-429"])
@virtual_time
async def test_a_small_server_is_not_overrun(spelling: str) -> None:
    """Two places, a queue of two, and "full" one time in five besides: all end, each paid once."""
    settings = {"core_size": 2, "queue_size": 2, "faults": [f"{spelling}=0.2"]}
    async with world(simulator=settings, max_in_flight="adaptive", spill_over=True) as one:
        modes = ["turbo", "fast", "relax", None]
        handles = [one.client.imagine(f"cat {n}", mode=modes[n % 4]) for n in range(40)]
        for handle in handles:
            await handle
        assert one.client.statistics().in_flight == 0
        assert len(one.simulator.ledger.charges) == 40
        assert one.client.statistics().window < 13.0
