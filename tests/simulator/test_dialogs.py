"""Dialogs: who opens them, what they are answered with, and what is shown meanwhile (P§5)."""

from __future__ import annotations

from typing import Any

import pytest

from .samples import mask
from .wires import Wire, wired

REMIX_BUTTONS = ["Vary (Subtle)", "Vary (Strong)", "⬅️", "🔄"]


async def opened(wire: Wire, name: str = "Vary (Region)", **body: Any) -> str:
    """Open a dialog on a single picture and give the id of the waiting task."""
    single = await wire.finished("a cute cat --v 6.1", "U1")
    return str((await wire.click(single, name, **body)).json["result"])


async def test_vary_region_always_opens_a_dialog(wire: Wire) -> None:
    """Inpaint keeps code 21 and offers no prompt, P§3.4."""
    single = await wire.finished("x", "U1")
    answer = await wire.click(single, "Vary (Region)")
    assert (answer.status, answer.type) == (200, "text/plain")
    assert answer.json == {
        "code": 21,
        "description": "Waiting for window confirm",
        "properties": {"finalPrompt": "", "remix": True},
        "result": answer.json["result"],
    }


async def test_custom_zoom_offers_the_prompt_with_a_zoom(wire: Wire) -> None:
    """The suggested text is what Midjourney knows of the parent, P§6.4."""
    single = await wire.finished("a cat", "U1")
    answer = (await wire.click(single, "Custom Zoom")).json
    assert (answer["code"], answer["properties"]["remix"]) == (21, True)
    assert answer["properties"]["finalPrompt"] == "a cat --v 6.1 --zoom 2"


async def test_an_open_dialog_shows_modal_from_the_first_refresh(wire: Wire) -> None:
    """The status of the waiting task is MODAL, its progress empty, P§5.3."""
    task_id = await opened(wire)
    assert (await wire.fetch(task_id))["status"] == ""
    wire.wait(15)
    row = await wire.fetch(task_id)
    assert (row["status"], row["action"], row["progress"]) == ("MODAL", "INPAINT", "")
    assert (row["startTime"], row["finishTime"], row["buttons"]) == (0, 0, [])


async def test_an_answer_keeps_the_id_and_adds_a_second_row(wire: Wire) -> None:
    """One id, two rows: the click and the answer, P§5.4."""
    task_id = await opened(wire)
    answer = await wire.submit("modal", taskId=task_id, prompt="a crown", maskBase64=mask())
    assert (answer.json["code"], answer.json["result"]) == (1, task_id)
    rows = await wire.rows(task_id)
    assert [(row["id"], row["action"]) for row in rows] == [
        (task_id, "INPAINT"),
        (task_id, "MODAL"),
    ]


async def test_the_click_row_stays_modal_until_one_tick_after_the_end(wire: Wire) -> None:
    """A single fetch shows the first row, which stands still while the second runs, P§5.4."""
    task_id = await opened(wire)
    wire.wait(15)
    await wire.submit("modal", taskId=task_id, prompt="a crown", maskBase64=mask())
    seen = []
    while (row := await wire.fetch(task_id))["status"] != "SUCCESS":
        seen.append((row["status"], [row["status"] for row in await wire.rows(task_id)][1]))
        wire.wait(15)
    assert {first for first, _ in seen} == {"MODAL"}
    assert seen[0] == ("MODAL", "")
    assert [second for _, second in seen].count("SUCCESS") == 1
    assert seen[-1] == ("MODAL", "SUCCESS")


async def test_the_click_row_stays_empty_if_answered_before_its_first_refresh(
    wire: Wire,
) -> None:
    """A quick answer takes the refresh away from a row that was never looked at, P§5.4."""
    task_id = await opened(wire)
    await wire.submit("modal", taskId=task_id, prompt="a crown", maskBase64=mask())
    wire.wait(30)
    assert [row["status"] for row in await wire.rows(task_id)] == ["", "IN_PROGRESS"]
    assert (await wire.fetch(task_id))["status"] == ""


async def test_an_answered_dialog_is_modal_until_it_starts() -> None:
    """In the queue an answered dialog is still MODAL at the server behind, P§5.2."""
    async with wired(core_size=1) as wire:
        task_id = await opened(wire)
        wire.wait(15)
        await wire.imagine()
        answer = await wire.submit("modal", taskId=task_id, prompt="x", maskBase64=mask())
        assert answer.json["properties"]["numberOfQueues"] == 1
        wire.wait(15)
        assert [row["status"] for row in await wire.rows(task_id)] == ["MODAL", "MODAL"]


async def test_the_answer_s_prompt_is_seen_in_english_only(wire: Wire) -> None:
    """The gateway's own prompt stays the parent's; Midjourney's is the answer's, P§4.1."""
    task_id = await opened(wire)
    await wire.submit("modal", taskId=task_id, prompt="a crown", maskBase64=mask())
    wire.wait(120)
    row = await wire.fetch(task_id)
    assert row["prompt"] == "a cute cat --v 6.1"
    assert row["promptEn"] == "a crown"
    assert row["properties"]["finalPrompt"] == "a crown --v 6.1"


async def test_the_state_of_the_click_stays(wire: Wire) -> None:
    """A state in the answer is ignored, P§2.6."""
    task_id = await opened(wire, state="mj1.click:")
    await wire.submit("modal", taskId=task_id, prompt="x", maskBase64=mask(), state="mj1.answer:")
    wire.wait(120)
    assert {row["state"] for row in await wire.rows(task_id)} == {"mj1.click:"}


@pytest.mark.parametrize("prompt", ["", "   ", None])
async def test_a_blank_answer_means_the_prompt_of_the_parent(wire: Wire, prompt: Any) -> None:
    """Blank prompts are filled in behind, P§2.6."""
    task_id = await opened(wire)
    await wire.submit("modal", taskId=task_id, prompt=prompt, maskBase64=mask())
    assert wire.simulator.tasks[task_id].prompt == "a cute cat --v 6.1"


@pytest.mark.parametrize("bad", ["", "no url", "data:image/png;base64,AAAA", mask((512, 512))])
async def test_a_bad_mask_fails_late(wire: Wire, bad: str) -> None:
    """The answer is accepted whatever the mask is; the task fails and is refunded, P§11.3."""
    task_id = await opened(wire)
    answer = await wire.submit("modal", taskId=task_id, prompt="x", maskBase64=bad)
    assert answer.json["code"] == 1
    wire.wait(120)
    row = await wire.fetch(task_id)
    assert row["status"] == "FAILURE"
    assert row["failReason"].startswith("[Invalid parameter]")
    assert wire.simulator.ledger.refunded(task_id) == 0.1


@pytest.mark.parametrize(("zoom", "status"), [("1.4", "SUCCESS"), ("3", "FAILURE")])
async def test_a_custom_zoom_is_between_1_and_2(wire: Wire, zoom: str, status: str) -> None:
    """The factor is checked by Midjourney, late, P§11.1."""
    task_id = await opened(wire, "Custom Zoom")
    await wire.submit("modal", taskId=task_id, prompt=f"a cat --zoom {zoom}")
    wire.wait(120)
    assert (await wire.fetch(task_id))["status"] == status


@pytest.mark.parametrize("name", REMIX_BUTTONS)
async def test_remix_opens_a_dialog_that_looks_accepted(wire: Wire, name: str) -> None:
    """Code 21 becomes 1, only `properties.remix` tells, P§3.4."""
    single = await wire.finished("a cat --v 6.1", "U1")
    answer = (await wire.click(single, name, enableRemix=True)).json
    assert answer["code"] == 1
    assert answer["properties"] == {"finalPrompt": "a cat --v 6.1", "remix": True}
    wire.wait(15)
    assert (await wire.fetch(answer["result"]))["status"] == "MODAL"


async def test_an_account_in_remix_mode_asks_at_every_variation() -> None:
    """With remix on at the account, V opens a dialog unasked; U and zoom don't, P§5.3."""
    async with wired(remix=True) as wire:
        grid = await wire.finished()
        assert (await wire.click(grid, "V2")).json["properties"].get("remix") is True
        assert (await wire.click(grid, "U2")).json["properties"].get("remix") is None
        single = await wire.finished("x", "U1")
        answer = await wire.click(single, "Zoom Out 2x")
        assert answer.json["properties"].get("remix") is None


async def test_a_remixed_variation_takes_the_new_prompt_and_its_version(wire: Wire) -> None:
    """The answer's parameters decide what the new pictures are, P§6.4."""
    grid = await wire.finished("a cat --v 6.1")
    task_id = (await wire.click(grid, "V1", enableRemix=True)).json["result"]
    await wire.submit("modal", taskId=task_id, prompt="a dog --ar 3:2 --v 7")
    task = wire.simulator.tasks[task_id]
    assert (task.prompt, task.version, task.aspect) == ("a dog --ar 3:2 --v 7", "7", 1.5)


async def test_an_unanswered_dialog_fails_after_an_hour(wire: Wire) -> None:
    """The gateway gives it up though the server behind would wait for ever, P§5.5."""
    task_id = await opened(wire)
    submitted = wire.simulator.tasks[task_id].submitted
    wire.clock.now = submitted + 3600
    assert (await wire.fetch(task_id))["status"] == "MODAL"
    wire.wait(15)
    assert (await wire.fetch(task_id))["status"] == "FAILURE"


async def test_a_late_answer_is_given_up_an_hour_after_the_click(wire: Wire) -> None:
    """The answer's row takes over the time of the click at its first refresh, P§5.5."""
    task_id = await opened(wire)
    wire.wait(3580)
    await wire.submit("modal", taskId=task_id, prompt="x", maskBase64=mask())
    wire.wait(45)
    rows = await wire.rows(task_id)
    assert [row["status"] for row in rows] == ["MODAL", "FAILURE"]
    assert rows[1]["failReason"] == "上游任务超时（超过1小时）"


async def test_a_second_answer_is_taken_and_charged(wire: Wire) -> None:
    """Nobody looks whether a dialog still waits, so a second answer only costs, P§2.6."""
    task_id = await opened(wire)
    for prompt in ("first", "second"):
        await wire.submit("modal", taskId=task_id, prompt=prompt, maskBase64=mask())
    task = wire.simulator.tasks[task_id]
    assert (task.answers, task.prompt) == (2, "first")
    assert wire.simulator.ledger.answers() == {task_id: 2}
    assert wire.simulator.ledger.charged(task_id) == 0.2
    assert [row["action"] for row in await wire.rows(task_id)] == ["INPAINT", "MODAL", "MODAL"]


async def test_an_answer_that_meets_a_full_queue_leaves_the_dialog_open() -> None:
    """A rejected answer is none, P§3.3."""
    async with wired(core_size=1, queue_size=0) as wire:
        task_id = await opened(wire)
        await wire.imagine()
        body = {"taskId": task_id, "prompt": "x", "maskBase64": mask()}
        assert (await wire.submit("modal", **body)).json["code"] == 23
        assert wire.simulator.tasks[task_id].answers == 0
        wire.wait()
        assert (await wire.submit("modal", **body)).json["code"] == 1
        assert wire.simulator.tasks[task_id].answers == 1


async def test_an_answer_to_no_dialog_is_refused(wire: Wire) -> None:
    """Unknown ids stop at the gateway, tasks without a dialog behind it, P§2.6."""
    unknown = await wire.submit("modal", taskId="404", prompt="x")
    assert (unknown.status, unknown.json["description"]) == (400, "task_not_found ")
    grid = await wire.finished()
    answer = await wire.submit("modal", taskId=grid, prompt="x")
    assert (answer.status, answer.json["code"]) == (200, 4)


async def test_a_forbidden_word_in_an_answer_is_refused(wire: Wire) -> None:
    """The dialog stays open, P§3.3."""
    task_id = await opened(wire)
    answer = await wire.submit("modal", taskId=task_id, prompt="gore", maskBase64=mask())
    assert (answer.json["code"], wire.simulator.tasks[task_id].answers) == (24, 0)
