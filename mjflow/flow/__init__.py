"""
Flows: lists of steps, read, planned, and carried out over many inputs.

The classes of steps, such as `mjflow.flow.Imagine`, can stand in a `Flow` made in Python.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mjflow.flow.flow import Flow
    from mjflow.flow.matrix import Matrix
    from mjflow.flow.steps import (
        CURRENT,
        Blend,
        Change,
        Choose,
        Click,
        Describe,
        Download,
        Edits,
        Fork,
        Imagine,
        OnError,
        Resubmit,
        Shorten,
        Split,
        Step,
        SwapFace,
        Video,
        When,
    )

#: Where the names are that are not among the steps; all are imported when they are first used, for
#: few who have a client have flows.
_HOMES = {"Flow": "flow", "Matrix": "matrix"}

__all__ = [
    "CURRENT",
    "Blend",
    "Change",
    "Choose",
    "Click",
    "Describe",
    "Download",
    "Edits",
    "Flow",
    "Fork",
    "Imagine",
    "Matrix",
    "OnError",
    "Resubmit",
    "Shorten",
    "Split",
    "Step",
    "SwapFace",
    "Video",
    "When",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'mjflow.flow' has no attribute {name!r}")
    value = getattr(import_module(f"mjflow.flow.{_HOMES.get(name, 'steps')}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
