"""What servers of the family say, literally: answers to submits (P§3) and rows of tasks (P§4)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from mjflow.protocol.codec import build_task
from mjflow.protocol.task import Task
from mjflow.protocol.verdicts import NotSent, Reply, Unanswered

Json = dict[str, Any]

# --- answers to submits (P§3) -------------------------------------------------------------


def reply(body: Any, status: int = 200, retry_after: float | None = None) -> Reply:
    return Reply(status, json.dumps(body, ensure_ascii=False).encode(), retry_after)


def answered(code: int, result: Any, description: str = "", **properties: Any) -> Reply:
    return reply(
        {"code": code, "description": description, "result": result, "properties": properties}
    )


def accepted(task_id: str) -> Reply:
    return answered(1, task_id, "提交成功")


def queued(task_id: str, place: int) -> Reply:
    return answered(22, task_id, "排队中，前面还有任务", numberOfQueues=place)


def existing(task_id: str) -> Reply:
    return answered(21, task_id, "任务已存在", status="SUCCESS", imageUrl="https://cdn/1.png")


def asking(task_id: str, prompt: str = "") -> Reply:
    """Say that a button which always opens a dialog has opened it."""
    return answered(21, task_id, "Waiting for window confirm", finalPrompt=prompt, remix=True)


def remix(task_id: str, prompt: str = "") -> Reply:
    """Say the same of a remix dialog, as a gateway rewrites it."""
    return answered(1, task_id, "Waiting for window confirm", finalPrompt=prompt, remix=True)


def gateway_error(description: str, code: int = 4, status: int = 400) -> Reply:
    error = {"code": code, "description": description, "result": "", "type": "upstream_error"}
    return reply(error, status)


def shape_a(message: str, status: int) -> Reply:
    return reply({"error": {"message": message, "type": "new_api_error"}}, status)


def queue_full() -> Reply:
    return answered(23, None, "队列已满，请稍后尝试")


def queue_full_9() -> Reply:
    return answered(9, None, "提交失败，队列已满")


def saturated(retry_after: float | None = None) -> Reply:
    body = {"code": 30, "description": "当前分组负载已饱和", "type": "upstream_error"}
    return reply(body, 429, retry_after)


def no_channel() -> Reply:
    return shape_a("当前分组 default 下无可用渠道", 503)


def code_3() -> Reply:
    """Say that there is no account, or no such parent."""
    return answered(3, None, "无可用的账号实例")


def banned(word: str) -> Reply:
    return answered(24, None, "可能包含敏感词", promptEn="a cat", bannedWord=word)


def invalid() -> Reply:
    return answered(4, None, "参数错误")


def failed_9() -> Reply:
    return answered(9, None, "系统异常")


def key_refused() -> Reply:
    return shape_a("无效的令牌", 401)


def quota_empty() -> Reply:
    return gateway_error("quota_not_enough")


def blocked() -> Reply:
    return reply({"success": False, "code": -1, "message": "账号已被临时封锁"})


def parent_stale() -> Reply:
    return gateway_error("task_status_not_success")


def task_not_found() -> Reply:
    return gateway_error("task_no_found")


def web_page() -> Reply:
    return Reply(200, b"<!doctype html><html><title>Shop</title></html>")


def bad_gateway() -> Reply:
    return Reply(502, b"<html><title>502 Bad Gateway</title></html>")


def code_5() -> Reply:
    return gateway_error("do_request_failed", 5, 500)


UNREACHABLE = NotSent("cannot connect to mj.example: Connection refused")
LOST = Unanswered("mj.example did not answer in time")

# --- rows of tasks (P§4) ------------------------------------------------------------------

UUID = "7b4e9a52-0c1d-4f0e-9a8e-3d8f2b6c1a90"

GRID: tuple[tuple[str, str], ...] = (
    *((f"MJ::JOB::upsample::{n}::{UUID}", f"U{n}") for n in range(1, 5)),
    (f"MJ::JOB::reroll::0::{UUID}::SOLO", ""),
    *((f"MJ::JOB::variation::{n}::{UUID}", f"V{n}") for n in range(1, 5)),
)
PICTURE: tuple[tuple[str, str], ...] = (
    (f"MJ::JOB::high_variation::1::{UUID}::SOLO", "Vary (Strong)"),
    (f"MJ::Inpaint::1::{UUID}::SOLO", "Vary (Region)"),
    (f"MJ::CustomZoom::{UUID}", "Custom Zoom"),
    (f"MJ::Outpaint::50::1::{UUID}::SOLO", "Zoom Out 2x"),
)
DESCRIBED: tuple[tuple[str, str], ...] = (("MJ::Job::PicReader::all", "Imagine all"),)

BUTTONS = GRID + PICTURE + DESCRIBED


def row(
    status: str,
    progress: str = "",
    *,
    buttons: Iterable[tuple[str, str]] = (),
    prompt: str = "a cat",
    reason: str = "",
    **more: Any,
) -> Json:
    return {
        "status": status,
        "progress": progress,
        "action": "IMAGINE",
        "prompt": prompt,
        "promptEn": prompt,
        "imageUrl": "https://cdn.example/1.png" if status == "SUCCESS" else "",
        "failReason": reason,
        "buttons": [{"customId": custom_id, "label": label} for custom_id, label in buttons],
        "properties": {},
        **more,
    }


UNREAD = row("")
WAITING = row("SUBMITTED", "0%")
RUNNING = row("IN_PROGRESS", "42%")
OPEN = row("MODAL")
DONE = row("SUCCESS", "100%", buttons=BUTTONS)
FAILED = row("FAILURE", "100%", reason="任务超时")


def task(task_id: str = "7", **changes: Any) -> Task:
    """Build a finished task that has every button."""
    return build_task({**DONE, "id": task_id, **changes})
