"""Whether a picture is whole."""

from __future__ import annotations

import tracemalloc
from pathlib import Path
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mjflow.errors import (
    DownloadFailed,
    MjflowError,
    NotAPicture,
    PictureBroken,
    PictureTooLarge,
)
from mjflow.media import reading
from mjflow.media.kinds import KINDS, PNG
from mjflow.media.whole import Whole, check, sniff

from . import pictures
from .pictures import WHOLE, box, encode, ftyp

each_whole = pytest.mark.parametrize(
    ("kind", "data", "extent"),
    [case[1:] for case in WHOLE],
    ids=[case[0] for case in WHOLE],
)
each_data = pytest.mark.parametrize(
    "data", [case[2] for case in WHOLE], ids=[case[0] for case in WHOLE]
)

PAGE = b"<!DOCTYPE html>\n<html><head><title>504 Gateway\n Time-out</title></head><body>x</body>"


def kind_named(name: str) -> object:
    """Find a kind by its name."""
    return next(kind for kind in KINDS if kind.name == name)


@each_whole
def test_a_whole_picture_is_told_with_kind_and_extent(
    kind: str, data: bytes, extent: tuple[int, int] | None
) -> None:
    """Kind, bytes and pixels of a whole picture in memory."""
    width, height = extent or (None, None)

    assert check(data) == Whole(kind_named(kind), len(data), width, height)  # type: ignore[arg-type]


@each_data
def test_a_file_is_told_like_its_bytes(data: bytes, tmp_path: Path) -> None:
    """Path, text of a path, and other kinds of bytes give the same answer."""
    path = tmp_path / "picture"
    path.write_bytes(data)
    expected = check(data)

    assert check(path) == expected
    assert check(str(path)) == expected
    assert check(bytearray(data)) == expected
    assert check(memoryview(data)) == expected


@each_data
def test_a_picture_cut_anywhere_is_broken(data: bytes) -> None:
    """Each and every shorter beginning of a picture is found out, the empty one too."""
    for size in range(len(data)):
        with pytest.raises(PictureBroken):
            check(data[:size])


@each_data
def test_a_file_cut_short_is_broken(data: bytes, tmp_path: Path) -> None:
    """On disk as in memory: without its head, its half, its last byte."""
    path = tmp_path / "picture"
    for size in (0, 5, len(data) // 2, len(data) - 1):
        path.write_bytes(data[:size])
        with pytest.raises(PictureBroken):
            check(path)


@pytest.mark.parametrize("padding", [b"\0", b"\0" * 5000, b"\r\n", b"appended by a camera"])
@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF"])
def test_what_follows_a_whole_picture_is_let_pass(form: str, padding: bytes) -> None:
    """Every viewer ignores trailing bytes."""
    data = encode(form, "P" if form == "GIF" else "RGB") + padding

    assert check(data).size == len(data)


def test_a_jpeg_with_a_thumbnail_is_measured_and_missed_by_its_own_end() -> None:
    """The end marker of a thumbnail inside does not stand for the picture's own."""
    thumbnail = encode("JPEG", quality=5)
    app1 = b"\xff\xe1" + (2 + len(thumbnail)).to_bytes(2, "big") + thumbnail
    data = pictures.JPEG[:2] + app1 + pictures.JPEG[2:]

    assert check(data).width == pictures.WIDTH
    with pytest.raises(PictureBroken, match="no end marker"):
        check(data[:-2])


def test_fill_bytes_between_jpeg_segments_are_skipped() -> None:
    """Any marker may be preceded by bytes of all ones."""
    data = pictures.JPEG[:2] + b"\xff\xff\xff" + pictures.JPEG[2:]

    assert check(data).height == pictures.HEIGHT


def test_jpeg_markers_without_a_length_are_skipped() -> None:
    """TEM and stray restart markers have no body."""
    data = pictures.JPEG[:2] + b"\xff\x01\xff\xd0" + pictures.JPEG[2:]

    assert check(data).height == pictures.HEIGHT


def test_a_video_may_leave_its_last_length_open() -> None:
    """Length 0 means "to the end of the file"."""
    data = ftyp(b"isom") + box(b"moov") + b"\0\0\0\0mdat" + b"d" * 50

    assert check(data).kind.moving


PNG_HEAD = pictures.PNG[:33]
IEND = pictures.PNG[-12:]


def chunk(kind: bytes, body: bytes) -> bytes:
    """Build a PNG chunk."""
    return len(body).to_bytes(4, "big") + kind + body + crc32(kind + body).to_bytes(4, "big")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (PNG_HEAD + IEND, "no header or no pixels"),
        (pictures.PNG[:8] + chunk(b"IDAT", b"x") + IEND, "no header or no pixels"),
        (PNG_HEAD + b"\0" * 100, "there is no chunk at byte 33"),
        (pictures.PNG[:16] + b"\0" * 8 + pictures.PNG[24:], "claims to be 0 x 0 pixels"),
        (b"\xff\xd8\xff\xd9" + b"\0" * 20, "there is no segment at byte 2"),
        (b"\xff\xd8\xff\xe0\0\1" + b"\0" * 20, "the segment at byte 2 has no length"),
        (b"\xff\xd8" + b"\xff\xda\0\2" + b"pixels\xff\xd9", "no frame header"),
        (b"RIFF\x0c\0\0\0WEBPEXIF\0\0\0\0", "no pixels"),
        (b"RIFF\x0c\0\0\0WEBPANMF\0\0\0\0", "does not tell its size"),
        (b"RIFF\x0c\0\0\0WEBPVP8 \xff\0\0\0", "the chunk at byte 12 is longer"),
        (b"GIF89a\1\0\1\0\0\0\0;", "no pixels"),
        (b"GIF89a\1\0\1\0\0\0\0?", "there is no block at byte 13"),
        (ftyp(b"isom") + box(b"mdat"), "the moov box did not"),
        (ftyp(b"isom") + box(b"moov"), "the mdat box did not"),
        (ftyp(b"avif") + box(b"mdat"), "the meta box did not"),
        (ftyp(b"isom") + b"\0\0\0\7moov", "there is no box at byte 16"),
    ],
)
def test_a_damaged_picture_says_what_is_wrong(data: bytes, reason: str) -> None:
    """Structure that cannot be is told apart from a picture cut short."""
    with pytest.raises(PictureBroken, match=reason):
        check(data)


def test_a_picture_cut_short_says_how_short() -> None:
    """The message has the bytes that came and how many belong there at least."""
    with pytest.raises(PictureBroken, match="the PNG is cut short: 20 bytes came, at least 33"):
        check(pictures.PNG[:20])


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (PAGE, "'504 Gateway Time-out'"),
        (b"<html><body><h1>Not  Found</h1><p>nginx</p></body></html>", "'Not Found nginx'"),
        (b'\n  {"code": 4, "description": "gone"}', """'{"code": 4, "description": "gone"}'"""),
        (b"This content is no longer available.", "'This content is no longer available.'"),
        ("图片已过期，请重新获取图片链接".encode(), "'图片已过期，请重新获取图片链接'"),
        (b"<a><b><c></c></b></a>", "'<a><b><c></c></b></a>'"),
        (b"no", "'no'"),
        (b"   \r\n        ", "nothing but blanks"),
        (b"%PDF\0\1\2\3\4\5\6\7\x08\x0e\x0f", "the bytes 25 50 44 46 00 01 02 03 04 05 06 07"),
        (b"x" * 100, "'" + "x" * 79 + "…'"),
    ],
)
def test_something_else_is_no_picture_and_is_quoted(body: bytes, words: str) -> None:
    """The first words of what came instead are in the message."""
    with pytest.raises(NotAPicture) as caught:
        check(body)

    assert caught.value.message == f"this is no picture; it begins with {words}"


def test_a_large_file_is_checked_in_little_memory(tmp_path: Path) -> None:
    """A video of 200 MB costs less than a megabyte of memory."""
    path, hole = tmp_path / "video.mp4", 200_000_000
    with path.open("wb") as file:
        file.write(ftyp(b"isom") + box(b"moov", b"m" * 1000))
        file.write((8 + hole).to_bytes(4, "big") + b"mdat")
        file.truncate(file.tell() + hole)

    tracemalloc.start()
    whole = check(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert whole.size == path.stat().st_size > hole
    assert peak < 1_000_000


def test_a_missing_file_is_an_oserror(tmp_path: Path) -> None:
    """What the disk says is not dressed up as a broken picture."""
    with pytest.raises(FileNotFoundError):
        check(tmp_path / "none.png")


@pytest.mark.parametrize("head", [b"", b"\x89PNG", b"<html>", b"RIFF1234WAVE", b"\0" * 12])
def test_sniffing_gives_nothing_for_what_is_no_picture(head: bytes) -> None:
    """Neither for too few bytes nor for other formats."""
    assert sniff(head) is None


def test_sniffing_needs_twelve_bytes() -> None:
    """The first twelve bytes are enough for every kind but the families of brands."""
    assert sniff(pictures.PNG[:12]) == PNG


@given(data=st.binary(max_size=200))
def test_junk_gives_only_our_errors(data: bytes) -> None:
    """Whatever comes, it is told as a picture or as one of two errors."""
    with pytest.raises(MjflowError):
        check(data)


@given(
    data=st.sampled_from([case[2] for case in WHOLE]),
    at=st.integers(0, 10_000),
    noise=st.binary(min_size=1, max_size=8),
)
def test_a_picture_with_noise_in_it_gives_an_answer(data: bytes, at: int, noise: bytes) -> None:
    """Damage anywhere ends in an answer or in our errors: no loop, no other exception."""
    at %= len(data)
    damaged = data[:at] + noise + data[at + len(noise) :]
    try:
        assert check(damaged).size == len(damaged)
    except DownloadFailed as error:
        assert error.message


@pytest.mark.parametrize(
    "data",
    [
        pictures.PNG[:33] + b"\0\0\0\0teXt\0\0\0\0" * 2000,
        pictures.JPEG[:2] + b"\xff" * 2000,
        pictures.JPEG[:2] + b"\xff\xe1\0\2" * 2000,
        b"GIF89a\1\0\1\0\0\0\0!\xfe" + b"\1x" * 2000,
        b"RIFF\x84\x3e\0\0WEBP" + b"XXXX\0\0\0\0" * 2000,
        ftyp(b"isom") + box(b"free") * 2000,
    ],
    ids=["png", "jpeg of fill bytes", "jpeg", "gif", "webp", "mp4"],
)
def test_a_picture_of_countless_pieces_is_broken(
    data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file of nothing but tiny pieces, made to keep us busy, is left in the middle."""
    monkeypatch.setattr(reading, "MOST_PIECES", 1000)
    with pytest.raises(PictureBroken, match="in over 1000 pieces"):
        check(data)


def test_a_picture_of_too_many_pixels_is_refused() -> None:
    """200 megapixels are let pass, one row more is not; nothing of it is decoded."""
    largest = png_of(20_000, 10_000)

    assert check(largest).width == 20_000
    with pytest.raises(PictureTooLarge, match=r"claims 20000 x 10001 pixels.*200 megapixels"):
        check(png_of(20_000, 10_001))


def test_a_picture_of_too_many_bytes_is_refused(tmp_path: Path) -> None:
    """256 MB are let pass, a byte more is not, be it only a hole in the file."""
    path = tmp_path / "picture.png"
    path.write_bytes(pictures.PNG)

    for size, error in ((256_000_000, None), (256_000_001, PictureTooLarge)):
        with path.open("r+b") as file:
            file.truncate(size)
        if error is None:
            assert check(path).size == size
        else:
            with pytest.raises(error, match="more than 256 MB"):
                check(path)


def png_of(width: int, height: int) -> bytes:
    """Build a PNG that claims a size."""
    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\0\0\0\0"
    return pictures.PNG[:8] + chunk(b"IHDR", header) + chunk(b"IDAT", b"x") + IEND
