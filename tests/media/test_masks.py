"""Masks from files."""

from __future__ import annotations

import errno
import sys
from base64 import b64decode
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, features

from mjflow.errors import InvalidInput
from mjflow.media import rasters
from mjflow.media.masks import Mask, load_mask

from . import pictures
from .pictures import encode, encoded, ftyp, grey_rows

PREFIX = "data:image/png;base64,"


def half(form: str, mode: str = "RGB") -> bytes:
    """Paint a mask: black on the left, white on the right."""
    image = Image.new(mode, (20, 10))
    image.paste((255, 255, 255, 255)[: len(mode)], (10, 0, 20, 10))
    return encoded(image, form)


def grey(mask: Mask, x: int) -> int:
    """Read one pixel of a mask as a grey value."""
    with Image.open(BytesIO(mask.png())) as image:
        return image.convert("L").tobytes()[5 * image.width + x]


def test_a_png_is_sent_as_it_is(tmp_path: Path) -> None:
    """The bytes of a PNG are not touched; the prefix is the one that servers take off."""
    path, data = tmp_path / "mask.png", half("PNG")
    path.write_bytes(data)
    mask = Mask.file(path)

    assert mask.png() == mask.png(20, 10) == data
    assert (mask.width, mask.height) == (20, 10)
    assert mask.data_url() == mask.data_url(20, 10)
    assert mask.data_url().startswith(PREFIX)
    assert b64decode(mask.data_url().removeprefix(PREFIX), validate=True) == data


def test_the_greys_of_sixteen_bits_are_no_white() -> None:
    """Joined with another mask they become the nearest shades of eight bits."""
    shades = Image.new("I;16", (20, 10), 0x2020)
    shades.paste(0xE0E0, (10, 0, 20, 10))
    mask = Mask.file(encoded(shades))

    joined = grey_rows((mask | Mask.rect(0, 0, 0.25, 1)).png())

    assert joined == [b"\xff" * 5 + b"\x20" * 5 + b"\xe0" * 10] * 10
    with pytest.raises(InvalidInput, match="black all over"):
        Mask.file(encoded(Image.new("I;16", (20, 10), 0x2020)))


def test_a_path_may_be_text_and_bytes_need_none(tmp_path: Path) -> None:
    """Path, text and bytes give equal masks, and a mask is one already."""
    path, data = tmp_path / "mask.png", half("PNG")
    path.write_bytes(data)
    mask = load_mask(data)

    assert load_mask(str(path)) == load_mask(path) == load_mask(data) == Mask.file(data)
    assert hash(load_mask(path)) == hash(mask)
    assert load_mask(path).digest == mask.digest
    assert load_mask(mask) is mask


def test_other_pixels_make_another_mask() -> None:
    """Nothing of the content is left out when masks are compared."""
    one, other = load_mask(half("PNG")), load_mask(half("PNG", "L"))

    assert one != other
    assert one.digest != other.digest


def test_a_mask_of_another_size_than_the_picture_is_refused() -> None:
    """Both sizes are named, and what can be done."""
    with pytest.raises(InvalidInput, match=r"mask is 20 x 10 .* picture 40 x 20.*resized"):
        load_mask(half("PNG")).png(40, 20)


def test_a_resized_mask_takes_the_nearest_pixels() -> None:
    """It fits any picture, and stays black and white."""
    mask = Mask.file(half("PNG"), resized=True)

    assert (mask.width, mask.height) == (None, None)
    assert grey_rows(mask.png(41, 3)) == [bytes(20) + b"\xff" * 21] * 3
    assert mask.png(20, 10) == half("PNG")


def test_a_file_is_joined_with_shapes_and_turned_round() -> None:
    """At the file's own size, and at no other."""
    mask = ~(Mask.rect(0, 0, 0.25, 0.5) | Mask.file(half("PNG")))
    upper, lower = bytes(5) + b"\xff" * 5 + bytes(10), b"\xff" * 10 + bytes(10)

    assert grey_rows(mask.png()) == [upper] * 5 + [lower] * 5
    assert (mask.width, mask.height) == (20, 10)
    assert ~~Mask.file(half("PNG")) == Mask.file(half("PNG"))
    with pytest.raises(InvalidInput, match="mask is 20 x 10"):
        mask.png(20, 20)


def test_grey_masks_are_joined_by_the_lighter() -> None:
    """A soft edge of a file stays soft."""
    one = Image.linear_gradient("L")
    other = one.point([max(200 - n, 0) for n in range(256)])
    mask = Mask.file(encoded(one)) | Mask.file(encoded(other))

    assert [row[0] for row in grey_rows(mask.png())] == [max(n, 200 - n) for n in range(256)]


def test_files_of_different_sizes_are_not_joined() -> None:
    """Unless one of them may be scaled."""
    other = Image.new("L", (10, 10))
    other.putpixel((0, 0), 255)

    with pytest.raises(InvalidInput, match="different sizes can't be joined: 10 x 10, 20 x 10"):
        Mask.file(half("PNG")) | Mask.file(encoded(other))
    mask = Mask.file(half("PNG")) | Mask.file(encoded(other), resized=True)
    assert grey_rows(mask.png())[0] == b"\xff\xff" + bytes(8) + b"\xff" * 10


def test_a_file_is_softened() -> None:
    """As shapes are."""
    rows = grey_rows(Mask.file(half("PNG")).feathered(0.2).png())

    assert set(rows) == {bytes(9) + bytes([85, 170]) + b"\xff" * 9}


@pytest.mark.parametrize("form", ["PNG", "WEBP"])
def test_what_is_transparent_becomes_a_mask(form: str, tmp_path: Path) -> None:
    """The transparent half is white, the opaque one black, whatever colours they have."""
    image = Image.new("RGBA", (20, 10), (250, 3, 250, 255))
    image.paste((1, 200, 1, 0), (10, 0, 20, 10))
    path = tmp_path / "picture"
    path.write_bytes(encoded(image, form, lossless=True))

    mask = Mask.alpha(path)

    assert grey_rows(mask.png(20, 10)) == [bytes(10) + b"\xff" * 10] * 10
    assert Mask.alpha(path.read_bytes()) == mask
    assert Mask.alpha(path, resized=True).width is None


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (encode("PNG"), "is not transparent anywhere.*Give a picture"),
        (encode("JPEG"), "is not transparent anywhere"),
        (encoded(Image.new("RGBA", (9, 9), (1, 2, 3, 9))), "is transparent all over"),
        (b"nothing", "this is no picture|cut short"),
    ],
)
def test_a_picture_without_a_hole_makes_no_mask(data: bytes, message: str) -> None:
    """Nothing would change, or nothing would stay, and that would be paid."""
    with pytest.raises(InvalidInput, match=f"the picture.*{message}"):
        Mask.alpha(data)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA"])
def test_what_is_transparent_in_a_png_keeps(mode: str) -> None:
    """As in other kinds: whatever colour a drawing program left there does not count."""
    image = Image.new("RGBA", (20, 10), (255, 255, 255, 0))
    image.paste((255, 255, 255, 255), (10, 0, 20, 10))
    mask = load_mask(encoded(image.convert(mode) if mode != "PA" else image.quantize()))

    assert grey_rows(mask.png()) == [bytes(10) + b"\xff" * 10] * 10


@pytest.mark.parametrize(
    ("colour", "message"),
    [
        ((0, 0, 0, 255), "black all over: nothing would change"),
        ((255, 255, 255, 0), "black all over: .* take alpha"),
        ((255, 255, 255, 255), "white all over: nothing would stay"),
        ((200, 200, 200, 255), "white all over"),
    ],
)
def test_a_mask_of_one_colour_is_refused(colour: tuple[int, ...], message: str) -> None:
    """It would be paid for, and change nothing or everything."""
    with pytest.raises(InvalidInput, match=message):
        load_mask(encoded(Image.new("RGBA", (9, 9), colour)))


def test_a_mask_stays_within_the_limit_of_pillow(monkeypatch: pytest.MonkeyPatch) -> None:
    """What Pillow finds too large is not decoded."""
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 199)

    with pytest.raises(InvalidInput, match="20 x 10 pixels large, and more than 0 megapixels"):
        load_mask(half("WEBP"))


def test_a_kind_whose_size_only_pillow_tells_stays_within_its_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Pillow's own warning is an error of ours."""
    if not features.check("avif"):
        return
    data = half("AVIF")
    for limit in (199, 99):
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", limit)
        with pytest.raises(InvalidInput, match=r"200 pixels.*exceeds limit"):
            load_mask(data)


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
    transparent = half("PNG", "RGBA")
    monkeypatch.setitem(sys.modules, "PIL", None)
    mask = load_mask(pictures.PNG)

    assert mask.png(pictures.WIDTH, pictures.HEIGHT) == pictures.PNG
    makers: list[Callable[[], Mask]] = [
        lambda: load_mask(pictures.JPEG),
        lambda: load_mask(transparent),
        lambda: Mask.alpha(pictures.PNG),
        lambda: Mask.file(pictures.PNG, resized=True),
        lambda: ~mask,
        lambda: mask | Mask.rect(0, 0, 0.5, 0.5),
        lambda: mask.feathered(0.1),
    ]
    for make in makers:
        with pytest.raises(InvalidInput, match=r"takes Pillow.*pip install 'mjflow\[images\]'"):
            make()


def test_the_pixels_are_not_in_the_repr() -> None:
    """A mask in a log line is short."""
    shown = repr(load_mask(half("PNG")))

    assert shown.startswith("Mask(png:20x10:")
    assert len(shown) < 90


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
        (ftyp(b"heic") + b"\0\0\0\x08meta" + b"\0\0\0\x08mdat", "can't be decoded"),
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
    monkeypatch.setattr(rasters, "MOST_SENT", 50)
    path = tmp_path / "mask.png"
    path.write_bytes(encode("PNG"))

    with pytest.raises(InvalidInput, match="is larger than"):
        Mask.file(path)
    with pytest.raises(InvalidInput, match="is larger than"):
        load_mask(encode("PNG"))


def test_a_mask_that_grows_too_large_as_a_png_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """What counts is the size of what is sent."""
    data = half("WEBP")
    monkeypatch.setattr(rasters, "MOST_SENT", len(data))

    with pytest.raises(InvalidInput, match="is larger than"):
        load_mask(data)
