"""What the benchmarks' server says: a gateway's task with ten buttons, about 1.6 KB of JSON."""

from __future__ import annotations

import json
from typing import Any

JOB = "125fd761-3d07-4252-8513-8a07dce51ce7"
PROMPT = "a cute cat --v 6.1"


def body(task_id: str, status: str, progress: str) -> bytes:
    """Write a task as a new-api gateway does: every key, in its order, and compact."""
    return json.dumps(
        _task(task_id, status, progress), ensure_ascii=False, separators=(",", ":")
    ).encode()


def _task(task_id: str, status: str, progress: str) -> dict[str, Any]:
    final = {"finalPrompt": PROMPT, "finalZhPrompt": ""}
    return {
        "id": task_id,
        "action": "IMAGINE",
        "customId": "",
        "botType": "",
        "prompt": PROMPT,
        "promptEn": PROMPT,
        "description": "提交成功",
        "state": "mj1.0123456789abcdef:order-17",
        "submitTime": 1768464763141,
        "startTime": 1768464764152,
        "finishTime": 0,
        "imageUrl": f"https://api.example.com/mj/image/{task_id}",
        "status": status,
        "progress": progress,
        "failReason": "",
        "buttons": _buttons(),
        "maskBase64": "",
        "properties": final,
    }


def _buttons() -> list[dict[str, Any]]:
    """Make what a grid offers (P§6.1), and the heart of a single picture as the tenth."""
    upscales = [_button(f"JOB::upsample::{n}", f"U{n}") for n in range(1, 5)]
    variations = [_button(f"JOB::variation::{n}", f"V{n}") for n in range(1, 5)]
    others = [_button("JOB::reroll::0", "", "🔄"), _button("BOOKMARK", "", "❤️")]
    return [*upscales, *variations, *others]


def _button(part: str, label: str, emoji: str = "") -> dict[str, Any]:
    custom_id = f"MJ::{part}::{JOB}"
    return {"customId": custom_id, "emoji": emoji, "label": label, "type": 2, "style": 2}
