"""From every earlier version of the file to this one: wholly, or not at all."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest

from mjflow.errors import JournalUnusable
from mjflow.fsm.events import Event
from mjflow.journal import schema
from mjflow.journal.files import open_to_write
from mjflow.journal.sqlite import SqliteStore

from .contract import AT, BASE, header, intent, mark, note
from .test_sqlite import opened

#: A file of version 1 as text: attempts and pictures, and nothing of runs.
VERSION_1 = f"""
{";".join(schema.STEPS[0])};
PRAGMA application_id = {schema.APPLICATION};
PRAGMA user_version = 1;
PRAGMA journal_mode = WAL;
INSERT INTO attempts (id, namespace, key, attempt, token, digest, written_at, payload) VALUES
    (1, '{BASE}', 'k', 1, '{intent().token}', '{"d" * 64}', '{AT.isoformat()}',
     X'{intent().payload.hex()}'),
    (2, '{BASE}', 'other', 1, 't2', '{"d" * 64}', '{AT.isoformat()}', X'');
INSERT INTO notes (attempt_id, event, written_at, payload) VALUES
    (2, 'ACCEPTED', '{AT.isoformat()}', X''), (2, 'SUCCEEDED', '{AT.isoformat()}', X'7b7d');
INSERT INTO open_attempts VALUES (1);
"""


def shape(path: Path) -> list[tuple[str, str]]:
    """Return the tables and indexes of a file."""
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
    connection.close()
    return rows


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A journal as version 1 left it."""
    path = tmp_path / "old.db"
    connection = sqlite3.connect(path)
    connection.executescript(VERSION_1)
    connection.close()
    return path


async def test_an_old_journal_is_brought_to_this_version(old: Path) -> None:
    """All that was in it is there, and what is new can be used."""
    async with opened(old) as store:
        (attempt,) = await store.open(BASE)
        (ended,) = await store.attempts(BASE, "other")
        await store.note(intent().token, note(Event.REJECTED))
        await store.intend(intent(2))
        await store.begin(header())
        await store.mark(mark("@night-1/a"))
        assert await store.take("run/a", "me") is not None
    assert attempt.intent == intent()
    assert [(one.event, one.payload) for one in ended.notes] == [
        (Event.ACCEPTED, b""),
        (Event.SUCCEEDED, b"{}"),
    ]


async def test_every_way_leads_to_the_same_tables(old: Path, tmp_path: Path) -> None:
    """A file that was migrated is like one that was made anew."""
    new = tmp_path / "new.db"
    for path in (old, new):
        async with opened(path):
            pass
    assert shape(old) == shape(new)


async def test_of_many_who_migrate_one_does(old: Path) -> None:
    """Processes that open it at once wait for each other."""
    stores = [SqliteStore(old) for _ in range(8)]
    await asyncio.gather(*(store.start() for store in stores))
    for store in stores:
        assert len(await store.open(BASE)) == 1
        await store.aclose()


async def test_of_many_who_make_it_one_does(tmp_path: Path) -> None:
    """The same of a file that is not there yet."""
    stores = [SqliteStore(tmp_path / "new.db") for _ in range(8)]
    await asyncio.gather(*(store.start() for store in stores))
    await asyncio.gather(*(store.intend(intent(key=f"{n}")) for n, store in enumerate(stores)))
    for store in stores:
        await store.aclose()
    async with opened(tmp_path / "new.db") as store:
        assert len(await store.open(BASE)) == 8


@pytest.mark.parametrize("made", [False, True], ids=["new", "a copy"])
async def test_somebody_else_may_be_opening_it(tmp_path: Path, made: bool) -> None:
    """Whoever comes second waits until the file is free, be it empty or a copy as of a backup."""
    path = tmp_path / "journal.db"
    if made:
        async with opened(path):
            pass
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("PRAGMA journal_mode = DELETE")
    other.execute("BEGIN IMMEDIATE")
    store = SqliteStore(path)
    starting = asyncio.ensure_future(store.start())
    await asyncio.sleep(0.05)
    assert not starting.done()
    other.close()
    await starting
    await store.aclose()


async def test_a_migration_that_fails_changes_nothing(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of a step is none: the old version can go on with its file."""
    before = shape(old)
    steps = (*schema.STEPS, ("CREATE TABLE more (id INTEGER)", "CREATE TABLE more (id INTEGER)"))
    with monkeypatch.context() as later:
        later.setattr(schema, "STEPS", steps)
        later.setattr(schema, "VERSION", len(steps))
        with pytest.raises(JournalUnusable, match="table more already exists"):
            await SqliteStore(old).start()
    assert shape(old) == before
    async with opened(old) as store:
        assert len(await store.open(BASE)) == 1


async def test_the_next_version_takes_this_ones_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A step behind the last is done to files of today, and today's version refuses them then."""
    path = tmp_path / "journal.db"
    async with opened(path) as store:
        await store.intend(intent())
    with monkeypatch.context() as later:
        later.setattr(schema, "STEPS", (*schema.STEPS, ("ALTER TABLE runs ADD COLUMN tag TEXT",)))
        later.setattr(schema, "VERSION", len(schema.STEPS))
        async with opened(path) as store:
            assert len(await store.open(BASE)) == 1
        connection = open_to_write(path)
        assert connection.execute("SELECT tag FROM runs").fetchall() == []
        connection.close()
    with pytest.raises(JournalUnusable, match="written by a later mjflow"):
        await SqliteStore(path).start()
