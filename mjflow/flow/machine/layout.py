"""
A flow made ready for machines: all that is the same for every item is worked out once, and shared.

Each step becomes a *line* that knows the next one.  A branch stands at a line, so that to go on,
or to go on in several ways, is to take another reference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self, TypeVar

import attrs
from attrs import evolve, frozen

from mjflow.flow.flow import Flow
from mjflow.flow.machine import keys
from mjflow.flow.steps import (
    CURRENT,
    Change,
    Choose,
    Click,
    Fork,
    Step,
    Submitting,
    When,
)
from mjflow.flow.templates import fill
from mjflow.protocol.buttons import label_of, traits

_Record = TypeVar("_Record", bound=Step | When)

# What is filled in otherwise, or names code, or was made by Python.
_NOT_TEXTS = frozenset({"id", "when", "place", "spots", "scorer", "tails", "name"})
_PICTURES = ("image", "end_image", "source", "target")
_LETTERS = {"UPSCALE": "U", "VARIATION": "V"}


@frozen(eq=False)
class Act:
    """One submit: what a step asks for, with the one button that is meant."""

    step: Submitting
    #: Its part of the key, see `keys`.
    part: str
    #: What it is: `imagine`, or the button's canonical name.
    name: str
    #: What a person calls it.
    label: str
    #: Whether it builds on the task that the branch has come to.
    builds: bool


@frozen(eq=False)
class Line:
    """A step in its place."""

    step: Step
    #: What comes next on the branch; `None` at the end of a list.
    after: Line | None
    #: Where branches that split here come together again, if anywhere.
    join: Line | None
    #: Its part of keys, see `keys`.
    mark: str
    #: What it submits; `None` where that depends on the item's values.
    acts: tuple[Act, ...] | None
    #: Of a fork: the names of its tails, and their first lines.
    tails: tuple[tuple[str, Line | None], ...]


@frozen(eq=False)
class Layout:
    """A flow's lines."""

    #: `None` if it has no steps.
    first: Line | None

    @classmethod
    def of(cls, flow: Flow) -> Self:
        """Lay a flow out."""
        return cls.of_steps(flow.steps)

    @classmethod
    def of_steps(cls, steps: Sequence[Step]) -> Self:
        """Lay a list of steps out."""
        return cls(_laid(steps))


def acts_of(step: Submitting, mark: str) -> tuple[Act, ...]:
    """List what a step with all its texts filled in submits: of a click one for each button."""
    if isinstance(step, Click):
        return tuple(_pressed(step, mark, button) for button in step.buttons)
    if isinstance(step, Change):
        name = _classic(step)
        return (Act(step, mark, name, label_of(name), builds=True),)
    name = keys.name_of(step)
    return (Act(step, mark, name, name, builds=_uses_current(step)),)


def filled(record: _Record, values: Mapping[str, str]) -> _Record:
    """
    Fill in all texts of a step or a condition.

    Raises:
        InvalidInput: A text is malformed, or names a value that there is not.
    """
    names = _open_fields(record)
    changes: dict[str, Any] = {name: _filled(getattr(record, name), values) for name in names}
    return evolve(record, **changes) if changes else record


def is_open(record: Step | When) -> bool:
    """Whether there is anything to be filled in."""
    return any(_open_fields(record))


# --- lines -----------------------------------------------------------------------------------


def _laid(steps: Sequence[Step]) -> Line | None:
    """Make lines of a list, from its end, and return the first."""
    joins = _joins(steps)
    lines: list[Line | None] = [None] * (len(steps) + 1)
    for at in reversed(range(len(steps))):
        join = joins[at]
        lines[at] = _line(steps[at], lines[at + 1], None if join is None else lines[join])
    return lines[0]


def _line(step: Step, after: Line | None, join: Line | None) -> Line:
    mark, acts = "", None
    if isinstance(step, Submitting):
        mark = keys.mark_of(step)
        acts = None if is_open(step) else acts_of(step, mark)
    elif not isinstance(step, Fork):
        mark = keys.mark_apart(step)
    tails = _tails(step) if isinstance(step, Fork) else ()
    return Line(step, after, join, mark, acts, tails)


def _tails(step: Fork) -> tuple[tuple[str, Line | None], ...]:
    return tuple((name, _laid(steps)) for name, steps in step.tails.items())


def _joins(steps: Sequence[Step]) -> list[int | None]:
    """
    Tell for each step at which choice its branches come together.

    Splits and choices are like brackets.  Any other step may split too, should one of its buttons
    start several tasks; whatever splits between two brackets comes together where they close.
    """
    reach = _reach(steps)
    return [
        next((choice for choice, first in reach.items() if first <= at < choice), None)
        for at in range(len(steps))
    ]


def _reach(steps: Sequence[Step]) -> dict[int, int]:
    """Return the places of the choices, and where the splits begin that each of them joins."""
    reach: dict[int, int] = {}
    opened: list[int] = []
    for at, step in enumerate(steps):
        if isinstance(step, Choose):
            reach[at] = opened.pop() if opened else 0
        elif isinstance(step, Click) and _splits(step):
            opened.append(at)
    return reach


def _splits(step: Click) -> bool:
    names = map(keys.canonical, step.buttons)
    return len(step.buttons) > 1 or any(traits(name).tasks > 1 for name in names)


# --- acts ------------------------------------------------------------------------------------


def _pressed(step: Click, mark: str, button: str) -> Act:
    name = keys.canonical(button)
    one = step if step.buttons == (button,) else evolve(step, buttons=(button,))
    return Act(one, keys.press(mark, name), name, label_of(name), builds=True)


def _classic(step: Change) -> str:
    """Name the button that a change call amounts to."""
    letter = _LETTERS.get(step.action.upper())
    return f"{letter}{step.index}" if letter else step.action.lower()


def _uses_current(step: Submitting) -> bool:
    named = (getattr(step, name, None) for name in _PICTURES)
    return CURRENT in named or CURRENT in getattr(step, "images", ())


# --- texts -----------------------------------------------------------------------------------


def _open_fields(record: Step | When) -> Iterator[str]:
    for field in attrs.fields(type(record)):
        if field.name not in _NOT_TEXTS and _has_braces(getattr(record, field.name)):
            yield field.name


def _has_braces(value: Any) -> bool:
    if isinstance(value, str):
        return "{" in value or "}" in value
    if isinstance(value, Mapping):
        return any(map(_has_braces, value.values()))
    return isinstance(value, tuple | list) and any(map(_has_braces, value))


def _filled(value: Any, values: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return fill(value, values)
    if isinstance(value, Mapping):
        return {name: _filled(each, values) for name, each in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(_filled(each, values) for each in value)
    return value
