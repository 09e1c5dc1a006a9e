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
    #: Animate a picture, pick one of four clips, and make that clip longer.
    ANIMATE = "ANIMATE"
    PICK_CLIP = "PICK_CLIP"
    EXTEND = "EXTEND"
    #: Draw one text of a describe, all of them, and describe anew.
    PIC_READER = "PIC_READER"
    IMAGINE_ALL = "IMAGINE_ALL"
    DESCRIBE_RETRY = "DESCRIBE_RETRY"
    #: Draw one text of a shorten.
    PROMPT_ANALYZER = "PROMPT_ANALYZER"


#: Kinds that open a dialog whoever presses them, P§5.3.
DIALOGS = frozenset({Kind.INPAINT, Kind.CUSTOM_ZOOM, Kind.PIC_READER, Kind.PROMPT_ANALYZER})
#: Kinds that open one in remix mode.
REMIXED = frozenset(
    {
        Kind.VARIATION,
        Kind.LOW_VARIATION,
        Kind.HIGH_VARIATION,
        Kind.PAN,
        Kind.REROLL,
        Kind.ANIMATE,
    }
)


class Stage(Enum):
    """What a finished task shows."""

    GRID = "grid"
    SINGLE = "single"
    UPSCALED = "upscaled"
    #: Four clips, or one.
    VIDEO = "video"
    CLIP = "clip"
    #: Texts: of a picture, or of a long prompt.
    DESCRIBED = "described"
    SHORTENED = "shortened"
    #: A picture without buttons.
    SWAPPED = "swapped"


#: Stages of four pictures in one.
SHEETS = frozenset({Stage.GRID, Stage.VIDEO})
#: Stages of moving pictures.
FILMS = frozenset({Stage.VIDEO, Stage.CLIP})


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


def buttons_of(stage: Stage, version: str, job: str, *, square: bool, texts: int = 0) -> list[Json]:
    """Give the buttons of a task that ended well; `version` is as `Params.version`."""
    family = _family(version)
    match stage:
        case Stage.GRID:
            made = _grid(job)
        case Stage.SINGLE:
            made = _single(family, job, square=square)
        case Stage.UPSCALED:
            made = _upscaled(family, job)
        case _:
            made = _other(stage, job, texts)
    return list(made)


def _other(stage: Stage, job: str, texts: int) -> Iterator[Json]:
    match stage:
        case Stage.VIDEO:
            yield from _clips(job)
        case Stage.CLIP:
            yield from _extensions(job)
        case Stage.DESCRIBED:
            yield from _described()
        case Stage.SHORTENED:
            yield from _shortened(texts)


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


def _clips(job: str) -> Iterator[Json]:
    for clip in range(1, 5):
        yield button(f"MJ::JOB::video_virtual_upscale::{clip}::{job}", f"U{clip}")


def _extensions(job: str) -> Iterator[Json]:
    for motion in ("high", "low"):
        label = f"Extend ({motion.capitalize()} motion)"
        yield button(f"MJ::JOB::animate_{motion}_extend::1::{job}", label)


def _described() -> Iterator[Json]:
    for number in range(1, 5):
        yield button(f"MJ::Job::PicReader::{number}", emoji=keycap(number))
    yield button("MJ::Picread::Retry", emoji="🔄")
    yield button("MJ::Job::PicReader::all", "Imagine all", "🎉")


def _shortened(texts: int) -> Iterator[Json]:
    for number in range(1, texts + 1):
        yield button(f"MJ::Job::PromptAnalyzer::{number}", emoji=keycap(number))


def keycap(number: int) -> str:
    """Give the emoji of a number that stands on a key."""
    return f"{number}\ufe0f\u20e3"
