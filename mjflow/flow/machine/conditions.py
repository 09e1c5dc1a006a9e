"""Whether a step is to be done: what its `when` asks for, held against a task and an item."""

from __future__ import annotations

from collections.abc import Mapping

from mjflow.errors import UnknownButton
from mjflow.flow.steps import When
from mjflow.protocol.buttons import as_change, fitting, known
from mjflow.protocol.grammar import Stage
from mjflow.protocol.stages import stage_of
from mjflow.protocol.task import Task


def holds(when: When, task: Task | None, values: Mapping[str, str]) -> bool:
    """
    Tell whether all that is asked for is so.

    Args:
        task: What the branch has come to; `None` before its first act, which has no button.
        values: Those of the item.
    """
    if any(values.get(name) != value for name, value in when.param.items()):
        return False
    if when.action and (task is None or task.action.upper() != when.action.strip().upper()):
        return False
    return when.has_button is None or (task is not None and offers(task, when.has_button))


def offers(task: Task, wanted: str) -> bool:
    """Tell whether a task offers a button, in any spelling; of several that fit, any will do."""
    if task.buttons:
        return bool(fitting(wanted, task.buttons))
    return stage_of(task) is Stage.GRID and _is_classic(wanted)


def _is_classic(wanted: str) -> bool:
    """Whether it is U, V or reroll, which a server without buttons has for every grid (P§2.3)."""
    try:
        return as_change(known(wanted)) is not None
    except UnknownButton:
        return False
