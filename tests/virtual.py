"""
An event loop whose clock leaps ahead when everybody waits: hours of polling in milliseconds.

Sockets are real: before the clock leaps, whatever is on its way over loopback is delivered, and
while a thread works it does not leap at all.
"""

from __future__ import annotations

import asyncio
import functools
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec

P = ParamSpec("P")

#: Seconds that sockets are given to become ready before the clock leaps.
_GRACE = 0.0005
#: Seconds to wait for a thread at a time.
_THREAD = 0.005


class _LeapingSelector(selectors.DefaultSelector):  # type: ignore[valid-type,misc]
    """Selects as ever, but counts a wait in which nothing happened as passed."""

    def __init__(self) -> None:
        super().__init__()
        self.leapt = 0.0
        self.threads = 0

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None or timeout <= 0:
            return list(super().select(timeout))
        wait = _THREAD if self.threads else _GRACE
        events = super().select(min(wait, timeout))
        if not events and not self.threads:
            self.leapt += timeout
        return list(events)


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop on virtual time."""

    def __init__(self) -> None:
        self._leaping = _LeapingSelector()
        super().__init__(self._leaping)

    def time(self) -> float:
        return super().time() + self._leaping.leapt

    def run_in_executor(self, executor: Any, func: Any, *args: Any) -> asyncio.Future[Any]:
        self._leaping.threads += 1
        future = super().run_in_executor(executor, func, *args)
        future.add_done_callback(lambda _: self._back())
        return future

    def _back(self) -> None:
        self._leaping.threads -= 1


def virtual_time(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """Run an async test on virtual time."""

    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            runner.run(test(*args, **kwargs))

    return run
