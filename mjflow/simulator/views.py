"""How the gateway shows a row: the task object of P§4.1, every key always present."""

from __future__ import annotations

from mjflow.simulator.clock import Clock
from mjflow.simulator.profiles import Profile
from mjflow.simulator.rows import TIMED_OUT, Row
from mjflow.simulator.tasks import Task
from mjflow.simulator.wire import Json

# Seconds by which the gateway's first idea of the time of the submit is later than the
# server's own, which replaces it at the first look.
ROUND_TRIP = 0.12


def task_object(row: Row, now: float, clock: Clock, profile: Profile, origin: str) -> Json:
    """Give the JSON object of a row; `origin` is where its picture is served."""
    seen = row.seen(now)
    shown = _unseen(row, clock) if seen is None else _seen(row, seen, clock, origin)
    if profile.video_fields:
        shown |= {"videoUrl": "", "videoUrls": None}
    return shown


def _unseen(row: Row, clock: Clock) -> Json:
    return {
        "id": row.task.id,
        "action": row.action,
        "customId": "",
        "botType": "",
        "prompt": row.prompt,
        "promptEn": "",
        "description": row.description,
        "state": "",
        "submitTime": clock.millis(row.inserted + ROUND_TRIP),
        "startTime": 0,
        "finishTime": 0,
        "imageUrl": "",
        "status": "",
        "progress": "0%",
        "failReason": "",
        "buttons": None,
        "maskBase64": "",
        "properties": None,
    }


def _seen(row: Row, seen: float, clock: Clock, origin: str) -> Json:
    task = row.task
    status = "FAILURE" if row.timed_out(seen) else task.status(seen)
    return _unseen(row, clock) | {
        "promptEn": task.prompt,
        "state": task.state,
        "submitTime": clock.millis(task.submitted),
        "startTime": clock.millis(task.started) if seen >= task.started else 0,
        "finishTime": clock.millis(task.ends) if seen >= task.ends else 0,
        "imageUrl": _image_url(task, seen, status, clock, origin),
        "status": status,
        # Also a failure is done to a hundred per cent, in the gateway's eyes.
        "progress": "100%" if status == "FAILURE" else task.progress(seen),
        "failReason": _fail_reason(row, seen, status),
        "buttons": task.buttons if task.status(seen) == "SUCCESS" else [],
        "properties": {"finalPrompt": _final_prompt(task, seen), "finalZhPrompt": ""},
    }


def _fail_reason(row: Row, seen: float, status: str) -> str:
    if row.timed_out(seen):
        return TIMED_OUT
    return row.task.failure if status == "FAILURE" else ""


def _final_prompt(task: Task, seen: float) -> str:
    if seen >= task.started:
        return task.final_prompt
    return "" if task.dialog is None else task.dialog.final_prompt


def has_picture(task: Task, seen: float) -> bool:
    """Tell whether there was anything to look at, be it a preview, at an instant."""
    status = task.status(seen)
    return status == "SUCCESS" or (status == "IN_PROGRESS" and task.percent(seen) > 0)


def _image_url(task: Task, seen: float, status: str, clock: Clock, origin: str) -> str:
    if not has_picture(task, seen):
        return ""
    url = f"{origin}/mj/image/{task.id}"
    # Nanoseconds of the present: another link at every look, until the picture is final.
    return url if status == "SUCCESS" else f"{url}?rand={clock.nanos()}"
