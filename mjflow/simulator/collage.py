"""Pictures made of those a client sent: shown, mixed, painted over, faces put in."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING

from mjflow.simulator.art import paint
from mjflow.simulator.recipes import Collage
from mjflow.simulator.scenes import Scene, Window
from mjflow.simulator.uploads import Material, Use

if TYPE_CHECKING:
    from PIL import Image

    from mjflow.simulator.tasks import Task

Size = tuple[int, int]
#: Draws the task a linked picture was taken from.
Source = Callable[["Task", Size], "Image.Image"]


def collage(node: Collage, size: Size, source: Source) -> Image.Image:
    """Draw a picture out of those that were sent."""
    photos = [_photo(material, size, source) for material in node.materials]
    if node.use is Use.SHOW:
        return photos[0].convert("RGB")
    scene = paint(node.scene, node.window, size)
    if node.use is Use.SWAP:
        return _swapped(*photos[:2])
    if node.use is Use.EDIT:
        return _edited(scene, photos)
    return _mixed(scene, photos, node.cell)


def _mixed(scene: Image.Image, photos: list[Image.Image], cell: int) -> Image.Image:
    """Mix pictures in equal parts, beginning with another one in every cell."""
    from PIL import Image

    turned = photos[cell % len(photos) :] + photos[: cell % len(photos)]
    mixed = turned[0].convert("RGB")
    for count, photo in enumerate(turned[1:], start=2):
        mixed = Image.blend(mixed, photo.convert("RGB"), 1 / count)
    return Image.blend(mixed, scene, 0.3)


def _edited(scene: Image.Image, photos: list[Image.Image]) -> Image.Image:
    """Let the scene show where the picture is transparent, or where a mask is white."""
    from PIL import ImageChops

    photo = photos[0]
    if len(photos) > 1:
        kept = ImageChops.invert(photos[1].convert("L"))
        photo.putalpha(ImageChops.multiply(photo.getchannel("A"), kept))
    scene.paste(photo.convert("RGB"), mask=photo.getchannel("A"))
    return scene


def _swapped(source: Image.Image, target: Image.Image) -> Image.Image:
    """Put an oval out of the middle of one picture into the middle of another."""
    from PIL import Image, ImageDraw, ImageFilter

    width, height = target.size
    veil = Image.new("L", target.size)
    box = (width * 3 // 8, height // 4, width * 5 // 8, height * 5 // 8)
    ImageDraw.Draw(veil).ellipse(box, fill=255)
    result = target.convert("RGB")
    result.paste(source.convert("RGB"), mask=veil.filter(ImageFilter.GaussianBlur(width / 80)))
    return result


def _photo(material: Material, size: Size, source: Source) -> Image.Image:
    """Open a picture that was sent, filling the size; what can't be read becomes a scene."""
    from PIL import Image, ImageOps

    if material.source is not None:
        return source(material.source, size).convert("RGBA")
    try:
        with Image.open(io.BytesIO(material.data)) as photo:
            return ImageOps.fit(photo.convert("RGBA"), size)
    except (OSError, ValueError, SyntaxError):
        seed = material.number
        return paint(Scene(seed, seed), Window.of(size[0] / size[1]), size).convert("RGBA")
