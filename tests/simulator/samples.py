"""Pictures to send, and a good body for each submit."""

from __future__ import annotations

import base64
import io
from functools import cache
from typing import Any

from PIL import Image, ImageDraw


def data_url(image: Image.Image, kind: str = "PNG") -> str:
    """Give a picture as a data URL."""
    file = io.BytesIO()
    image.save(file, kind)
    return f"data:image/{kind.lower()};base64," + base64.b64encode(file.getvalue()).decode()


@cache
def photo(colour: str = "red", size: tuple[int, int] = (64, 48)) -> str:
    """Give a picture of one colour."""
    return data_url(Image.new("RGB", size, colour))


@cache
def holed(size: tuple[int, int] = (64, 48)) -> str:
    """Give a red picture whose middle is transparent."""
    image = Image.new("RGBA", size, "red")
    width, height = size
    image.paste((0, 0, 0, 0), (width // 4, height // 4, width * 3 // 4, height * 3 // 4))
    return data_url(image)


@cache
def mask(size: tuple[int, int] = (1024, 1024)) -> str:
    """Give a mask with a white box in the middle."""
    image = Image.new("L", size)
    width, height = size
    box = (width // 4, height // 4, width * 3 // 4, height // 2)
    ImageDraw.Draw(image).rectangle(box, fill=255)
    return data_url(image)


#: A body that every server takes that has the act.
ROOTS: dict[str, dict[str, Any]] = {
    "imagine": {"prompt": "a cute cat"},
    "blend": {"base64Array": [photo("red"), photo("blue")]},
    "describe": {"base64": photo("orange")},
    "shorten": {"prompt": "a very long prompt about a cute cat in the rain"},
    "video": {"prompt": "waves", "image": photo("teal"), "motion": "low"},
    "edits": {"prompt": "a lake", "image": holed()},
    "edit": {"prompt": "a lake", "image": holed()},
    "retexture": {"prompt": "a lake", "image": photo()},
    "swap": {"sourceBase64": photo("red"), "targetBase64": photo("blue")},
}
