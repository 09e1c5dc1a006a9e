"""The gateway's own errors (P§1, P§2.5, P§8)."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from .wires import Wire, wired

JOB = "3dbbd469-36af-4a0f-8f02-df6c579e7011"


def shape_b(code: int, text: str) -> dict[str, Any]:
    """Give an error of the Midjourney handlers."""
    return {"code": code, "description": f"{text} ", "type": "upstream_error"}


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer sk-good"},
        {"Authorization": "bearer sk-good"},
        {"Authorization": "sk-good"},
        {"Authorization": "Bearer good"},
        {"Authorization": "", "mj-api-secret": "sk-good"},
        {"Authorization": "midjourney-proxy", "mj-api-secret": "good"},
    ],
)
async def test_a_key_may_come_in_every_usual_form(headers: dict[str, str]) -> None:
    """Bearer, raw key and `mj-api-secret` are read, with and without `sk-`, P§1."""
    async with wired(keys={"sk-good"}) as wire:
        body = {"prompt": "x"}
        answer = await wire.ask("POST", "/mj/submit/imagine", body, headers=headers)
        assert answer.status == 200


@pytest.mark.parametrize(
    ("headers", "status", "text"),
    [
        ({"Authorization": ""}, 401, "未提供令牌"),
        ({"Authorization": "Bearer sk-bad"}, 401, "无效的令牌"),
        ({"Authorization": "Bearer sk-good-7"}, 403, "普通用户不支持指定渠道"),
    ],
)
async def test_a_bad_key_is_an_error_of_shape_a(
    headers: dict[str, str], status: int, text: str
) -> None:
    """The message ends with the id of the request, which is also a header, P§1."""
    async with wired(keys={"sk-good"}) as wire:
        answer = await wire.ask("GET", "/mj/task/1/fetch", headers=headers)
        request_id = answer.headers["X-Oneapi-Request-Id"]
        assert answer.status == status
        assert answer.json == {
            "error": {"message": f"{text} (request id: {request_id})", "type": "new_api_error"}
        }


async def test_without_a_list_of_keys_any_or_none_is_good(wire: Wire) -> None:
    """A newcomer needs no key; a list of keys brings the 401 back."""
    ask = {"method": "GET", "path": "/mj/task/1/fetch"}
    assert (await wire.ask(**ask, headers={"Authorization": "sk-a-b-c"})).status == 400
    assert (await wire.ask(**ask, headers={"Authorization": ""})).status == 400


async def test_tasks_of_others_are_unknown(wire: Wire) -> None:
    """A foreign id is answered like an unknown one, in two spellings, P§2.14."""
    task_id = await wire.finished()
    other = {"Authorization": "Bearer sk-other"}
    fetch = await wire.ask("GET", f"/mj/task/{task_id}/fetch", headers=other)
    assert (fetch.status, fetch.json) == (400, shape_b(4, "task_no_found"))
    body = {"taskId": task_id, "customId": await wire.button(task_id, "U1")}
    click = await wire.ask("POST", "/mj/submit/action", body, headers=other)
    assert (click.status, click.json) == (400, shape_b(4, "task_not_found"))


@pytest.mark.parametrize(
    ("act", "body", "text"),
    [
        ("action", {"taskId": "1"}, "custom_id_is_required"),
        ("action", {"taskId": "1", "customId": f"MJ::JOB::upsample::1::{JOB}"}, "task_not_found"),
        ("change", {"taskId": "1", "index": 1}, "action_is_required"),
        ("change", {"taskId": "1", "action": "REROLL"}, "index_is_required"),
        ("change", {"taskId": "1", "action": "UPSCALE", "index": 0}, "index_is_required"),
        ("change", {"taskId": "1", "action": "UPSCALE", "index": 1}, "task_not_found"),
    ],
)
async def test_what_a_click_lacks_is_an_error_of_shape_b(
    wire: Wire, act: str, body: dict[str, Any], text: str
) -> None:
    """The gateway checks before it passes on, P§8.2."""
    answer = await wire.submit(act, **body)
    assert (answer.status, answer.json) == (400, shape_b(4, text))


async def test_a_parent_is_judged_by_the_stale_copy(wire: Wire) -> None:
    """Done at the server behind is not done at the gateway before its next tick, P§2.5."""
    grid = await wire.imagine()
    task = wire.simulator.tasks[grid]
    wire.clock.now = task.ends + 0.01
    custom_id = task.buttons[0]["customId"]
    answer = await wire.submit("action", taskId=grid, customId=custom_id)
    assert (answer.status, answer.json) == (400, shape_b(4, "task_status_not_success"))
    wire.wait(15)
    assert (await wire.submit("action", taskId=grid, customId=custom_id)).json["code"] == 1


@pytest.mark.parametrize(
    ("custom_id", "status", "text"),
    [
        ("upsample", 500, "Panic detected"),
        ("MJ::JOB", 500, "Panic detected"),
        ("MJ::upsample", 500, "Panic detected"),
        ("MJ::JOB::variation", 500, "Panic detected"),
        (f"MJ::JOB::upsample::x::{JOB}", 400, "Invalid request, index_parse_failed"),
        ("MJ::Job::Typo::1", 400, "Invalid request, unknown_action:MJ::Job::Typo::1"),
        (f"MJ::BOOKMARK::{JOB}", 400, "Invalid request, unknown_action:"),
    ],
)
async def test_a_custom_id_the_gateway_cannot_read_is_an_error_of_shape_a(
    wire: Wire, custom_id: str, status: int, text: str
) -> None:
    """It is read before the parent is looked for, P§2.5."""
    answer = await wire.submit("action", taskId="1", customId=custom_id)
    assert answer.status == status
    assert answer.json["error"]["message"].startswith(text)
    kind = "new_api_panic" if status == 500 else "new_api_error"
    assert answer.json["error"]["type"] == kind


@pytest.mark.parametrize(
    "body",
    [
        {"taskId": 1320098173412546, "customId": "MJ::x"},
        {"prompt": "x", "state": 7},
        {"prompt": ["x"]},
        {"prompt": "x", "base64Array": "data:"},
        {"prompt": "x", "base64Array": [1]},
        {"taskId": "1", "action": "UPSCALE", "index": "1"},
        {"taskId": "1", "action": "UPSCALE", "index": True},
        ["prompt"],
    ],
)
async def test_a_field_of_a_wrong_type_is_a_binding_error(wire: Wire, body: Any) -> None:
    """Nothing is converted, P§8.2."""
    answer = await wire.ask("POST", "/mj/submit/imagine", body)
    assert answer.status == 400
    assert answer.json["error"]["message"].startswith("Invalid request, json: cannot unmarshal")


@pytest.mark.parametrize(
    ("data", "content_type", "status", "text"),
    [
        (b"", "application/json", 400, "Invalid request, EOF"),
        (b"{", "application/json", 400, "Invalid request, "),
        (b"", "text/plain", 400, "read_request_body_failed "),
        (b'{"prompt": "x"}', "text/plain", 400, "prompt_is_required "),
    ],
)
async def test_a_body_that_is_no_json_object_is_refused(
    wire: Wire, data: bytes, content_type: str, status: int, text: str
) -> None:
    """Without the JSON type every field is empty, P§1."""
    headers = {"Content-Type": content_type}
    answer = await wire.ask("POST", "/mj/submit/imagine", data=data, headers=headers)
    message = answer.json["error"]["message"] if "error" in answer.json else None
    assert answer.status == status
    assert (message or answer.json["description"]).startswith(text)


@pytest.mark.parametrize(
    ("act", "body"),
    [("simple-change", {"content": "1 U2"}), ("change", {"action": "BLEND", "taskId": "1"})],
)
async def test_an_action_without_a_channel_is_503(
    wire: Wire, act: str, body: dict[str, Any]
) -> None:
    """No channel offers a model for it, P§2.4."""
    answer = await wire.submit(act, **body)
    assert answer.status == 503
    assert "无可用渠道" in answer.json["error"]["message"]


async def test_an_empty_balance_is_an_error_of_shape_b() -> None:
    """What was given back may be spent again, P§8.2."""
    async with wired(balance=0.25) as wire:
        await wire.imagine("x --stop 1")
        await wire.imagine()
        answer = await wire.submit("imagine", prompt="x")
        assert (answer.status, answer.json) == (400, shape_b(4, "quota_not_enough"))
        wire.wait()
        assert (await wire.submit("imagine", prompt="x")).status == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/mj/task/list"),
        ("GET", "/mj/task/1/image-seed/x"),
        ("GET", "/mj/submit/imagine"),
        ("POST", "/mj/task/1/fetch"),
        ("POST", "/mj/submit/retexture"),
        ("POST", "/mj/task/1/cancel"),
        ("HEAD", "/mj/task/1/fetch"),
    ],
)
async def test_what_is_not_routed_is_a_web_page(wire: Wire, method: str, path: str) -> None:
    """An unknown path is answered with the dashboard and HTTP 200, P§2.19."""
    answer = await wire.ask(method, path)
    assert (answer.status, answer.type) == (200, "text/html")


async def test_what_is_not_routed_below_api_is_404(wire: Wire) -> None:
    """Some paths have an error of their own, P§2.19."""
    answer = await wire.ask("GET", "/v1/models")
    assert answer.status == 404
    assert answer.json["error"]["message"] == "Invalid URL (GET /v1/models)"


async def test_a_body_over_30_mb_is_refused_without_a_word(wire: Wire) -> None:
    """The framework of the server behind cuts it, P§1."""
    text = json.dumps({"prompt": "x", "base64": "A" * (30 * 1024 * 1024)})
    data = io.BytesIO(text.encode())
    headers = {"Content-Type": "application/json"}
    answer = await wire.ask("POST", "/mj/submit/imagine", data=data, headers=headers)
    assert (answer.status, answer.raw) == (413, b"")
    assert wire.simulator.ledger.charges == []
