"""
How each format says where it ends, and how large its picture is.

One function per format.  Each walks from length to length, skips what lies between, and never
decodes a pixel: a file that was cut anywhere is found out, one whose pixels were changed is not.
Bytes that follow a whole picture are let pass, as every viewer lets them pass.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Literal

from mjflow.media.kinds import AVIF, GIF, HEIC, JPEG, MOV, MP4, PNG, WEBP, Kind
from mjflow.media.reading import Flaw, Reader

#: Width and height in pixels; `None` where only a decoder could tell.
Extent = tuple[int, int] | None

# Bytes after the end of a JPEG that are let pass: padding, and what cameras append.
_JPEG_TRAILER = 65536


def measure_png(reader: Reader) -> Extent:
    """Walk the chunks from IHDR to IEND."""
    chunks = _found(_png_chunks(reader), (b"IHDR", b"IDAT"))
    if chunks.get(b"IHDR") != 8 or b"IDAT" not in chunks:
        raise Flaw("damaged: it has no header or no pixels")
    return extent(reader.at(16, 8), "big")


def has_alpha(reader: Reader) -> bool:
    """Whether a whole PNG has a channel, or a colour, for what is transparent."""
    return reader.at(25, 1)[0] & 4 != 0 or b"tRNS" in _found(_png_chunks(reader), (b"tRNS",))


def _found(chunks: Iterable[tuple[bytes, int]], wanted: Collection[bytes]) -> dict[bytes, int]:
    """Walk all chunks, and remember the last offset of those that are wanted, and no others."""
    return {kind: offset for kind, offset in chunks if kind in wanted}


def _png_chunks(reader: Reader) -> Iterator[tuple[bytes, int]]:
    """Give name and offset of each chunk."""
    offset, kind = 8, b""
    while kind != b"IEND":
        front = reader.at(offset, 8)
        length, kind = int.from_bytes(front[:4], "big"), front[4:]
        if not kind.isalpha():
            raise Flaw(f"damaged: there is no chunk at byte {offset}")
        yield kind, offset
        offset += 12 + length
        reader.need(offset)


def measure_jpeg(reader: Reader) -> Extent:
    """Walk the segments to the first scan, then find the end-of-image marker near the end."""
    size: Extent = None
    scan = reader.size
    for offset, marker in jpeg_segments(reader):
        if marker == 0xDA:  # start of scan
            scan = offset
        elif is_frame(marker):
            size = jpeg_extent(reader, offset)
    # Within a scan 0xFF is always followed by 0x00 or a restart marker, so this can't be pixels.
    if b"\xff\xd9" not in reader.tail(_JPEG_TRAILER, after=scan):
        raise Flaw(f"cut short: {reader.size} bytes came, and they have no end marker")
    if size is None:
        raise Flaw("damaged: it has no frame header")
    return size


def jpeg_extent(reader: Reader, offset: int) -> tuple[int, int]:
    """Read the frame header whose length is at `offset`."""
    # After length and precision, the height comes first.
    body = reader.at(offset + 3, 4)
    return extent(body[2:] + body[:2], "big")


def is_frame(marker: int) -> bool:
    """Whether it is one of the SOF markers; three numbers in their midst mean other things."""
    return 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC)


def jpeg_segments(reader: Reader) -> Iterator[tuple[int, int]]:
    """Give offset (of the length) and marker of each segment, the first scan's being the last."""
    offset, marker = 2, 0
    while marker != 0xDA:
        lead, marker = reader.at(offset, 2)
        if lead != 0xFF or marker in (0x00, 0xD9):
            raise Flaw(f"damaged: there is no segment at byte {offset}")
        if marker == 0xFF:  # a fill byte
            offset += 1
        elif marker == 0x01 or 0xD0 <= marker <= 0xD7:  # markers without a length
            offset += 2
        else:
            yield offset + 2, marker
            offset += 2 + _jpeg_length(reader, offset + 2)
            reader.need(offset)


def _jpeg_length(reader: Reader, offset: int) -> int:
    length = int.from_bytes(reader.at(offset, 2), "big")
    if length < 2:
        raise Flaw(f"damaged: the segment at byte {offset - 2} has no length")
    return length


#: The chunks that tell the size, the one that counts most first.
WEBP_SIZES = (b"VP8X", b"VP8L", b"VP8 ")


def measure_webp(reader: Reader) -> Extent:
    """Trust the length in front, and walk the chunks within it for one with pixels."""
    end = 8 + int.from_bytes(reader.at(4, 4), "little")
    reader.need(end)
    chunks = _found(_webp_chunks(reader, end), (*WEBP_SIZES, b"ANMF"))
    if not chunks.keys() & {b"VP8 ", b"VP8L", b"ANMF"}:
        raise Flaw("damaged: it has no pixels")
    for kind in WEBP_SIZES:
        if kind in chunks:
            return webp_extent(reader, kind, chunks[kind])
    raise Flaw("damaged: it does not tell its size")


def webp_extent(reader: Reader, kind: bytes, offset: int) -> tuple[int, int]:
    """Read the size from the body, at `offset`, of a chunk that tells it."""
    if kind == b"VP8X":
        body = reader.at(offset + 4, 6)
        return 1 + int.from_bytes(body[:3], "little"), 1 + int.from_bytes(body[3:], "little")
    if kind == b"VP8L":
        bits = int.from_bytes(reader.at(offset + 1, 4), "little")
        return 1 + (bits & 0x3FFF), 1 + ((bits >> 14) & 0x3FFF)
    width, height = extent(reader.at(offset + 6, 4), "little")
    # The upper two bits of either are a scale for display.
    return width & 0x3FFF, height & 0x3FFF


def _webp_chunks(reader: Reader, end: int) -> Iterator[tuple[bytes, int]]:
    """Give name and offset of the body of each chunk."""
    offset = 12
    while offset + 8 <= end:
        length = int.from_bytes(reader.at(offset + 4, 4), "little")
        if offset + 8 + length > end:
            raise Flaw(f"damaged: the chunk at byte {offset} is longer than the picture")
        yield reader.at(offset, 4), offset + 8
        offset += 8 + length + length % 2


def measure_gif(reader: Reader) -> Extent:
    """Walk the blocks to the trailer."""
    size, flags = extent(reader.at(6, 4), "little"), reader.at(10, 1)[0]
    offset = 13 + _gif_colours(flags)
    frames = 0
    while (block := reader.at(offset, 1)) != b";":
        if block == b",":  # a frame: place, flags, colours, code size, data
            frames += 1
            offset += 11 + _gif_colours(reader.at(offset + 9, 1)[0])
        elif block == b"!":  # an extension: label, data
            offset += 2
        else:
            raise Flaw(f"damaged: there is no block at byte {offset}")
        while length := reader.at(offset, 1)[0]:
            offset += 1 + length
        offset += 1
    if not frames:
        raise Flaw("damaged: it has no pixels")
    return size


def _gif_colours(flags: int) -> int:
    """Give the bytes of the colour table that these flags announce."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def measure_mp4(reader: Reader) -> Extent:
    """Walk the boxes to the end; there must be a table of contents and data."""
    _need_boxes(reader, b"moov", b"mdat")
    return None


def measure_heif(reader: Reader) -> Extent:
    """Walk the boxes to the end; there must be a description and data."""
    _need_boxes(reader, b"meta", b"mdat")
    return None


def _need_boxes(reader: Reader, *wanted: bytes) -> None:
    there = {kind for kind in _boxes(reader) if kind in wanted}
    for kind in wanted:
        if kind not in there:
            raise Flaw(f"cut short: {reader.size} bytes came, and the {kind.decode()} box did not")


def _boxes(reader: Reader) -> Iterator[bytes]:
    """Give the name of each box at the top level."""
    offset = 0
    while offset < reader.size:
        front = reader.at(offset, 8)
        length = int.from_bytes(front[:4], "big")
        yield front[4:]
        if length == 0:  # reaches to the end, wherever that is
            return
        if length == 1:
            length = int.from_bytes(reader.at(offset + 8, 8), "big")
        if length < 8:
            raise Flaw(f"damaged: there is no box at byte {offset}")
        offset += length
        reader.need(offset)


def extent(body: bytes, order: Literal["big", "little"]) -> tuple[int, int]:
    """Read width and height, each half of the bytes."""
    half = len(body) // 2
    width, height = int.from_bytes(body[:half], order), int.from_bytes(body[half:], order)
    if not width or not height:
        raise Flaw(f"damaged: it claims to be {width} x {height} pixels large")
    return width, height


#: How to measure each kind; raises `Flaw` for what is not whole.
MEASURES: dict[Kind, Callable[[Reader], Extent]] = {
    PNG: measure_png,
    JPEG: measure_jpeg,
    WEBP: measure_webp,
    GIF: measure_gif,
    AVIF: measure_heif,
    HEIC: measure_heif,
    MP4: measure_mp4,
    MOV: measure_mp4,
}
