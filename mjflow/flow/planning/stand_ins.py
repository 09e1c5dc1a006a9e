"""Tasks that nobody has drawn, for machines that are to be seen at work without a server."""

from __future__ import annotations

from functools import lru_cache

from mjflow.protocol.grammar import TABLE, Row, Stage
from mjflow.protocol.status import Status
from mjflow.protocol.task import Button, Task

#: Custom ids of the buttons that have no label to be known by (P§6).
_IDS = {
    "reroll": "MJ::JOB::reroll::0",
    "bookmark": "MJ::BOOKMARK",
    "describe_retry": "MJ::Picread::Retry",
    **{f"pan_{way}": f"MJ::JOB::pan_{way}::1" for way in ("left", "right", "up", "down")},
}
_TEXTS = {Stage.DESCRIBE: "MJ::Job::PicReader", Stage.SHORTEN: "MJ::Job::PromptAnalyzer"}


def task_of(name: str, stage: Stage | None, action: str, *, buttons: bool) -> Task:
    """
    Make a task that has ended with this kind of result.

    Args:
        name: What to call it.
        stage: `None` if nobody knows: it has all buttons there are.
        buttons: Whether its kind of server sends any.
    """
    return Task(
        id=name,
        status=Status.SUCCESS,
        action=action,
        image_url="https://cdn.example/picture.png",
        video_url="https://cdn.example/clip.mp4" if stage in (Stage.CLIPS, Stage.CLIP) else None,
        buttons=buttons_of(stage) if buttons else (),
    )


@lru_cache
def buttons_of(stage: Stage | None) -> tuple[Button, ...]:
    """List all buttons that a kind of result may have; of one that nobody knows, all there are."""
    rows = [row for row in TABLE if stage is None or row.stage in (stage, None)]
    texts = stage in (Stage.DESCRIBE, Stage.SHORTEN)
    return tuple(_button(row) for row in rows if not (texts and row.stage is None))


def _button(row: Row) -> Button:
    if row.name.isdigit() and row.stage is not None:
        return Button(custom_id=f"{_TEXTS[row.stage]}::{row.name}")
    return Button(custom_id=_IDS.get(row.name, row.label), label=row.label)
