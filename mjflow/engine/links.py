"""Where a task's pictures are, and until when: plain functions."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qs, quote, urlsplit

from mjflow.protocol.task import Task

#: A link without an expiry never runs out.
NEVER = datetime.max.replace(tzinfo=UTC)


def links_of(task: Task) -> tuple[str, ...]:
    """
    Return the links of a finished task's results: all of a video's clips, else its picture.

    A grid is one picture; the four in it are single pictures only after U.
    """
    if task.video_urls:
        return tuple(video.url for video in task.video_urls)
    if task.video_url:
        return (task.video_url,)
    if task.image_url:
        return (task.image_url,)
    return tuple(picture.url for picture in task.image_urls)


def is_video(task: Task) -> bool:
    """Whether the server names clips; what else it names is but a picture of them."""
    return bool(task.video_url or task.video_urls)


def gateway_link(task: Task) -> str:
    """Return the path under which a gateway serves a task's picture itself (P§2.18)."""
    return f"/mj/image/{quote(task.id, safe='')}"


def expires_at(link: str) -> datetime:
    """Tell when a link runs out: Discord's carry it as hexadecimal seconds in `ex`."""
    try:
        values = parse_qs(urlsplit(link).query).get("ex")
        return datetime.fromtimestamp(int(values[0], 16), UTC) if values else NEVER
    except (ValueError, OverflowError, OSError):  # junk is for the transport to complain of
        return NEVER
