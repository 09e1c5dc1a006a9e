"""Which of Midjourney's own jobs stands behind a finished task."""

from __future__ import annotations

import re

from mjflow.protocol import wire
from mjflow.protocol.task import Task

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def job_of(task: Task) -> str:
    """
    Return the job's uuid, from the custom ids of the buttons; `""` where nothing tells it.

    A novicezk server shows no buttons and tells it as `messageHash` (P§4.2, P§6).
    """
    places = [button.custom_id for button in task.buttons]
    places.append(wire.text(task.properties.get("messageHash")))
    found = next(filter(None, map(_UUID.search, places)), None)
    return found[0].lower() if found else ""
