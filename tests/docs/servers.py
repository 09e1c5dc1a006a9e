"""A simulator that answers from a thread of its own, as a server of somebody else's would."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from mjflow.simulator import Simulator

#: Seconds that a start may take.
_PATIENCE = 30.0


@contextmanager
def answering(simulator: Simulator) -> Iterator[str]:
    """Run a simulator while the block runs, and give its address."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(simulator.start(), loop).result(_PATIENCE)
        yield simulator.base_url
    finally:
        asyncio.run_coroutine_threadsafe(simulator.aclose(), loop).result(_PATIENCE)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()
