"""What a finished task ended with."""

from __future__ import annotations

from typing import Any

import pytest

from mjflow.protocol.codec import build_task
from mjflow.protocol.grammar import TABLE, Row, Stage
from mjflow.protocol.stages import ends_in_texts, stage_of, stage_of_action
from mjflow.protocol.task import Task
from tests.wires import DESCRIBED, GRID, PICTURE, UUID

CLIPS = tuple((f"MJ::JOB::video_virtual_upscale::{n}::{UUID}", f"U{n}") for n in range(1, 5))
CLIP = ((f"MJ::JOB::animate_high_extend::1::{UUID}", "Extend (High motion)"),)
SHORTENED = ((f"MJ::Job::PromptAnalyzer::1::{UUID}", ""),)


def of(*buttons: tuple[str, str], **fields: Any) -> Task:
    """Build a task that offers these buttons."""
    offered = [{"customId": custom_id, "label": label} for custom_id, label in buttons]
    return build_task({"id": "7", "status": "SUCCESS", "buttons": offered, **fields})


@pytest.mark.parametrize(
    ("buttons", "stage"),
    [
        (GRID, Stage.GRID),
        (PICTURE, Stage.PICTURE),
        (CLIPS, Stage.CLIPS),
        (CLIP, Stage.CLIP),
        (DESCRIBED, Stage.DESCRIBE),
        (SHORTENED, Stage.SHORTEN),
        ((), None),
        (((f"MJ::BOOKMARK::{UUID}", ""),), None),
        ((("MJ::New::1", "Something New"),), None),
    ],
)
@pytest.mark.parametrize("action", ["", "ACTION", "SHOW"])
def test_the_buttons_tell(
    buttons: tuple[tuple[str, str], ...], stage: Stage | None, action: str
) -> None:
    """Also where a server calls every click by one word."""
    assert stage_of(of(*buttons, action=action)) is stage


def test_buttons_without_labels_tell_as_well() -> None:
    """Except V1 alone, which is also what a single picture's variations look like."""
    bare = [(custom_id, "") for custom_id, _ in GRID]
    v1 = (f"MJ::JOB::variation::1::{UUID}", "")
    assert stage_of(of(*bare)) is Stage.GRID
    assert stage_of(of(v1, action="UPSCALE")) is Stage.PICTURE
    assert stage_of(of(v1, *PICTURE)) is Stage.PICTURE


def test_a_video_is_told_by_its_clips() -> None:
    """Whatever its buttons and its action are."""
    for fields in (
        {"videoUrl": "https://cdn/1.mp4"},
        {"videoUrls": [{"url": "https://cdn/1.mp4"}]},
    ):
        assert stage_of(of(*GRID, action="IMAGINE", **fields)) is Stage.CLIPS
        assert stage_of(of(*CLIP, **fields)) is Stage.CLIP


@pytest.mark.parametrize(
    ("action", "stage"),
    [
        ("IMAGINE", Stage.GRID),
        ("INPAINT", Stage.GRID),
        ("EDITS", Stage.GRID),
        ("UPSCALE", Stage.PICTURE),
        ("VIDEO", Stage.CLIPS),
        ("DESCRIBE", Stage.DESCRIBE),
        ("SHORTEN", Stage.SHORTEN),
        ("MODAL", None),
        ("", None),
    ],
)
def test_without_buttons_the_action_tells(action: str, stage: Stage | None) -> None:
    """As at novicezk, which has none."""
    assert stage_of(of(action=action)) is stage
    assert stage_of_action(action) is stage


YIELDS = {"grid": Stage.GRID, "picture": Stage.PICTURE}


@pytest.mark.parametrize("row", [row for row in TABLE if row.traits.yields in YIELDS])
def test_the_table_of_buttons_says_the_same(row: Row) -> None:
    """What a click on a button gives is what its action is known to end with."""
    assert stage_of_action(row.traits.action) is YIELDS[row.traits.yields]


@pytest.mark.parametrize(
    ("action", "texts"), [("DESCRIBE", True), ("SHORTEN", True), ("IMAGINE", False), ("", False)]
)
def test_describe_and_shorten_end_in_texts(action: str, texts: bool) -> None:
    """The picture that a describe shows is the one that was described."""
    assert ends_in_texts(of(action=action)) is texts
