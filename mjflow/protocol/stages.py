"""What kind of result a finished task ended with: a grid, a single picture, a video, texts."""

from __future__ import annotations

from collections.abc import Mapping

from mjflow.protocol.grammar import Stage, row_of
from mjflow.protocol.task import Task

# Buttons that only a grid has.  V1 is not among them: where its label is missing, "Make
# Variations" of a single picture looks the same (P§6.2).
_OF_A_GRID = frozenset({"U1", "U2", "U3", "U4", "V2", "V3", "V4"})

_WORDS: Mapping[Stage, str] = {
    Stage.GRID: (
        "IMAGINE VARIATION LOW_VARIATION HIGH_VARIATION REROLL BLEND PAN ZOOM CUSTOM_ZOOM OUTPAINT "
        "INPAINT PIC_READER EDIT EDITS RETEXTURE"
    ),
    Stage.PICTURE: "UPSCALE UPSCALE_HD SWAP_FACE",
    Stage.CLIPS: "VIDEO VIDEO_EXTEND SWAP_VIDEO_FACE",
    Stage.DESCRIBE: "DESCRIBE",
    Stage.SHORTEN: "SHORTEN",
}
_BY_ACTION = {action: stage for stage, words in _WORDS.items() for action in words.split()}


def stage_of(task: Task) -> Stage | None:
    """
    Tell what a task ended with: by its clips, else its buttons, else its action (P§4, P§6).

    `None` if none of them tells.  The action alone has to do at novicezk, which has no buttons;
    elsewhere it is the weakest sign, for some servers call every click `ACTION`.
    """
    rows = [row for button in task.buttons if (row := row_of(button))]
    offered = {row.stage for row in rows}
    if task.video_url or task.video_urls:
        return Stage.CLIP if Stage.CLIP in offered else Stage.CLIPS
    if any(row.stage is Stage.GRID and row.name in _OF_A_GRID for row in rows):
        return Stage.GRID
    others = (stage for stage in Stage if stage in offered and stage is not Stage.GRID)
    return next(others, None) or stage_of_action(task.action)


def stage_of_action(action: str) -> Stage | None:
    """Tell what a task with this action most likely ends with; `None` for a word that says none."""
    return _BY_ACTION.get(action)


def ends_in_texts(task: Task) -> bool:
    """Whether texts are all that it gave: the picture of a describe is the one described."""
    return stage_of(task) in (Stage.DESCRIBE, Stage.SHORTEN)
