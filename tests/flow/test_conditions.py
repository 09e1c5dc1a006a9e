"""What a step's `when` asks of the branch's task and of the item."""

from __future__ import annotations

import pytest

from mjflow.flow.machine.conditions import holds, offers
from mjflow.flow.steps import When
from mjflow.protocol.task import Button, Task

from .machines import task_of

PICTURE = task_of("7", "Vary (Region)", "Upscale (Subtle)", "Zoom Out 2x", action="UPSCALE")


@pytest.mark.parametrize(
    ("wanted", "there"),
    [
        ("Vary (Region)", True),
        ("vary region", True),
        ("🖌️", True),
        ("zoom", True),
        ("*(*)*", True),
        (" vary_region ", True),
        ("Upscale (Creative)", False),
        ("U1", False),
        ("nonsense", False),
        ("*creative*", False),
        ("of-8-Vary (Region)", False),
    ],
)
def test_a_button_is_there_in_any_spelling(wanted: str, there: bool) -> None:
    """Of several that fit a glob or a family, any will do."""
    assert offers(PICTURE, wanted) is there


def test_a_custom_id_means_that_very_button() -> None:
    """Another task's button of the same kind is another one."""
    task = Task(id="7", buttons=(Button(custom_id="MJ::JOB::upsample::1::abc"),))
    assert offers(task, "MJ::JOB::upsample::1::abc")
    assert not offers(task, "MJ::JOB::upsample::1::xyz")


@pytest.mark.parametrize(
    ("action", "wanted", "there"),
    [
        ("IMAGINE", "U1", True),
        ("IMAGINE", "variation 3", True),
        ("VARIATION", "🔄", True),
        ("IMAGINE", "Vary (Region)", False),
        ("IMAGINE", "zoom", False),
        ("UPSCALE", "U1", False),
        ("DESCRIBE", "1", False),
    ],
)
def test_a_grid_without_buttons_offers_the_classic_ones(
    action: str, wanted: str, there: bool
) -> None:
    """A server that sends no buttons takes U, V and reroll for every grid (P§2.3)."""
    assert offers(Task(id="7", action=action), wanted) is there


@pytest.mark.parametrize(
    ("when", "held"),
    [
        (When(), True),
        (When(action="UPSCALE"), True),
        (When(action=" upscale "), True),
        (When(action="IMAGINE"), False),
        (When(param={"a": "1"}), True),
        (When(param={"a": "1", "b": "2"}), False),
        (When(param={"c": ""}), False),
        (When(has_button="vary region", action="UPSCALE", param={"a": "1"}), True),
        (When(has_button="vary region", action="UPSCALE", param={"a": "2"}), False),
    ],
)
def test_all_of_it_has_to_hold(when: When, held: bool) -> None:
    """One thing that does not is enough to skip the step."""
    assert holds(when, PICTURE, {"a": "1", "b": "3"}) is held


@pytest.mark.parametrize(
    ("when", "held"),
    [
        (When(has_button="U1"), False),
        (When(action="IMAGINE"), False),
        (When(param={"a": "1"}), True),
    ],
)
def test_before_the_first_act_there_is_no_task_to_ask(when: When, held: bool) -> None:
    """Only the item's values can be asked for."""
    assert holds(when, None, {"a": "1"}) is held
