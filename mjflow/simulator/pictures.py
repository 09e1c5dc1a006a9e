"""Pictures of tasks: cells, numbers, captions, as whole PNG files."""

from __future__ import annotations

import asyncio
import io
from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

from attrs import frozen

from mjflow.simulator import captions
from mjflow.simulator.art import paint
from mjflow.simulator.collage import collage
from mjflow.simulator.movies import movie
from mjflow.simulator.recipes import Collage, Framed, Node, View, nodes_of, size_of
from mjflow.simulator.uploads import Material, Use

if TYPE_CHECKING:
    from PIL import Image

    from mjflow.simulator.tasks import Task

# Bytes of drawn pictures that are kept; a grid has about 150 kB.
CACHE_BYTES = 64 * 1024 * 1024
# Pictures drawn at the same time; more would only take turns.
PAINTERS = 2
PREVIEW_PART = 4
# Pixels of the side of a square film.
FILM_SIDE = 320
PNG, MP4 = "image/png", "video/mp4"


@frozen
class File:
    """A whole file with its type."""

    data: bytes
    type: str


class Gallery:
    """Draws the pictures of tasks when they are first asked for, and keeps the latest."""

    def __init__(self, *, threads: bool, capacity: int = CACHE_BYTES) -> None:
        self._threads = threads
        self._capacity = capacity
        self._kept: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        #: Bytes of the pictures that are kept.
        self.size = 0
        self._painters = asyncio.Semaphore(PAINTERS)

    async def file(self, task: Task, *, preview: bool = False, clip: int | None = None) -> File:
        """Give the picture of a task, a small blurred one before its end, or one of its clips."""
        if clip is not None:
            return File(await self._made(task, f"clip {clip}", lambda: film(task, clip)), MP4)
        if given := _as_sent(task):
            return File(given.data, given.type)
        name = "preview" if preview else ""
        return File(await self._made(task, name, lambda: draw(task, preview=preview)), PNG)

    async def _made(self, task: Task, name: str, make: Callable[[], bytes]) -> bytes:
        key = (task.job, name)
        if key not in self._kept:
            self._keep(key, await self._drawn(make))
        self._kept.move_to_end(key)
        return self._kept[key]

    async def _drawn(self, make: Callable[[], bytes]) -> bytes:
        if not self._threads:
            return make()
        async with self._painters:
            return await asyncio.to_thread(make)

    def _keep(self, key: tuple[str, str], data: bytes) -> None:
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
    captions.number(image, task)
    captions.caption(image, task)
    return _file(image)


def _as_sent(task: Task) -> Material | None:
    """Give the picture that was described: it is the result's picture, untouched."""
    first = task.materials[0] if task.materials and task.use is Use.SHOW else None
    return first if first is not None and first.data and task.texts else None


def film(task: Task, clip: int) -> bytes:
    """Draw one clip of a task, 1 to 4, and give it as an MP4 file."""
    nodes = nodes_of(task)
    side = FILM_SIDE / max(task.aspect, 1 / task.aspect) ** 0.5
    root = task.aspect**0.5
    size = (max(16, round(side * root / 16) * 16), max(16, round(side / root / 16) * 16))
    return movie(render(nodes[(clip - 1) % len(nodes)], size), clip)


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
    if isinstance(node, Collage):
        return collage(node, size, _source)
    from PIL import Image, ImageFilter

    image, patch = _shared(node.base, size).copy(), render(node.patch, size)
    mask = Image.open(io.BytesIO(node.mask)).convert("L").resize(size)
    image.paste(patch, mask=mask.filter(ImageFilter.GaussianBlur(size[0] / 400)))
    return image


def _source(task: Task, size: tuple[int, int]) -> Image.Image:
    """Draw the task a picture was taken from, without numbers or caption."""
    return _sheet(task, size)


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
