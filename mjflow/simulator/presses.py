"""What a pressed button asks for, read from its custom id (P§6)."""

from __future__ import annotations

from mjflow.simulator.buttons import Click, Kind
from mjflow.simulator.wire import Json

_NAMES = {
    Kind.LOW_VARIATION: "Vary (Subtle)",
    Kind.HIGH_VARIATION: "Vary (Strong)",
    Kind.REROLL: "reroll",
    Kind.INPAINT: "Vary (Region)",
    Kind.CUSTOM_ZOOM: "Custom Zoom",
    Kind.IMAGINE_ALL: "Imagine all",
    Kind.DESCRIBE_RETRY: "describe again",
}
_ZOOMS = {"50": "Zoom Out 2x", "75": "Zoom Out 1.5x", "100": "Make Square"}
# Parts of custom ids that name a kind and a number, with what people call it.
_NUMBERED = {
    "PicReader": (Kind.PIC_READER, "text {}"),
    "PromptAnalyzer": (Kind.PROMPT_ANALYZER, "prompt {}"),
}


def click_of(pressed: Json) -> Click | None:
    """Read what a button does; None for one that makes no picture."""
    _, *parts = str(pressed["customId"]).split("::")
    if parts[0] == "JOB":
        return _job_click(parts[1], parts[2], str(pressed["label"]))
    if parts[0] == "Job":
        return _text_click(parts[1], parts[2])
    if parts[0] == "Outpaint":
        return Click(Kind.ZOOM, parts[1], _ZOOMS[parts[1]])
    named = {
        "Inpaint": Kind.INPAINT,
        "CustomZoom": Kind.CUSTOM_ZOOM,
        "Picread": Kind.DESCRIBE_RETRY,
    }
    return _named(named[parts[0]]) if parts[0] in named else None


def _text_click(part: str, number: str) -> Click:
    if number == "all":
        return _named(Kind.IMAGINE_ALL)
    kind, name = _NUMBERED[part]
    return Click(kind, number, name.format(number))


def _job_click(part: str, number: str, label: str) -> Click | None:
    kinds = {
        "low_variation": Kind.LOW_VARIATION,
        "high_variation": Kind.HIGH_VARIATION,
        "reroll": Kind.REROLL,
    }
    if part in kinds:
        return _named(kinds[part])
    if part == "upsample":
        return Click(Kind.UPSCALE, number, f"U{number}")
    if part == "variation":
        return Click(Kind.VARIATION, number, label)
    if part == "video_virtual_upscale":
        return Click(Kind.PICK_CLIP, number, f"clip {number}")
    if part.startswith("animate_"):
        kind = Kind.EXTEND if part.endswith("_extend") else Kind.ANIMATE
        return Click(kind, part.split("_")[1], label)
    return _shaping_click(part, label)


def _shaping_click(part: str, label: str) -> Click | None:
    if part.startswith("upsample_"):
        return Click(Kind.UPSCALE_HD, part, label)
    if part.startswith("pan_"):
        direction = part.removeprefix("pan_")
        return Click(Kind.PAN, direction, f"pan {direction}")
    return None


def _named(kind: Kind) -> Click:
    return Click(kind, "1", _NAMES[kind])
