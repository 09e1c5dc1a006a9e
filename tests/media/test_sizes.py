"""How large a picture is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from mjflow.media.sizes import HEADER_BYTES, size_from_header, size_of_task
from mjflow.protocol.task import Task, TaskDetails

from . import pictures
from .pictures import HEIGHT, WHOLE, WIDTH, encoded

KNOWN = [case for case in WHOLE if case[3] is not None]
UNKNOWN = [case for case in WHOLE if case[3] is None]


@pytest.mark.parametrize("data", [case[2] for case in KNOWN], ids=[case[0] for case in KNOWN])
def test_the_first_bytes_tell_the_size(data: bytes) -> None:
    """All that is there tells it; of what is cut short, the size or nothing."""
    told = [size_from_header(data[:end]) for end in range(len(data) + 1)]
    begin = told.index((WIDTH, HEIGHT))

    assert set(told[:begin]) == {None}
    assert set(told[begin:]) == {(WIDTH, HEIGHT)}


@pytest.mark.parametrize("data", [case[2] for case in UNKNOWN], ids=[case[0] for case in UNKNOWN])
def test_of_other_kinds_nothing_is_told(data: bytes) -> None:
    """Only a decoder could tell."""
    assert size_from_header(data) is None


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_64_kilobytes_of_a_large_picture_are_enough(form: str) -> None:
    """A picture larger than that, with a colour profile and Exif data in front."""
    image = Image.effect_noise((1024, 683), 90).convert("RGB")
    data = encoded(image, form, quality=95, icc_profile=b"x" * 20_000, exif=b"Exif\0\0" + b"y" * 99)

    assert len(data) > 4 * HEADER_BYTES
    assert size_from_header(data[:HEADER_BYTES]) == (1024, 683)


def test_what_claims_no_size_tells_none() -> None:
    """A width of nothing is damage."""
    data = pictures.PNG[:16] + b"\0" * 8 + pictures.PNG[24:]

    assert size_from_header(data) is None


@given(junk=st.binary(max_size=64), head=st.sampled_from([case[2][:40] for case in WHOLE]))
def test_junk_tells_nothing_or_a_size(junk: bytes, head: bytes) -> None:
    """No exception comes out, whatever goes in."""
    for data in (junk, head[:12] + junk, head + junk):
        size = size_from_header(data)
        assert size is None or min(size) > 0


@pytest.mark.parametrize(
    ("task", "size"),
    [
        (Task(id="1", details=TaskDetails(image_width=1024, image_height=768)), (1024, 768)),
        (Task(id="1", details=TaskDetails(image_width=1024)), None),
        (Task(id="1", details=TaskDetails(image_width=0, image_height=0)), None),
        (Task(id="1", details=TaskDetails(image_width=-1, image_height=-1)), None),
        (Task(id="1", details=TaskDetails(width=512, height=512)), None),
        (Task(id="1", details=TaskDetails()), None),
        (Task(id="1"), None),
    ],
)
def test_a_task_tells_the_size_of_its_picture(task: Task, size: tuple[int, int] | None) -> None:
    """Where the server says both, and they can be."""
    assert size_of_task(task) == size
