"""Bytes into whole tasks."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mjflow.protocol.codec import build_task, read_task
from mjflow.protocol.status import ENDED, Status
from mjflow.protocol.task import Button, Picture, Task, TaskDetails
from tests.strategies import DIALECTS, Wire, any_wire_tasks, body_of, odd_tasks, wire_tasks

#: A gateway's answer, as P§4.1 has it.
GATEWAY: Wire = {
    "id": "1768464763141701",
    "action": "IMAGINE",
    "customId": "",
    "botType": "",
    "maskBase64": "",
    "prompt": "a cute cat --v 6.1",
    "promptEn": "a cute cat --v 6.1",
    "description": "Submit success",
    "state": "mj1.abcdefghijklmnopqrst:order-17",
    "submitTime": 1768464763141,
    "startTime": 1768464765000,
    "finishTime": 0,
    "imageUrl": "https://api.example.com/mj/image/1768464763141701",
    "status": "SUCCESS",
    "progress": "100%",
    "failReason": "",
    "buttons": [
        {"customId": "MJ::JOB::upsample::1::u", "emoji": "", "label": "U1", "type": 2, "style": 3}
    ],
    "properties": {"finalPrompt": "a cute cat", "finalZhPrompt": ""},
}


#: The fields of P§4.3, but the id.
SHEET = """
    parentId userId isWhite nonce interactionMetadataId messageId messageIds
    remixModalMessageId instanceId subInstanceId jobId clientIp
    action botType realBotType mode requestMode accountFilter version language
    status isCompleted progress failReason hasAIReviewRetried remixAutoSubmit remixModaling
    description state prompt promptEn promptFull submitTime startTime finishTime useTime
    imageUrl imageUrls baseImageUrl thumbnailUrl url proxyUrl height width size contentType
    imageHeight imageWidth storageOption
    videoType isHdVideo videoUrl videoUrls videoGenOriginImageUrl videoDuration frameCount
    seed seedError seedMessageId
    isThirdParty isDiscord isPartner isPartnerRelax partnerTaskId partnerTaskInfo isOfficial
    officialTaskId officialTaskInfo isReplicate replicateSource replicateTarget
    buttons displays properties
"""


class TestTasks:
    """Bytes into tasks."""

    def test_gateway_task(self) -> None:
        """A gateway's task is read with its quirks gone."""
        assert read_task(body_of(GATEWAY)) == Task(
            id="1768464763141701",
            status=Status.SUCCESS,
            progress=100,
            action="IMAGINE",
            prompt="a cute cat --v 6.1",
            prompt_en="a cute cat --v 6.1",
            final_prompt="a cute cat",
            description="Submit success",
            state="order-17",
            token="abcdefghijklmnopqrst",
            submitted_at=datetime(2026, 1, 15, 8, 12, 43, 141000, tzinfo=UTC),
            started_at=datetime(2026, 1, 15, 8, 12, 45, tzinfo=UTC),
            image_url="https://api.example.com/mj/image/1768464763141701",
            buttons=(Button(custom_id="MJ::JOB::upsample::1::u", label="U1", style=3),),
            properties={"finalPrompt": "a cute cat", "finalZhPrompt": ""},
        )

    @pytest.mark.parametrize("dialect", DIALECTS)
    @given(data=st.data())
    def test_round_trip(self, dialect: str, data: st.DataObject) -> None:
        """Every field of every dialect can be told back from the task; `raw` is the wire."""
        wire = data.draw(wire_tasks(dialect))
        task = read_task(body_of(wire))
        assert task.raw == wire
        assert told_back(task) == normal(wire)

    @pytest.mark.parametrize(
        ("dialect", "kind"),
        [("gateway", type(None)), ("novicezk", type(None)), ("trueai", TaskDetails)],
    )
    @given(data=st.data())
    def test_details_are_trueais(self, dialect: str, kind: type, data: st.DataObject) -> None:
        """Only a trueai task has details."""
        assert type(build_task(data.draw(wire_tasks(dialect))).details) is kind

    @pytest.mark.parametrize("known", SHEET.split())
    def test_every_field_of_the_sheet_is_read(self, known: str) -> None:
        """No field of P§4.3 is left to `raw` alone: each makes a difference to the task."""
        entries = [{"url": "u", "customId": "c"}]
        samples: list[Any] = ["MODAL", 1, True, {"a": "b"}, ["1"], entries]
        empty = build_task({"id": "0", "instanceId": None})
        tasks = [build_task({"id": "0", "instanceId": None, known: sample}) for sample in samples]
        assert any(task != empty for task in tasks)

    @given(odd_tasks())
    def test_only_the_id_is_demanded(self, wire: Wire) -> None:
        """A task with a usable id is read, whatever the types of its other fields."""
        wire["id"] = "0741798445574458"
        assert read_task(body_of(wire)).id == "0741798445574458"

    @given(st.text(max_size=12), any_wire_tasks)
    def test_unknown_statuses_have_not_ended(self, word: str, wire: Wire) -> None:
        """A task has ended by the three words of P§5.1, and by no other."""
        wire["status"] = word
        assert read_task(body_of(wire)).ended == (word in ENDED)

    @pytest.mark.parametrize(
        ("wire_id", "task_id"),
        [("0741798445574458", "0741798445574458"), (14001934816969359, "14001934816969359")],
    )
    def test_ids_keep_their_digits(self, wire_id: object, task_id: str) -> None:
        """Leading zeros and digits beyond 2^53 survive, in texts and in integers (P§3.2)."""
        assert read_task(body_of({"id": wire_id})).id == task_id

    @pytest.mark.parametrize(
        ("entries", "buttons"),
        [
            (None, ()),
            ({}, ()),
            ([{"customId": "a"}], (Button(custom_id="a"),)),
            ([{"customId": "a", "label": None, "emoji": 5, "type": None, "style": "x"}],
             (Button(custom_id="a", emoji="5"),)),
            ([{"label": "a link"}, {"customId": "a"}, None, 7], (Button(custom_id="a"),)),
            ([{"customId": ""}, {"customId": None}], ()),
        ],
    )  # fmt: skip
    def test_buttons(self, entries: object, buttons: tuple[Button, ...]) -> None:
        """A button needs only its custom id; links and junk are left out (P§4.5)."""
        assert build_task({"id": "1", "buttons": entries}).buttons == buttons

    @pytest.mark.parametrize(
        ("entries", "pictures"),
        [
            (None, ()),
            ([{"url": "u", "thumbnail": ""}], (Picture(url="u"),)),
            ([{"url": "u", "thumbnail": "t"}], (Picture(url="u", thumbnail="t"),)),
            (["u", "", None, {"url": ""}], (Picture(url="u"),)),
        ],
    )
    def test_pictures(self, entries: object, pictures: tuple[Picture, ...]) -> None:
        """Pictures come as objects or as links; those without a link are left out."""
        assert build_task({"id": "1", "imageUrls": entries}).image_urls == pictures

    @pytest.mark.parametrize("value", [0, None, -1, "", "soon", 1.5e300, 10**30, True, []])
    def test_times_that_are_none(self, value: object) -> None:
        """0, null and nonsense are no time (P§4.4)."""
        assert build_task({"id": "1", "startTime": value}).started_at in (
            None,
            datetime(1970, 1, 1, 0, 0, 0, 1000, tzinfo=UTC),
        )

    def test_broken_text_hides_no_status(self) -> None:
        """A text cut inside a character, as a server's column limit does, is repaired."""
        task = read_task('{"id":"1","status":"FAILURE","failReason":"任'.encode()[:-1] + b'"}')
        assert (task.status, task.fail_reason) == (Status.FAILURE, "\ufffd")


def milliseconds(at: datetime | None) -> int:
    """Return epoch milliseconds, 0 for none."""
    return round(at.timestamp() * 1000) if at else 0


def normal(wire: Wire) -> Wire:
    """Bring a dialect's spellings of "nothing" to one, and statuses to the known ones."""
    known = {status.value for status in Status}
    properties = wire.get("properties") or {}
    return {
        **{name: wire.get(name) or "" for name in TEXTS},
        **{name: wire.get(name) or 0 for name in TIMES},
        **{name: wire.get(name) or None for name in DETAILS},
        "status": wire["status"] if wire["status"] in known else "",
        "properties": properties,
        "finalPrompt": properties.get("finalPrompt", ""),
        "finalZhPrompt": properties.get("finalZhPrompt", ""),
        "buttons": [{**NO_BUTTON, **button} for button in wire.get("buttons") or []],
        "imageUrls": pairs(wire.get("imageUrls")),
        "videoUrls": pairs(wire.get("videoUrls")),
    }


def pairs(entries: list[dict[str, Any]] | None) -> list[tuple[str, str | None]]:
    """Return links and thumbnails of the entries that have a link."""
    return [(e["url"], e.get("thumbnail") or None) for e in entries or [] if e["url"]]


def told_back(task: Task) -> Wire:
    """Write a task as `normal` has it."""
    details = task.details or TaskDetails()
    state = task.state if task.token is None else f"mj1.{task.token}:{task.state}"
    return {
        **{name: getattr(task, ours) or "" for name, ours in TEXTS.items()},
        **{name: milliseconds(getattr(task, ours)) for name, ours in TIMES.items()},
        **{name: getattr(details, ours) or None for name, ours in DETAILS.items()},
        "state": state,
        "messageIds": list(details.message_ids) or None,
        "status": task.status.value,
        "properties": task.properties,
        "finalPrompt": task.final_prompt,
        "finalZhPrompt": task.final_zh_prompt,
        "buttons": [
            {
                "customId": button.custom_id,
                "label": button.label,
                "emoji": button.emoji,
                "type": button.type,
                "style": button.style,
            }
            for button in task.buttons
        ],
        "imageUrls": [(picture.url, picture.thumbnail) for picture in task.image_urls],
        "videoUrls": [(picture.url, picture.thumbnail) for picture in task.video_urls],
    }


NO_BUTTON = {"label": "", "emoji": "", "type": 2, "style": 2}
TEXTS = {
    "id": "id",
    "action": "action",
    "prompt": "prompt",
    "promptEn": "prompt_en",
    "description": "description",
    "state": "state",
    "failReason": "fail_reason",
    "imageUrl": "image_url",
    "videoUrl": "video_url",
    "customId": "custom_id",
    "botType": "bot_type",
    "maskBase64": "mask_base64",
    "seed": "seed",
}
TIMES = {"submitTime": "submitted_at", "startTime": "started_at", "finishTime": "finished_at"}
DETAILS = {
    "parentId": "parent_id",
    "isWhite": "is_white",
    "nonce": "nonce",
    "interactionMetadataId": "interaction_metadata_id",
    "messageIds": "message_ids",
    "instanceId": "instance_id",
    "jobId": "job_id",
    "mode": "mode",
    "accountFilter": "account_filter",
    "version": "version",
    "isCompleted": "is_completed",
    "hasAIReviewRetried": "has_ai_review_retried",
    "useTime": "use_time",
    "imageHeight": "image_height",
    "imageWidth": "image_width",
    "size": "size",
    "isHdVideo": "is_hd_video",
    "videoDuration": "video_duration",
    "isDiscord": "is_discord",
    "officialTaskInfo": "official_task_info",
    "displays": "displays",
}
