"""Pictures that go out with an act."""

from __future__ import annotations

from base64 import b64decode, b64encode
from io import BytesIO
from pathlib import Path
from zlib import crc32

import pytest
from PIL import Image

from mjflow.errors import InvalidInput
from mjflow.media import inputs
from mjflow.media.inputs import ImageLike, check_together, cut, image, images
from mjflow.media.masks import Mask

from .pictures import HEIGHT, JPEG, MP4, PNG, WIDTH, box, encode, ftyp

TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "GIF": "image/gif"}
LINK = "https://x.example/a.png"


def url(data: bytes, media_type: str = "image/png") -> str:
    return f"data:{media_type};base64,{b64encode(data).decode()}"


def heavy(size: int) -> bytes:
    """Make a whole PNG with so many bytes of nothing in it."""
    chunk = b"npAd" + bytes(size)
    whole = size.to_bytes(4, "big") + chunk + crc32(chunk).to_bytes(4, "big")
    return PNG[:33] + whole + PNG[33:]


@pytest.mark.parametrize("form", TYPES)
def test_a_picture_keeps_its_format(form: str, tmp_path: Path) -> None:
    """Its type is told from its content, whatever a name or a data URL claims."""
    data = encode(form, "P" if form == "GIF" else "RGB")
    path = tmp_path / "picture.txt"
    path.write_bytes(data)
    expected = url(data, TYPES[form])
    given: list[ImageLike] = [data, path, str(path), url(data), url(data, "text/plain")]
    assert [image(one, "picture") for one in given] == [expected] * len(given)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("nowhere.png", r"the face 'nowhere.png' can't be read: No such file"),
        (b"", r"the face can't be used: the picture is cut short"),
        (PNG[:-20], r"the face can't be used: the PNG is"),
        (url(PNG[:-20]), r"the face can't be used: the PNG is"),
        (b"<html>not found</html>", r"the face can't be used: this is no picture"),
        (MP4, r"the face is a video"),
        (ftyp(b"heic") + box(b"meta", b"i") + box(b"mdat", b"d"), r"the face is of the .* HEIC"),
        (ftyp(b"avif") + box(b"meta", b"i") + box(b"mdat", b"d"), r"the face is of the .* AVIF"),
        ("data:image/png;base64,AA=A", r"data URL whose base64 is damaged"),
        ("data:image/png;base64,äöü", r"data URL whose base64 is damaged"),
        ("data:image/png,AAAA", r"data URL without base64"),
        ("data:", r"data URL without base64"),
        (b64encode(PNG * 20).decode(), r"neither a path nor a data URL; it begins with 'iVBORw"),
        (LINK, r"the face is a link, and here only a picture itself will do"),
        ("HTTP://X.EXAMPLE/A.PNG", r"the face is a link"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_cannot_be_used_is_refused(source: ImageLike, message: str) -> None:
    """A server would find out after the task was paid."""
    with pytest.raises(InvalidInput, match=message) as caught:
        image(source, "face")
    assert len(str(caught.value)) < 400


def test_bare_base64_is_told_from_a_path() -> None:
    """The advice says how to write it."""
    with pytest.raises(InvalidInput, match="put 'data:image/png;base64,'"):
        image(b64encode(PNG * 20).decode(), "face")


def test_a_link_is_passed_on_where_it_will_do() -> None:
    """Unread: the server fetches it."""
    assert image(LINK, "first frame", links=True) == LINK
    assert image(PNG, "first frame", links=True) == url(PNG)


@pytest.mark.parametrize("link", ["https://x.example/a b.png", "https://x.example/\n"])
def test_a_broken_link_is_refused(link: str) -> None:
    """What has a space or a line break in it leads nowhere."""
    with pytest.raises(InvalidInput, match="the first frame is no link"):
        image(link, "first frame", links=True)


def test_several_pictures_are_numbered() -> None:
    """The error says which of them is at fault."""
    assert images([PNG, JPEG], "picture") == (url(PNG), url(JPEG, "image/jpeg"))
    assert images((), "picture") == ()
    with pytest.raises(InvalidInput, match=r"the picture 2 'nowhere.png' can't be read"):
        images([PNG, "nowhere.png"], "picture")


@pytest.mark.parametrize("one", ["a.png", PNG, Path("a.png")])
def test_one_picture_is_not_a_list_of_them(one: ImageLike) -> None:
    """A text is a list of letters, too; that is not what was meant."""
    with pytest.raises(InvalidInput, match="a list of pictures, not one"):
        images(one, "picture")  # type: ignore[arg-type]


def test_a_picture_too_large_for_a_request_is_refused() -> None:
    """The message says how large the request would be: base64 takes a third more."""
    assert image(heavy(22_000_000), "picture")
    with pytest.raises(InvalidInput, match=r"the picture would make a request of 30\.7 MB"):
        image(heavy(23_000_000), "picture")


def test_pictures_too_large_together_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each would do alone."""
    monkeypatch.setattr(inputs, "MOST_TOGETHER", 2 * len(url(PNG)))
    assert len(images([PNG, PNG], "picture")) == 2
    with pytest.raises(InvalidInput, match=r"the pictures would make a request of 0\.0 MB"):
        images([PNG, PNG, PNG], "picture")
    check_together([None, url(PNG)])


# --- pictures with masks ------------------------------------------------------------------


def test_a_masked_picture_is_cut_and_its_mask_has_its_size() -> None:
    """Some servers read the transparency, others the mask (P§2.11)."""
    holed, mask = cut(JPEG, "rect:0.5,0,1,1")
    assert mask is not None
    sizes = [opened(text).size for text in (holed, mask)]
    assert sizes == [(WIDTH, HEIGHT)] * 2
    assert opened(holed).getchannel("A").getpixel((WIDTH - 1, 0)) == 0
    assert opened(mask).convert("L").getpixel((WIDTH - 1, 0)) == 255
    assert cut(url(JPEG), Mask.rect(0.5, 0, 1, 1)) == (holed, mask)


def test_a_picture_without_a_mask_is_sent_as_it_is() -> None:
    """It has its hole already, or lies on the web."""
    assert cut(PNG, None) == (url(PNG), None)
    assert cut(LINK, None) == (LINK, None)


def test_what_lies_on_the_web_cannot_be_cut() -> None:
    """Nothing is fetched behind the caller's back."""
    with pytest.raises(InvalidInput, match="the picture to edit is a link"):
        cut(LINK, "rect:0.5,0,1,1")


def opened(text: str) -> Image.Image:
    return Image.open(BytesIO(b64decode(text.removeprefix("data:image/png;base64,"))))
