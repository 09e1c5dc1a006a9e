"""Virtual time that forgives nothing: whatever is left behind by a program fails its test."""

from __future__ import annotations

import asyncio
import gc
import sys
import warnings
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from mjflow.testing.clock import VirtualLoop

P = ParamSpec("P")
T = TypeVar("T")

#: Turns of the loop that closed sockets are given to be gone.
_TURNS = 5


def run_clean(main: Coroutine[Any, Any, T]) -> T:
    """
    Run a coroutine on virtual time; fail if it leaves anything behind.

    That is a task, a socket, a timer, an exception that nobody retrieved, a warning, or a complaint
    of a destructor.
    """
    complaints: list[str] = []
    gc.freeze()  # what is there already need not be looked through again
    with _overheard(complaints), asyncio.Runner(loop_factory=VirtualLoop) as runner:
        loop = runner.get_loop()
        loop.set_exception_handler(lambda _, context: complaints.append(_told(context)))
        result = runner.run(_emptied(main))
    assert complaints == [], complaints
    return result


def clean(test: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, T]:
    """Make a plain function of an async one, which runs it by `run_clean`."""

    @wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        return run_clean(test(*args, **kwargs))

    return run


async def _emptied(main: Coroutine[Any, Any, T]) -> T:
    result = await main
    others = asyncio.all_tasks() - {asyncio.current_task()}
    assert others == set(), others
    for _ in range(_TURNS):
        await asyncio.sleep(0)
    assert _open_files() == [], _open_files()
    assert _timers() == [], _timers()
    return result


def _open_files() -> list[object]:
    """List what the loop listens to, but for its own pipe."""
    loop: Any = asyncio.get_running_loop()
    pipe = loop._ssock.fileno()
    return [key.fileobj for key in loop._selector.get_map().values() if key.fd != pipe]


def _timers() -> list[asyncio.TimerHandle]:
    """List the timers that would still ring."""
    loop: Any = asyncio.get_running_loop()
    return [timer for timer in loop._scheduled if not timer.cancelled()]


@contextmanager
def _overheard(complaints: list[str]) -> Iterator[None]:
    """Collect warnings and what goes wrong in destructors, those of forgotten cycles included."""
    before = sys.unraisablehook
    sys.unraisablehook = lambda args: complaints.append(f"unraisable: {args.exc_value!r}")
    try:
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            yield
            gc.collect()
    finally:
        sys.unraisablehook = before
    complaints += [f"{one.category.__name__}: {one.message}" for one in warned]


def _told(context: dict[str, Any]) -> str:
    what = context.get("exception") or context.get("task") or context.get("future")
    return f"{context.get('message')}: {what!r}"
