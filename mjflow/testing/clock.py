"""
Virtual time: an event loop whose clock leaps to the next timer when everybody waits.

Hours of polling pass in milliseconds, and the same program sees the same instants on every
machine, because running code takes no time here.  The clock moves in two ways only:

* It leaps, when nobody has anything to do.  Sockets are real; what is on its way over loopback is
  delivered first, so a reply inside one program takes no time either.
* It goes with the clock of the world while something works that the loop waits for and cannot
  hurry: a thread that the loop started (`asyncio.to_thread`, `run_in_executor`), a child process
  that it started, a `hold()`.  Work of less than a second takes no time: the clock stands still.

What it cannot do: `time.time()` and `time.monotonic()` stay those of the world.  A server in
another process or in a thread of its own answers too late, and so does a thread that the loop did
not start (anyio's among them); put `hold()` around the wait for one.
"""

from __future__ import annotations

import asyncio
import functools
import select
import selectors
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from math import inf
from typing import Any, NoReturn, ParamSpec, TypeVar, TypeVarTuple

from mjflow.testing.stuck import Stuck, whereabouts

P = ParamSpec("P")
T = TypeVar("T")
Ts = TypeVarTuple("Ts")

#: Real seconds in which nothing happens and nothing is scheduled, until `Stuck` is raised.
PATIENCE = 5.0
#: Seconds on the virtual clock until `Stuck` is raised: 30 days.
HORIZON = 30 * 86400.0

#: Real seconds that sockets are given to become ready before the clock leaps.
_GRACE = 0.0001
#: Real seconds of somebody else's work for which the clock stands still.
_STANDSTILL = 1.0
#: Turns of the loop that take no time, one after the other; then each takes a little.  Else the
#: time would never come for which `while loop.time() < end: await asyncio.sleep(0)` waits.
_BUSY = 100_000
#: Seconds of such a turn: about what it takes in the world.
_TURN = 0.0001


class _Clock(selectors.DefaultSelector):
    """Tells what is ready, as every selector does; where nothing is, it moves the time."""

    def __init__(self, patience: float | None, horizon: float | None) -> None:
        super().__init__()
        #: Virtual seconds since the loop was made.
        self.now = 0.0
        self._patience = patience
        self._horizon = inf if horizon is None else horizon
        self._days = self._horizon / 86400.0
        self._turns = 0
        self._holds = 0
        self._held_at = 0.0
        self._children: list[asyncio.SubprocessTransport] = []

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is not None and timeout <= 0:
            return self._turn()
        if self._held():
            return self._beside_others(timeout)
        if timeout is None:
            return self._ready(self._patience) or self._deadlock()
        events = self._ready(0) or self._delivered()
        if not events:
            self._leap(timeout)
        return events

    def _turn(self) -> list[Any]:
        events = self._ready(0)
        self._turns = 0 if events else self._turns + 1
        if self._turns > _BUSY:
            self.now += _TURN
        return events

    def _ready(self, timeout: float | None) -> list[Any]:
        return super().select(timeout)

    def _delivered(self) -> list[Any]:
        """Give what is on its way over loopback the time to arrive."""
        # The loop's own waking pipe is always there; without more there is nothing on its way.
        if len(self.get_map()) <= 1:
            return []
        if sys.platform == "win32":
            return self._ready(_GRACE)
        # The selector itself would round up to a whole millisecond.
        select.select([], [], [], _GRACE)
        return self._ready(0)

    def _leap(self, seconds: float) -> None:
        self.now += seconds
        self._turns = 0
        if self.now > self._horizon:
            self._horizon = self.now + self._days * 86400.0
            raise Stuck(
                f"{self._days:g} days of virtual time have passed: is somebody waiting for ever, "
                f"while somebody else looks in now and then?\n{whereabouts()}"
            )

    def _deadlock(self) -> NoReturn:
        raise Stuck(
            f"deadlock: nothing is scheduled and nobody will wake (nothing happened for "
            f"{self._patience:g} s)\n{whereabouts()}"
        )

    # --- what works beside the loop --------------------------------------------------------

    def hold(self) -> None:
        self._begin()
        self._holds += 1

    def release(self) -> None:
        self._holds -= 1

    def watch(self, child: asyncio.SubprocessTransport) -> None:
        self._begin()
        self._children.append(child)

    def _begin(self) -> None:
        if not self._held():
            self._held_at = time.monotonic()

    def _held(self) -> bool:
        if self._children:
            self._children = [one for one in self._children if one.get_returncode() is None]
        return bool(self._holds or self._children)

    def _beside_others(self, timeout: float | None) -> list[Any]:
        """Wait in the world's time; it counts once the others have worked for long."""
        began = time.monotonic()
        still = self._held_at + _STANDSTILL - began
        if still > 0:
            return self._ready(still)
        events = self._ready(timeout)
        waited = time.monotonic() - began
        self.now += waited if timeout is None else min(waited, timeout)
        return events


class VirtualLoop(asyncio.SelectorEventLoop):
    """
    An event loop on virtual time, which begins at 0.

    Args:
        patience: Real seconds for which nothing may happen while nothing is scheduled; after that
            `Stuck` is raised.  `None` waits without end, for programs that others wake.
        horizon: Virtual seconds after which `Stuck` is raised; `None` lets time go on for ever.
    """

    def __init__(
        self, *, patience: float | None = PATIENCE, horizon: float | None = HORIZON
    ) -> None:
        self._virtual = _Clock(patience, horizon)
        super().__init__(self._virtual)
        # After 97 days a float has no room for a nanosecond, and no timer would be due any more.
        self._clock_resolution = 1e-6

    def time(self) -> float:
        """Return the virtual seconds since the loop was made."""
        return self._virtual.now

    @contextmanager
    def hold(self) -> Iterator[None]:
        """
        Keep the clock from leaping while the block runs.

        For waits on what the loop cannot see at work: a database, a server in another process, a
        thread of your own.
        """
        self._virtual.hold()
        try:
            yield
        finally:
            self._virtual.release()

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[*Ts], T], *args: *Ts
    ) -> asyncio.Future[T]:
        """Run a function in a thread or process, and hold the clock until it is done."""
        future = super().run_in_executor(executor, func, *args)
        self._virtual.hold()
        future.add_done_callback(lambda _: self._virtual.release())
        return future

    async def shutdown_default_executor(self, *args: Any, **kwargs: Any) -> None:
        """Wait for the threads of the executor, with the clock held."""
        with self.hold():
            await super().shutdown_default_executor(*args, **kwargs)

    async def subprocess_exec(self, *args: Any, **kwargs: Any) -> Any:
        """Start a program, and hold the clock until it has ended."""
        return await self._started(super().subprocess_exec(*args, **kwargs))

    async def subprocess_shell(self, *args: Any, **kwargs: Any) -> Any:
        """Start a shell command, and hold the clock until it has ended."""
        return await self._started(super().subprocess_shell(*args, **kwargs))

    async def _started(self, starting: Coroutine[Any, Any, Any]) -> Any:
        with self.hold():
            transport, protocol = await starting
            self._virtual.watch(transport)
        return transport, protocol


def run(
    main: Coroutine[Any, Any, T],
    *,
    patience: float | None = PATIENCE,
    horizon: float | None = HORIZON,
) -> T:
    """
    Run a coroutine on virtual time and return its result, as `asyncio.run` does in the world's.

    Raises:
        Stuck: It would never end; says who waits where.
    """
    factory = functools.partial(VirtualLoop, patience=patience, horizon=horizon)
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(main)


def virtual_time(test: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, T]:
    """Make a plain function of an async one, which runs it on virtual time."""

    @functools.wraps(test)
    def on_virtual_time(*args: P.args, **kwargs: P.kwargs) -> T:
        return run(test(*args, **kwargs))

    return on_virtual_time
