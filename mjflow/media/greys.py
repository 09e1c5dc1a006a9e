"""
Grey pictures as rows of bytes, one byte a pixel: join them, soften them, write them as PNG.

Nothing here walks over pixels one by one.  Rows that follow each other are often the very same
object, and whoever makes rows should see to that: it is what makes large masks cheap.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence

BLACK, WHITE = b"\0", b"\xff"

_NEGATIVE = bytes(range(255, -1, -1))
_PURE = BLACK + WHITE
_DARK, _LIGHT = bytes(range(128)), bytes(range(128, 256))

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
# A byte a pixel, grey, the only compression and filters there are, rows in order.
_GREY = b"\x08\0\0\0\0"

# Softening adds up whole rows as one large integer with 64 bits for each pixel.
_LANE = 64
# Bits of fraction in an average.  255 of them need 8 bits more, and then the lane has 8 to spare.
_FRACTION = 48


def negative(row: bytes) -> bytes:
    """Turn black into white and white into black."""
    return row.translate(_NEGATIVE)


def lighter(one: bytes, other: bytes) -> bytes:
    """Take the lighter of two rows, pixel by pixel."""
    if one is other or one == other:
        return one
    if _mixed(one) and _mixed(other):
        return bytes(map(max, one, other))
    # Where one of two is black or white, "or" gives the lighter.
    joined = int.from_bytes(one, "little") | int.from_bytes(other, "little")
    return joined.to_bytes(len(one), "little")


def _mixed(row: bytes) -> bool:
    """Whether a row has any pixel that is neither black nor white."""
    return bool(row.translate(None, _PURE))


def has_dark(rows: Iterable[bytes]) -> bool:
    """Whether any pixel is nearer to black."""
    return any(row.translate(None, _LIGHT) for row in rows)


def has_light(rows: Iterable[bytes]) -> bool:
    """Whether any pixel is nearer to white."""
    return any(row.translate(None, _DARK) for row in rows)


def png(rows: Iterable[bytes], width: int, height: int) -> bytes:
    """Write rows as a PNG of eight bits grey."""
    packer = zlib.compressobj(9)
    # Each row is preceded by its filter: none.
    packed = [packer.compress(BLACK + row) for row in rows]
    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + _GREY
    pixels = b"".join([*packed, packer.flush()])
    return _SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, body: bytes) -> bytes:
    checksum = zlib.crc32(kind + body)
    return len(body).to_bytes(4, "big") + kind + body + checksum.to_bytes(4, "big")


# --- softening ----------------------------------------------------------------------------


def soften(rows: Sequence[bytes], radius: int) -> Iterator[bytes]:
    """
    Give each pixel the average of the square around it, `2 * radius + 1` pixels wide.

    Averages are rounded exactly.  Beyond the edges the outermost pixels go on, so that an area
    that reaches the edge of the picture is not faded there.
    """
    width, last, side = len(rows[0]), len(rows) - 1, 2 * radius + 1
    scale = round((1 << _FRACTION) / side**2)
    half = int.from_bytes(b"\0\0\0\0\0\x80\0\0" * width, "little")
    lanes = (1 << _LANE * width) - 1
    # What stands in the square's rows, added up for each column; moves down with it.
    column = sum(_spread(rows[min(max(y, 0), last)], radius) for y in range(-radius, radius + 1))
    done, soft = -1, b""
    for y in range(len(rows)):
        if column != done:
            sums = _windows(column, side) & lanes
            soft = (sums * scale + half).to_bytes(8 * width, "little")[_FRACTION // 8 :: 8]
            done = column
        yield soft
        leaves, enters = rows[max(y - radius, 0)], rows[min(y + radius + 1, last)]
        if leaves != enters:
            column += _spread(enters, radius) - _spread(leaves, radius)


def _spread(row: bytes, radius: int) -> int:
    """Give each pixel of a row, lengthened at both ends, a lane of its own."""
    padded = row[:1] * radius + row + row[-1:] * radius
    spread = bytearray(8 * len(padded))
    spread[::8] = padded
    return int.from_bytes(spread, "little")


def _windows(row: int, side: int) -> int:
    """Add to each lane the next ones, `side` in all, by doubling what is added at a time."""
    total, shift, runs = 0, 0, row
    for bit in range(side.bit_length()):
        if side >> bit & 1:
            total += runs >> _LANE * shift
            shift += 1 << bit
        runs += runs >> (_LANE << bit)
    return total
