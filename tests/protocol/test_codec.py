"""The codec: requests into bytes, bytes into tasks and peeks."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mjflow.errors import InvalidInput, NotAnApi, ReplyUnreadable
from mjflow.protocol.codec import (
    Peek,
    build_task,
    digest,
    encode,
    peek,
    peek_all,
    percent,
    read_task,
    read_tasks,
)
from mjflow.protocol.requests import (
    Action,
    Change,
    Fetch,
    Imagine,
    ListByCondition,
    Modal,
    Request,
)
from mjflow.protocol.status import ENDED, Status
from mjflow.protocol.task import Button, Picture, Task, TaskDetails
from tests.strategies import (
    DIALECTS,
    Wire,
    any_wire_tasks,
    body_of,
    ids,
    json_values,
    junk_bodies,
    odd_tasks,
    states,
    texts,
    wire_tasks,
)


#: A list that holds itself.
RING: list[Any] = []
RING.append(RING)


class TestRequests:
    """Requests into bytes."""

    @pytest.mark.parametrize(
        ("request_", "body"),
        [
            (Imagine(prompt="a cat"), {"prompt": "a cat", "state": ""}),
            (
                Imagine(
                    prompt="a cat",
                    base64_array=("data:image/png;base64,AA==",),
                    bot_type="NIJI_JOURNEY",
                    account_filter={"modes": ["FAST"], "nijiRemix": True},
                    notify_hook="https://example.com/hook",
                    state="mj1.abc:order",
                    extra={"noStorage": True},
                ),
                {
                    "prompt": "a cat",
                    "base64Array": ["data:image/png;base64,AA=="],
                    "botType": "NIJI_JOURNEY",
                    "accountFilter": {"modes": ["FAST"], "nijiRemix": True},
                    "notifyHook": "https://example.com/hook",
                    "state": "mj1.abc:order",
                    "noStorage": True,
                },
            ),
            (
                Action(task_id="007", custom_id="MJ::Inpaint::1", enable_remix=False, state="s"),
                {"taskId": "007", "customId": "MJ::Inpaint::1", "enableRemix": False, "state": "s"},
            ),
            (
                Change(task_id="14001934816969359", action="REROLL"),
                {"taskId": "14001934816969359", "action": "REROLL", "index": 1, "state": ""},
            ),
            (Modal(task_id="1"), {"taskId": "1", "state": ""}),
            (
                Modal(task_id="1", prompt="crown", mask_base64="data:image/png;base64,AA=="),
                {
                    "taskId": "1",
                    "prompt": "crown",
                    "maskBase64": "data:image/png;base64,AA==",
                    "state": "",
                },
            ),
            (ListByCondition(ids=("01", "2")), {"ids": ["01", "2"]}),
        ],
    )
    def test_post_bodies(self, request_: Request, body: dict[str, Any]) -> None:
        """A POST carries camelCase JSON, without the fields that are not set."""
        assert json.loads(encode(request_)) == body

    def test_get_has_no_body(self) -> None:
        """A GET has no body."""
        assert encode(Fetch(task_id="1")) == b""

    @given(
        st.one_of(
            st.builds(Imagine, prompt=texts, state=states, base64_array=st.just(())),
            st.builds(Action, task_id=ids, custom_id=texts, state=states, extra=st.just({})),
            st.builds(Modal, task_id=ids, prompt=texts, state=states, extra=st.just({})),
        )
    )
    def test_texts_arrive_unchanged(self, request_: Imagine | Action | Modal) -> None:
        """What was set can be read back out of the body, ids as strings with all their digits."""
        body = json.loads(encode(request_))
        fields = {"taskId": "task_id", "customId": "custom_id", "prompt": "prompt"}
        sent = {name: getattr(request_, ours, None) for name, ours in fields.items()}
        assert {name: body.get(name) or None for name in fields} == {
            name: value or None for name, value in sent.items()
        }
        assert body["state"] == request_.state

    @pytest.mark.parametrize("name", ["prompt", "state"])
    def test_extra_replaces_nothing(self, name: str) -> None:
        """`extra` that names a field which is set is refused."""
        with pytest.raises(InvalidInput, match=f"extra= cannot replace .*{name}"):
            encode(Imagine(prompt="a cat", extra={name: "other"}))

    @pytest.mark.parametrize("value", [object(), RING, 1j])
    def test_extra_must_be_json(self, value: object) -> None:
        """`extra` that has no JSON is refused as input."""
        with pytest.raises(InvalidInput, match="cannot be written as JSON"):
            encode(Imagine(prompt="a cat", extra={"x": value}))

    def test_broken_characters_are_refused(self) -> None:
        """A prompt with half a surrogate pair is refused as input."""
        with pytest.raises(InvalidInput, match="broken characters"):
            encode(Imagine(prompt="a cat \udcff"))


class TestDigest:
    """The sum of what is asked for."""

    CAT = Imagine(prompt="a cat", extra={"a": 1, "b": {"c": 2, "d": 3}})

    @pytest.mark.parametrize(
        "same",
        [
            attrs.evolve(CAT, state="mj1.abc:x"),
            attrs.evolve(CAT, notify_hook="https://example.com/hook"),
            attrs.evolve(CAT, extra={"b": {"d": 3, "c": 2}, "a": 1}),
        ],
    )
    def test_the_attempt_does_not_count(self, same: Imagine) -> None:
        """The state, the address to notify and the order of keys do not change the digest."""
        assert digest(same) == digest(self.CAT)

    @pytest.mark.parametrize(
        "other",
        [
            attrs.evolve(CAT, prompt="a dog"),
            attrs.evolve(CAT, base64_array=("data:image/png;base64,AA==",)),
            attrs.evolve(CAT, extra={}),
            Modal(task_id="", prompt="a cat", extra=CAT.extra),
        ],
    )
    def test_the_content_counts(self, other: Imagine | Modal) -> None:
        """Any other difference, the route included, changes the digest."""
        assert digest(other) != digest(self.CAT)

    def test_is_stable(self) -> None:
        """A digest stands in journals, so what it is made of may never change."""
        made_of = b'["/mj/submit/imagine",{"prompt":"a cat"}]'
        assert digest(Imagine(prompt="a cat", state="x")) == sha256(made_of).hexdigest()


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
""".split()


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

    @pytest.mark.parametrize("known", SHEET)
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


class TestLists:
    """Lists of tasks."""

    @given(st.lists(any_wire_tasks, max_size=4))
    def test_rows(self, wires: list[Wire]) -> None:
        """Rows come in their order, two of one id too (P§2.16)."""
        body = body_of(wires)
        assert [task.raw for task in read_tasks(body)] == wires
        assert [row.id for row in peek_all(body)] == [wire["id"] for wire in wires]

    @pytest.mark.parametrize("read", [read_tasks, peek_all])
    def test_null_is_an_empty_list(self, read: Callable[[bytes], list[Any]]) -> None:
        """A gateway's empty list may come as null."""
        assert read(b"null") == []

    @pytest.mark.parametrize("read", [read_tasks, peek_all])
    def test_rows_without_id_are_left_out(self, read: Callable[[bytes], list[Any]]) -> None:
        """One bad row does not sink the others."""
        rows = read(b'[{"id":""},{"status":"SUCCESS"},7,{"id":5,"status":"MODAL"}]')
        assert [(row.id, row.status) for row in rows] == [("5", "MODAL")]

    @pytest.mark.parametrize("body", [b"{}", b'{"id":"1"}', b'[{"code":-1}]', b"[1]", b'"x"'])
    @pytest.mark.parametrize("read", [read_tasks, peek_all])
    def test_no_list(self, read: Callable[[bytes], list[Any]], body: bytes) -> None:
        """Something else than a list, or a list without a single task, is unreadable."""
        with pytest.raises(ReplyUnreadable):
            read(body)


class TestPeeks:
    """Peeks agree with whole tasks."""

    def test_peek(self) -> None:
        """A peek has the four fields as the wire has them."""
        assert peek(body_of(GATEWAY)) == Peek(
            id="1768464763141701",
            status="SUCCESS",
            progress="100%",
            image_url="https://api.example.com/mj/image/1768464763141701",
        )

    @pytest.mark.parametrize("dialect", DIALECTS)
    @given(data=st.data())
    def test_agrees_on_every_dialect(self, dialect: str, data: st.DataObject) -> None:
        """A peek and the whole task agree on all that they share."""
        body = body_of(data.draw(wire_tasks(dialect)))
        assert shared_by(peek(body)) == shared(read_task(body))

    @given(junk_bodies)
    @example(b'{"id":"1","x":"\xff"}')
    @example(b'{"id":"1","\xff":1}')
    @example(b'{"id":"1","x":' + b"9" * 5000 + b"}")
    @example(b'{"id":"1","x":1e999}')
    @example(b'{"id":"1","x":"\\ud800"}')
    @example(b'{"id":"\\ud800"}')
    @example(b'{"id":"1","x":NaN}')
    @example(b'\xef\xbb\xbf{"id":"1"}')
    @example(b'{"id":2,"id":"1"}')
    @example(b'{"id":"1","status":7,"progress":57}')
    @example(b'{"id":"1","x":' + b"[" * 90_000 + b"]" * 90_000 + b"}")
    def test_agrees_on_junk(self, body: bytes) -> None:
        """For junk both raise, and nothing but our error, or neither does and they agree."""
        assert outcome(lambda: shared_by(peek(body))) == outcome(lambda: shared(read_task(body)))
        assert outcome(lambda: [shared_by(row) for row in peek_all(body)]) == outcome(
            lambda: [shared(task) for task in read_tasks(body)]
        )

    @given(st.lists(odd_tasks(), max_size=3))
    def test_lists_agree(self, wires: list[Wire]) -> None:
        """Lists agree row by row, also on which rows are left out."""
        body = body_of(wires)
        assert outcome(lambda: [shared_by(row) for row in peek_all(body)]) == outcome(
            lambda: [shared(task) for task in read_tasks(body)]
        )


class TestJunk:
    """Bodies that are no task."""

    @pytest.mark.parametrize(
        ("body", "message"),
        [
            (b"", "the server's answer is empty"),
            (b" \r\n", "the server's answer is empty"),
            (b'{"id":"1","sta', 'is not JSON, or is cut short: {"id":"1","sta'),
            (b"upstream timed out", "is not JSON, or is cut short: upstream timed out"),
            (b'{"status":"SUCCESS"}', "is JSON, but not a task"),
            (b'{"code":-1,"message":"no such thing"}', "but not a task: no such thing"),
            (b"null", "is JSON, but not a task"),
            (b'{"id":""}', "is JSON, but not a task"),
            (b'{"id":true}', "is JSON, but not a task"),
            (b'{"id":1.5}', "is JSON, but not a task"),
            (b'{"id":"a\\u0007b"}', "is JSON, but not a task"),
        ],
    )
    @pytest.mark.parametrize("read", [read_task, peek])
    def test_says_what_came(
        self, read: Callable[[bytes], Task | Peek], body: bytes, message: str
    ) -> None:
        """The error says what came instead of a task."""
        with pytest.raises(ReplyUnreadable, match=message.replace("{", "\\{")):
            read(body)

    @pytest.mark.parametrize("body", [b"<!DOCTYPE html><html>", b"\n <html>", b"\xef\xbb\xbf<x/>"])
    @pytest.mark.parametrize("read", [read_task, peek, read_tasks, peek_all])
    def test_web_pages(self, read: Callable[[bytes], object], body: bytes) -> None:
        """A web page is told from other junk."""
        with pytest.raises(NotAnApi):
            read(body)


class TestPercent:
    """Progress."""

    @pytest.mark.parametrize(
        ("told", "read"),
        [
            ("57%", 57),
            ("0%", 0),
            ("100%", 100),
            ("57", 57),
            (" 57 % ", 57),
            ("57.9%", 57),
            (57, 57),
            ("101%", None),
            ("-1%", None),
            ("", None),
            (None, None),
            ("Waiting to start", None),
            (True, None),
            ([], None),
        ],
    )
    def test_percent(self, told: object, read: int | None) -> None:
        """Percents are read in all their spellings; anything else is none (P§4.4)."""
        assert percent(told) == read

    @given(json_values)
    def test_never_fails(self, value: object) -> None:
        """Whatever comes, it is 0 to 100 or none."""
        assert percent(value) in {None, *range(101)}


def shared(task: Task) -> tuple[object, ...]:
    """Return what a task has in common with a peek."""
    return task.id, task.status, task.progress, task.image_url


def shared_by(seen: Peek) -> tuple[object, ...]:
    """Return the same of a peek, read."""
    return seen.id, Status.read(seen.status), percent(seen.progress), seen.image_url or None


def outcome(read: Callable[[], object]) -> object:
    """Return what a reader returns, or the class of our error; let any other error through."""
    try:
        return read()
    except ReplyUnreadable as error:
        return type(error)


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
