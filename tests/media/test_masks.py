"""Masks from files."""

from __future__ import annotations

import errno
import sys
from base64 import b64decode
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from mjflow.errors import InvalidInput
from mjflow.media import masks
from mjflow.media.masks import Mask, load_mask

from . import pictures
from .pictures import encode, ftyp

PREFIX = "data:image/png;base64,"


def half(form: str, mode: str = "RGB") -> bytes:
    """Paint a mask: black on the left, white on the right."""
    image = Image.new(mode, (20, 10))
    image.paste((255, 255, 255, 255)[: len(mode)], (10, 0, 20, 10))
    target = BytesIO()
    image.save(target, form)
    return target.getvalue()


def grey(mask: Mask, x: int) -> int:
    """Read one pixel of a mask as a grey value."""
    with Image.open(BytesIO(mask.png)) as image:
        return image.convert("L").tobytes()[5 * image.width + x]


def test_a_png_is_sent_as_it_is(tmp_path: Path) -> None:
    """The bytes of a PNG are not touched; the prefix is the one that servers take off."""
    path, data = tmp_path / "mask.png", half("PNG")
    path.write_bytes(data)
    mask = Mask.file(path)

    assert mask == Mask(data, 20, 10)
    assert mask.data_url().startswith(PREFIX)
    assert b64decode(mask.data_url().removeprefix(PREFIX), validate=True) == data


def test_a_path_may_be_text_and_bytes_need_none(tmp_path: Path) -> None:
    """Path, text and bytes give equal masks."""
    path, data = tmp_path / "mask.png", half("PNG")
    path.write_bytes(data)

    assert load_mask(str(path)) == load_mask(path) == load_mask(data)


@pytest.mark.parametrize("form", ["JPEG", "WEBP", "GIF"])
def test_another_kind_is_converted(form: str) -> None:
    """Black stays black and white stays white; the data URL is a PNG's."""
    mask = load_mask(half(form))

    assert (mask.width, mask.height) == (20, 10)
    assert grey(mask, 2) < 16
    assert grey(mask, 17) > 239
    assert mask.data_url().startswith(PREFIX + "iVBORw0KGgo")


def test_what_is_transparent_in_another_kind_keeps() -> None:
    """Transparent becomes black; opaque white stays white."""
    mask = load_mask(half("WEBP", "RGBA"))

    assert (grey(mask, 2), grey(mask, 17)) == (0, 255)


def test_without_pillow_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A PNG works without Pillow; for another kind the error says what to install."""
    monkeypatch.setitem(sys.modules, "PIL", None)

    assert load_mask(pictures.PNG).width == pictures.WIDTH
    with pytest.raises(InvalidInput, match=r"is a JPEG.*pip install 'mjflow\[images\]'"):
        load_mask(pictures.JPEG)


def test_the_pixels_are_not_in_the_repr() -> None:
    """A mask in a log line is short."""
    assert repr(load_mask(half("PNG"))) == "Mask(width=20, height=10)"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """The error has the path and what is the matter."""
    path = tmp_path / "none.png"

    with pytest.raises(InvalidInput, match=r"none\.png' can't be read: No such file"):
        Mask.file(path)


def test_a_folder_is_no_mask(tmp_path: Path) -> None:
    """A folder is refused in one clear error."""
    with pytest.raises(InvalidInput, match=r"can't be read: .*path of a picture file"):
        Mask.file(tmp_path)


def test_an_impossible_path_is_no_crash() -> None:
    """A null character in a path is an error like any other."""
    with pytest.raises(InvalidInput, match="can't be read: embedded null"):
        Mask.file("mask\0.png")


def test_an_unreadable_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Missing permission is told as such; feigned, for root may read everything."""

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    path = tmp_path / "mask.png"
    path.write_bytes(half("PNG"))
    monkeypatch.setattr(Path, "open", refuse)

    with pytest.raises(InvalidInput, match="can't be read: Permission denied"):
        Mask.file(path)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "can't be used: the picture is cut short"),
        (half("PNG")[:-5], "can't be used: the PNG is cut short"),
        (b"rect 0 0 10 10\n", "can't be used: this is no picture; it begins with 'rect 0 0 10 10'"),
        (pictures.MP4, "is a video"),
        (ftyp(b"heic") + b"\0\0\0\x08meta" + b"\0\0\0\x08mdat", "can't be converted to PNG"),
    ],
)
def test_what_is_no_picture_is_refused(data: bytes, message: str, tmp_path: Path) -> None:
    """The error has the path, the reason, and what a mask should be."""
    path = tmp_path / "mask.png"
    path.write_bytes(data)

    with pytest.raises(InvalidInput, match=message) as caught:
        Mask.file(path)
    assert "mask.png" in caught.value.message
    assert "PNG" in caught.value.advice


def test_a_mask_that_no_server_takes_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Too large a file is refused before it is read to its end, and before it is sent."""
    monkeypatch.setattr(masks, "_LARGEST", 50)
    path = tmp_path / "mask.png"
    path.write_bytes(encode("PNG"))

    with pytest.raises(InvalidInput, match="is larger than"):
        Mask.file(path)
    with pytest.raises(InvalidInput, match="is larger than"):
        load_mask(encode("PNG"))


def test_a_mask_that_grows_too_large_as_a_png_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """What counts is the size of what is sent."""
    data = half("WEBP")
    monkeypatch.setattr(masks, "_LARGEST", len(data))

    with pytest.raises(InvalidInput, match="is larger than"):
        load_mask(data)
