"""The gateway's stale copy of a task (P§4.1, P§5.2, P§10)."""

from __future__ import annotations

import re

import pytest

from .wires import Wire, wired

KEYS = {
    *("id", "action", "customId", "botType", "prompt", "promptEn", "description", "state"),
    *("submitTime", "startTime", "finishTime", "imageUrl", "videoUrl", "videoUrls", "status"),
    *("progress", "failReason", "buttons", "maskBase64", "properties"),
}


async def test_a_fresh_row_has_an_empty_status_and_nulls(wire: Wire) -> None:
    """Until the first refresh the gateway knows what the submit said and no more."""
    task_id = await wire.imagine("a cat", state="mj1.t:mine")
    row = await wire.fetch(task_id)
    assert row == {
        "id": task_id,
        "action": "IMAGINE",
        "customId": "",
        "botType": "",
        "prompt": "a cat",
        "promptEn": "",
        "description": "提交成功",
        "state": "",
        "submitTime": 1_700_000_000_120,
        "startTime": 0,
        "finishTime": 0,
        "imageUrl": "",
        "videoUrl": "",
        "videoUrls": None,
        "status": "",
        "progress": "0%",
        "failReason": "",
        "buttons": None,
        "maskBase64": "",
        "properties": None,
    }


async def test_the_first_refresh_brings_state_times_and_english(wire: Wire) -> None:
    """The refresh is on a tick common to all tasks, and submitTime jumps to the server's."""
    wire.wait(14)
    task_id = await wire.imagine("a cat", state="mj1.t:mine")
    wire.wait(0.9)
    assert (await wire.fetch(task_id))["status"] == ""
    wire.wait(15.1)
    row = await wire.fetch(task_id)
    task = wire.simulator.tasks[task_id]
    assert row["status"] == "IN_PROGRESS"
    assert re.fullmatch(r"\d\d%", row["progress"])
    assert (row["state"], row["promptEn"]) == ("mj1.t:mine", "a cat")
    assert (row["submitTime"], row["finishTime"]) == (1_700_000_014_000, 0)
    assert row["startTime"] == round((1_700_000_000 + task.started) * 1000)
    assert row["buttons"] == []
    assert row["properties"] == {"finalPrompt": "a cat --v 6.1", "finalZhPrompt": ""}


async def test_an_end_is_seen_only_at_the_next_tick(wire: Wire) -> None:
    """Between the end and the tick the row stands still."""
    task_id = await wire.imagine()
    ends = wire.simulator.tasks[task_id].ends
    tick = (ends // 15 + 1) * 15
    wire.clock.now = tick - 0.001
    assert (await wire.fetch(task_id))["status"] == "IN_PROGRESS"
    wire.clock.now = tick
    row = await wire.fetch(task_id)
    assert (row["status"], row["progress"]) == ("SUCCESS", "100%")
    assert row["finishTime"] == round((1_700_000_000 + ends) * 1000)


async def test_an_upscale_jumps_from_nothing_to_success(wire: Wire) -> None:
    """What takes four seconds is over before the gateway looks, P§12.2."""
    grid = await wire.finished()
    task_id = (await wire.click(grid, "U1")).json["result"]
    assert (await wire.fetch(task_id))["status"] == ""
    wire.wait(15)
    assert (await wire.fetch(task_id))["status"] == "SUCCESS"


async def test_a_task_in_the_queue_is_not_started() -> None:
    """Progress of a queued task is empty, P§4.4."""
    async with wired(core_size=1) as wire:
        await wire.imagine()
        task_id = await wire.imagine()
        wire.wait(15)
        row = await wire.fetch(task_id)
        assert (row["status"], row["progress"], row["startTime"]) == ("NOT_START", "", 0)
        assert row["description"] == "排队中，前面还有1个任务"


async def test_the_link_changes_at_every_look_until_success(wire: Wire) -> None:
    """A preview link has `?rand`, the final one has not."""
    task_id = await wire.imagine()
    wire.wait(15)
    links = {(await wire.fetch(task_id))["imageUrl"] for _ in range(3)}
    plain = f"{wire.simulator.base_url}/mj/image/{task_id}"
    assert len(links) == 3
    assert {link.partition("?rand=")[0] for link in links} == {plain}
    wire.wait()
    assert (await wire.fetch(task_id))["imageUrl"] == plain


async def test_a_failure_is_a_hundred_per_cent_done(wire: Wire) -> None:
    """The gateway writes 100% also on FAILURE, and leaves no picture and no buttons."""
    task_id = await wire.imagine("x --stop 5")
    wire.wait()
    row = await wire.fetch(task_id)
    assert (row["status"], row["progress"], row["imageUrl"]) == ("FAILURE", "100%", "")
    assert row["buttons"] == []


async def test_after_an_hour_the_gateway_gives_up_and_refunds() -> None:
    """The limit counts from the submit, also in the queue, P§5.5."""
    async with wired(core_size=0) as wire:
        task_id = await wire.imagine()
        wire.wait(3600)
        assert (await wire.fetch(task_id))["status"] == "NOT_START"
        wire.wait(15)
        row = await wire.fetch(task_id)
        assert (row["status"], row["failReason"]) == ("FAILURE", "上游任务超时（超过1小时）")
        assert wire.simulator.ledger.refunded(task_id) == 0.1


async def test_every_key_is_present_at_every_stage(wire: Wire) -> None:
    """The gateway leaves no field out, P§4.1."""
    task_id = await wire.imagine()
    for _ in range(7):
        assert set(await wire.fetch(task_id)) == KEYS
        wire.wait(15)


async def test_progress_comes_in_uneven_steps_and_never_falls() -> None:
    """Progress of the server behind grows from 0 to below 100, P§10."""
    async with wired() as wire:
        task = wire.simulator.tasks[await wire.imagine()]
        percents = [task.percent(task.started + share * task.run / 50) for share in range(50)]
        assert percents == sorted(percents)
        assert percents[0] == 0
        assert 90 <= percents[-1] < 100


async def test_a_list_leaves_unknown_ids_out(wire: Wire) -> None:
    """Rows come once each, whatever was asked how often, P§2.16."""
    one, two = await wire.imagine("1"), await wire.imagine("2")
    rows = await wire.rows(two, "404", one, two)
    assert sorted(row["id"] for row in rows) == sorted([one, two])


@pytest.mark.parametrize("body", [{}, {"ids": None}, {"ids": []}, {"state": "mj1.t:"}])
async def test_a_list_without_ids_is_empty(wire: Wire, body: dict[str, object]) -> None:
    """Only `ids` is honoured, in spite of the name, P§2.16."""
    await wire.imagine()
    answer = await wire.ask("POST", "/mj/task/list-by-condition", body)
    assert (answer.status, answer.json) == (200, [])


@pytest.mark.parametrize("body", [{"ids": [1320098173412546]}, {"ids": "1"}, [1]])
async def test_a_list_of_numbers_is_a_misleading_error(wire: Wire, body: object) -> None:
    """A binding error is called `do_request_failed`, with code 4, P§2.16."""
    answer = await wire.ask("POST", "/mj/task/list-by-condition", body)
    assert (answer.status, answer.json["code"]) == (400, 4)
    assert answer.json["description"] == "do_request_failed "
