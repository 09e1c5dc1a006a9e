"""Putting pictures on disk."""

from __future__ import annotations

import errno
import hashlib
import os
import resource
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from mjflow.errors import CannotWrite, NotAPicture, PictureBroken, PictureTooLarge
from mjflow.media import whole
from mjflow.media.store import Draft, Saved, replace_file, save
from mjflow.media.whole import check

from . import pictures

PNG = pictures.PNG
OTHER = pictures.encode("PNG", "L")


def names(folder: Path) -> list[str]:
    """List all files below a folder, hidden ones too."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def in_pieces(data: bytes, size: int = 64) -> Iterator[bytes]:
    """Give data as a download gives it."""
    for start in range(0, len(data), size):
        yield data[start : start + size]


def refuse(number: int) -> Any:
    """Build a stand-in for a system call that always fails."""

    def fail(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    return fail


def test_a_picture_is_saved_under_its_name(tmp_path: Path) -> None:
    """The chunks end in one file, with the content's extension, in folders made on the way."""
    saved = save(in_pieces(PNG), tmp_path / "out", "cat/U1-1712")

    path = tmp_path / "out" / "cat" / "U1-1712.png"
    assert saved == Saved(path, check(PNG), hashlib.sha256(PNG).hexdigest(), False)
    assert path.read_bytes() == PNG
    assert names(tmp_path) == ["out", "out/cat", "out/cat/U1-1712.png"]


@pytest.mark.parametrize(("data", "ending"), [(pictures.JPEG, ".jpg"), (pictures.MP4, ".mp4")])
def test_the_extension_is_the_contents(data: bytes, ending: str, tmp_path: Path) -> None:
    """What the server calls it does not matter."""
    assert save([data], tmp_path, "v6.1").path == tmp_path / f"v6.1{ending}"


def test_a_saved_file_has_the_permissions_of_any_other(tmp_path: Path) -> None:
    """A web server that reads what the umask lets it read can serve the picture."""
    (tmp_path / "plain").touch()
    saved = save([PNG], tmp_path, "a")

    assert stat.S_IMODE(saved.path.stat().st_mode) == stat.S_IMODE(
        (tmp_path / "plain").stat().st_mode
    )


def test_the_same_picture_is_reused(tmp_path: Path) -> None:
    """Saving again what is there already leaves one file, untouched."""
    first = save([PNG], tmp_path, "a")
    before = first.path.stat()
    second = save([PNG], tmp_path, "a")

    assert (second.path, second.reused, second.sha256) == (first.path, True, first.sha256)
    assert (first.path.stat().st_mtime_ns, first.path.stat().st_ino) == (
        before.st_mtime_ns,
        before.st_ino,
    )
    assert names(tmp_path) == ["a.png"]


def test_a_different_picture_is_never_overwritten(tmp_path: Path) -> None:
    """The second gets a number, and is found again under it."""
    save([PNG], tmp_path, "a")
    second = save([OTHER], tmp_path, "a")
    third = save([OTHER], tmp_path, "a")

    assert (second.path.name, second.reused) == ("a-2.png", False)
    assert (third.path.name, third.reused) == ("a-2.png", True)
    assert (tmp_path / "a.png").read_bytes() == PNG
    assert names(tmp_path) == ["a-2.png", "a.png"]


def test_a_file_of_the_same_size_is_not_taken_for_the_same(tmp_path: Path) -> None:
    """Bytes are compared, not sizes."""
    (tmp_path / "a.png").write_bytes(b"x" * len(PNG))

    assert save([PNG], tmp_path, "a").path.name == "a-2.png"


def test_a_folder_or_a_dead_link_in_the_way_is_stepped_around(tmp_path: Path) -> None:
    """Whatever has the name keeps it."""
    (tmp_path / "a.png").mkdir()
    (tmp_path / "a-2.png").symlink_to(tmp_path / "nowhere")

    assert save([PNG], tmp_path, "a").path.name == "a-3.png"
    assert (tmp_path / "a-2.png").is_symlink()


def test_many_at_once_under_one_name_lose_nothing(tmp_path: Path) -> None:
    """Twenty threads that save different pictures under one name leave twenty pictures."""
    various = [PNG + bytes([n]) for n in range(20)]
    with ThreadPoolExecutor(8) as threads:
        saved = list(threads.map(lambda data: save([data], tmp_path, "a"), various))

    assert [one.path.read_bytes() for one in saved] == various
    assert len(names(tmp_path)) == 20


def test_the_same_picture_at_the_same_moment_is_one_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that somebody else gives to the same bytes just before us is shared."""
    original = os.link

    def overtaken(source: Path, target: Path) -> None:
        target.write_bytes(PNG)
        original(source, target)

    monkeypatch.setattr(os, "link", overtaken)

    saved = save([PNG], tmp_path, "a")

    assert (saved.path.name, saved.reused) == ("a.png", True)
    assert names(tmp_path) == ["a.png"]


def test_a_disk_without_hard_links_keeps_the_promises(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where linking is refused, renaming does, and still overwrites nothing."""
    monkeypatch.setattr(os, "link", refuse(errno.EPERM))

    saved = [save([data], tmp_path, "a").path.name for data in (PNG, OTHER, PNG)]

    assert saved == ["a.png", "a-2.png", "a.png"]
    assert (tmp_path / "a.png").read_bytes() == PNG
    assert names(tmp_path) == ["a-2.png", "a.png"]


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (PNG[:-1], PictureBroken),
        (PNG[:3], PictureBroken),
        (b"", PictureBroken),
        (b"<html><title>403 Forbidden</title></html>", NotAPicture),
    ],
)
def test_what_is_no_whole_picture_leaves_nothing(
    data: bytes, error: type[Exception], tmp_path: Path
) -> None:
    """Neither a half file under the final name nor a temporary one."""
    with pytest.raises(error):
        save([data], tmp_path, "a")

    assert names(tmp_path) == []


def test_a_download_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    """An error from elsewhere passes through, and the temporary file is gone."""

    def broken() -> Iterator[bytes]:
        yield PNG[:50]
        raise ConnectionResetError("reset by peer")

    with pytest.raises(ConnectionResetError):
        save(broken(), tmp_path, "a")

    assert names(tmp_path) == []


def test_the_final_name_appears_only_at_the_end(tmp_path: Path) -> None:
    """While it is being written, a picture has a hidden name in its own folder."""
    with Draft(tmp_path, "a") as draft:
        draft.write(PNG)
        (during,) = names(tmp_path)
        assert during.startswith(".mjflow-")
        assert during.endswith(".part")
        draft.keep()

    assert names(tmp_path) == ["a.png"]


def test_a_draft_that_is_not_kept_leaves_nothing(tmp_path: Path) -> None:
    """Leaving the block, and discarding twice, are both fine."""
    with Draft(tmp_path, "a") as draft:
        draft.write(PNG)
    draft.discard()

    assert names(tmp_path) == []


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EDQUOT, "your disk quota is used up"),
        (errno.EROFS, "the disk is read-only"),
        (errno.EACCES, "permission denied"),
        (errno.EIO, os.strerror(errno.EIO)),
    ],
)
@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_disk_that_will_not_take_it_is_told_and_left_clean(
    number: int, words: str, call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reason and folder are in the message, what to do in the advice, nothing on the disk."""
    if call == "fsync":
        monkeypatch.setattr(os, "fsync", refuse(number))
    else:
        monkeypatch.setattr(os, "link", refuse(number))
        monkeypatch.setattr(Path, "replace", refuse(number))

    with pytest.raises(CannotWrite) as caught:
        save([PNG], tmp_path, "a")

    assert caught.value.message == f"can't write to {str(tmp_path)!r}: {words}"
    assert "--out" in caught.value.advice
    assert names(tmp_path) == []


@contextmanager
def small_disk() -> Iterator[None]:
    """Let this process make no file larger than 1,000 bytes; the test's own report is one, too."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_write_that_fails_halfway_is_told_and_left_clean(tmp_path: Path) -> None:
    """A write that the system cuts off for real ends the draft at once."""
    with Draft(tmp_path, "a") as draft:
        with small_disk(), pytest.raises(CannotWrite, match=os.strerror(errno.EFBIG)):
            draft.write(b"x" * 1_000_000)

        assert names(tmp_path) == []


def test_a_file_where_the_folder_should_be_is_told(tmp_path: Path) -> None:
    """Both as the folder itself and somewhere above it."""
    (tmp_path / "out").write_text("not a folder")

    for folder in (tmp_path / "out", tmp_path / "out" / "deeper"):
        with pytest.raises(CannotWrite, match="there is a file where the folder should be"):
            save([PNG], folder, "a")
    assert names(tmp_path) == ["out"]


def test_a_folder_without_permission_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder that may not be written to; feigned, for root may write everywhere."""
    monkeypatch.setattr(Path, "open", refuse(errno.EACCES))

    with pytest.raises(CannotWrite, match="permission denied"):
        save([PNG], tmp_path, "a")


def test_a_file_that_may_not_be_read_counts_as_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A foreign file of the same size is stepped around, and the picture is not lost."""
    (tmp_path / "a.png").write_bytes(b"x" * len(PNG))
    monkeypatch.setattr(hashlib, "file_digest", refuse(errno.EACCES))

    assert save([PNG], tmp_path, "a").path.name == "a-2.png"


def test_a_sidecar_replaces_an_older_one(tmp_path: Path) -> None:
    """Afterwards there is one file, with the new content."""
    path = tmp_path / "a.png.json"
    replace_file(path, b"old")
    replace_file(path, b"new")

    assert path.read_bytes() == b"new"
    assert names(tmp_path) == ["a.png.json"]


def test_a_sidecar_that_can_not_be_written_leaves_the_older_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The older content is whole, and no temporary file is left."""
    path = tmp_path / "a.png.json"
    replace_file(path, b"old")
    monkeypatch.setattr(os, "fsync", refuse(errno.ENOSPC))

    with pytest.raises(CannotWrite, match="the disk is full"):
        replace_file(path, b"new")

    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["a.png.json"]


def test_a_draft_that_claims_too_much_is_gone_at_once(tmp_path: Path) -> None:
    """The first bytes of a picture tell how large it is: nothing more is written of it."""
    draft = Draft(tmp_path, "cat")
    with pytest.raises(PictureTooLarge, match="claims 65535 x 65535 pixels"):
        draft.write(b"GIF89a\xff\xff\xff\xff" + bytes(50))
    assert list(tmp_path.iterdir()) == []


def test_a_download_without_end_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What grows beyond the limit is not written on until the disk is full."""
    monkeypatch.setattr(whole, "MOST_BYTES", 1000)
    written = 0

    def endless() -> Iterator[bytes]:
        nonlocal written
        while True:
            written += 300
            yield b"x" * 300

    with pytest.raises(PictureTooLarge, match="the picture has 1 MB, and more than"):
        save(endless(), tmp_path, "a")

    assert written == 1200
    assert names(tmp_path) == []
