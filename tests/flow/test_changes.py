"""Flows given other values, and flows compared with older ones."""

from __future__ import annotations

from typing import Any

import pytest

from mjflow import Flow
from mjflow.errors import InvalidInput


def test_variables_can_be_set() -> None:
    """Those that there are, and those that a field asks for."""
    flow = Flow([{"imagine": "{a} {b}"}], vars={"a": "1"})
    assert flow.with_vars({"a": "2", "b": "3"}).vars == {"a": "2", "b": "3"}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("stlye", "the flow has no variable 'stlye'. Did you mean 'style'?"),
        ("animal", "the matrix of the flow has values for 'animal'"),
    ],
)
def test_other_variables_cannot_be_set(name: str, expected: str) -> None:
    """They would have no effect."""
    flow = Flow([{"imagine": "{animal}"}], vars={"style": "oil"}, matrix={"animal": ["cat"]})
    with pytest.raises(InvalidInput) as caught:
        flow.with_vars({name: "x"})
    assert str(caught.value).startswith(expected)


OLDER = Flow.parse(
    "vars: {style: oil}\nmatrix: {animal: [cat, dog]}\nsteps:\n- imagine: '{animal}'\n- click: U1\n"
    "- fork:\n    a: [click: Vary (Subtle)]\n"
)


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"name": "other", "mode": "relax"},
        {"vars": {"style": "oil", "new": "x"}},
        {"matrix": {"animal": ["rat", "dog", "cat"]}},
        {"matrix": {"animal": ["cat", "dog"], "include": [{"animal": "rat"}]}},
        {"steps": [{"imagine": "{animal}", "resubmit": 2, "on_error": "run", "mode": "fast"}]},
        {"steps": [..., {"fork": {"a": [{"click": "Vary (Subtle)"}, "download"], "b": ["split"]}}]},
    ],
)
def test_additions_are_no_changes(changed: dict[str, Any]) -> None:
    """Nor is how things are done."""
    assert _changed(changed).only_adds(OLDER) == []


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"vars": {}}, ["the variable style is gone"]),
        ({"vars": {"style": "ink"}}, ["the variable style was 'oil', and is 'ink' now"]),
        ({"matrix": {"animal": ["cat"]}}, ["the matrix has no animal=dog any more"]),
        (
            {"matrix": {"animal": ["cat", "dog"], "size": ["1"]}},
            ["the matrix has no animal=cat any more", "the matrix has no animal=dog any more"],
        ),
        (
            {"steps": [{"imagine": "a {animal}"}]},
            ["step 1 was imagine: {animal}, and is imagine: a {animal} now"],
        ),
        (
            {"steps": [..., {"click": "U2"}]},
            ["step 3 was fork, and is click: U2 now"],
        ),
        (
            {"steps": [..., {"fork": {"b": ["split"]}}]},
            ["step 3: the branch a is gone"],
        ),
        (
            {"steps": [..., {"fork": {"a": ["split"]}}]},
            ["step 3, a 1 was click: Vary (Subtle), and is split: {button}-{id}-{cell} now"],
        ),
    ],
)
def test_changes_are_told(changed: dict[str, Any], expected: list[str]) -> None:
    """Each with what it was."""
    assert _changed(changed).only_adds(OLDER) == expected


def test_a_shorter_list_is_a_change() -> None:
    """What was paid for would be left lying."""
    shorter = Flow(OLDER.steps[:2], vars=OLDER.vars, matrix=OLDER.matrix)
    assert shorter.only_adds(OLDER) == ["step 3 is gone: fork"]
    assert OLDER.only_adds(shorter) == []


def _changed(changed: dict[str, Any]) -> Flow:
    """Make the older flow anew with changes; `...` stands for its first steps, or its last."""
    steps: list[Any] = list(OLDER.steps)
    match changed.get("steps"):
        case [first_dots, other] if first_dots is ...:
            steps = [*OLDER.steps[:2], other]
        case [first]:
            steps = [first, *OLDER.steps[1:]]
    given = {"vars": OLDER.vars, "matrix": OLDER.matrix, **changed, "steps": steps}
    return Flow(**given)
