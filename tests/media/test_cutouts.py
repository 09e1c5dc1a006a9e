"""Pictures with a hole."""

from __future__ import annotations

import sys
from io import BytesIO
from pathlib import Path
from zlib import crc32

import pytest
from PIL import Image

from mjflow.errors import InvalidInput
from mjflow.media.cutouts import cut_out
from mjflow.media.masks import Mask
from mjflow.media.rasters import MOST_SENT

from .pictures import HEIGHT, PNG, WIDTH, encode, encoded, picture

RIGHT = Mask.rect(0.5, 0, 1, 1)


def opened(data: bytes) -> Image.Image:
    """Decode what was cut; it must be a PNG with transparency."""
    image = Image.open(BytesIO(data))
    assert (image.format, image.mode) == ("PNG", "RGBA")
    return image


@pytest.mark.parametrize("form", ["PNG", "WEBP"])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_the_white_of_a_mask_becomes_transparent(form: str, mode: str, tmp_path: Path) -> None:
    """The rest keeps its very colours; of what is cut out, none is left."""
    data = encode(form, mode, lossless=True)
    path = tmp_path / "picture"
    path.write_bytes(data)
    middle = WIDTH // 2  # the centre of this column is the left edge of the mask

    cut = opened(cut_out(data, RIGHT))

    assert cut.size == (WIDTH, HEIGHT)
    assert cut.crop((0, 0, middle, HEIGHT)).convert("RGB") == picture().crop((0, 0, middle, HEIGHT))
    assert cut.getchannel("A").crop((0, 0, middle, HEIGHT)).getextrema() == (255, 255)
    assert set(cut.crop((middle, 0, WIDTH, HEIGHT)).get_flattened_data()) == {(0, 0, 0, 0)}
    assert cut_out(path, RIGHT) == cut_out(data, RIGHT)


def test_a_jpeg_or_a_palette_will_do() -> None:
    """Any kind of picture becomes a PNG with a hole."""
    for data in (encode("JPEG"), encode("GIF", "P"), encode("PNG", "L"), encode("PNG", "1")):
        alpha = opened(cut_out(data, RIGHT)).getchannel("A")
        assert (alpha.getpixel((0, 0)), alpha.getpixel((WIDTH - 1, 0))) == (255, 0)


@pytest.mark.parametrize(
    ("form", "image"),
    [
        ("PNG", Image.new("1", (31, 7), 1)),
        ("PNG", Image.new("L", (31, 7), 90)),
        ("PNG", Image.new("LA", (31, 7), (90, 255))),
        ("PNG", Image.new("I;16", (31, 7), 90 * 257)),
        ("PNG", Image.new("RGB", (31, 7), (90, 60, 30)).quantize(2)),
        ("GIF", Image.new("RGB", (31, 7), (90, 60, 30)).quantize(2)),
        ("JPEG", Image.new("RGB", (31, 7), (90, 60, 30)).convert("CMYK")),
    ],
    ids=lambda value: getattr(value, "mode", value),
)
def test_all_that_a_picture_can_be_keeps_its_shade_and_size(form: str, image: Image.Image) -> None:
    """Palettes, greys of one to sixteen bits and colours for print become RGBA."""
    expected = {"1": (255,) * 3, "P": (90, 60, 30), "CMYK": (90, 60, 30)}

    cut = opened(cut_out(encoded(image, form), RIGHT))
    *shade, alpha = cut.getpixel((0, 0))  # type: ignore[misc]

    assert cut.size == (31, 7)
    assert shade == pytest.approx(expected.get(image.mode, (90, 90, 90)), abs=2)
    assert (alpha, cut.getpixel((30, 6))) == (255, (0, 0, 0, 0))


@pytest.mark.parametrize("form", ["GIF", "PNG", "WEBP"])
def test_of_a_moving_picture_the_first_frame_is_cut(form: str) -> None:
    """The result is a PNG that stands still."""
    first, second = (Image.new("RGB", (20, 10), colour) for colour in ("red", "blue"))
    data = encoded(first, form, save_all=True, append_images=[second], lossless=True)

    cut = opened(cut_out(data, RIGHT))

    assert getattr(cut, "n_frames", 1) == 1
    assert cut.getpixel((0, 0)) == (255, 0, 0, 255)


@pytest.mark.parametrize("mode", ["P", "RGB"])
def test_a_single_transparent_colour_counts_as_transparent(mode: str) -> None:
    """Some files name one colour instead of having a channel."""
    image = Image.new("RGB", (8, 8), (1, 2, 3)).convert(mode)
    key = image.getpixel((0, 0))

    cut = opened(cut_out(encoded(image, transparency=key), RIGHT))

    assert cut.getchannel("A").getextrema() == (0, 0)


def test_what_was_transparent_stays_so() -> None:
    """The more transparent of the two counts."""
    image = Image.new("RGBA", (10, 10), (9, 8, 7, 40))

    cut = opened(cut_out(encoded(image), RIGHT))

    assert (cut.getpixel((0, 0)), cut.getpixel((9, 0))) == ((9, 8, 7, 40), (0, 0, 0, 0))


def test_a_soft_edge_keeps_its_colours() -> None:
    """Half transparent is not half black."""
    image = Image.new("RGB", (100, 50), (200, 100, 50))

    cut = opened(cut_out(encoded(image), RIGHT.feathered(0.1)))

    assert [cut.getpixel((x, 0)) for x in range(47, 53)] == [
        (200, 100, 50, 255),
        *((200, 100, 50, alpha) for alpha in (204, 153, 102, 51)),
        (0, 0, 0, 0),
    ]


def test_a_turned_photo_is_cut_as_it_is_seen() -> None:
    """A camera's mark of turning is followed, since PNG viewers do not look for one."""
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter
    data = encoded(Image.new("RGB", (40, 20), "red"), "JPEG", exif=exif)

    cut = opened(cut_out(data, Mask.rect(0, 0, 1, 0.5)))

    assert cut.size == (20, 40)
    assert cut.getchannel("A").get_flattened_data() == (0,) * 400 + (255,) * 400


def test_a_mask_of_another_size_is_refused() -> None:
    """Both sizes are named."""
    other = Mask.alpha(cut_out(encoded(Image.new("RGB", (8, 8))), RIGHT))

    with pytest.raises(InvalidInput, match=f"mask is 8 x 8 .* picture {WIDTH} x {HEIGHT}"):
        cut_out(PNG, other)


def test_cutting_and_reading_the_hole_gives_the_mask_back() -> None:
    """The hole is what the mask has white."""
    mask = Mask.ellipse(0.5, 0.5, 0.3, 0.4)
    hole = Mask.alpha(cut_out(PNG, mask))

    assert (~~hole).png() == hole.png()
    assert (hole | hole).png(WIDTH, HEIGHT) == hole.png(WIDTH, HEIGHT)
    assert list(hole._shape.rows(WIDTH, HEIGHT)) == list(mask._shape.rows(WIDTH, HEIGHT))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"<html>gone</html>", "the picture can't be used: this is no picture.*Give a PNG"),
        (PNG[:-5], "the picture can't be used: the PNG is cut short"),
    ],
)
def test_what_is_no_picture_is_refused(data: bytes, message: str) -> None:
    """As for masks."""
    with pytest.raises(InvalidInput, match=message):
        cut_out(data, RIGHT)


def test_pixels_that_can_not_be_decoded_are_our_error() -> None:
    """A file may be whole and its pixels damaged."""
    damaged = bytearray(PNG)
    damaged[50:60] = b"\xff" * 10

    with pytest.raises(InvalidInput, match="the picture can't be decoded"):
        cut_out(bytes(damaged), RIGHT)


@pytest.mark.parametrize("limit", ["Pillow's", "ours"])
def test_a_picture_of_too_many_pixels_is_not_decoded(
    limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file of some kilobytes that claims to be gigantic costs no memory."""
    if limit == "ours":
        data = bytearray(PNG)
        data[16:24] = (50_000).to_bytes(4, "big") * 2
        data[29:33] = crc32(data[12:29]).to_bytes(4, "big")
    else:
        data = bytearray(PNG)
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 200)
    monkeypatch.setattr(Image.Image, "convert", None)

    with pytest.raises(InvalidInput, match="megapixels"):
        cut_out(bytes(data), RIGHT)


def test_a_mask_of_sixteen_bits_is_cut_softly() -> None:
    """Its greys are not taken for white."""
    shades = Image.new("I;16", (WIDTH, HEIGHT), 0)
    shades.paste(0x8080, (5, 0, 10, HEIGHT))
    shades.paste(0xFFFF, (10, 0, WIDTH, HEIGHT))

    alpha = opened(cut_out(PNG, Mask.file(encoded(shades)))).getchannel("A")

    assert [alpha.getpixel((x, 0)) for x in (4, 5, 10)] == [255, 255 - 0x80, 0]


def test_what_no_server_takes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """What counts is the size of what is sent."""
    assert len(cut_out(PNG, RIGHT)) < MOST_SENT
    monkeypatch.setattr("mjflow.media.cutouts.MOST_SENT", 100)

    with pytest.raises(InvalidInput, match="Scale the picture down"):
        cut_out(PNG, RIGHT)


def test_without_pillow_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """What to install is in the advice."""
    monkeypatch.setitem(sys.modules, "PIL", None)

    with pytest.raises(InvalidInput, match=r"cutting a part out takes Pillow.*mjflow\[images\]"):
        cut_out(PNG, RIGHT)
