"""Pictures on their way to disk: what the disk does, and who goes early."""

from __future__ import annotations

import asyncio
import errno
import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mjflow import CannotWrite
from mjflow.media.store import Draft
from tests.engine.gallery import (
    CDN,
    Gallery,
    Shot,
    discord,
    grid,
    names,
)
from tests.scripted import opened
from tests.virtual import virtual_time

OTHER = "https://other.example/1.png"


SOON = datetime.now(UTC) + timedelta(hours=1)

# --- the disk -----------------------------------------------------------------------------


def fails_with(number: int) -> Callable[..., Any]:
    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    return fail


@pytest.mark.parametrize(
    ("place", "number", "reason"),
    [
        ("os.fsync", errno.ENOSPC, "the disk is full"),
        ("_make_folder", errno.EACCES, "permission denied"),
        ("_make_folder", errno.EROFS, "the disk is read-only"),
    ],
)
@virtual_time
async def test_a_disk_that_takes_nothing_is_told_and_keeps_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, number: int, reason: str
) -> None:
    """The picture stays at the server, and a second try works."""
    server = Gallery()
    server.has(CDN)
    async with opened(server) as client:
        handle = await grid(client, server)
        with monkeypatch.context() as patch:
            patch.setattr(f"mjflow.media.store.{place}", fails_with(number))
            with pytest.raises(CannotWrite, match=reason):
                await handle.download(tmp_path)
        assert names(tmp_path) == []
        assert server.fetched == [CDN]
        await handle.download(tmp_path)
    assert "imagine-1001.png" in names(tmp_path)


@virtual_time
async def test_a_file_where_the_folder_should_be_is_told(tmp_path: Path) -> None:
    """It is not overwritten."""
    server = Gallery()
    server.has(CDN)
    (tmp_path / "out").write_text("mine")
    async with opened(server) as client:
        handle = await grid(client, server)
        with pytest.raises(CannotWrite, match="there is a file where the folder should be"):
            await handle.download(tmp_path / "out")
    assert (tmp_path / "out").read_text() == "mine"


# --- cancellation -------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["__init__", "write", "keep", "discard"])
@virtual_time
async def test_a_cancelled_download_waits_for_its_thread_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """However the cancellation falls, no `.part` is left and no thread works on."""
    entered, go = asyncio.Event(), threading.Event()
    loop, usual = asyncio.get_running_loop(), getattr(Draft, step)

    def held(draft: Draft, *args: Any) -> Any:
        if not go.is_set():
            loop.call_soon_threadsafe(entered.set)
            go.wait(5)
        return usual(draft, *args)

    monkeypatch.setattr(Draft, step, held)

    server = Gallery()
    server.has(CDN)
    async with opened(server) as client:
        handle = await grid(client, server)
        download = asyncio.ensure_future(handle.download(tmp_path))
        await entered.wait()
        for _ in range(3):
            download.cancel()
            await asyncio.sleep(0)
        assert not download.done()
        go.set()
        with pytest.raises(asyncio.CancelledError):
            await download
        parts = [name for name in names(tmp_path) if name.endswith(".part")]
        assert parts == []
        # Whatever became of it, another try works.
        await handle.download(tmp_path)
    assert names(tmp_path) == ["imagine-1001.png", "imagine-1001.png.json"]


@pytest.mark.parametrize("steps", range(0, 40, 3))
@virtual_time
async def test_a_download_can_be_cancelled_anywhere(tmp_path: Path, steps: int) -> None:
    """After any number of turns of the loop nothing is left but whole files."""
    server = Gallery()
    server.has(CDN)
    async with opened(server) as client:
        handle = await grid(client, server)
        download = asyncio.ensure_future(handle.download(tmp_path))
        await asyncio.sleep(0.01)  # its host has just answered
        for _ in range(steps):
            await asyncio.sleep(0)
        download.cancel()
        await asyncio.gather(download, return_exceptions=True)
        left = set(names(tmp_path)) - {"imagine-1001.png", "imagine-1001.png.json"}
        assert left == set()
        await handle.download(tmp_path)


# --- turns --------------------------------------------------------------------------------


@virtual_time
async def test_the_link_that_runs_out_first_is_fetched_first(tmp_path: Path) -> None:
    """While eight are under way the others wait in order of their expiry."""
    server = Gallery()
    server.has(CDN, Shot(slowness=30.0))
    hours = [5, 2, 9, 1]
    links = [discord(SOON + timedelta(hours=hour)) for hour in hours]
    for link in (*links, OTHER):
        server.has(link)
    async with opened(server) as client:
        slow = [await grid(client, server) for _ in range(8)]
        rest = [await grid(client, server, imageUrl=link) for link in (OTHER, *links)]
        downloads = [asyncio.ensure_future(handle.download(tmp_path)) for handle in slow]
        await asyncio.sleep(1)
        downloads += [asyncio.ensure_future(handle.download(tmp_path)) for handle in rest]
        await asyncio.gather(*downloads)
    assert server.fetched[8:] == [links[3], links[1], links[0], links[2], OTHER]


@virtual_time
async def test_who_is_cancelled_while_waiting_for_a_turn_takes_none_along(tmp_path: Path) -> None:
    """All eight turns are free again afterwards."""
    server = Gallery()
    server.has(CDN, Shot(slowness=5.0))
    async with opened(server) as client:
        handles = [await grid(client, server) for _ in range(24)]
        downloads = [asyncio.ensure_future(handle.download(tmp_path)) for handle in handles]
        await asyncio.sleep(1)
        for download in downloads[4:20]:
            download.cancel()
        await asyncio.gather(*downloads, return_exceptions=True)
        assert client._engine.downloads._turns._free == 8
