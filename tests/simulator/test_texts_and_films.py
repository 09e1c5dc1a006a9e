"""Acts that end in texts or films, and where their buttons lead (P§2.8 to P§2.10, P§6.3)."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from PIL import Image

from mjflow.simulator import PROFILES
from mjflow.simulator.acts.texts import shortened

from .samples import ROOTS, photo
from .wires import Wire, wired

BOTH = ("gateway", "trueai")
KEYCAPS = ["1️⃣", "2️⃣", "3️⃣", "4️⃣"]


def names(row: Any) -> list[str]:
    """Give the labels of a task's buttons, or the emoji of those without."""
    return [button["label"] or button["emoji"] for button in row["buttons"]]


@pytest.mark.parametrize("profile", PROFILES)
async def test_a_describe_ends_in_four_numbered_lines_and_its_own_picture(profile: str) -> None:
    """The text is the prompt and the final prompt; the picture is what was sent, P§2.8."""
    async with wired(profile=profile) as wire:
        task_id = (await wire.submit("describe", base64=photo("orange"))).json["result"]
        assert not (await wire.fetch(task_id))["prompt"]
        wire.wait()
        row = await wire.fetch(task_id)
        lines = row["promptEn"].split("\n\n")
        assert [line.partition(" ")[0] for line in lines] == KEYCAPS
        assert all(re.search(r" --ar \d:\d$", line) for line in lines)
        assert row["properties"]["finalPrompt"] == row["promptEn"]
        sent = Image.open(io.BytesIO((await wire.file(row["imageUrl"])).raw))
        assert (sent.size, sent.convert("RGB").getpixel((3, 3))) == ((64, 48), (255, 165, 0))


async def test_a_described_link_stays_where_it_is() -> None:
    """The picture is the input, P§2.8."""
    async with wired(profile="trueai") as wire:
        row = await wire.made("describe", link="https://example.org/a.png")
        assert row["imageUrl"] == "https://example.org/a.png"


@pytest.mark.parametrize("profile", BOTH)
async def test_a_line_of_a_describe_is_drawn_through_a_dialog(profile: str) -> None:
    """PicReader always asks, and offers its line, P§5.3, P§6.3."""
    async with wired(profile=profile) as wire:
        row = await wire.made("describe", base64=photo())
        assert names(row) == [*KEYCAPS, "🔄", "Imagine all"]
        answer = (await wire.click(row["id"], "2️⃣")).json
        line = row["promptEn"].split("\n\n")[1].partition(" ")[2]
        assert answer["properties"] == {"finalPrompt": line, "remix": True}
        assert answer["code"] == (1 if profile == "gateway" else 21)
        task_id = answer["result"]
        assert (await wire.submit("modal", taskId=task_id)).json["code"] == 1
        wire.wait(120)
        wire.wait(120)
        drawn = await wire.fetch(task_id)
        assert (drawn["status"], drawn["promptEn"]) == ("SUCCESS", line)
        assert names(drawn)[:4] == ["U1", "U2", "U3", "U4"]


async def test_imagine_all_starts_four_tasks_under_one_result() -> None:
    """The ids come with commas between them, P§3.1, P§6.3."""
    async with wired(profile="trueai") as wire:
        row = await wire.made("describe", base64=photo())
        answer = (await wire.click(row["id"], "Imagine all", state="mj1.t:")).json
        ids = answer["result"].split(",")
        wire.wait()
        lines = [line.partition(" ")[2] for line in row["promptEn"].split("\n\n")]
        assert [(await wire.fetch(task_id))["prompt"] for task_id in ids] == lines
        submit = wire.simulator.ledger.tokens()["mj1.t"][0]
        assert [submit.task_id, *submit.others] == ids
        assert submit.charged == 0.4


async def test_imagine_all_is_refused_behind_a_gateway(wire: Wire) -> None:
    """A plus server does not support it, P§6.3."""
    row = await wire.made("describe", base64=photo())
    assert (await wire.click(row["id"], "Imagine all")).json["code"] == 4


@pytest.mark.parametrize("profile", BOTH)
async def test_a_describe_can_be_had_again(profile: str) -> None:
    """The same picture, other lines, no dialog, P§6.3."""
    async with wired(profile=profile) as wire:
        row = await wire.made("describe", base64=photo())
        again = (await wire.click(row["id"], "🔄")).json["result"]
        wire.wait()
        other = await wire.fetch(again)
        assert (other["action"], other["status"]) == ("DESCRIBE", "SUCCESS")
        assert other["promptEn"] != row["promptEn"]
        files = [(await wire.file(task["imageUrl"])).raw for task in (row, other)]
        assert files[0] == files[1]


async def test_a_shorten_offers_up_to_five_prompts_through_dialogs(wire: Wire) -> None:
    """Each shorter than the one before, with the parameters kept, P§2.9."""
    row = await wire.made("shorten", prompt="a very long prompt about a cute cat in rain --v 7")
    lines = row["properties"]["finalPrompt"].split("\n\n")
    assert len(names(row)) == len(lines) == 5
    assert [len(line) for line in lines] == sorted((len(line) for line in lines), reverse=True)
    assert all(line.endswith(" --v 7") for line in lines)
    assert row["imageUrl"] == ""
    answer = (await wire.click(row["id"], "3️⃣")).json
    assert answer["properties"]["finalPrompt"] == lines[2].partition(" ")[2]


@pytest.mark.parametrize(("prompt", "count"), [("cat", 1), ("a cat", 2), ("a b c d e f g h", 5)])
def test_a_short_prompt_has_fewer_shorter_forms(prompt: str, count: int) -> None:
    """No form comes twice."""
    forms = [form.partition(" ")[2] for form in shortened(prompt)]
    assert len({*forms}) == len(forms) == count


@pytest.mark.parametrize("profile", BOTH)
async def test_a_video_has_four_clips_one_can_be_picked_and_made_longer(profile: str) -> None:
    """By its buttons, P§6.3."""
    async with wired(profile=profile) as wire:
        row = await wire.made("video", **ROOTS["video"])
        assert names(row) == ["U1", "U2", "U3", "U4"]
        links = [video["url"] for video in row["videoUrls"]]
        assert (len(links), row["videoUrl"]) == (4, links[0])
        picked = (await wire.click(row["id"], "U3")).json["result"]
        wire.wait()
        clip = await wire.fetch(picked)
        assert names(clip) == ["Extend (High motion)", "Extend (Low motion)"]
        assert len(clip["videoUrls"]) == 1
        longer = (await wire.click(picked, "Extend (Low motion)")).json["result"]
        wire.wait(240)
        assert len((await wire.fetch(longer))["videoUrls"]) == 4


@pytest.mark.parametrize("profile", BOTH)
async def test_a_clip_is_made_longer_by_its_index_from_0(profile: str) -> None:
    """Unlike the buttons', it counts from 0, P§2.10."""
    async with wired(profile=profile) as wire:
        row = await wire.made("video", **ROOTS["video"])
        body = {"action": "extend", "taskId": row["id"], "motion": "high"}
        for index in (4, -1, None):
            assert (await wire.submit("video", **body, index=index)).json["code"] == 4
        answer = await wire.submit("video", **body, index=3)
        task = wire.simulator.tasks[answer.json["result"]]
        assert (answer.json["code"], task.cell) == (1, 4)


async def test_an_extension_wants_a_finished_video_of_the_user(wire: Wire) -> None:
    """The gateway checks first, the server behind after it, P§2.10."""
    grid = await wire.finished()
    body = {"action": "extend", "index": 0, "prompt": "x"}
    unknown = await wire.submit("video", **body, taskId="404")
    assert (unknown.status, unknown.json["description"]) == (400, "task_not_found ")
    assert (await wire.submit("video", **body, taskId=grid)).json["code"] == 4


async def test_animate_brings_a_single_picture_to_move(wire: Wire) -> None:
    """Without remix there is no dialog, P§5.3, and the gateway books a video."""
    single = await wire.finished("x", "U2")
    answer = (await wire.click(single, "Animate (Low motion)")).json
    assert answer["properties"].get("remix") is None
    wire.wait(240)
    row = await wire.fetch(answer["result"])
    assert (row["action"], row["status"], len(row["videoUrls"])) == ("VIDEO", "SUCCESS", 4)


async def test_animate_asks_in_remix_mode(wire: Wire) -> None:
    """For a prompt, P§5.3."""
    single = await wire.finished("x", "U2")
    answer = (await wire.click(single, "Animate (Low motion)", enableRemix=True)).json
    assert answer["properties"]["remix"] is True
