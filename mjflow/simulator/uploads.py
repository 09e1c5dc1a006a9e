"""Pictures sent by clients: just enough of a look to fail where Midjourney would."""

from __future__ import annotations

import base64
import binascii
import struct
import zlib
from collections.abc import Iterable
from enum import Enum
from typing import TYPE_CHECKING

from attrs import field, frozen

if TYPE_CHECKING:
    from mjflow.simulator.tasks import Task

PNG_PREFIX = "data:image/png;base64,"
#: First bytes of the formats that are taken, with their type.
SIGNATURES = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
    b"RIFF": "image/webp",
}
_PNG = b"\x89PNG\r\n\x1a\n"


class Use(Enum):
    """What is done with the pictures of a submit."""

    SHOW = "show"
    BLEND = "blend"
    EDIT = "edit"
    RETEXTURE = "retexture"
    SWAP = "swap"


@frozen(eq=False)
class Material:
    """One picture that came with a submit: bytes, or a link to them."""

    data: bytes = field(default=b"", repr=False)
    link: str = ""
    #: The task whose picture the link leads to, if it is one of our own.
    source: Task | None = None

    @classmethod
    def of(cls, text: str) -> Material:
        """Read a link, a data URL or bare base64 (P§11.3)."""
        if text.startswith(("http://", "https://")):
            return cls(link=text)
        return cls(_decoded(text.partition("base64,")[2] if text.startswith("data:") else text))

    @property
    def whole(self) -> bool:
        """Whether it leads to a picture, as far as can be told without looking."""
        return bool(self.link) or self.type != ""

    @property
    def type(self) -> str:
        """The type of its bytes, `""` for what is no picture."""
        found = (kind for start, kind in SIGNATURES.items() if self.data.startswith(start))
        return next(found, "")

    @property
    def aspect(self) -> float | None:
        """Width for each unit of height, where it is easily told."""
        if self.source is not None:
            return self.source.aspect
        size = _png_size(self.data)
        return None if size is None or 0 in size else size[0] / size[1]

    @property
    def number(self) -> int:
        """A number that depends on the picture alone."""
        return zlib.crc32(self.data or self.link.encode())


def materials(texts: Iterable[object]) -> tuple[Material, ...]:
    """Read all pictures of a request, empty ones left out."""
    return tuple(Material.of(text) for text in texts if isinstance(text, str) and text)


def mask_problem(mask: str, size: tuple[int, int]) -> str:
    """Give the `failReason` of a mask for a picture of `size` pixels, `""` for a good one."""
    if not mask.startswith(PNG_PREFIX):
        return "[Invalid parameter] The mask is no PNG data URL"
    actual = _png_size(mask_bytes(mask))
    if actual is None:
        return "[Invalid parameter] The mask is no picture"
    if actual != size:
        return "[Invalid parameter] The mask has {}x{} pixels, the picture {}x{}".format(
            *actual, *size
        )
    return ""


def mask_bytes(mask: str) -> bytes:
    """Give the PNG inside a mask's data URL, `b""` if it can't be read."""
    return _decoded(mask.removeprefix(PNG_PREFIX))


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _png_size(data: bytes) -> tuple[int, int] | None:
    if not data.startswith(_PNG) or len(data) < 33 or b"IEND" not in data[-12:]:
        return None
    width, height = struct.unpack(">II", data[16:24])
    return width, height
