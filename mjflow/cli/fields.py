"""What `--json` says: one flat object per line, in the words of the library."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from attrs import asdict

from mjflow.cli.words import words_of
from mjflow.errors import FlowInvalid
from mjflow.media.sidecar import ENDING
from mjflow.media.store import Saved
from mjflow.observers import Update
from mjflow.protocol.grammar import human
from mjflow.protocol.task import Task

#: What some errors know beyond message and advice.
_DETAILS = ("task_id", "kind", "retryable", "word", "token", "wants", "available", "nearest")


def line(content: Mapping[str, Any]) -> str:
    """Write an object as one line; what is unknown is left out."""
    known = {name: value for name, value in content.items() if value is not None}
    return json.dumps(known, default=str)


def of_update(update: Update, act: str) -> dict[str, Any]:
    """Tell what happened to a task."""
    ended = update.task is not None and update.task.ended and update.kind == "state"
    return {
        "type": update.kind,
        "act": act or None,
        "key": update.key or None,
        "id": update.id,
        "state": update.state,
        "progress": update.progress,
        "queue_place": update.queue_place,
        "preview": update.preview if update.kind == "preview" else None,
        "reason": update.reason or None,
        "delay": update.delay,
        "error": type(update.error).__name__ if update.error else None,
        "message": update.error.message if update.error else None,
        "task": of_task(update.task) if ended and update.task else None,
    }


def of_task(task: Task) -> dict[str, Any]:
    """Tell what the server says of a task; here `None` stays, so that every key is there."""
    return {
        "id": task.id,
        "status": task.status,
        "progress": task.progress,
        "action": task.action,
        "prompt": task.prompt,
        "final_prompt": task.final_prompt,
        "buttons": [human(button) for button in task.buttons],
        "image_url": task.image_url,
        "video_url": task.video_url,
        "seed": task.seed,
        "fail_reason": task.fail_reason,
        "submitted_at": _at(task.submitted_at),
        "started_at": _at(task.started_at),
        "finished_at": _at(task.finished_at),
    }


def _at(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def of_saved(saved: Saved, task_id: str | None) -> dict[str, Any]:
    """Tell where a picture is."""
    return {
        "type": "saved",
        "task_id": task_id,
        "path": str(saved.path),
        "sha256": saved.sha256,
        "size": saved.whole.size,
        "width": saved.whole.width,
        "height": saved.whole.height,
        "sidecar": str(saved.path) + ENDING,
    }


def of_error(error: BaseException, code: int) -> dict[str, Any]:
    """Tell what went wrong and what to do about it."""
    message, advice = words_of(error)
    details = {name: getattr(error, name, None) for name in _DETAILS}
    return {
        "type": "error",
        "error": type(error).__name__,
        "message": message,
        "advice": advice or None,
        **{name: value for name, value in details.items() if value not in (None, "", ())},
        **_complaints(error),
        "exit_code": code,
    }


def _complaints(error: BaseException) -> dict[str, Any]:
    """List all that is wrong with a flow, each with its place."""
    if not isinstance(error, FlowInvalid):
        return {}
    return {"complaints": [asdict(complaint) for complaint in error.complaints]}
