"""A server that says anything at all: nothing comes out but tasks and our errors, and all ends."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mjflow import Client, MjflowError, StillRunning, WaitTimeout
from mjflow.journal.memory import MemoryStore
from mjflow.media.masks import Mask

from ..media.pictures import PNG
from .invariants import check_books, check_journal
from .junk import (
    DONE_AT_LAST,
    GOOD,
    Shown,
    Told,
    lists_anything,
    shots_anything,
    shown,
    told,
)
from .leaks import run_clean
from .liar import ROUTES, Asked, Liar, Script

MASK = Mask.rect(0, 0, 0.5, 0.5)
BASE = "https://mj.example"
#: Clicks that cost nothing by themselves.
FREE = [("region", "action"), ("zoom", "action")]
#: Seconds: each act may wait so long for admission, and then so long for its end.
ADMISSION, DEADLINE = 300.0, 900.0
#: Seconds after which three acts, one on the other, must be over: admission and deadline of each,
#: a key that stays refused (`HOPELESS_AFTER`), and as much again for backoff, answers and retries.
ALL_OVER = 2 * 3 * (ADMISSION + DEADLINE + 600.0)
#: What comes of a wait that had not ended by then.
UNENDED = (asyncio.CancelledError, StillRunning, WaitTimeout)


@frozen(kw_only=True)
class Case:
    """What is said in each of one or two lives of a client, and how it is set up."""

    scripts: list[Script]
    dialect: str
    on_dialog: str
    max_in_flight: int | None
    #: Seconds of each life but the last.
    seconds: float


all_good: st.SearchStrategy[list[Told]] = st.just([GOOD])
shown_good: st.SearchStrategy[list[Shown]] = st.just([DONE_AT_LAST])


def cases(
    answers: st.SearchStrategy[list[Told]] = told, looks: st.SearchStrategy[list[Shown]] = shown
) -> st.SearchStrategy[Case]:
    """Draw cases; what is not given may be anything."""
    scripts = st.builds(
        Script,
        submits=st.fixed_dictionaries(dict.fromkeys(ROUTES, answers)),
        # What is built on others is reached where these end well.
        looks=st.lists(shown_good | looks, min_size=1, max_size=3),
        dialogs=looks,
        lists=st.lists(lists_anything, min_size=1, max_size=2),
        shots=st.lists(shots_anything, min_size=1, max_size=2),
    )
    return st.builds(
        Case,
        scripts=st.lists(scripts, min_size=1, max_size=2),
        dialect=st.sampled_from(["gateway", "gateway", "trueai", "novicezk", "auto"]),
        on_dialog=st.sampled_from(["auto", "raise"]),
        max_in_flight=st.sampled_from([None, 1, 2]),
        seconds=st.sampled_from([0.0, 5.0, 130.0, 1000.0]),
    )


def program(client: Client, folder: Path) -> list[Coroutine[Any, Any, object]]:
    """Begin everything that a client can do; return the waits."""
    grid = client.imagine("a cat", key="k", state="grid")
    dog = client.imagine("a dog", key="dog", state="dog")
    single = grid.click("U1", state="single")
    stranger = client.attach("77")

    async def region() -> object:
        return await single.click("Vary (Region)", prompt="a crown", mask=MASK, state="region")

    async def zoom() -> object:
        handle = single.click("Custom Zoom", prompt="zoom", state="zoom")
        await asyncio.sleep(60.0)
        return await handle.modal("by hand")

    async def change() -> object:
        return await grid.change("VARIATION", 2)

    async def race() -> None:
        async for _ in client.as_completed([dog, single, stranger]):
            pass

    async def events() -> None:
        async for _ in single.events():
            pass

    return [
        *(handle.wait() for handle in (grid, dog, single, stranger)),
        *(begin() for begin in (region, zoom, change, race, events)),
        *(client.get("78"), client.seed("79"), client.cancel("80"), client.upload(PNG)),
        *(grid.download(folder), dog.submitted()),
    ]


async def live(client: Client, folder: Path, seconds: float) -> list[object]:
    """Wait for all, so long at most; anything but our errors comes out."""
    waits = [asyncio.ensure_future(ours(wait)) for wait in program(client, folder)]
    await asyncio.wait(waits, timeout=seconds)
    for wait in waits:
        wait.cancel()
    return await asyncio.gather(*waits, return_exceptions=True)


async def ours(wait: Coroutine[Any, Any, object]) -> object:
    try:
        return await wait
    except MjflowError as error:
        return error


async def survives(case: Case, folder: Path) -> None:
    """Live one or two lives on one journal, against servers that say anything."""
    store, sent = MemoryStore(), list[Asked]()
    for number, script in enumerate(case.scripts, start=1):
        server = Liar(script)
        last = number == len(case.scripts)
        async with Client(
            BASE,
            "sk-test",
            dialect=case.dialect,
            journal=store,
            transport=server,
            poll_interval=20.0,
            deadline=DEADLINE,
            admission_timeout=ADMISSION,
            max_in_flight=case.max_in_flight,
            on_dialog=case.on_dialog,  # type: ignore[arg-type]
        ) as client:
            ends = await live(client, folder, ALL_OVER if last else case.seconds)
            check_books(client)
            await check_journal(client, store, BASE)
        assert [one for one in ends if isinstance(one, Exception)] == _ours_of(ends)
        sent += server.sent
    assert [one for one in ends if isinstance(one, UNENDED)] == []
    check_money(sent)


def _ours_of(ends: list[object]) -> list[MjflowError]:
    return [one for one in ends if isinstance(one, MjflowError)]


def check_money(sent: list[Asked]) -> None:
    """No token was sent twice, and no act again after a yes or a doubt; a free click, once."""
    sent = [one for one in sent if one.token]  # an upload has none
    submits = [one.token for one in sent if one.route != "modal"]
    assert len(set(submits)) == len(submits)
    said = defaultdict(list)
    for one in sent:
        said[one.act, one.route].append(one.means)
    for (act, route), means in said.items():
        sure = [n for n, word in enumerate(means) if word in ("yes", "doubt")]
        if (act, route) in FREE and sure and means[sure[0]] == "doubt":
            del sure[0]
        assert sure in ([], [len(means) - 1]), (act, route, means)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pictures")


def examples(number: int) -> settings:
    return settings(max_examples=number, deadline=None, suppress_health_check=list(HealthCheck))


@examples(50)
@given(case=cases())
def test_nothing_but_our_errors_comes_of_junk(folder: Path, case: Case) -> None:
    """Every wait ends in time, nothing is paid twice, the books agree, and nothing is left."""
    run_clean(survives(case, folder))


@examples(50)
@given(case=cases(answers=all_good))
def test_no_sequence_of_snapshots_keeps_a_task_from_its_end(folder: Path, case: Case) -> None:
    """All is accepted; what is shown of it comes in any order, twice, of the wrong type or not."""
    run_clean(survives(case, folder))


@examples(50)
@given(case=cases(looks=shown_good))
def test_no_answer_makes_us_pay_twice(folder: Path, case: Case) -> None:
    """All that is sent is done well; what the server says of it may be anything."""
    run_clean(survives(case, folder))


@pytest.mark.soak
@examples(400)
@given(case=cases() | cases(answers=all_good) | cases(looks=shown_good))
def test_nothing_but_our_errors_comes_of_much_junk(folder: Path, case: Case) -> None:
    """The same, for as long as one can wait."""
    run_clean(survives(case, folder))
