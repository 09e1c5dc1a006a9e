"""
One life of a run, in a process of its own: `python -m tests.crashes.night URL JOURNAL OUT ITEMS`.

It says a dot for everything that happens, so that whoever watches can kill it at any moment, and in
its last line what became of the items.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import mjflow
from mjflow.observers import Update

RUN = "night"
#: Virtual seconds in a second, of the simulator and of the client.
SPEED = 100.0

FLOW = mjflow.Flow(
    name="boats",
    steps=[
        {"imagine": "a paper boat, number {number}"},
        {"click": "V1", "prompt": "a paper boat with a flag, number {number}"},
        {"click": "U1"},
        {"download": "{number}/{button}"},
    ],
)


def rows(count: int) -> list[dict[str, str]]:
    """Give the inputs: one boat each."""
    return [{"id": f"boat-{number}", "number": str(number)} for number in range(count)]


def dot(_: Update) -> None:
    """Say that something has happened."""
    sys.stdout.write(".\n")
    sys.stdout.flush()


async def live(url: str, journal: str, out: str, count: int) -> list[dict[str, Any]]:
    """Run the flow, or go on with it."""
    async with mjflow.Client(
        url, "any", journal=journal, speed=SPEED, request_budget=None, observers=[dot]
    ) as client:
        items = await client.run(FLOW, rows(count), run=RUN, out=out).collect()
    return [
        {
            "key": item.key,
            "stuck": item.stuck,
            "files": [(file.path, file.size, file.sha256) for file in item.files],
            "errors": [str(branch.error) for branch in item.failures],
        }
        for item in items
    ]


if __name__ == "__main__":
    url, journal, out, count = sys.argv[1:]
    print(json.dumps(asyncio.run(live(url, journal, out, int(count)))), flush=True)
