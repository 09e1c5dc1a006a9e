"""
The buttons as one table: how servers name them and what a click on them does (P§6).

House rules:

* A custom id is read by the beginning of its act alone: `upsample_v6_2x_subtle`,
  `upsample_v6r1_2x_subtle` and whatever the next version is called are one button.
* The custom id says what a button is; its label only where the custom id is unknown; its emoji
  never, because some servers garble it (P§6.3).
* Rows may share a name (`U1` of a grid and of a video, the `1` of describe and of shorten): no
  task ever offers two of these.
* How people write all this is the business of `spellings`; which button they mean, of `buttons`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache, partial
from typing import Literal

from attrs import field, frozen

from mjflow.protocol.task import Button

Opens = Literal["always", "remix", "never"]
Wants = Literal["", "prompt", "mask and prompt"]
Yields = Literal["grid", "picture", "video", "none"]


class Stage(StrEnum):
    """The kind of result that offers a button."""

    GRID = "grid"
    PICTURE = "picture"
    #: A finished video task: four clips to pick from.
    CLIPS = "clips"
    #: One clip, picked.
    CLIP = "clip"
    DESCRIBE = "describe"
    SHORTEN = "shorten"


@frozen(kw_only=True)
class Traits:
    """What a click on a button does, as far as that is known without a server."""

    #: The wire's word for what happens, as price lists and file names have it (P§4.1, P§4.3).
    action: str
    #: What the new task ends with; `none` where it is text, or where no task starts.
    yields: Yields
    #: Whether a dialog opens: always, only in remix mode, or never (P§5.3).
    opens: Opens = "never"
    #: What its dialog wants (P§6.4).
    wants: Wants = ""
    #: The click itself costs nothing; the answer to its dialog does (P§3.6).
    free: bool = False
    #: How many tasks one click starts.
    tasks: int = 1
    #: False where the button is in no table, and all of the above is a careful guess.
    known: bool = True


def _compiled(act: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{act})(?!\d)")


@frozen
class Row:
    """One button of P§6."""

    #: Where it is offered; `None` for the few that are in several places.
    stage: Stage | None
    #: The canonical name.
    name: str
    #: What the custom id says after `MJ::` and `JOB::`, in lower case; matched from its start.
    act: re.Pattern[str] = field(converter=_compiled)
    label: str
    emoji: str
    traits: Traits
    #: Further ways to write it, beside its name and its label, or its emoji if it has no label.
    spellings: tuple[str, ...]


def _row(
    stage: Stage | None, name: str, act: str, label: str, emoji: str, traits: Traits, *spelled: str
) -> Row:
    return Row(stage, name, act, label, emoji, traits, spelled)


_anywhere = partial(_row, None)
_picture = partial(_row, Stage.PICTURE)
_clip = partial(_row, Stage.CLIP)
_describe = partial(_row, Stage.DESCRIBE)
_shorten = partial(_row, Stage.SHORTEN)


def _cells(stage: Stage, letter: str, act: str, traits: Traits, *words: str) -> Iterator[Row]:
    """One row for each cell of a grid, or clip of a video."""
    for n in range(1, 5):
        cell = f"{letter}{n}"
        yield _row(stage, cell, f"{act}::{n}", cell, "", traits, *(f"{word} {n}" for word in words))


def _texts(stage: Stage, last: int, act: str, traits: Traits) -> Iterator[Row]:
    """One row for each text that is offered; a keycap stands on its button."""
    for n in range(1, last + 1):
        yield _row(stage, str(n), f"{act}::{n}", "", f"{n}\ufe0f\u20e3", traits)


def _upscale(kind: str, act: str) -> Row:
    name, label = f"upscale_{kind.lower()}", f"Upscale ({kind})"
    return _picture(name, act, label, "upscale_1", _PICK, f"Redo {label}")


def _zoom(factor: str, act: str) -> Row:
    name, label = f"zoom_{factor}x", f"Zoom Out {factor}x"
    return _picture(name, act, label, "🔍", _ZOOM, f"zoom {factor}", f"zoom out {factor}")


def _pan(way: str, emoji: str, arrow: str) -> Row:
    return _picture(f"pan_{way}", f"pan_{way}", "", emoji, _redraw("PAN"), way, arrow)


def _redraw(action: str, yields: Yields = "grid") -> Traits:
    return Traits(action=action, yields=yields, opens="remix", wants="prompt")


_PICK = Traits(action="UPSCALE", yields="picture")
_PICK_CLIP = Traits(action="UPSCALE", yields="video")
_REGION = Traits(
    action="INPAINT", yields="grid", opens="always", wants="mask and prompt", free=True
)
_ZOOM = Traits(action="ZOOM", yields="grid")
_CUSTOM = Traits(action="CUSTOM_ZOOM", yields="grid", opens="always", wants="prompt", free=True)
_VIDEO = _redraw("VIDEO", "video")
_EXTEND = _redraw("VIDEO_EXTEND", "video")
_BOOKMARK = Traits(action="BOOKMARK", yields="none", tasks=0)
_DESCRIBED = Traits(action="PIC_READER", yields="grid", opens="always", wants="prompt")
_ALL = Traits(action="PIC_READER", yields="grid", tasks=4)
_RETRY = Traits(action="DESCRIBE", yields="none")
_SHORTENED = Traits(action="IMAGINE", yields="grid", opens="always", wants="prompt")
_DETAILS = Traits(action="SHORTEN", yields="none")

#: What is assumed of a button in no table: any click may end in a dialog.
GUESS = Traits(action="ACTION", yields="picture", opens="remix", wants="prompt", known=False)

#: Every button of P§6, in the order of its pages.
TABLE: tuple[Row, ...] = (
    # P§6.1: a grid
    *_cells(Stage.GRID, "U", r"upsample", _PICK, "upscale", "upsample"),
    *_cells(Stage.GRID, "V", r"variation", _redraw("VARIATION"), "variation", "vary"),
    _anywhere("reroll", r"reroll", "", "🔄", _redraw("REROLL"), "R", "🔁"),
    # P§6.2: a single picture
    _upscale("2x", r"upsample_v\w*_2x(?!_)"),
    _upscale("4x", r"upsample_v\w*_4x(?!_)"),
    _upscale("Subtle", r"upsample_\w*subtle"),
    _upscale("Creative", r"upsample_\w*creative"),
    _picture("vary_subtle", r"low_variation", "Vary (Subtle)", "🪄", _redraw("LOW_VARIATION")),
    _picture("vary_strong", r"high_variation", "Vary (Strong)", "🪄", _redraw("HIGH_VARIATION")),
    _picture("vary_region", r"inpaint", "Vary (Region)", "🖌️", _REGION, "region", "inpaint", "🖌️"),
    _zoom("2", r"outpaint::50"),
    _zoom("1.5", r"outpaint::75"),
    _picture("make_square", r"outpaint::100", "Make Square", "", _ZOOM, "square"),
    _picture("custom_zoom", r"customzoom", "Custom Zoom", "🔍", _CUSTOM, "zoom custom"),
    _pan("left", "⬅️", "←"),
    _pan("right", "➡️", "→"),
    _pan("up", "⬆️", "↑"),
    _pan("down", "⬇️", "↓"),
    _picture("animate_high", r"animate_high(?!_extend)", "Animate (High motion)", "🎞️", _VIDEO),
    _picture("animate_low", r"animate_low(?!_extend)", "Animate (Low motion)", "🎞️", _VIDEO),
    _anywhere("bookmark", r"bookmark", "", "❤️", _BOOKMARK, "heart", "like"),
    # Special case: the act is that of the grid's V1, so between the two the label decides.
    _picture("make_variations", r"variation::1", "Make Variations", "", _redraw("VARIATION")),
    # P§6.3: a video, its clips, texts
    *_cells(Stage.CLIPS, "U", r"video_virtual_upscale", _PICK_CLIP),
    _clip("extend_high", r"animate_high_extend", "Extend (High motion)", "🎞️", _EXTEND),
    _clip("extend_low", r"animate_low_extend", "Extend (Low motion)", "🎞️", _EXTEND),
    *_texts(Stage.DESCRIBE, 4, r"picreader", _DESCRIBED),
    _describe("imagine_all", r"picreader::all", "Imagine all", "🎉", _ALL, "🎉"),
    _describe("describe_retry", r"picread::retry", "", "🔄", _RETRY, "reroll", "R", "🔁", "retry"),
    *_texts(Stage.SHORTEN, 5, r"promptanalyzer", _SHORTENED),
    _shorten("show_details", r"promptanalyzerextended", "Show Details", "", _DETAILS),
)

_BY_LABEL = {row.label.casefold(): row for row in reversed(TABLE) if row.label}
_ACT = re.compile(r"mj::(?:job::)?(.*)", re.DOTALL)
_UUID = re.compile(r"[0-9a-f-]{32,}")
_WORD = re.compile(r"[^\W_]+(?:\.\d\w*)?")


def row_of(button: Button) -> Row | None:
    """Return the row that a button belongs to, by custom id, else by label."""
    return _find_row(button.custom_id, button.label)


@lru_cache(maxsize=1024)
def _find_row(custom_id: str, label: str) -> Row | None:
    said, label = _said(custom_id), label.strip().casefold()
    rows = [row for row in TABLE if row.act.match(said)]
    if not rows:
        return _BY_LABEL.get(label)
    return next((row for row in rows if row.label.casefold() == label), rows[0])


def _said(custom_id: str) -> str:
    """Return what a custom id says, in lower case, without `MJ::` and `JOB::` before it."""
    found = _ACT.match(custom_id.strip().casefold())
    return found[1] if found else ""


def canonical(button: Button) -> str:
    """Return a button's one name: `U2`, `vary_region`; of unknown ones a slug of what they say."""
    row = row_of(button)
    return row.name if row else _slug(button)


def _slug(button: Button) -> str:
    tokens = (_said(button.custom_id) or button.custom_id).split("::")
    said = " ".join(t for t in tokens if t.casefold() != "solo" and not _UUID.fullmatch(t))
    slugs = ("_".join(_WORD.findall(text.casefold())) for text in (button.label, said))
    return next(filter(None, slugs), "unknown")


def human(button: Button) -> str:
    """Return what stands on a button, put right where the server leaves it out or garbles it."""
    row = row_of(button)
    return button.label or (row and (row.label or row.emoji)) or button.name
