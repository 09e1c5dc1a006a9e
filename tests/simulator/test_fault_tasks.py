"""Faults that decide what becomes of a task, on each kind of server (P§12.10, P§12.13)."""

from __future__ import annotations

import pytest

from mjflow.simulator import PROFILES
from mjflow.simulator.faults import Fault

from .samples import photo
from .wires import Wire, wired

TIMEOUTS = {"gateway": "任务超时", "trueai": "执行超时 5 分钟", "novicezk": "任务超时"}


async def ended(wire: Wire, seconds: float = 90.0) -> dict[str, object]:
    """Submit a prompt, wait, and give its task."""
    task_id = await wire.imagine()
    for _ in range(int(seconds // 15)):
        wire.wait(15)
    row: dict[str, object] = await wire.fetch(task_id)
    return row


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("fails", "[Internal Server Error] Failed to process your command"),
        ("fails-silently", ""),
        ("banned-late", "[Banned prompt detected] 可能包含敏感词"),
    ],
)
async def test_a_task_may_fail_and_is_paid_back(profile: str, name: str, reason: str) -> None:
    """The reasons are of different classes, P§8.5."""
    async with wired(profile=profile, faults={name: 1}) as wire:
        row = await ended(wire)
        assert (row["status"], row["failReason"] or "") == ("FAILURE", reason)
        assert wire.simulator.ledger.total == 0
        assert len(wire.simulator.ledger.refunds) == 1


@pytest.mark.parametrize("profile", PROFILES)
async def test_a_task_may_fail_five_minutes_after_its_start(profile: str) -> None:
    """The server gives it up, P§5.5."""
    async with wired(profile=profile, faults={"fails-5-minutes": 1}) as wire:
        row = await ended(wire, 285)
        assert row["status"] == "IN_PROGRESS"
        wire.wait(30)
        row = await wire.fetch(str(row["id"]))
        assert (row["status"], row["failReason"]) == ("FAILURE", TIMEOUTS[profile])


@pytest.mark.parametrize("profile", PROFILES)
async def test_a_task_may_fail_after_an_hour_and_is_refunded(profile: str) -> None:
    """The gateway gives up by itself; the others let it wait that long, P§5.5."""
    async with wired(profile=profile, faults={"fails-1-hour": 1}) as wire:
        row = await ended(wire, 3585)
        assert row["status"] == "NOT_START"
        for _ in range(2):
            wire.wait(15)
        row = await wire.fetch(str(row["id"]))
        assert row["status"] == "FAILURE"
        reasons = {"gateway": "上游任务超时（超过1小时）"}
        assert row["failReason"] == reasons.get(profile, "任务提交超时")
        assert wire.simulator.ledger.total == 0


@pytest.mark.parametrize("profile", PROFILES)
async def test_a_task_may_never_end_and_gives_its_place_back(profile: str) -> None:
    """It is shown running for ever; others get their turn, P§12.13."""
    async with wired(profile=profile, core_size=1, faults=["never-ends=1:1"]) as wire:
        row = await ended(wire, 7200)
        assert row["status"] in ("SUBMITTED", "IN_PROGRESS")
        assert wire.simulator.ledger.total == 0.1
        assert (await ended(wire))["status"] == "SUCCESS"


@pytest.mark.parametrize("profile", PROFILES)
async def test_a_task_may_be_forgotten(profile: str) -> None:
    """Known right after the submit, denied in the server's way later."""
    async with wired(profile=profile, faults={"forgets": 1}) as wire:
        task_id = await wire.imagine()
        assert (await wire.looked(task_id)).json["id"] == task_id
        wire.wait(10)
        denied = await wire.looked("404")
        assert (await wire.looked(task_id)).raw == denied.raw
        assert await wire.rows(task_id) == []


@pytest.mark.parametrize(("profile", "first"), [("gateway", ""), ("trueai", "NOT_START")])
async def test_a_task_may_jump_to_its_end(profile: str, first: str) -> None:
    """Nothing is seen in between, P§12.2."""
    async with wired(profile=profile, faults={"jumps-to-success": 1}) as wire:
        task_id = await wire.imagine()
        seen = []
        for _ in range(6):
            seen.append((await wire.fetch(task_id))["status"])
            wire.wait(15)
        assert list(dict.fromkeys(seen)) == [first, "SUCCESS"]


@pytest.mark.parametrize("name", ["fails", "never-ends", "fails-5-minutes"])
async def test_what_is_done_at_once_has_a_fate_too(name: str) -> None:
    """An upscale at trueai takes no place, and can fail all the same."""
    async with wired(profile="trueai") as wire:
        grid = await wire.finished()
        wire.simulator.faults.switch(name)
        task_id = (await wire.click(grid, "U1")).json["result"]
        wire.wait(299)
        ends = {"fails": "FAILURE", "never-ends": "IN_PROGRESS", "fails-5-minutes": "IN_PROGRESS"}
        assert (await wire.fetch(task_id))["status"] == ends[name]


async def test_a_filter_may_be_dropped() -> None:
    """Its speed mode then means nothing, P§12.10."""
    async with wired(profile="trueai", faults={"drops-filters": 1}) as wire:
        task_id = await wire.imagine("x", accountFilter={"modes": ["RELAX"]})
        assert wire.simulator.tasks[task_id].mode == "FAST"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("lost-reply@answers", Fault("lost-reply", at="answers")),
        ("lost-reply @ clicks = 0.5:2", Fault("lost-reply", 0.5, 2, "clicks")),
        ("fails@submits=1:1", Fault("fails", 1.0, 1, "submits")),
    ],
)
def test_a_fault_may_be_left_to_one_kind_of_occasion(text: str, fault: Fault) -> None:
    """`NAME@WHERE`, as on a command line."""
    assert Fault.parse(text) == fault


@pytest.mark.parametrize("text", ["lost-reply@looks", "fails@looks", "rand-links@tasks", "fails@x"])
def test_a_fault_is_refused_where_it_can_t_strike(text: str) -> None:
    """The error says where it can, or that there is no such place."""
    with pytest.raises(ValueError, match=r"can't strike|is not a valid Where"):
        Fault.parse(text)


async def test_a_fault_left_to_clicks_spares_submits() -> None:
    """Only the click's task fails."""
    async with wired(faults=["fails@clicks"]) as wire:
        grid = await wire.finished()
        assert (await wire.fetch(grid))["status"] == "SUCCESS"
        task_id = (await wire.click(grid, "U1")).json["result"]
        wire.wait()
        assert (await wire.fetch(task_id))["status"] == "FAILURE"


async def test_a_fault_of_another_kind_of_server_never_strikes() -> None:
    """It may be on all the same, so that one list serves all profiles."""
    async with wired(profile="novicezk", faults={"queue-full-429": 1, "minus-one": 1}) as wire:
        assert (await wire.submit("describe", base64=photo())).json["code"] == 1
        assert wire.simulator.faults.struck.total() == 0
