"""Pictures of tasks: cells, numbers, captions, as whole PNG files."""

from __future__ import annotations

import asyncio
import io
import unicodedata
from collections import OrderedDict
from functools import cache, lru_cache
from typing import TYPE_CHECKING, cast

from attrs import frozen

from mjflow.simulator.art import paint
from mjflow.simulator.buttons import Stage
from mjflow.simulator.recipes import Framed, Node, View, nodes_of, size_of

if TYPE_CHECKING:
    from PIL import Image, ImageFont

    from mjflow.simulator.tasks import Task

# Bytes of drawn pictures that are kept; a grid has about 150 kB.
CACHE_BYTES = 64 * 1024 * 1024
# Pictures drawn at the same time; more would only take turns.
PAINTERS = 2
PREVIEW_PART = 4


class Gallery:
    """Draws the pictures of tasks when they are first asked for, and keeps the latest."""

    def __init__(self, *, threads: bool, capacity: int = CACHE_BYTES) -> None:
        self._threads = threads
        self._capacity = capacity
        self._kept: OrderedDict[tuple[str, bool], bytes] = OrderedDict()
        #: Bytes of the pictures that are kept.
        self.size = 0
        self._painters = asyncio.Semaphore(PAINTERS)

    async def png(self, task: Task, *, preview: bool) -> bytes:
        """Give the picture of a task as a PNG file; a preview is small and blurred."""
        key = (task.job, preview)
        if key not in self._kept:
            self._keep(key, await self._drawn(task, preview))
        self._kept.move_to_end(key)
        return self._kept[key]

    async def _drawn(self, task: Task, preview: bool) -> bytes:
        if not self._threads:
            return draw(task, preview=preview)
        async with self._painters:
            return await asyncio.to_thread(draw, task, preview=preview)

    def _keep(self, key: tuple[str, bool], data: bytes) -> None:
        self.size += len(data) - len(self._kept.get(key, b""))
        self._kept[key] = data
        while self.size > self._capacity and len(self._kept) > 1:
            oldest = next(name for name in self._kept if name != key)
            self.size -= len(self._kept.pop(oldest))


def draw(task: Task, *, preview: bool = False) -> bytes:
    """Draw the picture of a task and give it as a PNG file."""
    from PIL import ImageFilter

    width, height = size_of(task)
    if preview:
        image = _sheet(task, (width // PREVIEW_PART, height // PREVIEW_PART))
        return _file(image.filter(ImageFilter.GaussianBlur(5)))
    image = _sheet(task, (width, height))
    _number(image, task)
    _caption(image, task)
    return _file(image)


def _file(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=1)
    return file.getvalue()


def _sheet(task: Task, size: tuple[int, int]) -> Image.Image:
    from PIL import Image

    nodes = nodes_of(task)
    if len(nodes) == 1:
        return render(nodes[0], size)
    width, height = size[0] // 2, size[1] // 2
    sheet = Image.new("RGB", size)
    for place, node in enumerate(nodes):
        corner = (place % 2 * width, place // 2 * height)
        sheet.paste(render(node, (width, height)), corner)
    return sheet


def render(node: Node, size: tuple[int, int]) -> Image.Image:
    """Draw one picture without numbers or caption."""
    if isinstance(node, View):
        return paint(node.scene, node.window, size)
    if isinstance(node, Framed):
        return _framed(node, size)
    from PIL import Image, ImageFilter

    image, patch = _shared(node.base, size).copy(), render(node.patch, size)
    mask = Image.open(io.BytesIO(node.mask)).convert("L").resize(size)
    image.paste(patch, mask=mask.filter(ImageFilter.GaussianBlur(size[0] / 400)))
    return image


@lru_cache(maxsize=2)
def _shared(node: Node, size: tuple[int, int]) -> Image.Image:
    """Draw what all four cells of a grid have in common; not to be painted on."""
    return render(node, size)


def _framed(node: Framed, size: tuple[int, int]) -> Image.Image:
    from PIL import Image, ImageDraw

    image = render(node.outer, size)
    outer, inner = node.outer.window, node.inner.window
    across, down = size[0] / outer.width, size[1] / outer.height
    left = round((inner.x - inner.width / 2 - outer.x + outer.width / 2) * across)
    top = round((inner.y - inner.height / 2 - outer.y + outer.height / 2) * down)
    box = (max(1, round(inner.width * across)), max(1, round(inner.height * down)))
    image.paste(_shared(node.inner, box), (left, top))
    veil = Image.new("L", size)
    edge = (left, top, left + box[0] - 1, top + box[1] - 1)
    ImageDraw.Draw(veil).rectangle(edge, outline=150, width=max(1, size[0] // 340))
    image.paste((255, 255, 255), mask=veil)
    return image


def _number(image: Image.Image, task: Task) -> None:
    """Write 1 to 4 into the cells of a grid, or the cell a single picture came from."""
    width, height = image.size
    if task.stage is Stage.GRID:
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


def _caption(image: Image.Image, task: Task) -> None:
    from PIL import ImageDraw

    caption = Caption.of(task)
    width, height = image.size
    unit = max(11, min(width, height) // 44)
    strip = unit * 3 + unit // 2
    pen = ImageDraw.Draw(image, "RGBA")
    pen.rectangle((0, height - strip, width, height), fill=(12, 14, 22, 165))
    room = width - 2 * unit
    prompt = fitted(caption.prompt, _font(unit), room, keep_end=False)
    path = fitted(caption.path, _font(unit * 4 // 5), room, keep_end=True)
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
