"""A grid of four colours, and a server that has one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from PIL import Image

from mjflow import Saved
from tests.engine.gallery import CDN, Gallery, Shot
from tests.media.pictures import encoded

COLOURS = ["red", "lime", "blue", "white"]


def four(width: int = 64, height: int = 32) -> bytes:
    """Paint four fields of one colour each."""
    image = Image.new("RGB", (width, height), COLOURS[3])
    image.paste(COLOURS[0], (0, 0, width // 2, height // 2))
    image.paste(COLOURS[1], (width // 2, 0, width, height // 2))
    image.paste(COLOURS[2], (0, height // 2, width // 2, height))
    return encoded(image)


def told(saved: Saved) -> dict[str, Any]:
    """Read the sidecar of a file."""
    content: dict[str, Any] = json.loads(Path(f"{saved.path}.json").read_bytes())
    return content


def gallery() -> Gallery:
    """Make a server that has a grid."""
    server = Gallery()
    server.has(CDN, Shot(four()))
    return server
