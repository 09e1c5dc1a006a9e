"""The buttons of a finished task (P§6), and what a pressed one asks for."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum

from attrs import frozen

from mjflow.simulator.wire import Json, button


class Kind(Enum):
    """What a button does, in the words Midjourney's own tasks are named by."""

    UPSCALE = "UPSCALE"
    UPSCALE_HD = "UPSCALE_HD"
    VARIATION = "VARIATION"
    LOW_VARIATION = "LOW_VARIATION"
    HIGH_VARIATION = "HIGH_VARIATION"
    REROLL = "REROLL"
    INPAINT = "INPAINT"
    ZOOM = "ZOOM"
    CUSTOM_ZOOM = "CUSTOM_ZOOM"
    PAN = "PAN"


#: Kinds that open a dialog whoever presses them, P§5.3.
DIALOGS = frozenset({Kind.INPAINT, Kind.CUSTOM_ZOOM})
#: Kinds that open one in remix mode.
REMIXED = frozenset(
    {Kind.VARIATION, Kind.LOW_VARIATION, Kind.HIGH_VARIATION, Kind.PAN, Kind.REROLL}
)


class Stage(Enum):
    """What a finished task shows."""

    GRID = "grid"
    SINGLE = "single"
    UPSCALED = "upscaled"


@frozen
class Click:
    """A pressed button: what it does, with the cell, amount or direction it names."""

    kind: Kind
    value: str
    #: How people call it: `U2`, `Vary (Region)`, `pan left`.
    name: str


# Second upscales by model, as (part of the custom id, label); None in the table below: none.
_UPSCALES: dict[str, tuple[tuple[str, str], ...]] = {
    "v5": (("upsample_v5_2x", "2x"), ("upsample_v5_4x", "4x")),
    "v6": (("upsample_v6_2x_subtle", "Subtle"), ("upsample_v6_2x_creative", "Creative")),
    "v6r1": (("upsample_v6r1_2x_subtle", "Subtle"), ("upsample_v6r1_2x_creative", "Creative")),
    "v7": (("upsample_v7_2x_subtle", "Subtle"), ("upsample_v7_2x_creative", "Creative")),
}
_PANS = (("left", "⬅️"), ("right", "➡️"), ("up", "⬆️"), ("down", "⬇️"))

_NAMES = {
    Kind.LOW_VARIATION: "Vary (Subtle)",
    Kind.HIGH_VARIATION: "Vary (Strong)",
    Kind.REROLL: "reroll",
    Kind.INPAINT: "Vary (Region)",
    Kind.CUSTOM_ZOOM: "Custom Zoom",
}
_ZOOMS = {"50": "Zoom Out 2x", "75": "Zoom Out 1.5x", "100": "Make Square"}


def buttons_of(stage: Stage, version: str, job: str, *, square: bool) -> list[Json]:
    """Give the buttons of a task that ended well; `version` is as `Params.version`."""
    if stage is Stage.GRID:
        return list(_grid(job))
    family = _family(version)
    if stage is Stage.SINGLE:
        return list(_single(family, job, square=square))
    return list(_upscaled(family, job))


def _family(version: str) -> str:
    """Name the set of buttons a model has: niji 5 to 7 have those of v5 to v7 (P§6.1)."""
    number = version.removeprefix("niji ")
    if number == "6.1":
        return "v6r1"
    major = int(number.partition(".")[0]) if number[:1].isdigit() else 0
    return "old" if major < 5 else f"v{major}"


def _grid(job: str) -> Iterator[Json]:
    for cell in range(1, 5):
        yield button(f"MJ::JOB::upsample::{cell}::{job}", f"U{cell}")
    yield button(f"MJ::JOB::reroll::0::{job}::SOLO", emoji="🔄")
    for cell in range(1, 5):
        yield button(f"MJ::JOB::variation::{cell}::{job}", f"V{cell}")


def _single(family: str, job: str, *, square: bool) -> Iterator[Json]:
    for part, label in _UPSCALES.get(family, ()):
        yield button(f"MJ::JOB::{part}::1::{job}::SOLO", f"Upscale ({label})", "upscale_1")
    if family == "old":
        yield button(f"MJ::JOB::variation::1::{job}::SOLO", "Make Variations", "🪄")
    else:
        yield from _varies(job)
    # v8 has neither zoom nor pan, and v4 had neither yet.
    if family in _UPSCALES:
        yield from _outward(job, square=square)
    if family != "old":
        yield from _animations(job)
    yield button(f"MJ::BOOKMARK::{job}", emoji="❤️")
    yield button(f"MJ::JOB::reroll::0::{job}::SOLO", emoji="🔄")


def _varies(job: str) -> Iterator[Json]:
    yield button(f"MJ::JOB::low_variation::1::{job}::SOLO", "Vary (Subtle)", "🪄")
    yield button(f"MJ::JOB::high_variation::1::{job}::SOLO", "Vary (Strong)", "🪄")
    yield button(f"MJ::Inpaint::1::{job}::SOLO", "Vary (Region)", "🖌️")


def _outward(job: str, *, square: bool) -> Iterator[Json]:
    yield button(f"MJ::Outpaint::50::1::{job}::SOLO", "Zoom Out 2x", "🔍")
    yield button(f"MJ::Outpaint::75::1::{job}::SOLO", "Zoom Out 1.5x", "🔍")
    yield button(f"MJ::CustomZoom::{job}", "Custom Zoom", "🔍")
    if not square:
        yield button(f"MJ::Outpaint::100::1::{job}::SOLO", "Make Square", "↔️")
    for direction, emoji in _PANS:
        yield button(f"MJ::JOB::pan_{direction}::1::{job}::SOLO", emoji=emoji)


def _animations(job: str) -> Iterator[Json]:
    for motion in ("high", "low"):
        label = f"Animate ({motion.capitalize()} motion)"
        yield button(f"MJ::JOB::animate_{motion}::1::{job}::SOLO", label, "🎞️")


def _upscaled(family: str, job: str) -> Iterator[Json]:
    for part, label in _UPSCALES.get(family, ()):
        yield button(f"MJ::JOB::{part}::1::{job}::SOLO", f"Redo Upscale ({label})", "upscale_1")
    yield from _animations(job)
    yield button(f"MJ::BOOKMARK::{job}", emoji="❤️")


def click_of(pressed: Json) -> Click | None:
    """Read what a button does; None for one that makes no picture."""
    _, *parts = str(pressed["customId"]).split("::")
    if parts[0] == "JOB":
        return _job_click(parts[1], parts[2], str(pressed["label"]))
    if parts[0] == "Inpaint":
        return _named(Kind.INPAINT)
    if parts[0] == "CustomZoom":
        return _named(Kind.CUSTOM_ZOOM)
    if parts[0] == "Outpaint":
        return Click(Kind.ZOOM, parts[1], _ZOOMS[parts[1]])
    return None


def _job_click(part: str, number: str, label: str) -> Click | None:
    if part == "upsample":
        return Click(Kind.UPSCALE, number, f"U{number}")
    if part.startswith("upsample_"):
        return Click(Kind.UPSCALE_HD, part, label)
    if part == "variation":
        return Click(Kind.VARIATION, number, label)
    if part.startswith("pan_"):
        direction = part.removeprefix("pan_")
        return Click(Kind.PAN, direction, f"pan {direction}")
    kinds = {
        "low_variation": Kind.LOW_VARIATION,
        "high_variation": Kind.HIGH_VARIATION,
        "reroll": Kind.REROLL,
    }
    return _named(kinds[part]) if part in kinds else None


def _named(kind: Kind) -> Click:
    return Click(kind, "1", _NAMES[kind])
