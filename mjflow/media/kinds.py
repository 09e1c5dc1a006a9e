"""What kinds of pictures and videos there are, told from their first bytes."""

from __future__ import annotations

import re

from attrs import frozen


@frozen
class Kind:
    """A file format that pictures or videos come in."""

    #: What a person calls it.
    name: str
    #: With the dot.
    extension: str
    media_type: str

    @property
    def moving(self) -> bool:
        """Whether it is a video."""
        return self.media_type.startswith("video/")


PNG = Kind("PNG", ".png", "image/png")
JPEG = Kind("JPEG", ".jpg", "image/jpeg")
WEBP = Kind("WebP", ".webp", "image/webp")
GIF = Kind("GIF", ".gif", "image/gif")
AVIF = Kind("AVIF", ".avif", "image/avif")
HEIC = Kind("HEIC", ".heic", "image/heic")
MP4 = Kind("MP4", ".mp4", "video/mp4")
MOV = Kind("QuickTime", ".mov", "video/quicktime")

#: Every kind that mjflow knows.
KINDS = (PNG, JPEG, WEBP, GIF, AVIF, HEIC, MP4, MOV)

#: As many first bytes as `sniff` and `first_words` make use of.
HEAD_SIZE = 2048

# Bytes that stand at fixed places.  The size of a first `ftyp` box is far below 64 KiB, so its
# upper half is zero.
_SIGNATURES: tuple[tuple[Kind | None, tuple[tuple[int, bytes], ...]], ...] = (
    (PNG, ((0, b"\x89PNG\r\n\x1a\n"),)),
    (JPEG, ((0, b"\xff\xd8\xff"),)),
    (WEBP, ((0, b"RIFF"), (8, b"WEBP"))),
    (GIF, ((0, b"GIF87a"),)),
    (GIF, ((0, b"GIF89a"),)),
    (None, ((0, b"\0\0"), (4, b"ftyp"))),
)
_SIGNATURE_SIZE = 12

_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"})
# Say only "a picture of this family"; the brands that follow say which.
_PICTURE_BRANDS = frozenset({b"mif1", b"msf1", b"miaf"})


def sniff(head: bytes) -> Kind | None:
    """Tell the kind from a file's first bytes (12 will do); `None` when it is no picture."""
    if len(head) < _SIGNATURE_SIZE:
        return None
    for kind, marks in _SIGNATURES:
        if _carries(head, marks):
            return kind or _kind_by_brand(head)
    return None


def may_begin(head: bytes) -> bool:
    """Whether fewer bytes than `sniff` needs could be the beginning of a picture."""
    return len(head) < _SIGNATURE_SIZE and any(_carries(head, marks) for _, marks in _SIGNATURES)


def _carries(head: bytes, marks: tuple[tuple[int, bytes], ...]) -> bool:
    """Whether the bytes agree with the marks, as far as they go."""
    return all(mark.startswith(head[at : at + len(mark)]) for at, mark in marks)


def _kind_by_brand(head: bytes) -> Kind:
    """Tell apart what begins with an `ftyp` box: size, "ftyp", brand, version, more brands."""
    size = int.from_bytes(head[:4], "big")
    brand = head[8:12]
    brands = {brand, *(head[at : at + 4] for at in range(16, min(size, len(head)), 4))}
    if brand in _AVIF_BRANDS or (brand in _PICTURE_BRANDS and brands & _AVIF_BRANDS):
        return AVIF
    if brand in _HEIC_BRANDS | _PICTURE_BRANDS:
        return HEIC
    return MOV if brand == b"qt  " else MP4


def first_words(head: bytes, limit: int = 80) -> str:
    """Give what a page or message that came instead of a picture says, in one short line."""
    text = head.decode("utf-8", "replace")
    if not text.strip():
        return "nothing but blanks" if text else "nothing"
    if not _readable(text):
        return "the bytes " + head[:12].hex(" ")
    if text.lstrip().startswith("<"):
        text = _page_words(text)
    words = " ".join(text.split())
    return repr(words if len(words) <= limit else words[: limit - 1] + "…")


def _readable(text: str) -> bool:
    # The head may end within a character, so one replacement is no sign of bytes.
    odd = sum(not (char.isprintable() or char.isspace()) or char == "\ufffd" for char in text)
    return odd <= 1


def _page_words(page: str) -> str:
    """Give the title of a web page, else its text, else its tags."""
    title = re.search(r"<title[^>]*>(.*?)</title", page, re.IGNORECASE | re.DOTALL)
    text = title[1] if title else re.sub(r"<[^>]*>?", " ", page)
    return text if text.strip() else page
