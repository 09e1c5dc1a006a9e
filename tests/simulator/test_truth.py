"""The record never lies: what it calls knowable could be known, with all faults on (P§3.6)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mjflow.simulator import FAULTS, PROFILES, Fault
from mjflow.simulator.faults import CATALOGUE, Where
from mjflow.simulator.telling import tells
from mjflow.simulator.wire import Reply

from .samples import ROOTS, mask
from .wires import Answer, Wire, wired

#: Faults of pictures and webhooks have no part in what is paid.
REQUESTS = [
    name for name, kind in CATALOGUE.items() if kind.occasions[0] not in (Where.IMAGES, Where.HOOKS)
]


def claimed(answer: Answer | None) -> tuple[bool, list[str]] | None:
    """Read an answer as a careful client would: a yes with its ids, a no, or nothing at all."""
    if answer is None or not answer.raw:
        return (False, []) if answer is not None and answer.status in (401, 429) else None
    if answer.type == "text/html":
        return (False, []) if answer.status == 200 else None
    body = answer.json if answer.raw[:1] == b"{" else {}
    if body.get("code") in (1, 21, 22):
        result = body["result"]
        ids = result if isinstance(result, list) else str(result).split(",")
        return (True, [*map(str, ids)]) if result else None
    if body.get("code") == 5 or "insert_midjourney_task_failed" in str(body):
        return None
    return None if answer.status >= 500 and answer.status != 503 else (False, [])


async def told(wire: Wire, act: str, body: dict[str, Any]) -> Answer | None:
    """Submit something; None where no whole answer came."""
    try:
        return await wire.submit(act, **body)
    except aiohttp.ClientError:
        return None


async def chain(wire: Wire, heard: list[Answer | None]) -> None:
    """Imagine, U1, Vary (Region): each as far as the one before it is known to the world."""
    bodies: list[tuple[str, dict[str, Any]]] = [("imagine", {"prompt": "x"})]
    if "action" in wire.simulator.profile.submits:
        bodies += [("action", {"label": "U1"}), ("action", {"label": "Vary (Region)"})]
        bodies += [("modal", {"prompt": "y", "maskBase64": mask()})]
    task_id = ""
    for number, (act, body) in enumerate(bodies):
        body = {**body, "taskId": task_id, "state": f"mj1.{len(heard)}-{number}:"}
        if label := body.pop("label", None):
            buttons = wire.simulator.tasks[task_id].buttons
            body["customId"] = next(b["customId"] for b in buttons if b["label"] == label)
        heard.append(await told(wire, act, body))
        submit = wire.simulator.ledger.submits[-1]
        if submit.task_id is None:
            return
        task_id = submit.task_id
        for _ in range(8):
            wire.wait(15)
        if wire.simulator.tasks[task_id].status(wire.simulator.now) not in ("SUCCESS", "MODAL"):
            return


def check(wire: Wire, heard: list[Answer | None]) -> None:
    """Compare what was heard with what is on record, and the record with the world."""
    ledger = wire.simulator.ledger
    assert len(ledger.submits) == len(heard)
    for submit, answer in zip(ledger.submits, heard, strict=True):
        claim = claimed(answer)
        assert submit.knowable == (claim is not None)
        if claim is not None:
            assert claim[0] == submit.exists
            assert claim[1] == ([submit.task_id, *submit.others] if submit.exists else [])
        assert submit.task_id is None or submit.task_id in wire.simulator.tasks
        assert submit.exists or submit.charged == 0
    paid = Counter(entry.task_id for entry in ledger.charges)
    by_task = Counter(submit.task_id for submit in ledger.submits if submit.charged)
    assert paid == by_task


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("rate", ["=1", "=0.3", "=1:1"])
async def test_each_fault_alone_leaves_a_true_record(profile: str, rate: str) -> None:
    """At rate 1, at 0.3, and the first time only."""
    for name in REQUESTS:
        async with wired(profile=profile, faults=[f"{name}{rate}"], speed=10_000) as wire:
            heard: list[Answer | None] = []
            for _ in range(2):
                await chain(wire, heard)
            check(wire, heard)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("seed", range(3))
async def test_all_faults_together_leave_a_true_record(profile: str, seed: int) -> None:
    """At five per cent each."""
    faults = dict.fromkeys(FAULTS, 0.05)
    async with wired(profile=profile, faults=faults, seed=seed, speed=10_000) as wire:
        heard: list[Answer | None] = []
        for _ in range(25):
            await chain(wire, heard)
        check(wire, heard)
        assert len(wire.simulator.faults.struck) > 10


@pytest.mark.parametrize("profile", PROFILES)
async def test_every_fault_of_a_profile_can_strike(profile: str) -> None:
    """None is a dead letter: each strikes in some simple story of its own profile."""
    mine = [name for name in REQUESTS if profile in CATALOGUE[name].profiles]
    # Those that refuse a form of the key wait for a client that uses it.
    mine = [name for name in mine if not name.startswith("refuses-")]
    assert [name for name in mine if not await strikes(profile, name)] == []


async def strikes(profile: str, name: str) -> bool:
    """Tell whether a fault strikes while somebody does a little of everything."""
    async with wired(profile=profile, core_size=1, speed=10_000) as wire:
        grid = await wire.finished()
        failed = await wire.imagine("x --stop 1")
        wire.wait()
        opened = await region(wire) if "action" in wire.simulator.profile.submits else ""
        wire.simulator.faults.switch(Fault(name))
        async for _ in everything(wire, grid, opened):
            if wire.simulator.faults.struck[name]:
                return True
        async for _ in looks(wire, [grid, failed, opened, "404"]):
            if wire.simulator.faults.struck[name]:
                return True
        return False


async def everything(wire: Wire, grid: str, opened: str) -> AsyncIterator[Answer | None]:
    """Submit, click and answer."""
    hook = {"notifyHook": "http://127.0.0.1:1/", "accountFilter": {"modes": ["FAST"]}}
    for act in ("imagine", "imagine", "describe"):
        yield await told(wire, act, {**ROOTS[act], **hook})
    if opened:
        remix = {"customId": button(wire, grid, "V1"), "enableRemix": True}
        for body in (remix, remix, {"customId": "MJ::Job::PicReader::1"}):
            yield await told(wire, "action", {"taskId": grid, **body})
        yield await told(wire, "modal", {"taskId": opened, "prompt": "x", "maskBase64": mask()})
    for _ in range(2):
        yield await told(wire, "change", {"taskId": grid, "action": "UPSCALE", "index": 1})
    yield await told(wire, "change", {"taskId": grid, "action": "REROLL", "index": 0})


async def looks(wire: Wire, ids: list[str]) -> AsyncIterator[Answer | None]:
    """Look at everything for a while; what breaks off is let go."""
    ids = [*ids, *wire.simulator.tasks]
    for _ in range(5):
        wire.wait(20)
        for task_id in ids:
            with suppress(aiohttp.ClientError):
                yield await wire.looked(task_id)
        with suppress(aiohttp.ClientError):
            yield await wire.ask("POST", "/mj/task/list-by-condition", {"ids": ids})


def button(wire: Wire, task_id: str, label: str) -> str:
    """Give the custom id of a button from the server behind."""
    buttons = wire.simulator.tasks[task_id].buttons
    return next(str(b["customId"]) for b in buttons if b["label"] == label)


async def region(wire: Wire) -> str:
    """Open a dialog, before anything goes wrong."""
    single = await wire.finished("x", "U1")
    return str((await wire.click(single, "Vary (Region)")).json["result"])


@given(
    status=st.sampled_from([200, 204, 301, 400, 401, 403, 404, 429, 500, 502, 503]),
    body=st.binary(max_size=40)
    | st.dictionaries(st.text(max_size=8), st.integers()).map(json.dumps),
)
def test_any_answer_can_be_judged(status: int, body: bytes | str) -> None:
    """Whatever leaves, the record has a word on it."""
    raw = body if isinstance(body, bytes) else body.encode()
    assert tells(Reply(status, raw)) in (True, False)
