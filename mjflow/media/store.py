"""
Putting files on disk so that a name never stands for half a picture.

A picture is written to a temporary file in its own folder, synced, checked to be whole, and only
then given its name; a file that already has the name is never overwritten.  After a power cut
there is the whole picture, or none, or a leftover `.mjflow-*.part`.

A leftover is removed by the next process that saves to its folder, if it is a day old by then.

Everything here blocks.  In an event loop, run each call in a thread.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path, PurePosixPath
from secrets import token_hex
from types import TracebackType
from typing import BinaryIO, Self

from attrs import frozen

from mjflow.errors import CannotWrite
from mjflow.media.names import numbered, with_extension
from mjflow.media.whole import Whole, check, check_bytes, check_head

#: Seconds after which nobody is still writing to a temporary file.
LEFT_FOR = 86_400.0
_LEFTOVER = re.compile(r"\.mjflow-[0-9a-f]{16}\.part")

_REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "your disk quota is used up",
    errno.EROFS: "the disk is read-only",
    errno.EACCES: "permission denied",
    errno.EPERM: "permission denied",
    errno.ENOTDIR: "there is a file where the folder should be",
    errno.EEXIST: "there is a file where the folder should be",
    errno.ENAMETOOLONG: "the name is too long for this disk",
}


@frozen
class Saved:
    """A picture that is on disk."""

    path: Path
    whole: Whole
    #: Of the file's bytes, in hexadecimal.
    sha256: str
    #: Whether the very same picture was there already.
    reused: bool


class Draft:
    """
    A picture on its way to disk: `write` the chunks, then `keep` it or `discard` it.

    As a context manager it discards itself unless it was kept.

    Args:
        folder: The output folder; made, with all above it, when missing.
        stem: The name within it, from `NameTemplate.fill`: with `/` for folders, no extension.

    Raises:
        CannotWrite: The folder can't be made or written to.
    """

    def __init__(self, folder: Path, stem: str) -> None:
        self._home, self._stem = (folder / stem).parent, PurePosixPath(stem).name
        self._hash, self._size = hashlib.sha256(), 0
        self._temporary = _temporary_in(self._home)
        with _writing(self._home):
            _make_folder(self._home)
            _sweep_once(self._home)
            self._file: BinaryIO = self._temporary.open("xb")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.discard()

    def write(self, chunk: bytes) -> None:
        """
        Append bytes.

        Raises:
            PictureTooLarge: That makes it more than 256 MB, or the first bytes claim more than
                200 megapixels; the draft is gone.
            CannotWrite: The disk would not take them; the draft is gone.
        """
        first = not self._size
        self._hash.update(chunk)
        self._size += len(chunk)
        with self._undoing(), _writing(self._home):
            check_bytes(self._size)
            if first:
                check_head(chunk)
            self._file.write(chunk)

    def keep(self) -> Saved:
        """
        Make sure that the picture is whole, and give it its name.

        A name that stands for a different file already gets a number: `name-2.png`.  One that
        stands for the same bytes is left as it is.

        Raises:
            PictureBroken, NotAPicture: What came is not whole; the draft is gone.
            PictureTooLarge: It has more than 200 megapixels; the draft is gone.
            CannotWrite: The disk would not take it; the draft is gone.
        """
        with self._undoing(), _writing(self._home):
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            whole, digest = check(self._temporary), self._hash.hexdigest()
            path, reused = self._publish(with_extension(self._stem, whole.kind), whole, digest)
            _sync_folder(self._home)
        return Saved(path, whole, digest, reused)

    def discard(self) -> None:
        """Remove the temporary file, if there still is one; never fails."""
        with suppress(OSError):
            self._file.close()
        with suppress(OSError):
            self._temporary.unlink(missing_ok=True)

    @contextmanager
    def _undoing(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self.discard()
            raise

    def _publish(self, name: str, whole: Whole, digest: str) -> tuple[Path, bool]:
        """Take the first name that is free, or that has the same bytes."""
        path, number = self._home / name, 1
        while True:
            # In this order, for somebody else may give the name at this very moment.
            if _give_name(self._temporary, path):
                return path, False
            if _same(path, whole.size, digest):
                self.discard()
                return path, True
            number += 1
            path = self._home / numbered(name, number)


def save(chunks: Iterable[bytes], folder: Path, stem: str) -> Saved:
    """
    Write a whole picture below a folder; the arguments and errors of `Draft`.

    Raises:
        PictureBroken, NotAPicture: What came is not whole; nothing is left on disk.
        PictureTooLarge: It is too large; nothing is left on disk.
        CannotWrite: The disk would not take it; nothing is left on disk.
    """
    with Draft(folder, stem) as draft:
        for chunk in chunks:
            draft.write(chunk)
        return draft.keep()


def replace_file(path: Path, data: bytes) -> None:
    """
    Write a small file of ours, a sidecar, in place of an older one; at every moment one is whole.

    Raises:
        CannotWrite: The disk would not take it; the older one is untouched.
    """
    temporary = _temporary_in(path.parent)
    with _writing(path.parent):
        try:
            with temporary.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)


def sweep(folder: Path) -> None:
    """Remove temporary files that killed processes left in a folder a day ago; never fails."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if _LEFTOVER.fullmatch(entry.name):
                _remove_leftover(entry)


# A folder may have a million files: each process goes through it once.
_sweep_once = lru_cache(maxsize=1024)(sweep)


def _remove_leftover(entry: os.DirEntry[str]) -> None:
    # Gone meanwhile, not ours to remove, or open, on Windows: then it may stay.
    with suppress(OSError):
        old = entry.stat(follow_symlinks=False).st_mtime < time.time() - LEFT_FOR
        if old and entry.is_file(follow_symlinks=False):
            Path(entry).unlink()


def _temporary_in(folder: Path) -> Path:
    return folder / f".mjflow-{token_hex(8)}.part"


def _same(path: Path, size: int, digest: str) -> bool:
    """Whether a file has these bytes; one that we may not read counts as different."""
    try:
        if not path.is_file() or path.stat().st_size != size:
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == digest
    except PermissionError:
        return False


def _give_name(temporary: Path, path: Path) -> bool:
    """Move the file to its name, unless something else has it."""
    try:
        # Unlike a rename, a link refuses a name that is taken, even one taken this very moment.
        os.link(temporary, path)
    except FileExistsError:
        return False
    except OSError:
        # Some disks have no links (FAT, some network shares).  Should something else be the
        # matter, the rename will say so.
        if os.path.lexists(path):
            return False
        temporary.replace(path)
    else:
        temporary.unlink()
    return True


def _make_folder(folder: Path) -> None:
    """Make a folder and all above it, each to survive a power cut."""
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    """Make a new name survive a power cut, where the system can (Windows can't)."""
    # The picture itself is synced by now; some network shares refuse to sync a folder.
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """Say in the user's words what the disk complains about."""
    try:
        yield
    except OSError as error:
        reason = _REASONS.get(error.errno or 0) or error.strerror or str(error)
        raise CannotWrite(f"can't write to {str(folder)!r}: {reason}") from error
