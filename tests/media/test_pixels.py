"""Decoded pictures brought to what a PNG of ours has."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image, ImageCms

from mjflow.media.pixels import encoded, for_png, to_grey, to_rgba

from . import pictures

PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def decoded(mode: str, form: str = "PNG", **options: object) -> Image.Image:
    """Write a picture with a colour profile and read it again."""
    data = pictures.encode(form, mode, icc_profile=PROFILE, **options)
    image = Image.open(BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize("mode", ["I;16", "I"])
def test_sixteen_bits_of_grey_are_scaled(mode: str) -> None:
    """Every shade becomes the nearest of 256; nothing is clipped to white."""
    deep = Image.frombytes("I;16", (256, 1), b"".join(bytes([n, n]) for n in range(256)))
    picture = deep if mode == "I;16" else deep.convert("I")

    assert to_grey(picture).tobytes() == bytes(range(256))
    assert to_rgba(picture).getpixel((200, 0)) == (200, 200, 200, 255)


@pytest.mark.parametrize(
    ("mode", "form", "kept"),
    [
        ("RGB", "PNG", True),
        ("P", "PNG", True),
        ("RGB", "JPEG", True),
        ("RGB", "WEBP", True),
        ("L", "PNG", False),
        ("LA", "PNG", False),
        ("CMYK", "JPEG", False),
    ],
)
def test_a_colour_profile_goes_only_with_its_own_colours(mode: str, form: str, kept: bool) -> None:
    """One of a grey or a printed picture would distort the colours it has now."""
    source = decoded(mode, form)
    made = Image.open(BytesIO(encoded(to_rgba(source))))

    assert source.info["icc_profile"] == PROFILE
    assert (made.mode, made.info.get("icc_profile")) == ("RGBA", PROFILE if kept else None)
    assert "icc_profile" not in to_grey(decoded("RGB")).info


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_what_a_png_can_have_is_left_as_it_is(mode: str) -> None:
    """Not a pixel is converted."""
    picture = pictures.picture("L").convert(mode)

    assert for_png(picture) is picture


def test_colours_for_print_become_those_of_a_screen() -> None:
    """A PNG has no others, and the printer's profile would not fit them."""
    made = for_png(decoded("CMYK", "JPEG"))

    assert (made.mode, "icc_profile" in made.info) == ("RGB", False)


def test_no_metadata_but_the_profile_is_written() -> None:
    """What a camera knows of its owner stays at home."""
    exif = Image.Exif()
    exif[0x010E] = "my garden"
    source = decoded("RGB", "JPEG", exif=exif, comment=b"mine")
    made = Image.open(BytesIO(encoded(to_rgba(source))))

    assert (dict(made.getexif()), set(made.info)) == ({}, {"icc_profile"})
