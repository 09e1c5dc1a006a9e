"""Coroutines that are counted wherever they wait, and disturbed there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Generator
from typing import Any, TypeVar

from .leaks import run_clean

T = TypeVar("T")

#: Called with what a coroutine has just begun to wait for: a Future, or `None` for one turn.
OnWait = Callable[[Any], None]
#: Called with the same and with what cancels.
Cancelling = Callable[[Any, Callable[[], object]], None]


class Stepped(Coroutine[Any, Any, T]):
    """A coroutine that reports each of its waits; for a task to run."""

    def __init__(self, work: Coroutine[Any, Any, T], on_wait: OnWait) -> None:
        self._work = work
        self._on_wait = on_wait

    def __getattr__(self, name: str) -> Any:
        return getattr(self._work, name)

    def __await__(self) -> Generator[Any, Any, T]:
        raise TypeError("it is run by a task, not awaited")

    def send(self, value: Any) -> Any:
        return self._waits(self._work.send(value))

    def throw(self, *error: Any) -> Any:
        return self._waits(self._work.throw(*error))

    def close(self) -> None:
        self._work.close()

    def _waits(self, awaited: Any) -> Any:
        self._on_wait(awaited)
        return awaited


class Meter:
    """
    Counts waits, and cancels at some of them.

    Args:
        moment: When exactly: `asleep` or `waking`.
        at: The waits, counted from 1.
    """

    def __init__(self, moment: Cancelling | None = None, *at: int) -> None:
        #: Waits so far.
        self.count = 0
        #: What is called to cancel.
        self.cancel: Callable[[], object] = lambda: None
        self._moment = moment
        self._at = at

    @property
    def struck(self) -> bool:
        """Whether the first of the waits has come."""
        return bool(self._at) and self._at[0] <= self.count

    def __call__(self, awaited: Any) -> None:
        self.count += 1
        if self._moment is not None and self.count in self._at:
            self._moment(awaited, self.cancel)


def asleep(awaited: Any, cancel: Callable[[], object]) -> None:
    """Cancel while it waits, before what it waits for has come."""
    asyncio.get_running_loop().call_soon(cancel)


def waking(awaited: Any, cancel: Callable[[], object]) -> None:
    """Cancel in the very moment in which what it waits for has come."""
    if awaited is None:
        cancel()
    else:
        awaited.add_done_callback(lambda _: cancel())


def each_wait(
    attempt: Callable[[int], Coroutine[Any, Any, bool]], *, first: int = 1, step: int = 1
) -> int:
    """Make the attempt at each wait until there is no such wait; return how many there are."""
    number = first
    while _struck(attempt, number):
        number += step
    return number - 1


def _struck(attempt: Callable[[int], Coroutine[Any, Any, bool]], number: int) -> bool:
    try:
        return run_clean(attempt(number))
    except BaseException as error:
        error.add_note(f"disturbed at wait {number}")
        raise
