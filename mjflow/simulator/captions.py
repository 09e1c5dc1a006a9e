"""What is written on pictures: the numbers of cells, and two lines below."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import TYPE_CHECKING, cast

from attrs import frozen

from mjflow.simulator.buttons import SHEETS

if TYPE_CHECKING:
    from PIL import Image, ImageFont

    from mjflow.simulator.tasks import Task


def number(image: Image.Image, task: Task) -> None:
    """Write 1 to 4 into the cells of a grid, or the cell a single picture came from."""
    width, height = image.size
    if task.stage in SHEETS:
        for place in range(4):
            corner = (place % 2 * width // 2, place // 2 * height // 2)
            _badge(image, corner, min(image.size) // 2, str(place + 1))
    elif task.cell:
        _badge(image, (0, 0), min(image.size), str(task.cell))


def _badge(image: Image.Image, corner: tuple[int, int], side: int, text: str) -> None:
    from PIL import ImageDraw

    pen = ImageDraw.Draw(image, "RGBA")
    radius = max(8, side // 18)
    x, y = corner[0] + radius * 1.7, corner[1] + radius * 1.7
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=(12, 14, 22, 165))
    pen.text((x, y), text, font=_font(round(radius * 1.25)), fill="white", anchor="mm")


@frozen
class Caption:
    """The two lines under a picture: what was asked for, and the way that led here."""

    prompt: str
    path: str

    @classmethod
    def of(cls, task: Task) -> Caption:
        """Tell the way of a task from its first ancestor."""
        steps: list[str] = []
        step: Task | None = task
        while step is not None:
            steps.append(step.click.name if step.click else step.action.lower())
            step = step.parent
        return cls(legible(task.prompt), "  >  ".join(reversed(steps)))


def caption(image: Image.Image, task: Task) -> None:
    """Write what was asked for, and the way that led here."""
    from PIL import ImageDraw

    lines = Caption.of(task)
    width, height = image.size
    unit = max(11, min(width, height) // 44)
    strip = unit * 3 + unit // 2
    pen = ImageDraw.Draw(image, "RGBA")
    pen.rectangle((0, height - strip, width, height), fill=(12, 14, 22, 165))
    room = width - 2 * unit
    prompt = fitted(lines.prompt, _font(unit), room, keep_end=False)
    path = fitted(lines.path, _font(unit * 4 // 5), room, keep_end=True)
    pen.text((unit, height - strip + unit // 2), prompt, font=_font(unit), fill="white")
    low = height - unit - unit * 3 // 5
    pen.text((unit, low), path, font=_font(unit * 4 // 5), fill=(255, 255, 255, 175))


def legible(text: str) -> str:
    """Give what of a text the built-in font can show; other runs become an ellipsis."""
    plain = unicodedata.normalize("NFKD", text.translate(_DASHES))
    shown = "".join("\0" if ord(sign) > 126 else sign for sign in plain if not _is_mark(sign))
    words = "".join(sign if sign >= " " or sign == "\0" else " " for sign in shown).split("\0")
    kept = [part for number, part in enumerate(words) if part or number in (0, len(words) - 1)]
    return " ".join("...".join(kept).split())


_DASHES = str.maketrans(
    {"\u2014": "--", "\u2013": "-", "\u2019": "'", "\u201c": '"', "\u201d": '"'}
)


def _is_mark(sign: str) -> bool:
    return unicodedata.combining(sign) != 0 or unicodedata.category(sign) in ("Mn", "Cf")


def fitted(text: str, font: ImageFont.FreeTypeFont, room: float, *, keep_end: bool) -> str:
    """Shorten a text to `room` pixels, at its end or, to keep that, at its beginning."""
    if font.getlength(text) <= room:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        part = text[-middle:] if keep_end else text[:middle]
        low, high = (
            (middle, high)
            if font.getlength(part) + font.getlength("...") <= room
            else (low, middle - 1)
        )
    return "..." + text[len(text) - low :] if keep_end else text[:low] + "..."


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    from PIL import ImageFont

    # With a size this is always the scalable font, Pillow's own.
    return cast("ImageFont.FreeTypeFont", ImageFont.load_default(size))
