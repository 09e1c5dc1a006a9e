"""How novicezk shows a task: no buttons, and null for what is unset (P§4.2)."""

from __future__ import annotations

from mjflow.simulator.profiles import Profile
from mjflow.simulator.views.showing import Glance
from mjflow.simulator.wire import Json


def task_object(glance: Glance, profile: Profile) -> Json:
    """Give the JSON object of a task."""
    task, failed = glance.task, glance.status == "FAILURE"
    shown: Json = {
        "id": task.id,
        "properties": glance.properties(),
        "action": task.action,
        "status": glance.status,
        "prompt": glance.prompt or None,
        "promptEn": glance.prompt or None,
        "description": f"/{task.action.lower()} {glance.prompt}".strip(),
        "state": task.state or None,
        "submitTime": glance.clock.millis(task.submitted),
        "startTime": glance.millis(task.started),
        "finishTime": glance.millis(task.ends),
        "imageUrl": glance.raw_link or None,
        "progress": task.progress(glance.at) or None,
        "failReason": task.reason if failed else None,
    }
    if not profile.shows_properties:
        del shown["properties"]
    return shown
