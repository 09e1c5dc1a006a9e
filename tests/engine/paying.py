"""Acts to begin, dialogs to answer and clients to close, for the tests of all that is paid."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from mjflow.client import Client
from mjflow.engine.act import Answer, OpenDialog
from mjflow.handle import TaskHandle
from mjflow.media.masks import Mask
from mjflow.protocol.verdicts import Outcome

from ..scripted import DONE, OPEN, RUNNING, Held, Later, Scripted, asking, task

Begin = Callable[[Client], TaskHandle]


def imagine(client: Client) -> TaskHandle:
    return client.imagine("a cat", key="k")


def click(client: Client) -> TaskHandle:
    return client.click(task(), "U1", key="k")


def change(client: Client) -> TaskHandle:
    return client.change(task(), "UPSCALE", 1, key="k")


ROUTES: list[tuple[str, Begin]] = [("imagine", imagine), ("action", click), ("change", change)]
CLICKS = ROUTES[1:]
over_routes = pytest.mark.parametrize(("route", "begin"), ROUTES, ids=[name for name, _ in ROUTES])
over_clicks = pytest.mark.parametrize(("route", "begin"), CLICKS, ids=[name for name, _ in CLICKS])


MASK = Mask.file(Mask.rect(0, 0, 0.5, 1).png(8, 8))
ZOOM = "a cat --zoom 1.3"


def zooming(*answers: Outcome | Held | Later, offered: str = "a cat --zoom 2") -> Scripted:
    """Make a server on which Custom Zoom opens dialog 2, and which answers modals so."""
    server = Scripted()
    server.on("action", asking("2", offered))
    server.on("modal", *answers)
    server.shows("2", OPEN, OPEN, RUNNING, DONE)
    return server


def plain(dialog: OpenDialog) -> Answer:
    return Answer(prompt=f"{dialog.button}: {dialog.suggested}")


def now() -> float:
    return asyncio.get_running_loop().time()


def release_in(seconds: float, held: Held, answer: Outcome) -> None:
    asyncio.get_running_loop().call_later(seconds, held.release, answer)


def nothing_is_left() -> bool:
    """Whether no task but the test's own is pending."""
    return asyncio.all_tasks() == {asyncio.current_task()}
