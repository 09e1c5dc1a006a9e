"""
A program with a journal, in a process of its own, which may be killed at one of its writes.

`python -m tests.journal.life BASE_URL PATH SPEED [WRITE before|after]`
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys

from mjflow import Client, SubmissionInDoubt, Task, TaskHandle
from mjflow.journal.sqlite import SqliteStore
from mjflow.journal.store import Intent, Note


class Mortal(SqliteStore):
    """A journal whose process is killed right before or after one of its writes."""

    def __init__(self, path: str, last: int, when: str) -> None:
        super().__init__(path)
        self._last, self._when = last, when
        self._writes = 0

    async def intend(self, intent: Intent) -> None:
        self._die("before")
        await super().intend(intent)
        self._die("after")

    async def note(self, token: str, note: Note) -> None:
        self._die("before")
        await super().note(token, note)
        self._die("after")

    def _die(self, when: str) -> None:
        if when == "before":
            self._writes += 1
        if (self._writes, when) == (self._last, self._when):
            os.kill(os.getpid(), signal.SIGKILL)


async def told(handle: TaskHandle) -> str:
    """Say what became of a task: its id, or that it is in doubt."""
    try:
        task = await handle
    except SubmissionInDoubt:
        return "in-doubt"
    assert isinstance(task, Task)
    return task.id


async def main(base_url: str, path: str, speed: str, last: str = "0", when: str = "") -> None:
    store = Mortal(path, int(last), when)
    async with Client(base_url, "sk-test", journal=store, speed=float(speed)) as client:
        grid = client.imagine("a cat", key="order-17")
        outcomes = [await told(grid)]
        if grid.task is not None:
            outcomes.append(await told(grid.click("U1")))
        print(*outcomes)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
