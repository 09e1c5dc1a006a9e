"""
Short films: whole MP4 files, small enough to be made while somebody waits.

The frames are JPEG pictures, which the format allows (object type 0x6C), so nothing has to be
encoded.  Boxes are named as in ISO 14496-12; every length below is in bytes.
"""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

SECONDS = 5
FRAMES = 10
# How much of the picture is out of sight at the nearest point.
DEPTH = 0.3
_UNITS = 600  # of time, in a second
_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_JPEG = 0x6C


def movie(picture: Image.Image, way: int) -> bytes:
    """Make a film that moves through a picture in one of four ways, 1 to 4."""
    frames = []
    for number in range(FRAMES):
        file = io.BytesIO()
        _frame(picture, way, number / (FRAMES - 1)).save(file, "JPEG", quality=70)
        frames.append(file.getvalue())
    return mp4(frames, picture.size)


def _frame(picture: Image.Image, way: int, share: float) -> Image.Image:
    """Cut out what is seen after a share of the time: nearer, farther, to the right or left."""
    width, height = picture.size
    depth = {1: share, 2: 1 - share}.get(way, 1.0) * DEPTH
    across = {3: share, 4: 1 - share}.get(way, 0.5)
    left, top = width * depth * across, height * depth / 2
    box = (left, top, left + width * (1 - depth), top + height * (1 - depth))
    return picture.resize(picture.size, box=box)


def mp4(frames: list[bytes], size: tuple[int, int]) -> bytes:
    """Put JPEG pictures of one size into a file, each shown as long as the others."""
    head = _box(b"ftyp", b"isom", struct.pack(">I", 0x200), b"isommp41")
    # How far in the frames begin depends on the length of what tells where they begin.
    offset = len(head) + len(_moov(frames, size, 0)) + 8
    return head + _moov(frames, size, offset) + _box(b"mdat", *frames)


def _box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I", 8 + len(body)) + kind + body


def _full(kind: bytes, flags: int, *parts: bytes) -> bytes:
    return _box(kind, struct.pack(">I", flags), *parts)


def _moov(frames: list[bytes], size: tuple[int, int], offset: int) -> bytes:
    times = struct.pack(">4I", 0, 0, _UNITS, SECONDS * _UNITS)
    rest = struct.pack(">IHH8x", 0x10000, 0x100, 0) + _MATRIX + bytes(24) + struct.pack(">I", 2)
    return _box(b"moov", _full(b"mvhd", 0, times, rest), _track(frames, size, offset))


def _track(frames: list[bytes], size: tuple[int, int], offset: int) -> bytes:
    times = struct.pack(">5I", 0, 0, 1, 0, SECONDS * _UNITS)
    place = struct.pack(">8xHHHH", 0, 0, 0, 0) + _MATRIX
    extent = struct.pack(">II", size[0] << 16, size[1] << 16)
    return _box(b"trak", _full(b"tkhd", 7, times, place, extent), _media(frames, size, offset))


def _media(frames: list[bytes], size: tuple[int, int], offset: int) -> bytes:
    times = struct.pack(">4IHH", 0, 0, _UNITS, SECONDS * _UNITS, 0x55C4, 0)
    handler = _full(b"hdlr", 0, struct.pack(">I4s12x", 0, b"vide"), b"clip\0")
    here = _full(b"dref", 0, struct.pack(">I", 1), _full(b"url ", 1))
    info = _box(
        b"minf", _full(b"vmhd", 1, bytes(8)), _box(b"dinf", here), _samples(frames, size, offset)
    )
    return _box(b"mdia", _full(b"mdhd", 0, times), handler, info)


def _samples(frames: list[bytes], size: tuple[int, int], offset: int) -> bytes:
    count = len(frames)
    sizes = struct.pack(f">{count}I", *map(len, frames))
    return _box(
        b"stbl",
        _full(b"stsd", 0, struct.pack(">I", 1), _entry(size)),
        _full(b"stts", 0, struct.pack(">3I", 1, count, SECONDS * _UNITS // count)),
        _full(b"stsc", 0, struct.pack(">4I", 1, 1, count, 1)),
        _full(b"stsz", 0, struct.pack(">II", 0, count), sizes),
        _full(b"stco", 0, struct.pack(">II", 1, offset)),
    )


def _entry(size: tuple[int, int]) -> bytes:
    """Say what the frames are: pictures of a size, in JPEG."""
    front = struct.pack(">6xH16xHHIII", 1, *size, 0x480000, 0x480000, 0)
    rest = struct.pack(">H32xHh", 1, 24, -1)
    config = _tagged(4, struct.pack(">BB3xII", _JPEG, 0x11, 0, 0))
    stream = _tagged(3, struct.pack(">HB", 1, 0), config, _tagged(6, b"\x02"))
    return _box(b"mp4v", front, rest, _full(b"esds", 0, stream))


def _tagged(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">BB", tag, len(body)) + body
