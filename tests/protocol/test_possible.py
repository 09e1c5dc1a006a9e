"""Which buttons a kind of server can press at all, told before anything is paid."""

from __future__ import annotations

import pytest

from mjflow.errors import InvalidInput, UnknownButton
from mjflow.protocol.buttons import check_possible, label_of
from mjflow.protocol.dialect import DIALECTS, GATEWAY, NOVICEZK, TRUEAI, Dialect
from mjflow.protocol.grammar import TABLE

CLASSIC = ["U1", "U2", "U3", "U4", "V1", "V2", "V3", "V4", "reroll"]


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=lambda dialect: dialect.name)
@pytest.mark.parametrize("wanted", [*CLASSIC, "upscale 2", "🔄", "r"])
def test_the_buttons_of_a_grid_are_everywhere(wanted: str, dialect: Dialect) -> None:
    """U, V and reroll have a call of their own where there are no buttons (P§2.3)."""
    check_possible(wanted, dialect)


@pytest.mark.parametrize("dialect", [GATEWAY, TRUEAI], ids=lambda dialect: dialect.name)
@pytest.mark.parametrize("wanted", [*(row.name for row in TABLE), "*redo*", "a new button"])
def test_where_there_are_buttons_the_task_itself_decides(wanted: str, dialect: Dialect) -> None:
    """Nothing is refused before the task's own buttons are known."""
    check_possible(wanted, dialect)


@pytest.mark.parametrize("name", sorted({row.name for row in TABLE} - {*CLASSIC}))
def test_a_server_without_buttons_says_why_not_and_who_can(name: str) -> None:
    """One line, before the tasks that lead there are paid."""
    with pytest.raises(UnknownButton) as refused:
        check_possible(name, NOVICEZK)
    assert refused.value.message == (
        "a novicezk server has no buttons beyond U1-U4, V1-V4 and reroll, "
        f"so {label_of(name)} is not possible there"
    )
    assert refused.value.advice == "A gateway or a trueai server offers it."
    assert list(refused.value.available) == CLASSIC


@pytest.mark.parametrize(
    ("wanted", "named"),
    [
        ("vary region", "Vary (Region)"),
        ("Custom Zoom", "Custom Zoom"),
        ("⬅️", "pan_left"),
        ("MJ::Inpaint::1::x::SOLO", "Vary (Region)"),
        ("*redo*", "*redo*"),
    ],
)
def test_the_button_is_named_as_people_know_it(wanted: str, named: str) -> None:
    """However it was written."""
    with pytest.raises(UnknownButton, match="is not possible there") as refused:
        check_possible(wanted, NOVICEZK)
    assert f"so {named} is" in refused.value.message


def test_a_misspelt_button_is_told_as_one() -> None:
    """What is no button anywhere is not said to be missing on this server."""
    with pytest.raises(UnknownButton, match="no button is called 'U9'"):
        check_possible("U9", NOVICEZK)


@pytest.mark.parametrize("wanted", ["U1", "V3", "reroll", "🔄"])
def test_data_for_a_dialog_that_a_server_never_opens_is_refused(wanted: str) -> None:
    """It would be drawn, and paid, without what was asked for."""
    with pytest.raises(InvalidInput, match="has no dialogs"):
        check_possible(wanted, NOVICEZK, answered=True)
    check_possible(wanted, NOVICEZK)
    check_possible(wanted, GATEWAY, answered=True)
