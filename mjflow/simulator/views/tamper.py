"""Faults of looks: what is wrong with a task as it is shown (P§12.1, P§12.11, P§12.12)."""

from __future__ import annotations

from collections.abc import Callable

from attrs import frozen

from mjflow.simulator.clock import Clock
from mjflow.simulator.faults import Faults
from mjflow.simulator.wire import Json

ENDED = ("SUCCESS", "FAILURE")
UNKNOWN_STATUS = "REVIEWING"
LOCALHOST = "http://localhost:3000"


@frozen
class Look:
    """One task as it is about to be shown."""

    shown: Json
    origin: str
    clock: Clock

    @property
    def status(self) -> str:
        """The status it would show."""
        return str(self.shown["status"])

    @property
    def link(self) -> str:
        """The link it would show."""
        return self.shown["imageUrl"] or ""


@frozen
class Tampering:
    """Where a fault of looks applies, and what it changes."""

    applies: Callable[[Look], bool]
    change: Callable[[Look], Json]


def tampered(shown: Json, origin: str, clock: Clock, faults: Faults) -> Json:
    """Let the faults of looks strike one task."""
    if faults.quiet:
        return shown
    for name, tampering in TAMPERINGS.items():
        look = Look(shown, origin, clock)
        if tampering.applies(look) and faults.strikes(name):
            shown = shown | tampering.change(look)
    return shown


def _always(_: Look) -> bool:
    return True


def _is_open(look: Look) -> bool:
    return look.status not in ENDED


def _runs(look: Look) -> bool:
    return look.status in ("SUBMITTED", "IN_PROGRESS")


def _unread(_: Look) -> Json:
    return {
        "status": "",
        "progress": "0%",
        "imageUrl": "",
        "buttons": None,
        "properties": None,
        "startTime": 0,
        "finishTime": 0,
    }


def _backwards(look: Look) -> Json:
    percent = int(str(look.shown["progress"]).rstrip("%"))
    return {"progress": f"{percent // 2}%"}


def _another(look: Look) -> Json:
    sign = "&" if "?" in look.link else "?"
    return {"imageUrl": f"{look.link}{sign}rand={look.clock.nanos()}"}


def _early(look: Look) -> Json:
    return {"imageUrl": f"{look.origin}/mj/image/{look.shown['id']}?rand={look.clock.nanos()}"}


TAMPERINGS: dict[str, Tampering] = {
    "progress-backwards": Tampering(
        lambda look: look.status == "IN_PROGRESS" and "%" in str(look.shown["progress"]),
        _backwards,
    ),
    "progress-null": Tampering(_always, lambda _: {"progress": None}),
    "progress-empty": Tampering(_always, lambda _: {"progress": ""}),
    "progress-words": Tampering(_always, lambda _: {"progress": "(Waiting to start)"}),
    "failure-100": Tampering(lambda look: look.status == "FAILURE", lambda _: {"progress": "100%"}),
    "preview-early": Tampering(lambda look: _is_open(look) and not look.link, _early),
    "rand-links": Tampering(lambda look: look.link != "", _another),
    "localhost-links": Tampering(
        lambda look: look.link.startswith(look.origin),
        lambda look: {"imageUrl": LOCALHOST + look.link.removeprefix(look.origin)},
    ),
    "status-unknown": Tampering(_runs, lambda _: {"status": UNKNOWN_STATUS}),
    "unread-rows": Tampering(_is_open, _unread),
}
