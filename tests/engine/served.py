"""Dialogs at a simulated server, on virtual time: who opens them, and what they cost."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from attrs import field, frozen

from mjflow import Client, Mask, TaskHandle
from mjflow.errors import MjflowError
from mjflow.protocol.task import Task
from mjflow.simulator import Ledger, Simulator

from ..client.worlds import mask, world

#: The kinds of servers that have dialogs, the old build of one of them included.
BUILDS = ("gateway", "gateway-2025-04", "trueai")
PROFILES = ("gateway", "trueai")

CROWN: Mapping[str, Any] = {"prompt": "a crown --v 6.1", "mask": Mask.rect(0.3, 0.0, 0.7, 0.35)}
LONG = "a very long prompt about a cat that walks over a hill at dusk --v 6.1"


@frozen
class Served:
    """A client of a simulated server."""

    client: Client
    simulator: Simulator

    @property
    def ledger(self) -> Ledger:
        return self.simulator.ledger

    def parent(self, kind: str) -> TaskHandle:
        """Begin the task whose buttons are to be pressed."""
        match kind:
            case "grid":
                return self.client.imagine("a cat --v 6.1")
            case "picture":
                return self.client.imagine("a cat --v 6.1").click("U1")
            case "describe":
                return self.client.describe(mask(64))
            case _:
                return self.client.shorten(LONG)


@asynccontextmanager
async def served(profile: str, *, remix: bool = False, **options: Any) -> AsyncIterator[Served]:
    """Run a simulator of a profile, and a client of it; `faults` go to the simulator."""
    settings = {"profile": profile, "remix": remix, "faults": options.pop("faults", ())}
    dialect = "trueai" if profile == "trueai" else "gateway"
    async with world(simulator=settings, dialect=dialect, **options) as one:
        yield Served(one.client, one.simulator)


@frozen
class Press:
    """A button to press, and what its dialog is answered with."""

    kind: str
    button: str
    given: Mapping[str, Any] = field(factory=dict)
    #: What is drawn, as Midjourney reports it.
    drawn: str = ""

    def on(self, served: Served, **options: Any) -> TaskHandle:
        return served.parent(self.kind).click(self.button, **self.given, **options)

    def __str__(self) -> str:
        return f"{self.button}-{'-'.join(self.given) or 'bare'}"


ALWAYS = [
    Press("picture", "Vary (Region)", CROWN, "a crown --v 6.1"),
    Press("picture", "Vary (Region)", {"mask": CROWN["mask"]}, "a cat --v 6.1"),
    Press("picture", "Custom Zoom", {"prompt": "a barn --zoom 1.3"}, "a barn --zoom 1.3 --v 6.1"),
    Press("picture", "Custom Zoom", {"prompt": "a barn"}, "a barn --zoom 2 --v 6.1"),
    Press("picture", "Custom Zoom", {}, "a cat --v 6.1 --zoom 2"),
]
REMIXED = [
    *(Press("grid", f"V{n}", {"prompt": "a dog --v 6.1"}, "a dog --v 6.1") for n in range(1, 5)),
    Press("grid", "reroll", {"prompt": "a dog --v 6.1"}, "a dog --v 6.1"),
    *(
        Press("picture", button, {"prompt": "a dog --v 6.1"}, "a dog --v 6.1")
        for button in ("Vary (Subtle)", "Vary (Strong)", "⬅️", "➡️", "pan up", "pan_down")
    ),
]
ANIMATED = [
    Press("picture", "Animate (High motion)", {"prompt": "it runs"}, "it runs --motion high"),
    Press("picture", "Animate (Low motion)", {"prompt": "it runs"}, "it runs --motion low"),
]
DESCRIBED = [
    Press("describe", "1"),
    Press("describe", "4️⃣"),
    Press("describe", "2", {"prompt": "a horse --v 6.1"}, "a horse --v 6.1"),
]
SHORTENED = [
    Press("shorten", "1"),
    Press("shorten", "5"),
    Press("shorten", "2", {"prompt": "a cow --v 6.1"}, "a cow --v 6.1"),
]
#: One dialog of each kind.
ASKING = [ALWAYS[0], ALWAYS[3], REMIXED[0], REMIXED[4], DESCRIBED[0]]


async def became(handle: TaskHandle) -> Task | MjflowError:
    """Wait for what becomes of a handle, for three hours at most."""
    try:
        return await handle.wait(timeout=10_800.0)
    except MjflowError as error:
        return error


def cents(amount: float) -> int:
    """Make whole cents of dollars."""
    return round(amount * 100)
