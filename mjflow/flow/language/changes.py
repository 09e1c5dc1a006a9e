"""What one flow says that another did not: additions, and all else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from mjflow.flow.language.forms import FORM_OF
from mjflow.flow.language.values import plain
from mjflow.flow.matrix import cells
from mjflow.flow.steps import Fork, Step

if TYPE_CHECKING:
    from mjflow.flow.flow import Flow

#: More than this of one kind are counted.
_FEW = 3
# How a step is done, not what: whoever changes these pays nothing twice.
_MANNER = ("mode", "resubmit", "on_error")


def beyond(newer: Flow, older: Flow) -> list[str]:
    """Say what is different in a newer flow, apart from what it adds."""
    return [
        *_vars(newer.vars, older.vars),
        *_matrices(newer, older),
        *_steps(newer.steps, older.steps, "step"),
    ]


def _vars(newer: Mapping[str, str], older: Mapping[str, str]) -> Iterator[str]:
    for name, value in older.items():
        if name not in newer:
            yield f"the variable {name} is gone"
        elif newer[name] != value:
            yield f"the variable {name} was {value!r}, and is {newer[name]!r} now"


def _matrices(newer: Flow, older: Flow) -> Iterator[str]:
    there = {frozenset(cell.items()) for cell in cells(newer.matrix)}
    gone = [cell for cell in cells(older.matrix) if frozenset(cell.items()) not in there]
    for cell in gone[:_FEW]:
        named = ", ".join(f"{name}={value}" for name, value in cell.items())
        yield f"the matrix has no {named} any more" if cell else "there was no matrix before"
    if len(gone) > _FEW:
        yield f"the matrix lacks {len(gone) - _FEW:,} more"


def _steps(newer: Sequence[Step], older: Sequence[Step], where: str) -> Iterator[str]:
    for number, (new, old) in enumerate(zip_longest(newer, older), 1):
        if old is None:
            return
        if new is None:
            yield f"{where} {number} is gone: {described(old)}"
        elif isinstance(new, Fork) and isinstance(old, Fork):
            yield from _forks(new, old, f"{where} {number}")
        elif _content(new) != _content(old):
            yield f"{where} {number} was {described(old)}, and is {described(new)} now"


def _forks(new: Fork, old: Fork, where: str) -> Iterator[str]:
    if {**_content(new), "fork": 0} != {**_content(old), "fork": 0}:
        yield f"{where} was {described(old)}, and is {described(new)} now"
    for name, tail in old.tails.items():
        if name not in new.tails:
            yield f"{where}: the branch {name} is gone"
        else:
            yield from _steps(new.tails[name], tail, f"{where}, {name}")


def _content(step: Step) -> dict[str, Any]:
    return {name: value for name, value in plain(step).items() if name not in _MANNER}


def described(step: Step) -> str:
    """Write a step in one short line."""
    form = FORM_OF[type(step)]
    pairs = {} if isinstance(step, Fork) else plain(step)
    pairs = pairs or {k: v for k, v in plain(step).items() if k != form.verb}
    text = ", ".join(f"{name}: {_short(value)}" for name, value in pairs.items())
    return text or form.verb


def _short(value: Any) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= 60 else text[:59] + "…"
