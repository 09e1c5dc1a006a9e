"""novicezk, spoken to directly: no buttons, no dialogs, all in memory (P§4.2, P§5.2, P§8.4)."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from .wires import Wire, wired

FIELDS = {
    *("id", "properties", "action", "status", "prompt", "promptEn", "description", "state"),
    *("submitTime", "startTime", "finishTime", "imageUrl", "progress", "failReason"),
}


@pytest_asyncio.fixture
async def wire() -> AsyncIterator[Wire]:
    """A novicezk server without faults."""
    async with wired(profile="novicezk") as wire:
        yield wire


async def test_a_task_has_no_buttons_and_nulls_for_what_is_unset(wire: Wire) -> None:
    """P§4.2, at every stage."""
    task_id = await wire.imagine("a cat", state="mine")
    row = await wire.fetch(task_id)
    assert set(row) == FIELDS
    assert {name for name, value in row.items() if value is None} == {
        *("startTime", "finishTime", "imageUrl", "progress", "failReason")
    }
    wire.wait()
    row = await wire.fetch(task_id)
    assert (row["status"], row["state"], row["progress"]) == ("SUCCESS", "mine", "100%")
    assert row["properties"]["finalPrompt"] == "a cat --v 6.1"


@pytest.mark.parametrize(
    ("act", "body", "action"),
    [
        ("change", {"action": "UPSCALE", "index": 2}, "UPSCALE"),
        ("change", {"action": "VARIATION", "index": 3}, "VARIATION"),
        ("change", {"action": "REROLL"}, "REROLL"),
        ("simple-change", {"content": "{} U2"}, "UPSCALE"),
        ("simple-change", {"content": "{} v3"}, "VARIATION"),
        ("simple-change", {"content": "{} R"}, "REROLL"),
    ],
)
async def test_buttons_are_pressed_by_their_name(
    wire: Wire, act: str, body: dict[str, object], action: str
) -> None:
    """By `change`, or by one line of text, P§2.3, P§2.4."""
    grid = await wire.imagine()
    wire.wait()
    body = {**body, "taskId": grid}
    if "content" in body:
        body = {"content": str(body["content"]).format(grid)}
    answer = await wire.submit(act, **body)
    assert (answer.status, answer.json["code"]) == (200, 1)
    assert (await wire.fetch(answer.json["result"]))["action"] == action


@pytest.mark.parametrize("content", ["", "1", "1 X2", "1 U5", "1 U2 3"])
async def test_a_line_that_says_nothing_is_code_4(wire: Wire, content: str) -> None:
    """P§2.4."""
    assert (await wire.submit("simple-change", content=content)).json["code"] == 4


async def test_a_missing_parent_is_code_3_with_200(wire: Wire) -> None:
    """Every code has HTTP 200 here, P§3.5."""
    answer = await wire.submit("change", taskId="404", action="UPSCALE", index=1)
    assert (answer.status, answer.json["code"]) == (200, 3)


async def test_u_and_v_of_a_single_picture_are_code_4(wire: Wire) -> None:
    """Only grids can be changed, P§2.3."""
    grid = await wire.imagine()
    wire.wait()
    single = (await wire.submit("change", taskId=grid, action="UPSCALE", index=1)).json["result"]
    wire.wait()
    answer = await wire.submit("change", taskId=single, action="UPSCALE", index=1)
    assert answer.json["code"] == 4


async def test_a_second_click_is_a_second_task(wire: Wire) -> None:
    """Code 21 is gone since 2.6.0, P§3.4."""
    grid = await wire.imagine()
    wire.wait()
    body = {"taskId": grid, "action": "UPSCALE", "index": 1}
    results = {(await wire.submit("change", **body)).json["result"] for _ in range(2)}
    assert len(results) == 2


async def test_all_tasks_are_listed_the_newest_first(wire: Wire) -> None:
    """However many there are, P§2.16."""
    ids = [await wire.imagine(str(number)) for number in range(120)]
    rows = (await wire.ask("GET", "/mj/task/list")).json
    assert [row["id"] for row in rows] == ids[::-1]


async def test_the_queue_lists_who_waits() -> None:
    """Running tasks are not in it, P§2.16."""
    async with wired(profile="novicezk", core_size=1) as wire:
        ids = [await wire.imagine() for _ in range(3)]
        rows = (await wire.ask("GET", "/mj/task/queue")).json
        assert [row["id"] for row in rows] == ids[1:]


async def test_a_restart_forgets_everything(wire: Wire) -> None:
    """The store is memory: an old id is an unknown one, P§5.2."""
    task_id = await wire.imagine()
    wire.simulator.restart()
    answer = await wire.looked(task_id)
    assert (answer.status, answer.raw) == (200, b"")
    assert await wire.rows(task_id) == []
    assert (await wire.ask("GET", "/mj/task/list")).json == []


async def test_a_queue_never_gives_up() -> None:
    """Queued tasks have no limit, P§5.5."""
    async with wired(profile="novicezk", core_size=0) as wire:
        task_id = await wire.imagine()
        wire.wait(86_400)
        assert (await wire.fetch(task_id))["status"] == "NOT_START"


async def test_a_forbidden_word_is_code_24(wire: Wire) -> None:
    """The word is named, P§3.3."""
    answer = (await wire.submit("imagine", prompt="gore")).json
    assert (answer["code"], answer["properties"]["bannedWord"]) == (24, "gore")


async def test_a_gateway_forgets_nothing_in_a_restart() -> None:
    """Its rows are in a database."""
    async with wired() as wire:
        task_id = await wire.imagine()
        wire.simulator.restart()
        wire.wait()
        assert (await wire.fetch(task_id))["status"] == "SUCCESS"
