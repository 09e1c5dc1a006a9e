"""Links to pictures and clips where Midjourney keeps them: signed, and good for a while."""

from __future__ import annotations

import math
import re
import zlib

from mjflow.simulator.clock import Clock
from mjflow.simulator.tasks import Task

# Seconds a link is good for; with the fault "links-expire", from each look anew.
LIFETIME = 86_400.0
SHORT_LIFETIME = 30.0

#: The names of clips, which count from 0, with their numbers.
CLIPS = {f"{number - 1}.mp4": number for number in range(1, 5)}

_SLUG = re.compile(r"[^a-zA-Z0-9]+")


def picture_link(task: Task, at: float, clock: Clock, origin: str, *, preview: bool = False) -> str:
    """Give the link to a task's picture, as it is shown at an instant."""
    name = f"grid_0_{task.percent(at)}" if preview else _name(task)
    return _signed(f"{origin}/attachments/{task.id}/{name}.png", task, at, clock)


def clip_link(task: Task, number: int, at: float, clock: Clock, origin: str) -> str:
    """Give the link to one clip of a task, 1 to 4."""
    return _signed(f"{origin}/attachments/{task.id}/{number - 1}.mp4", task, at, clock)


def _name(task: Task) -> str:
    return f"{_SLUG.sub('_', task.prompt)[:40].strip('_')}_{task.job}".lstrip("_")


def _signed(url: str, task: Task, at: float, clock: Clock) -> str:
    """Sign a link as Discord does: when it ends and began, in hexadecimal seconds."""
    begins, ends = _span(task, at)
    issued, expires = (clock.millis(instant) // 1000 for instant in (begins, ends))
    proof = zlib.crc32(f"{url}:{expires}".encode())
    return f"{url}?ex={expires:x}&is={issued:x}&hm={proof:08x}"


def _span(task: Task, at: float) -> tuple[float, float]:
    if "links-expire" in task.fates:
        return at, at + SHORT_LIFETIME
    # The same link for a day, so that it only changes when the old one has run out.
    day = math.floor((at - task.submitted) / LIFETIME)
    begins = task.submitted + day * LIFETIME
    return begins, begins + LIFETIME


def is_good(expires: str, clock: Clock) -> bool:
    """Tell whether a link with this `ex` is still good."""
    try:
        return int(expires, 16) * 1000 >= clock.millis(clock.now())
    except ValueError:
        return False
