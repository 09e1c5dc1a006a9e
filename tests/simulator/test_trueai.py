"""trueai, spoken to directly: tasks, dialogs, limits and errors (P§4.3, P§5, P§8.3)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any

import pytest
import pytest_asyncio

from .samples import mask, photo
from .wires import Wire, wired

#: P§4.3, group by group.
FIELDS = {
    *("id", "parentId", "userId", "isWhite", "nonce", "interactionMetadataId", "messageId"),
    *("messageIds", "remixModalMessageId", "instanceId", "subInstanceId", "jobId", "clientIp"),
    *("action", "botType", "realBotType", "mode", "requestMode", "accountFilter", "version"),
    *("language", "status", "isCompleted", "progress", "failReason", "hasAIReviewRetried"),
    *("remixAutoSubmit", "remixModaling", "description", "state", "prompt", "promptEn"),
    *("promptFull", "submitTime", "startTime", "finishTime", "useTime", "imageUrl", "imageUrls"),
    *("baseImageUrl", "thumbnailUrl", "url", "proxyUrl", "height", "width", "size"),
    *("contentType", "imageHeight", "imageWidth", "storageOption", "videoType", "isHdVideo"),
    *("videoUrl", "videoUrls", "videoGenOriginImageUrl", "videoDuration", "frameCount", "seed"),
    *("seedError", "seedMessageId", "isThirdParty", "isDiscord", "isPartner", "isPartnerRelax"),
    *("partnerTaskId", "partnerTaskInfo", "isOfficial", "officialTaskId", "officialTaskInfo"),
    *("isReplicate", "replicateSource", "replicateTarget", "buttons", "displays", "properties"),
}


@pytest_asyncio.fixture
async def wire() -> AsyncIterator[Wire]:
    """A trueai server without faults."""
    async with wired(profile="trueai") as wire:
        yield wire


async def opened(wire: Wire, name: str = "Vary (Region)", **body: Any) -> str:
    """Open a dialog on a single picture and give the id of the waiting task."""
    single = await wire.finished("a cute cat --v 6.1", "U1")
    return str((await wire.click(single, name, **body)).json["result"])


async def test_a_task_has_every_field_at_every_stage(wire: Wire) -> None:
    """Null keys are included, and buttons are never null, P§4.3."""
    task_id = await wire.imagine("a cat", state="mine")
    for _ in range(9):
        row = await wire.fetch(task_id)
        assert set(row) == FIELDS
        assert isinstance(row["buttons"], list)
        wire.wait(8)


async def test_a_task_is_shown_as_it_is_at_once(wire: Wire) -> None:
    """No refresh stands between, and what is unset is null, P§5.2."""
    task_id = await wire.imagine("a cat", state="mine")
    task = wire.simulator.tasks[task_id]
    row = await wire.fetch(task_id)
    assert (row["status"], row["startTime"], row["state"]) == ("NOT_START", None, "mine")
    assert (row["progress"], row["imageUrl"], row["failReason"]) == (None, None, None)
    wire.clock.now = task.started
    assert ((await wire.fetch(task_id))["status"]) == "SUBMITTED"
    wire.clock.now = task.started + task.run / 2
    row = await wire.fetch(task_id)
    assert (row["status"], row["isCompleted"]) == ("IN_PROGRESS", False)
    wire.clock.now = task.ends
    row = await wire.fetch(task_id)
    assert (row["status"], row["progress"], row["isCompleted"]) == ("SUCCESS", "100%", True)
    assert (row["version"], row["width"], row["useTime"]) == ("v 6.1", 1024, f"{task.ends:.2f} s")


@pytest.mark.parametrize(
    ("name", "action"),
    [
        ("Vary (Subtle)", "VARIATION"),
        ("Zoom Out 2x", "OUTPAINT"),
        ("➡️", "PAN"),
        ("Upscale (Subtle)", "UPSCALE_HD"),
        ("🔄", "UPSCALE"),
        ("Animate (Low motion)", "VIDEO"),
    ],
)
async def test_actions_are_named_in_trueai_s_words(wire: Wire, name: str, action: str) -> None:
    """A reroll reports what its parent was, P§4.3."""
    single = await wire.finished("x", "U1")
    row = await wire.fetch((await wire.click(single, name)).json["result"])
    assert (row["action"], row["parentId"]) == (action, single)


async def test_a_pressed_button_is_green(wire: Wire) -> None:
    """Style 3 after it was pressed, P§4.5."""
    grid = await wire.finished()
    await wire.click(grid, "U2")
    styles = {b["label"]: b["style"] for b in (await wire.fetch(grid))["buttons"]}
    assert (styles["U1"], styles["U2"]) == (2, 3)


async def test_an_upscale_is_done_within_a_second_though_all_places_are_taken() -> None:
    """It answers 1, even where the queue overflows, and is never seen to start, P§3.3, P§5.2."""
    async with wired(profile="trueai", core_size=1, queue_size=0) as wire:
        grid = await wire.finished()
        await wire.imagine()
        assert (await wire.submit("imagine", prompt="x")).json["code"] == 9
        answer = (await wire.click(grid, "U1")).json
        assert answer["code"] == 1
        wire.wait(1)
        row = await wire.fetch(answer["result"])
        assert (row["status"], row["startTime"]) == ("SUCCESS", None)


async def test_a_full_queue_is_code_9_with_its_text() -> None:
    """Not 23, P§3.3."""
    async with wired(profile="trueai", core_size=1, queue_size=0) as wire:
        await wire.imagine()
        answer = (await wire.submit("imagine", prompt="x")).json
        assert (answer["code"], "队列已满" in answer["description"]) == (9, True)


async def test_a_queued_task_is_code_22() -> None:
    """Nobody rewrites it here, P§3.4."""
    async with wired(profile="trueai", core_size=1) as wire:
        await wire.imagine()
        answer = (await wire.submit("imagine", prompt="x")).json
        assert (answer["code"], answer["properties"]["numberOfQueues"]) == (22, 1)


async def test_a_forbidden_word_fails_late(wire: Wire) -> None:
    """The submit is accepted, P§3.3."""
    task_id = await wire.imagine("gore")
    wire.wait()
    row = await wire.fetch(task_id)
    assert row["status"] == "FAILURE"
    assert row["failReason"].startswith("[Banned prompt detected]")
    assert row["progress"] is None


@pytest.mark.parametrize("name", ["Vary (Region)", "Custom Zoom", "Vary (Strong)", "⬆️", "🔄"])
async def test_a_dialog_keeps_code_21(wire: Wire, name: str) -> None:
    """Also that of a remix, P§3.4."""
    single = await wire.finished("a cat", "U1")
    answer = (await wire.click(single, name, enableRemix=True)).json
    assert (answer["code"], answer["properties"]["remix"]) == (21, True)
    row = await wire.fetch(answer["result"])
    assert (row["status"], row["description"]) == ("MODAL", "Waiting for window confirm")


async def test_an_inpaint_has_no_prompt_until_its_dialog_is_answered(wire: Wire) -> None:
    """Then it has that of the answer, P§4.3."""
    task_id = await opened(wire)
    assert (await wire.fetch(task_id))["prompt"] == ""
    await wire.submit("modal", taskId=task_id, prompt="a crown", maskBase64=mask())
    assert (await wire.fetch(task_id))["prompt"] == "a crown"


async def test_an_answered_dialog_keeps_its_id_and_stays_modal_for_a_while(wire: Wire) -> None:
    """MODAL until Midjourney's own dialog is through, then SUBMITTED, P§5.4."""
    task_id = await opened(wire)
    answer = await wire.submit("modal", taskId=task_id, prompt="x", maskBase64=mask())
    assert (answer.json["code"], answer.json["result"]) == (1, task_id)
    row = await wire.fetch(task_id)
    assert (row["status"], row["remixModaling"]) == ("MODAL", True)
    task = wire.simulator.tasks[task_id]
    assert task.begun is not None
    assert 5 < task.started - task.begun < 33
    wire.clock.now = task.started - 0.01
    assert (await wire.fetch(task_id))["status"] == "MODAL"
    wire.clock.now = task.started
    assert (await wire.fetch(task_id))["status"] == "SUBMITTED"
    assert len(await wire.rows(task_id)) == 1


async def test_an_unanswered_dialog_waits_for_ever(wire: Wire) -> None:
    """There is no limit, P§5.5."""
    task_id = await opened(wire)
    wire.wait(30 * 86400)
    assert (await wire.fetch(task_id))["status"] == "MODAL"


async def test_a_dialog_answered_after_an_hour_fails_at_once(wire: Wire) -> None:
    """The queue counts from the click, P§5.5."""
    task_id = await opened(wire)
    wire.wait(3601)
    answer = await wire.submit("modal", taskId=task_id, prompt="x", maskBase64=mask())
    assert answer.json["code"] == 1
    row = await wire.fetch(task_id)
    assert (row["status"], row["failReason"]) == ("FAILURE", "任务提交超时")


async def test_a_queue_gives_up_after_an_hour() -> None:
    """The task never ran, and its place is not taken, P§5.5."""
    async with wired(profile="trueai", core_size=0) as wire:
        task_id = await wire.imagine()
        wire.wait(3599)
        assert (await wire.fetch(task_id))["status"] == "NOT_START"
        wire.wait(1)
        row = await wire.fetch(task_id)
        assert (row["status"], row["failReason"]) == ("FAILURE", "任务提交超时")
        assert wire.simulator.ledger.refunded(task_id) == 0.1


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/mj/submit/action", {"taskId": "404", "customId": "MJ::JOB::reroll::0::1"}),
        ("/mj/submit/modal", {"taskId": "404", "prompt": "x"}),
    ],
)
async def test_an_unknown_parent_is_404_with_code_3(
    wire: Wire, path: str, body: dict[str, str]
) -> None:
    """A submit object under another status, P§3.5."""
    answer = await wire.ask("POST", path, body)
    assert (answer.status, answer.json["code"], answer.json["result"]) == (404, 3, None)


async def test_a_parent_that_still_runs_is_code_4(wire: Wire) -> None:
    """HTTP 200, P§2.5."""
    grid = await wire.imagine()
    custom_id = wire.simulator.tasks[grid].buttons[0]["customId"]
    answer = await wire.submit("action", taskId=grid, customId=custom_id)
    assert (answer.status, answer.json["code"]) == (200, 4)


async def test_some_buttons_are_shown_and_refused(wire: Wire) -> None:
    """The heart, and those of a shorten, P§2.5."""
    single = await wire.finished("x", "U1")
    assert (await wire.click(single, "❤️")).json["code"] == 4
    row = await wire.made("shorten", prompt="a very long prompt about a cat")
    assert (await wire.click(row["id"], "1️⃣")).json["code"] == 4


async def test_only_admins_cancel_and_a_cancelled_task_is_a_failure() -> None:
    """400 with a plain text for others; 200 and no word for admins, also for no task, P§2.17."""
    async with wired(profile="trueai", keys={"sk-test"}, admins={"root"}) as wire:
        task_id = await wire.imagine()
        wire.wait(10)
        answer = await wire.ask("POST", f"/mj/task/{task_id}/cancel")
        assert (answer.status, answer.raw.decode()) == (400, "演示模式，禁止操作")
        for name in (task_id, "404"):
            headers = {"Authorization": "root"}
            answer = await wire.ask("POST", f"/mj/task/{name}/cancel", headers=headers)
            assert (answer.status, answer.raw) == (200, b"")
        row = await wire.fetch(task_id)
        assert (row["status"], row["failReason"]) == ("FAILURE", "取消任务")
        assert row["finishTime"] == 1_700_000_010_000


async def test_a_waiting_dialog_can_be_cancelled() -> None:
    """It never ran, and never will."""
    async with wired(profile="trueai", admins={"sk-test"}) as wire:
        task_id = await opened(wire)
        await wire.ask("POST", f"/mj/task/{task_id}/cancel")
        assert (await wire.fetch(task_id))["status"] == "FAILURE"


async def test_a_list_names_the_newest_hundred(wire: Wire) -> None:
    """Of all users, the newest first, P§2.16."""
    ids = [await wire.imagine(str(number)) for number in range(103)]
    rows = (await wire.ask("GET", "/mj/task/list")).json
    assert [row["id"] for row in rows] == ids[:2:-1]


async def test_list_by_ids_is_list_by_condition(wire: Wire) -> None:
    """One handler, two names, P§2.16."""
    one, two = await wire.imagine("1"), await wire.imagine("2")
    answer = await wire.ask("POST", "/mj/task/list-by-ids", {"ids": [two, "404", one]})
    assert {row["id"] for row in answer.json} == {one, two}
    numbers = await wire.ask("POST", "/mj/task/list-by-condition", {"ids": [7]})
    assert (numbers.status, numbers.json["code"]) == (200, -1)


async def test_a_state_that_is_too_long_is_a_broken_rule(wire: Wire) -> None:
    """Code -1 with 200, which an imagine wraps as code 4, P§8.3."""
    state = "s" * 256
    imagine = await wire.submit("imagine", prompt="x", state=state)
    assert (imagine.status, imagine.json["code"]) == (200, 4)
    describe = await wire.submit("describe", base64=photo(), state=state)
    assert (describe.status, describe.json["code"], describe.json["success"]) == (200, -1, False)
    assert (await wire.submit("imagine", prompt="x", state="s" * 255)).json["code"] == 1


async def test_a_used_up_quota_is_a_broken_rule() -> None:
    """It has a text of its own, P§8.3."""
    async with wired(profile="trueai", balance=0.1) as wire:
        await wire.imagine()
        answer = await wire.submit("imagine", prompt="x")
        assert (answer.json["code"], answer.json["description"]) == (4, "今日绘图次数已达上限")


async def test_a_prompt_with_pictures_has_their_links_before_it(wire: Wire) -> None:
    """What is shown need not be what was sent, P§11.1."""
    task_id = await wire.imagine("a cat", base64Array=[photo(), "https://example.org/b.png"])
    first, second, *words = (await wire.fetch(task_id))["prompt"].split()
    assert ((await wire.file(first)).type, second) == ("image/png", "https://example.org/b.png")
    assert words == ["a", "cat"]


async def test_a_prompt_that_says_video_is_one(wire: Wire) -> None:
    """Whatever route it came by, P§2.2."""
    row = await wire.made("imagine", prompt="waves --video 1 --motion low")
    assert (row["action"], len(row["videoUrls"])) == ("VIDEO", 4)


async def test_a_dialog_is_free_and_its_answer_paid_once(wire: Wire) -> None:
    """What Midjourney draws is what counts; nobody sends a bill for opening a dialog."""
    task_id = await opened(wire, "Vary (Strong)", enableRemix=True)
    assert wire.simulator.ledger.charged(task_id) == 0.0
    await wire.submit("modal", taskId=task_id, prompt="x")
    assert wire.simulator.ledger.charged(task_id) == 0.1


async def test_a_restart_queues_unfinished_tasks_again(wire: Wire) -> None:
    """They begin anew; what ended, and what waits for an answer, is left alone, P§5.5."""
    done = await wire.finished("x", "U1")
    dialog = str((await wire.click(done, "Vary (Region)")).json["result"])
    running = await wire.imagine()
    wire.wait(20)
    wire.simulator.restart()
    statuses = {row["id"]: row["status"] for row in await wire.rows(done, dialog, running)}
    assert statuses == {done: "SUCCESS", dialog: "MODAL", running: "NOT_START"}
    assert wire.simulator.tasks[running].begun == wire.simulator.now


async def test_an_extension_has_two_steps() -> None:
    """Its progress begins at 0 again in the middle, P§5.2."""
    async with wired(profile="trueai") as wire:
        row = await wire.made("video", prompt="waves", image=photo())
        clip = (await wire.click(row["id"], "U2")).json["result"]
        wire.wait(2)
        longer = (await wire.click(clip, "Extend (High motion)")).json["result"]
        task = wire.simulator.tasks[longer]
        percents = [task.percent(task.started + task.run * share / 100) for share in range(100)]
        falls = [now for before, now in pairwise(percents) if now < before]
        assert falls == [0]
        assert (await wire.fetch(longer))["action"] == "VIDEO_EXTEND"
