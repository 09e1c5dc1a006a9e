"""What tests of virtual time have in common."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager


def now() -> float:
    return asyncio.get_running_loop().time()


@contextmanager
def soon_elsewhere(event: asyncio.Event) -> Iterator[None]:
    """Set an event from a thread that the loop knows nothing of."""
    loop = asyncio.get_running_loop()
    other = threading.Timer(0.02, loop.call_soon_threadsafe, [event.set])
    other.start()
    yield
    other.join()


@asynccontextmanager
async def echo() -> AsyncIterator[int]:
    """Run a server that says again what it hears, and give its port."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(line)
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
