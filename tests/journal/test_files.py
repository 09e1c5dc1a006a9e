"""Opening a journal's file: whose it may be, what it may be, and what is never touched."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mjflow.client import Client
from mjflow.errors import CannotWrite, JournalUnusable, MjflowError
from mjflow.fsm.events import Event
from mjflow.journal import files, schema
from mjflow.journal.sqlite import SqliteStore

from ..scripted import Scripted
from .contract import BASE, intent, note
from .test_sqlite import opened

#: As a server's reply of some length, so that a journal has a few pages.
LONG = b'{"raw": "%s"}' % (b"x" * 3000)


async def filled(path: Path, attempts: int = 50) -> None:
    """Write a journal of some length, all of it in the one file."""
    async with opened(path) as store:
        for number in range(attempts):
            one = intent(key=f"{number}")
            await store.intend(one)
            await store.note(one.token, note(Event.SUCCEEDED, LONG))


async def refused(path: Path) -> MjflowError:
    """Try to open a journal, and see that it was not changed."""
    before = path.read_bytes()
    with pytest.raises(JournalUnusable) as raised:
        await SqliteStore(path).start()
    assert path.read_bytes() == before
    assert str(path) in raised.value.message
    assert "Nothing in it was changed" in raised.value.advice
    return raised.value


# --- whose it is ----------------------------------------------------------------------------------


async def test_nobody_else_may_read_it(tmp_path: Path) -> None:
    """Prompts are private: folders and files that are made are for their owner alone."""
    path = tmp_path / "new" / "inner" / "journal.db"
    umask = os.umask(0o022)
    try:
        async with opened(path) as store:
            await store.intend(intent())
            made = [path.parent.parent, path.parent, *sorted(path.parent.iterdir())]
            modes = {one.name: stat.S_IMODE(one.stat().st_mode) for one in made}
    finally:
        os.umask(umask)
    assert modes == {
        "new": 0o700,
        "inner": 0o700,
        "journal.db": 0o600,
        "journal.db-shm": 0o600,
        "journal.db-wal": 0o600,
    }


async def test_the_permissions_of_what_is_there_are_left_alone(tmp_path: Path) -> None:
    """A folder that is shared on purpose stays shared."""
    tmp_path.chmod(0o755)
    path = tmp_path / "journal.db"
    path.touch(0o640)
    async with opened(path):
        pass
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


async def test_a_closed_journal_is_one_file(tmp_path: Path) -> None:
    """Whoever copies it has all of it."""
    await filled(tmp_path / "journal.db")
    assert [one.name for one in tmp_path.iterdir()] == ["journal.db"]


async def test_every_commit_is_synced(tmp_path: Path) -> None:
    """What has returned survives a power cut; readers cannot write."""
    path = tmp_path / "journal.db"
    with_settings = (files.open_to_write(path), files.open_to_read(path))
    asked = ("synchronous", "journal_mode", "foreign_keys", "query_only", "application_id")
    told = [
        [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in asked]
        for connection in with_settings
    ]
    for connection in with_settings:
        connection.close()
    assert told == [[2, "wal", 1, 0, 0x6D6A666C], [2, "wal", 1, 1, 0x6D6A666C]]


# --- what it is -----------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [b"", b"never finished"], ids=["empty", "no tables"])
async def test_an_unfinished_file_is_a_new_journal(tmp_path: Path, content: bytes) -> None:
    """Whoever made it was interrupted before anything was in it."""
    path = tmp_path / "journal.db"
    path.touch()
    if content:
        with sqlite3.connect(path, isolation_level=None) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
        connection.close()
        assert path.stat().st_size > 0
    await filled(path, 1)


@pytest.mark.parametrize(
    "content",
    [b"a picture, or a letter", b"x" * 100_000, b"SQLite format 3\0", b"SQLite format 3\0" * 999],
    ids=["short", "long", "only a beginning", "only beginnings"],
)
async def test_another_kind_of_file_is_refused(tmp_path: Path, content: bytes) -> None:
    """A slip of the pen in a path overwrites nothing."""
    path = tmp_path / "letter.txt"
    path.write_bytes(content)
    error = await refused(path)
    assert "no whole SQLite file" in error.message


@pytest.mark.parametrize("setting", ["user_version = 7", "application_id = 7", "journal_mode=WAL"])
async def test_another_programs_database_is_refused(tmp_path: Path, setting: str) -> None:
    """It is somebody's data."""
    path = tmp_path / "theirs.db"
    with sqlite3.connect(path, isolation_level=None) as connection:
        connection.execute(f"PRAGMA {setting}")
        connection.execute("CREATE TABLE attempts (id INTEGER PRIMARY KEY)")
    connection.close()
    error = await refused(path)
    assert "some other database" in error.message


async def test_a_later_version_is_refused(tmp_path: Path) -> None:
    """Both versions are named, and an update is what helps."""
    path = tmp_path / "journal.db"
    await filled(path)
    with sqlite3.connect(path, isolation_level=None) as connection:
        connection.execute("PRAGMA user_version = 12")
    connection.close()
    error = await refused(path)
    assert f"version 12, and this one reads up to version {schema.VERSION}" in error.message
    assert "Update mjflow" in error.advice


@pytest.mark.parametrize("left", [10, 99, 100, 512, 4096, 5000, 40_960, -4096, -1])
async def test_a_journal_cut_in_the_middle_is_refused(tmp_path: Path, left: int) -> None:
    """A copy that was interrupted is no journal: it would have forgotten what was paid."""
    path = tmp_path / "journal.db"
    await filled(path)
    os.truncate(path, left if left > 0 else path.stat().st_size + left)
    error = await refused(path)
    assert "backup" in error.advice


@pytest.mark.parametrize("page", [1, 2, 5, 20])
async def test_a_damaged_journal_is_refused(tmp_path: Path, page: int) -> None:
    """A page of zeros, as a failing disk leaves it."""
    path = tmp_path / "journal.db"
    await filled(path)
    with path.open("r+b") as file:
        file.seek(page * 4096)
        file.write(bytes(4096))
    await refused(path)


async def test_what_a_killed_process_left_is_taken_up(tmp_path: Path) -> None:
    """Killed while it tidied up, it leaves a file that ends anywhere, and all of it beside that."""
    path, left = tmp_path / "journal.db", tmp_path / "left.db"
    async with opened(path) as store:
        await store.intend(intent())
        left.write_bytes(path.read_bytes() + b"half a page")
        wal = path.with_name("journal.db-wal").read_bytes()
        left.with_name("left.db-wal").write_bytes(wal)
    async with opened(left) as store:
        assert len(await store.open(BASE)) == 1


async def test_damage_while_it_is_in_use_is_told(tmp_path: Path) -> None:
    """Nothing is submitted on the word of a broken journal."""
    path = tmp_path / "journal.db"
    await filled(path)
    async with opened(path) as store:
        os.truncate(path, 8192)
        with pytest.raises(JournalUnusable, match="cannot be used"):
            for number in range(50):
                await store.attempts(BASE, f"{number}")


# --- where it is ----------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["folder", "file/journal.db", "/proc/nowhere/journal.db"])
async def test_a_place_that_takes_no_file_is_told(tmp_path: Path, place: str) -> None:
    """The path and the reason are in the message, and what to do."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(CannotWrite) as raised:
        await SqliteStore(tmp_path / place).start()
    assert str(tmp_path / place) in raised.value.message
    assert ("it is a folder" in raised.value.message) == (place == "folder")
    assert "MJFLOW_JOURNAL" in raised.value.advice


_AS_NOBODY = """
import asyncio, os, sys
from mjflow.errors import CannotWrite
from mjflow.journal.sqlite import SqliteStore

if not os.geteuid():
    os.setuid(65534)
try:
    asyncio.run(SqliteStore(sys.argv[1]).start())
except CannotWrite as error:
    print(error)
"""


@pytest.mark.parametrize("kind", ["folder", "file"])
async def test_what_is_read_only_is_told(tmp_path: Path, kind: str) -> None:
    """A folder that takes no new file, a file that takes no new line."""
    path = tmp_path / "private" / "journal.db"
    if kind == "file":
        await filled(path, 1)
        path.chmod(0o444)
    else:
        path.parent.mkdir()
    for folder in [path.parent, *path.parent.parents]:
        if os.access(folder, os.W_OK) and folder.is_relative_to(tmp_path.parent.parent):
            folder.chmod(0o555 if folder == path.parent else 0o755)
    try:
        told = await _child(_AS_NOBODY, str(path))
    finally:
        path.parent.chmod(0o700)
    assert str(path) in told
    assert "Choose another place" in told


async def _child(program: str, *arguments: str) -> str:
    def run() -> str:
        return subprocess.run(
            [sys.executable, "-c", program, *arguments],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout

    return await asyncio.to_thread(run)


async def test_a_full_disk_is_told_and_forgiven(tmp_path: Path) -> None:
    """What is on disk stays, what does not fit is told, and with room again all goes on."""
    async with opened(tmp_path / "journal.db") as store:
        await store.intend(intent(key="before"))
        await _set_most_pages(store, 40)
        with pytest.raises(CannotWrite, match="the disk is full") as raised:
            for number in range(100):
                await store.intend(intent(key=f"{number}"))
                await store.note(intent(key=f"{number}").token, note(Event.ACCEPTED, LONG))
        assert "Make room" in raised.value.advice
        written = await store.history(BASE, "")
        assert len(written) > 3
        await _set_most_pages(store, 10_000)
        await store.intend(intent(key="after"))
        assert len(await store.history(BASE, "")) == len(written) + 1


async def test_on_a_full_disk_what_is_small_still_fits(tmp_path: Path) -> None:
    """A reply is not lost because something large beside it finds no room."""
    async with opened(tmp_path / "journal.db") as store:
        await store.intend(intent())
        await _set_most_pages(store, 60)
        large = note(Event.ACCEPTED, b"x" * 4096 * 100)
        results = await asyncio.gather(
            store.note(intent().token, large),
            store.note(intent().token, note(Event.SUCCEEDED)),
            return_exceptions=True,
        )
        (attempt,) = await store.attempts(BASE, "k")
    assert [type(one) for one in results] == [CannotWrite, type(None)]
    assert [one.event for one in attempt.notes] == [Event.SUCCEEDED]


async def _set_most_pages(store: SqliteStore, most: int) -> None:
    """Let the disk be full when the file has so many pages; outside of any transaction."""
    transactions = store._desks.writer._transactions
    assert transactions is not None
    thread = store._desks.writer._thread
    statement = f"PRAGMA max_page_count = {most}"

    def set_most() -> None:
        transactions.connection.execute(statement).fetchall()

    await asyncio.get_running_loop().run_in_executor(thread, set_most)


_LIMITED = """
import asyncio, resource, signal, sys
from mjflow.errors import CannotWrite
from mjflow.fsm.events import Event
from mjflow.journal.sqlite import SqliteStore
from tests.journal.contract import intent, note

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

async def main():
    store = SqliteStore(sys.argv[1])
    await store.start()
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
    written = 0
    try:
        for written in range(1000):
            one = intent(key=str(written))
            await store.intend(one)
            await store.note(one.token, note(Event.SUCCEEDED, b"x" * 3000))
    except CannotWrite as error:
        print(error)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    print(written, len(await store.history("https://mj.example", "")))
    await store.intend(intent(key="after"))
    await store.aclose()

asyncio.run(main())
"""


async def test_a_disk_that_takes_no_more_is_told_and_forgiven(tmp_path: Path) -> None:
    """The same of a real limit: what has returned is there, and all goes on afterwards."""
    path = tmp_path / "journal.db"
    told, counts = (await _child(_LIMITED, str(path))).splitlines()
    written, found = map(int, counts.split())
    assert "takes no more" in told
    assert "Make room" in told
    assert found in (written, written + 1)
    async with opened(path) as store:
        assert len(await store.history(BASE, "")) == found + 1


@pytest.mark.parametrize("what", ["deleted", "moved", "replaced"])
async def test_a_file_that_is_taken_away_is_missed(tmp_path: Path, what: str) -> None:
    """SQLite would write on into a file that has no name any more, for nobody to find."""
    path = tmp_path / "journal.db"
    async with opened(path) as store:
        await store.intend(intent(key="before"))
        if what == "deleted":
            path.unlink()
        else:
            path.rename(tmp_path / "elsewhere.db")
        if what == "replaced":
            path.touch()
        with pytest.raises(JournalUnusable, match="while it was in use"):
            await store.intend(intent())


# --- a client on it -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [str, Path])
async def test_a_client_takes_a_path(tmp_path: Path, kind: Any) -> None:
    """It opens the file with itself, and closes it."""
    path = tmp_path / "journal.db"
    async with Client(BASE, "sk-test", transport=Scripted(), journal=kind(path)):
        assert path.exists()
    assert not path.with_name("journal.db-wal").exists()


async def test_a_client_takes_the_path_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An argument wins over it."""
    monkeypatch.setenv("MJFLOW_JOURNAL", str(tmp_path / "one.db"))
    async with Client(BASE, "sk-test", transport=Scripted()):
        pass
    async with Client(BASE, "sk-test", transport=Scripted(), journal=tmp_path / "two.db"):
        pass
    assert sorted(one.name for one in tmp_path.iterdir()) == ["one.db", "two.db"]


async def test_a_client_without_its_journal_does_not_open(tmp_path: Path) -> None:
    """Nothing is submitted that could not be remembered, and what was opened is closed."""
    path, server = tmp_path / "letter.txt", Scripted()
    path.write_text("dear reader")
    client = Client(BASE, "sk-test", transport=server, journal=path)
    with pytest.raises(JournalUnusable):
        await client.__aenter__()
    assert server.closed
    with pytest.raises(MjflowError):
        client.imagine("a cat")
    assert server.sent == []


def test_the_application_id_is_a_word() -> None:
    """`file` and others may tell by it what the file is."""
    assert struct.pack(">I", schema.APPLICATION) == b"mjfl"
