"""What a journal forgets when it is told to, and what it never forgets."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from mjflow.errors import InvalidInput
from mjflow.fsm.events import Event
from mjflow.journal.pruning import MOST, Pruned
from mjflow.journal.sqlite import SqliteStore
from mjflow.journal.store import ANONYMOUS, Note, SavedPicture, lease_of_run

from .contract import AT, BASE, OPEN, SHUT, header, intent, mark
from .test_sqlite import opened

#: A year later: what was written at `AT` is old by then.
LATER = AT + timedelta(days=365)
NOW = LATER + timedelta(days=1)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    async with opened(tmp_path / "journal.db") as store:
        yield store


async def lived(
    store: SqliteStore, key: str, *events: Event, at: datetime = AT, last: datetime | None = None
) -> None:
    """Write an attempt and what came of it, at an instant; the last word perhaps at another."""
    one = evolve(intent(key=key), written_at=at)
    await store.intend(one)
    for number, event in enumerate(events, start=1):
        said_at = last if last and number == len(events) else at
        await store.note(one.token, Note(event=event, written_at=said_at))


async def keys(store: SqliteStore) -> list[str]:
    return [one.intent.key for one in await store.history(BASE, "")]


# --- single keys ----------------------------------------------------------------------------------


@pytest.mark.parametrize("events", SHUT, ids=repr)
async def test_what_has_ended_is_forgotten(store: SqliteStore, events: list[Event]) -> None:
    """With all that was noted; the key may be asked for as a new one."""
    await lived(store, "k", *events)
    assert await store.prune(LATER) == Pruned(attempts=1)
    assert await keys(store) == []
    await store.intend(intent())


@pytest.mark.parametrize("events", OPEN, ids=repr)
async def test_what_is_open_or_in_doubt_stays(store: SqliteStore, events: list[Event]) -> None:
    """However old it is: it may be paid, and nobody else remembers."""
    await lived(store, "k", *events)
    assert await store.prune(LATER) == Pruned()
    assert await keys(store) == ["k"]


@pytest.mark.parametrize(("at", "last"), [(LATER, LATER), (AT, LATER)], ids=["begun", "ended"])
async def test_what_is_younger_stays(store: SqliteStore, at: datetime, last: datetime) -> None:
    """The last word counts."""
    await lived(store, "k", Event.ACCEPTED, Event.SUCCEEDED, at=at, last=last)
    assert await store.prune(LATER) == Pruned()
    assert await store.prune(LATER + timedelta(microseconds=1)) == Pruned(attempts=1)


async def test_a_key_goes_with_all_its_attempts_or_not_at_all(store: SqliteStore) -> None:
    """Attempts are counted: without the first there would be no second."""
    await lived(store, "k", Event.REJECTED)
    await store.intend(evolve(intent(2), written_at=AT))
    assert await store.prune(LATER) == Pruned()
    await store.note(intent(2).token, Note(event=Event.SUCCEEDED, written_at=AT))
    assert await store.prune(LATER) == Pruned(attempts=2)


@pytest.mark.parametrize("root", ["order", f"{ANONYMOUS}7"])
async def test_a_key_stays_while_something_below_it_does(store: SqliteStore, root: str) -> None:
    """Whoever asks for the click again must not buy its parent again first."""
    await lived(store, root, Event.SUCCEEDED)
    await lived(store, f"{root}/U1", Event.SUCCEEDED)
    await lived(store, f"{root}/U2", Event.SUCCEEDED)
    await lived(store, f"{root}/U2/Zoom", Event.UNANSWERED)
    await lived(store, f"{root}s", Event.SUCCEEDED)
    assert await store.prune(LATER) == Pruned(attempts=2)
    assert await keys(store) == [root, f"{root}/U2", f"{root}/U2/Zoom"]


async def test_servers_are_apart(store: SqliteStore) -> None:
    """The same keys elsewhere are other tasks."""
    await lived(store, "k", Event.SUCCEEDED)
    await store.intend(evolve(intent(key="k/U1", namespace="https://other.example")))
    assert await store.prune(LATER) == Pruned(attempts=1)


async def test_many_keys_are_forgotten_a_few_at_a_time(store: SqliteStore) -> None:
    """None is left out at the seams."""
    for number in range(2 * MOST + 1):
        await lived(store, f"{number}", Event.REFUSED)
    assert await store.prune(LATER) == Pruned(attempts=2 * MOST + 1)
    assert await keys(store) == []


async def test_a_dry_run_counts_and_forgets_nothing(store: SqliteStore) -> None:
    """What it tells is what is forgotten then, of keys, runs and pictures."""
    await lived(store, "k", Event.SUCCEEDED)
    await lived(store, "k/U1", Event.ACCEPTED)
    await lived(store, "other", Event.FAILED)
    await a_run(store, "night", Event.FAILED)
    await a_run(store, "day", Event.ACCEPTED)
    await store.saved(SavedPicture(task_id="1", path="out/1.png", size=10, sha256="0" * 64))
    future = datetime.max.replace(tzinfo=AT.tzinfo)
    told = await store.prune(future, dry_run=True)
    assert told == Pruned(attempts=3, runs=1, marks=1, pictures=1)
    assert len(await keys(store)) == 7
    assert await store.prune(future) == told
    assert await store.prune(future, dry_run=True) == Pruned()


async def test_an_instant_without_a_time_zone_is_refused(store: SqliteStore) -> None:
    """Whose midnight would it be?"""
    with pytest.raises(InvalidInput, match="no time zone"):
        await store.prune(datetime(2026, 3, 1))


# --- runs -----------------------------------------------------------------------------------------


async def a_run(store: SqliteStore, name: str, *last: Event) -> None:
    """Write a run of two items of which the second ends so."""
    await store.begin(header(name))
    await lived(store, f"@{name}/1/a", Event.ACCEPTED, Event.SUCCEEDED)
    await store.mark(mark(f"@{name}/1/save"))
    await lived(store, f"@{name}/2/a", *last)


async def test_a_run_is_forgotten_as_a_whole(store: SqliteStore) -> None:
    """Header, attempts and marks; a run of a similar name stays."""
    await a_run(store, "night", Event.FAILED)
    await a_run(store, "night-2", Event.ACCEPTED)
    assert await store.prune(LATER) == Pruned(attempts=2, runs=1, marks=1)
    assert [one.name for one in await store.runs()] == ["night-2"]
    assert await keys(store) == ["@night-2/1/a", "@night-2/2/a"]
    assert len(await store.marks(BASE, "")) == 1


@pytest.mark.parametrize("events", OPEN, ids=repr)
async def test_a_run_stays_whole_while_anything_of_it_is_open(
    store: SqliteStore, events: list[Event]
) -> None:
    """Else a resumed run would buy again what has ended."""
    await a_run(store, "night", *events)
    assert await store.prune(LATER) == Pruned()
    assert len(await keys(store)) == 2


@pytest.mark.parametrize("what", ["header", "mark", "attempt", "note"])
async def test_a_run_stays_while_anything_of_it_is_young(store: SqliteStore, what: str) -> None:
    """Somebody is at work on it."""
    await a_run(store, "night", Event.SUCCEEDED)
    match what:
        case "header":
            await store.begin(evolve(header("night"), written_at=LATER))
        case "mark":
            await store.mark(evolve(mark("@night/2/save"), written_at=LATER))
        case "attempt":
            await lived(store, "@night/3/a", Event.REFUSED, at=LATER)
        case "note":
            await lived(store, "@night/3/a", Event.ACCEPTED, Event.FAILED, last=LATER)
    assert await store.prune(LATER) == Pruned()
    (pruned,) = [await store.prune(NOW)]
    assert pruned.runs == 1


async def test_a_run_stays_while_somebody_holds_it(store: SqliteStore) -> None:
    """Whoever goes on with an old run writes nothing at first, and has read what has ended."""
    await a_run(store, "night", Event.SUCCEEDED)
    await a_run(store, "other", Event.SUCCEEDED)
    lease = await store.take(lease_of_run(BASE, "night"), "me")
    assert lease is not None
    would = await store.prune(LATER, dry_run=True)
    assert await store.prune(LATER) == would == Pruned(runs=1, attempts=2, marks=1)
    assert await keys(store) == ["@night/1/a", "@night/2/a"]
    await store.release(lease)
    would = await store.prune(LATER, dry_run=True)
    assert await store.prune(LATER) == would == Pruned(runs=1, attempts=2, marks=1)


@pytest.mark.parametrize("name", ["100%", "a_b", "猫", "a/b"])
async def test_odd_names_are_names_like_others(store: SqliteStore, name: str) -> None:
    """Nothing in them means anything."""
    await a_run(store, name, Event.ACCEPTED)
    await lived(store, "@100x/1/a", Event.SUCCEEDED)
    await lived(store, "@axb/1/a", Event.SUCCEEDED)
    assert await store.prune(LATER) == Pruned(attempts=2)


async def test_leases_are_kept(store: SqliteStore) -> None:
    """Their epochs must never begin anew."""
    lease = await store.take("run/a", "me")
    assert lease is not None
    await store.release(lease)
    await store.prune(LATER)
    again = await store.take("run/a", "me")
    assert again is not None
    assert again.epoch == 2


# --- pictures, and the file -----------------------------------------------------------------------


async def test_pictures_are_forgotten_by_when_they_were_saved(store: SqliteStore) -> None:
    """The files themselves are nobody's business here."""
    saved = SavedPicture(task_id="1", path="out/1.png", size=10, sha256="0" * 64)
    await store.saved(saved)
    await store.saved(saved)
    assert await store.prune(AT) == Pruned()
    assert await store.prune(datetime.max.replace(tzinfo=AT.tzinfo)) == Pruned(pictures=1)


async def test_the_file_becomes_smaller(tmp_path: Path) -> None:
    """What is forgotten makes room on the disk."""
    path = tmp_path / "journal.db"
    async with opened(path) as store:
        for number in range(200):
            await lived(store, f"{number}", Event.ACCEPTED)
            said = Note(event=Event.SUCCEEDED, payload=b"x" * 5000, written_at=AT)
            await store.note(intent(key=f"{number}").token, said)
    before = path.stat().st_size
    async with opened(path) as store:
        await store.prune(LATER)
    assert path.stat().st_size < before / 5


async def test_a_file_that_cannot_shrink_is_pruned_all_the_same(tmp_path: Path) -> None:
    """Its room is used again."""
    path = tmp_path / "journal.db"
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()
    async with opened(path) as store:
        for number in range(50):
            await lived(store, f"{number}", Event.SUCCEEDED)
        async with asyncio.timeout(10):
            assert (await store.prune(LATER)).attempts == 50


# --- export ---------------------------------------------------------------------------------------


async def exported(store: SqliteStore) -> list[dict[str, Any]]:
    rows = [row async for row in store.export()]
    assert json.loads(json.dumps(rows)) == rows
    return rows


async def test_all_is_exported_as_plain_values(store: SqliteStore) -> None:
    """Payloads are read as JSON, and whatever else they are is kept in base64."""
    await store.begin(header(payload=b'{"steps": [1]}'))
    await lived(store, "@night-1/1/a")
    said = Note(event=Event.ACCEPTED, payload=b'{"ids":["7"]}', written_at=AT)
    await store.note(intent(key="@night-1/1/a").token, said)
    await store.mark(mark("@night-1/1/save", payload=b"\xff\x00"))
    await store.saved(SavedPicture(task_id="7", path="out/7.png", size=10, sha256="0" * 64))
    run, attempt, marked, picture = await exported(store)
    at = AT.isoformat()
    assert run == {
        "kind": "run",
        "namespace": BASE,
        "name": "night-1",
        "written_at": at,
        "payload": {"steps": [1]},
    }
    assert attempt == {
        "kind": "attempt",
        "namespace": BASE,
        "key": "@night-1/1/a",
        "attempt": 1,
        "token": intent(key="@night-1/1/a").token,
        "digest": "d" * 64,
        "written_at": at,
        "open": True,
        "request": {"prompt": "a cat 猫"},
        "notes": [{"event": "ACCEPTED", "written_at": at, "data": {"ids": ["7"]}}],
    }
    assert marked["payload"] == {"base64": "/wA="}
    assert {**picture, "written_at": ""} == {
        "kind": "picture",
        "task_id": "7",
        "path": "out/7.png",
        "size": 10,
        "sha256": "0" * 64,
        "written_at": "",
    }


async def test_an_empty_journal_has_nothing_to_export(store: SqliteStore) -> None:
    """Not even a header line."""
    assert await exported(store) == []


async def test_a_long_journal_is_exported_whole(store: SqliteStore) -> None:
    """Each attempt once, in order, also where keys were forgotten between them."""
    for number in range(450):
        await lived(store, f"{number}", Event.REFUSED if number % 3 else Event.ACCEPTED)
        await store.mark(mark(f"{number}"))
    await store.prune(LATER)
    rows = await exported(store)
    kept = [f"{number}" for number in range(0, 450, 3)]
    assert [row["key"] for row in rows if row["kind"] == "attempt"] == kept
    assert [row["key"] for row in rows if row["kind"] == "mark"] == [f"{n}" for n in range(450)]
    assert {len(row["notes"]) for row in rows if row["kind"] == "attempt"} == {1}


async def test_what_is_written_during_an_export_harms_nobody(store: SqliteStore) -> None:
    """A reader that takes its time holds nobody up."""
    for number in range(300):
        await store.intend(intent(key=f"{number}"))
    rows = store.export()
    first = await anext(rows)
    await store.intend(intent(key="late"))
    others = [row async for row in rows]
    assert [first["key"], *(row["key"] for row in others)][:300] == [f"{n}" for n in range(300)]
