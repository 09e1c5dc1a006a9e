"""The order of buttons: which result offers which, and what a press gives."""

from __future__ import annotations

import pytest

from mjflow.errors import InvalidInput
from mjflow.protocol.grammar import TABLE, Stage
from mjflow.protocol.order import known_on, label_of_press, stage_after

GRID, PICTURE, CLIPS, CLIP = Stage.GRID, Stage.PICTURE, Stage.CLIPS, Stage.CLIP
DESCRIBE, SHORTEN = Stage.DESCRIBE, Stage.SHORTEN


@pytest.mark.parametrize(
    ("name", "stage", "gives"),
    [
        ("U1", GRID, PICTURE),
        ("V4", GRID, GRID),
        ("reroll", GRID, GRID),
        ("reroll", PICTURE, GRID),
        ("upscale_subtle", PICTURE, PICTURE),
        ("vary_region", PICTURE, GRID),
        ("animate_high", PICTURE, CLIPS),
        ("U1", CLIPS, CLIP),
        ("extend_low", CLIP, CLIPS),
        ("1", DESCRIBE, GRID),
        ("imagine_all", DESCRIBE, GRID),
        ("describe_retry", DESCRIBE, DESCRIBE),
        ("show_details", SHORTEN, SHORTEN),
        ("3", SHORTEN, GRID),
        ("bookmark", PICTURE, None),
        # On nobody knows what, it is known where all that are called so give the same.
        ("vary_region", None, GRID),
        ("U1", None, None),
        ("*redo*", PICTURE, None),
        ("MJ::JOB::upsample::1::abc", GRID, None),
    ],
)
def test_what_a_press_gives(name: str, stage: Stage | None, gives: Stage | None) -> None:
    """A button leads from one kind of result to the next."""
    assert stage_after(name, name, stage) is gives


@pytest.mark.parametrize("row", [row for row in TABLE if row.stage], ids=lambda row: row.name)
def test_a_button_is_refused_where_no_result_offers_it(row: object) -> None:
    """Every button of the table, on every kind of result that has none of its name."""
    name = row.name  # type: ignore[attr-defined]
    homes = {other.stage for other in TABLE if other.name == name}
    for stage in Stage:
        if stage in homes:
            stage_after(name, name, stage)
            continue
        with pytest.raises(InvalidInput, match="and here it would be pressed on"):
            stage_after(name, name, stage)


def test_the_vendors_own_question_is_answered() -> None:
    """Vary (Region) of a grid: upscale first."""
    with pytest.raises(InvalidInput) as caught:
        stage_after("vary_region", "region", GRID)
    assert str(caught.value) == (
        "'Vary (Region)' is a button of a single picture, and here it would be pressed on a grid "
        "of four. Click U1, U2, U3 or U4 first."
    )


@pytest.mark.parametrize(
    ("wanted", "stage", "name"),
    [
        ("u 1", GRID, "U1"),
        ("R", GRID, "reroll"),
        ("R", DESCRIBE, "describe_retry"),
        ("🔄", DESCRIBE, "describe_retry"),
        ("🔄", None, "reroll"),
        ("*creative*", PICTURE, "*creative*"),
    ],
)
def test_a_spelling_means_the_button_that_is_offered(
    wanted: str, stage: Stage | None, name: str
) -> None:
    """Some are written alike, and no result has both."""
    assert known_on(wanted, stage) == name


def test_a_slip_of_the_keyboard_names_the_nearest() -> None:
    """It is the caller's mistake, not the server's."""
    with pytest.raises(InvalidInput, match="Did you mean 'upscale_subtle'") as caught:
        known_on("upscal subtel", PICTURE)
    assert type(caught.value) is InvalidInput


@pytest.mark.parametrize(
    ("name", "wanted", "label"),
    [
        ("vary_region", "region", "Vary (Region)"),
        ("reroll", "R", "reroll"),
        ("2", "2", "text 2"),
        ("*redo*", "*redo*", "*redo*"),
    ],
)
def test_labels(name: str, wanted: str, label: str) -> None:
    """A button is called as people call it."""
    assert label_of_press(name, wanted) == label
