"""A simulator that answers from a thread of its own, for tests that have no running event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from mjflow.simulator import Simulator

T = TypeVar("T")

#: Real seconds that the thread may take over anything it is asked for.
_PATIENCE = 30.0


class Ask(Protocol):
    """Calls a function in the simulator's thread and returns what it returns."""

    def __call__(self, what: Callable[[], T], /) -> T:
        """Call it and wait for its result."""


@contextmanager
def in_a_thread(simulator: Simulator) -> Iterator[Ask]:
    """Let a simulator answer from a thread of its own while the block runs."""
    ready: Future[_Server] = Future()
    thread = threading.Thread(
        target=asyncio.run, args=(_serve(simulator, ready),), name="mjflow-simulator", daemon=True
    )
    thread.start()
    server = ready.result(_PATIENCE)
    try:
        yield server.ask
    finally:
        server.stop()
        thread.join()


class _Server:
    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.stopped = asyncio.Event()

    def ask(self, what: Callable[[], T], /) -> T:
        async def answer() -> T:
            return what()

        return asyncio.run_coroutine_threadsafe(answer(), self._loop).result(_PATIENCE)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self.stopped.set)


async def _serve(simulator: Simulator, ready: Future[Any]) -> None:
    try:
        await simulator.start()
    except BaseException as error:
        ready.set_exception(error)
        return
    server = _Server()
    ready.set_result(server)
    await server.stopped.wait()
    await simulator.aclose()
