"""Temporary files that killed processes left behind."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path
from typing import Any

import pytest

from mjflow.media.store import save, sweep

from .pictures import PNG


def names(folder: Path) -> list[str]:
    """List all that is in a folder."""
    return sorted(path.name for path in folder.iterdir())


def denied(*_: object, **__: object) -> Any:
    """Stand in for a system call that is never allowed."""
    raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def leftover(folder: Path, name: str, days: float) -> Path:
    """Make a file that nobody has written to for some days."""
    path = folder / name
    path.write_bytes(b"half a picture")
    at = time.time() - days * 86_400
    os.utime(path, (at, at))
    return path


OURS = ".mjflow-0123456789abcdef.part"


def test_what_killed_processes_left_is_removed_after_a_day(tmp_path: Path) -> None:
    """By the first that saves to the folder; what may still be written to is left alone."""
    old = leftover(tmp_path, OURS, days=1.1)
    fresh = leftover(tmp_path, OURS.replace("0", "f"), days=0.9)
    (tmp_path / "deeper").mkdir()
    deeper = leftover(tmp_path / "deeper", OURS, days=1.1)

    save([PNG], tmp_path, "a")

    assert (old.exists(), fresh.exists(), deeper.exists()) == (False, True, True)


@pytest.mark.parametrize(
    "name",
    [
        "a.part",
        ".mjflow-0123456789abcdef.part.png",
        ".mjflow-0123456789ABCDEF.part",
        ".mjflow-0123456789abcde.part",
        "x.mjflow-0123456789abcdef.part",
        ".mjflow-0123456789abcdef.part\n",
    ],
)
def test_nothing_else_is_ever_removed(name: str, tmp_path: Path) -> None:
    """Only a name exactly like ours counts."""
    other = leftover(tmp_path, name, days=400)

    sweep(tmp_path)

    assert other.exists()


def test_only_files_are_removed(tmp_path: Path) -> None:
    """Neither a folder nor a link, nor what it leads to."""
    precious = leftover(tmp_path, "precious", days=400)
    at = time.time() - 400 * 86_400
    link, folder = tmp_path / OURS, tmp_path / OURS.replace("0", "f")
    link.symlink_to(precious)
    os.utime(link, (at, at), follow_symlinks=False)
    folder.mkdir()
    os.utime(folder, (at, at))

    sweep(tmp_path)

    assert names(tmp_path) == sorted([precious.name, link.name, folder.name])


@pytest.mark.parametrize("call", ["scandir", "unlink"])
def test_a_leftover_that_can_not_be_removed_stops_nobody(
    call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It costs some room on the disk, and the picture is saved."""
    old = leftover(tmp_path, OURS, days=2)
    usual = Path.unlink

    def unlink(path: Path, missing_ok: bool = False) -> None:
        denied() if path == old else usual(path, missing_ok)

    if call == "scandir":
        monkeypatch.setattr(os, "scandir", denied)
    else:
        monkeypatch.setattr(Path, "unlink", unlink)

    assert save([PNG], tmp_path, "a").path == tmp_path / "a.png"
    assert old.exists()


def test_a_folder_is_gone_through_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may hold a million pictures, and every one of them was saved like this."""
    seen: list[Path] = []
    usual = os.scandir

    def watched(folder: Path) -> Any:
        seen.append(folder)
        return usual(folder)

    monkeypatch.setattr(os, "scandir", watched)

    for stem in ("a", "b", "c"):
        save([PNG], tmp_path, stem)

    assert seen == [tmp_path]
