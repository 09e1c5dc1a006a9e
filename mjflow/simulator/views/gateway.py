"""How the gateway shows a row: the task object of P§4.1, every key always present."""

from __future__ import annotations

from mjflow.simulator.clock import Clock
from mjflow.simulator.profiles import Profile
from mjflow.simulator.rows import TIMED_OUT, Row
from mjflow.simulator.views.showing import Glance, has_picture
from mjflow.simulator.wire import Json

# Seconds by which the gateway's first idea of the time of the submit is later than the
# server's own, which replaces it at the first look.
ROUND_TRIP = 0.12


def task_object(row: Row, now: float, clock: Clock, profile: Profile, origin: str) -> Json:
    """Give the JSON object of a row; `origin` is where its picture is served."""
    seen = row.seen(now)
    if seen is None:
        shown = _unseen(row, clock)
        films: list[str] = []
    else:
        glance = Glance(row.task, seen, now, clock, origin)
        shown, films = _seen(row, glance), glance.clips()
    if profile.video_fields:
        links = [{"url": link} for link in films] or None
        shown |= {"videoUrl": films[0] if films else "", "videoUrls": links}
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


def _seen(row: Row, glance: Glance) -> Json:
    task, seen = row.task, glance.at
    status = "FAILURE" if row.timed_out(seen) else glance.status
    return _unseen(row, glance.clock) | {
        "promptEn": glance.prompt,
        "state": task.state,
        "submitTime": glance.clock.millis(task.submitted),
        "startTime": glance.millis(task.started) or 0,
        "finishTime": glance.millis(task.ends) or 0,
        "imageUrl": _image_url(glance, status),
        "status": status,
        # Also a failure is done to a hundred per cent, in the gateway's eyes.
        "progress": "100%" if status == "FAILURE" else task.progress(seen),
        "failReason": _fail_reason(row, seen, status),
        "buttons": task.buttons if glance.status == "SUCCESS" else [],
        "properties": {"finalPrompt": glance.final_prompt, "finalZhPrompt": ""},
    }


def _fail_reason(row: Row, seen: float, status: str) -> str:
    if row.timed_out(seen):
        return TIMED_OUT
    return row.task.reason if status == "FAILURE" else ""


def _image_url(glance: Glance, status: str) -> str:
    if not has_picture(glance.task, glance.at):
        return ""
    url = f"{glance.origin}/mj/image/{glance.task.id}"
    # Nanoseconds of the present: another link at every look, until the picture is final.
    return url if status == "SUCCESS" else f"{url}?rand={glance.clock.nanos()}"
