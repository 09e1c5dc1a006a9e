"""Pictures sent by clients: just enough of a look to fail where Midjourney would."""

from __future__ import annotations

import base64
import binascii
import struct

PNG_PREFIX = "data:image/png;base64,"
_SIGNATURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"RIFF")


def is_picture(text: str) -> bool:
    """Tell whether a link, a data URL or bare base64 leads to a picture (P§11.3)."""
    if text.startswith(("http://", "https://")):
        return True
    data = _decoded(text.partition("base64,")[2] if text.startswith("data:") else text)
    return data.startswith(_SIGNATURES)


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
    if not data.startswith(_SIGNATURES[0]) or len(data) < 33 or b"IEND" not in data[-12:]:
        return None
    width, height = struct.unpack(">II", data[16:24])
    return width, height
