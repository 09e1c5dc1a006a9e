"""The error of a program on virtual time that would never go on, with who waits where."""

from __future__ import annotations

import asyncio
from typing import Any

#: How many waiting tasks the error names.
_MOST = 10


class Stuck(RuntimeError):
    """Everybody waits, and nothing that could wake them is left; says who waits where."""


def whereabouts() -> str:
    """List the running loop's tasks with the lines on which they wait, the oldest first."""
    waiting = sorted(asyncio.all_tasks(), key=_age)
    lines = [f"  {task.get_name()} waits at {_place(task)}" for task in waiting[:_MOST]]
    if more := len(waiting) - _MOST:
        lines += [f"  and {more:,} more"] if more > 0 else []
    return "\n".join(lines) or "  there is no task"


def _age(task: asyncio.Task[Any]) -> tuple[int, str]:
    """Order names such as `Task-2` and `Task-10` as they were given."""
    return len(task.get_name()), task.get_name()


def _place(task: asyncio.Task[Any]) -> str:
    frames = task.get_stack(limit=1)
    if not frames:
        return repr(task.get_coro())
    code = frames[0].f_code
    return f"{code.co_filename}:{frames[0].f_lineno} in {code.co_qualname}"
