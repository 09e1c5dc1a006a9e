"""Clips: whole MP4 files whose tables lead to their frames."""

from __future__ import annotations

import io
import struct

import pytest
from PIL import Image

from mjflow.simulator.movies import FRAMES, movie, mp4

from .wires import wired

#: Boxes that hold nothing but boxes.
FOLDERS = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"dinf"}


def boxes(data: bytes, begin: int = 0, end: int | None = None) -> dict[bytes, tuple[int, int]]:
    """Walk a file from length to length: where the content of each box begins and ends."""
    found = {}
    end = len(data) if end is None else end
    while begin < end:
        length, kind = struct.unpack_from(">I4s", data, begin)
        assert 8 <= length <= end - begin
        found[kind] = (begin + 8, begin + length)
        if kind in FOLDERS:
            found |= boxes(data, begin + 8, begin + length)
        begin += length
    assert begin == end
    return found


def frames(data: bytes) -> list[bytes]:
    """Find the frames through the tables that say where they are."""
    found = boxes(data)
    sizes_at, offset_at = found[b"stsz"][0], found[b"stco"][0]
    count = struct.unpack_from(">I", data, sizes_at + 8)[0]
    sizes = struct.unpack_from(f">{count}I", data, sizes_at + 12)
    at = struct.unpack_from(">I", data, offset_at + 8)[0]
    cut = []
    for size in sizes:
        cut.append(data[at : at + size])
        at += size
    assert at == found[b"mdat"][1]
    return cut


def test_the_tables_lead_to_every_frame() -> None:
    """Offsets and sizes fit, and nothing is left over."""
    sent = [b"\xff\xd8 one", b"\xff\xd8 the second", b"\xff\xd8 3"]
    assert frames(mp4(sent, (64, 48))) == sent


def test_a_file_begins_with_its_type_and_holds_contents_and_data() -> None:
    """What a client looks for to tell a whole file from a cut one."""
    found = boxes(mp4([b"x"], (64, 48)))
    assert [*found][:2] == [b"ftyp", b"moov"]
    assert {b"ftyp", b"moov", b"mdat", b"stsd", b"stts", b"stsc"} <= set(found)


@pytest.mark.parametrize("way", [1, 2, 3, 4])
def test_a_film_moves(way: int) -> None:
    """Its first and last frame differ, and all are pictures of one size."""
    picture = Image.radial_gradient("L").resize((128, 96)).convert("RGB")
    opened = [Image.open(io.BytesIO(frame)) for frame in frames(movie(picture, way))]
    assert len(opened) == FRAMES
    assert {(frame.format, frame.size) for frame in opened} == {("JPEG", (128, 96))}
    assert opened[0].tobytes() != opened[-1].tobytes()


async def test_the_clips_of_a_video_are_served() -> None:
    """Four different files, each whole, under links of their own."""
    async with wired() as wire:
        single = await wire.finished("x --ar 3:2", "U1")
        task_id = (await wire.click(single, "Animate (High motion)")).json["result"]
        wire.wait(240)
        row = await wire.fetch(task_id)
        answers = [await wire.file(video["url"]) for video in row["videoUrls"]]
        assert {answer.type for answer in answers} == {"video/mp4"}
        assert len({answer.raw for answer in answers}) == 4
        first = Image.open(io.BytesIO(frames(answers[0].raw)[0]))
        assert (first.width > first.height, first.width % 16, first.height % 16) == (True, 0, 0)
