"""Small real pictures, made in memory, and files in the formats that Pillow can't make."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from PIL import Image, features

WIDTH, HEIGHT = 23, 17


def picture(mode: str = "RGB") -> Image.Image:
    """Paint something that compresses badly enough to have several blocks."""
    image = Image.new("RGB", (WIDTH, HEIGHT))
    for x in range(WIDTH):
        for y in range(HEIGHT):
            image.putpixel((x, y), (x * 11 % 256, y * 15 % 256, x * y * 7 % 256))
    return image.convert(mode)


def encode(form: str, mode: str = "RGB", **options: Any) -> bytes:
    """Encode the picture as Pillow does."""
    return encoded(picture(mode), form, **options)


def grey_rows(png: bytes) -> list[bytes]:
    """Decode a PNG of eight bits grey, strictly."""
    with Image.open(BytesIO(png)) as image:
        assert (image.format, image.mode) == ("PNG", "L")
        width, pixels = image.width, image.tobytes()
    return [pixels[at : at + width] for at in range(0, len(pixels), width)]


def encoded(image: Image.Image, form: str = "PNG", **options: Any) -> bytes:
    """Encode any image."""
    target = BytesIO()
    image.save(target, form, **options)
    return target.getvalue()


def box(kind: bytes, body: bytes = b"") -> bytes:
    """Build a box of the ISO base media format."""
    return (8 + len(body)).to_bytes(4, "big") + kind + body


def large_box(kind: bytes, body: bytes) -> bytes:
    """Build a box with a length of 64 bits."""
    return b"\0\0\0\1" + kind + (16 + len(body)).to_bytes(8, "big") + body


def ftyp(brand: bytes, *others: bytes) -> bytes:
    """Build the first box: brand, version, more brands."""
    return box(b"ftyp", brand + b"\0\0\2\0" + b"".join(others))


PNG = encode("PNG")
JPEG = encode("JPEG")
MP4 = ftyp(b"isom", b"mp41") + box(b"moov", b"m" * 40) + large_box(b"mdat", b"d" * 100)

#: Name, kind, bytes and extent of a whole picture of every sort.
WHOLE: list[tuple[str, str, bytes, tuple[int, int] | None]] = [
    ("png", "PNG", PNG, (WIDTH, HEIGHT)),
    ("png with text", "PNG", encode("PNG", "RGBA"), (WIDTH, HEIGHT)),
    ("jpeg", "JPEG", JPEG, (WIDTH, HEIGHT)),
    ("progressive jpeg", "JPEG", encode("JPEG", progressive=True), (WIDTH, HEIGHT)),
    (
        "grey jpeg with restarts",
        "JPEG",
        encode("JPEG", "L", restart_marker_rows=1),
        (WIDTH, HEIGHT),
    ),
    ("lossy webp", "WebP", encode("WEBP"), (WIDTH, HEIGHT)),
    ("lossless webp", "WebP", encode("WEBP", lossless=True), (WIDTH, HEIGHT)),
    ("webp with alpha", "WebP", encode("WEBP", "RGBA", exif=b"Exif\0\0x"), (WIDTH, HEIGHT)),
    ("gif", "GIF", encode("GIF", "P"), (WIDTH, HEIGHT)),
    (
        "moving gif",
        "GIF",
        encode("GIF", "P", save_all=True, append_images=[picture("L").convert("P")]),
        (WIDTH, HEIGHT),
    ),
    ("mp4", "MP4", MP4, None),
    ("mp4, contents last", "MP4", ftyp(b"mp42") + box(b"mdat", b"d") + box(b"moov", b"m"), None),
    ("quicktime", "QuickTime", ftyp(b"qt  ") + box(b"moov") + box(b"mdat", b"d"), None),
    ("avif", "AVIF", ftyp(b"avif", b"mif1") + box(b"meta", b"i") + box(b"mdat", b"d"), None),
    ("avif, by second brand", "AVIF", ftyp(b"mif1", b"avif") + box(b"meta") + box(b"mdat"), None),
    ("heic", "HEIC", ftyp(b"heic") + box(b"meta", b"i") + box(b"mdat", b"d"), None),
    ("heic, by family", "HEIC", ftyp(b"mif1", b"heic") + box(b"meta") + box(b"mdat"), None),
]

# Older releases of Pillow come without this encoder.
if features.check("avif"):
    WHOLE.append(("avif of a real encoder", "AVIF", encode("AVIF"), None))
