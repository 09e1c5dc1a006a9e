"""The journal in a file: the contract, what is written together, and what is not lost."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn

import pytest
from attrs import evolve

from mjflow.errors import CannotWrite, InvalidInput
from mjflow.fsm.events import Event
from mjflow.journal import attempts, desks, files
from mjflow.journal.sqlite import SqliteStore
from mjflow.journal.store import Attempt, AttemptExists, Lease, LeaseLost, SavedPicture
from mjflow.journal.transactions import Transactions, Work

from ..virtual import virtual_time
from .contract import BASE, StoreContract, intent, mark, note


class TestSqliteStore(StoreContract):
    """What every journal keeps."""

    @pytest.fixture(autouse=True)
    def _in_a_file(self, tmp_path: Path) -> None:
        self.path = tmp_path / "journal.db"

    def make(self) -> SqliteStore:
        return SqliteStore(self.path)


@asynccontextmanager
async def opened(path: Path) -> AsyncIterator[SqliteStore]:
    store = SqliteStore(path)
    await store.start()
    try:
        yield store
    finally:
        await store.aclose()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    async with opened(tmp_path / "journal.db") as store:
        yield store


@contextmanager
def locked(store: SqliteStore) -> Iterator[None]:
    """Hold the file as another process does that writes for long."""
    other = sqlite3.connect(store.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


@pytest.fixture
def batches(monkeypatch: pytest.MonkeyPatch) -> list[Sequence[Work[Any]]]:
    """What was done in one transaction each."""
    done: list[Sequence[Work[Any]]] = []
    run = Transactions.run

    def counting(self: Transactions, works: Sequence[Work[Any]]) -> list[Any]:
        done.append(works)
        return run(self, works)

    monkeypatch.setattr(Transactions, "run", counting)
    return done


async def soon(condition: Callable[[], bool]) -> None:
    """Wait for what happens in another thread."""
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.001)


def writes(store: SqliteStore) -> dict[str, Any]:
    """Every method that writes, by its name."""
    held = Lease(name="run/a", owner="me", epoch=1)
    return {
        "intend": lambda: store.intend(intent(key="new")),
        "note": lambda: store.note(intent().token, note(Event.ACCEPTED)),
        "saved": lambda: store.saved(SavedPicture(task_id="1", path="p", size=1, sha256="0")),
        "mark": lambda: store.mark(mark("@n/1/a")),
        "take": lambda: store.take("run/b", "me"),
        "renew": lambda: store.renew(held),
    }


# --- written together -----------------------------------------------------------------------------


async def test_what_waits_is_written_together(
    store: SqliteStore, batches: list[Sequence[Work[Any]]]
) -> None:
    """A hundred who write at once share a sync."""
    await asyncio.gather(*(store.intend(intent(key=f"{n}")) for n in range(100)))
    assert [len(works) for works in batches] == [100]


async def test_what_comes_during_a_write_is_written_next(
    store: SqliteStore, batches: list[Sequence[Work[Any]]]
) -> None:
    """The first waits for nobody; all who come meanwhile wait for one sync."""
    with locked(store):
        first = asyncio.ensure_future(store.intend(intent(key="first")))
        await soon(lambda: len(batches) == 1)
        others = [asyncio.ensure_future(store.intend(intent(key=f"{n}"))) for n in range(20)]
        await asyncio.sleep(0.01)
        assert [len(works) for works in batches] == [1]
    await asyncio.gather(first, *others)
    assert [len(works) for works in batches] == [1, 20]


async def test_replies_go_ahead_of_the_rest(
    store: SqliteStore, batches: list[Sequence[Work[Any]]]
) -> None:
    """What a server has said is written first, in the order in which it said so."""
    await store.intend(intent())
    batches.clear()
    said = [Event.UNANSWERED, Event.FOUND, Event.SUCCEEDED]
    await asyncio.gather(
        *(store.intend(intent(key=f"{n}")) for n in range(3)),
        store.mark(mark("m")),
        *(store.note(intent().token, note(event)) for event in said),
    )
    (works,) = batches
    functions = [getattr(work, "func", None) for work in works]
    assert functions[:3] == [attempts.note] * 3
    (attempt,) = await store.attempts(BASE, "k")
    assert [one.event for one in attempt.notes] == said


async def test_a_no_leaves_the_others_alone(
    store: SqliteStore, batches: list[Sequence[Work[Any]]]
) -> None:
    """Of one transaction some are refused, and the rest is written."""
    lost = Lease(name="run/a", owner="gone", epoch=1)
    results = await asyncio.gather(
        store.intend(intent(key="a")),
        store.intend(intent(key="a", token="again")),
        store.intend(evolve(intent(key="b"), lease=lost)),
        store.renew(lost),
        store.intend(intent(key="c")),
        return_exceptions=True,
    )
    assert [type(one) for one in results if one] == [AttemptExists, LeaseLost, LeaseLost]
    assert len(batches) == 1
    assert [one.intent.key for one in await store.open(BASE)] == ["a", "c"]


async def test_what_cannot_be_written_takes_nobody_with_it(store: SqliteStore) -> None:
    """A value that no file can hold is its own caller's trouble."""
    huge = SavedPicture(task_id="1", path="p", size=2**70, sha256="0")
    results = await asyncio.gather(
        store.intend(intent(key="a")),
        store.saved(huge),
        store.intend(intent(key="half of a pair: \ud83d")),
        store.note(intent(key="a").token, note(Event.ACCEPTED)),
        store.intend(intent(key="b")),
        return_exceptions=True,
    )
    assert [type(one) for one in results if one] == [OverflowError, UnicodeEncodeError]
    found = await store.open(BASE)
    assert [one.intent.key for one in found] == ["a", "b"]


async def test_two_with_one_token_are_a_bug_that_is_told(store: SqliteStore) -> None:
    """No note may find the wrong attempt; the file is not blamed for it."""
    await store.intend(intent(key="a", token="same"))
    with pytest.raises(sqlite3.IntegrityError):
        await store.intend(intent(key="b", token="same"))
    assert len(await store.open(BASE)) == 1


# --- cancelled ------------------------------------------------------------------------------------


async def test_an_intent_that_is_cancelled_in_the_queue_is_not_written(
    store: SqliteStore, batches: list[Sequence[Work[Any]]]
) -> None:
    """Nobody sends it."""
    with locked(store):
        first = asyncio.ensure_future(store.intend(intent(key="first")))
        await soon(lambda: len(batches) == 1)
        second = asyncio.ensure_future(store.intend(intent(key="second")))
        await asyncio.sleep(0)
        second.cancel()
        await asyncio.wait([second])
    await first
    await store.mark(mark("behind it"))
    assert [one.intent.key for one in await store.history(BASE, "")] == ["first"]


async def test_an_intent_that_is_cancelled_on_its_way_is_withdrawn(
    store: SqliteStore, batches: list[Sequence[Work[Any]]]
) -> None:
    """It may be on disk by then; no other life takes it for a request that was sent."""
    with locked(store):
        sending = asyncio.ensure_future(store.intend(intent()))
        await soon(lambda: len(batches) == 1)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
    await store.mark(mark("behind it"))
    (attempt,) = await store.attempts(BASE, "k")
    assert [one.event for one in attempt.notes] == [Event.WITHDRAWN]
    assert list(await store.open(BASE)) == []
    await store.intend(intent(2))


@pytest.mark.parametrize("busy", [False, True])
async def test_a_note_is_written_although_nobody_waits_for_it(
    store: SqliteStore, busy: bool, batches: list[Sequence[Work[Any]]]
) -> None:
    """What a server has said is never lost with the caller who heard it."""
    await store.intend(intent())
    with locked(store):
        if busy:
            other = asyncio.ensure_future(store.intend(intent(key="other")))
            await soon(lambda: len(batches) == 2)
        noting = asyncio.ensure_future(store.note(intent().token, note(Event.ACCEPTED)))
        await asyncio.sleep(0)
        noting.cancel()
        await asyncio.wait([noting])
    if busy:
        await other
    await store.aclose()
    await store.start()
    (attempt,) = await store.attempts(BASE, "k")
    assert [one.event for one in attempt.notes] == [Event.ACCEPTED]


async def test_an_answer_that_is_cancelled_in_the_queue_is_not_written(
    store: SqliteStore, batches: list[Sequence[Work[Any]]]
) -> None:
    """Nobody sends it, and the dialog is open for another one."""
    await store.intend(intent())
    with locked(store):
        waiting = asyncio.ensure_future(store.mark(mark("ahead")))
        await soon(lambda: len(batches) == 2)
        answering = asyncio.ensure_future(store.note(intent().token, note(Event.ANSWER_INTENT)))
        await asyncio.sleep(0)
        answering.cancel()
        await asyncio.wait([answering])
    await waiting
    await store.note(intent().token, note(Event.ANSWER_INTENT))
    (attempt,) = await store.attempts(BASE, "k")
    assert len(attempt.notes) == 1


# --- beside each other ----------------------------------------------------------------------------


async def test_a_lock_elsewhere_does_not_hold_up_the_loop_nor_reads(store: SqliteStore) -> None:
    """A write waits for another process, and everybody else goes on."""
    await store.intend(intent())
    with locked(store):
        waiting = asyncio.ensure_future(store.note(intent().token, note(Event.ACCEPTED)))
        assert len(await store.open(BASE)) == 1
        assert not waiting.done()
    await waiting


async def test_a_long_read_does_not_hold_up_replies(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody reads a whole journal, and a reply is on disk meanwhile."""
    await store.intend(intent())
    go, fetch = threading.Event(), attempts.fetch

    def slow(connection: sqlite3.Connection, which: attempts.Which) -> Sequence[Attempt]:
        go.wait(10)
        return fetch(connection, which)

    monkeypatch.setattr(attempts, "fetch", slow)
    reading = asyncio.ensure_future(store.history(BASE, ""))
    await asyncio.sleep(0)
    await store.note(intent().token, note(Event.ACCEPTED))
    assert not reading.done()
    go.set()
    (attempt,) = await reading
    assert len(attempt.notes) == 1


async def test_a_lock_that_lasts_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for ever; all who wait are told at once, and the next one is served."""
    monkeypatch.setattr(files, "PATIENCE", 0.05)
    async with opened(tmp_path / "journal.db") as store:
        with locked(store):
            tries = (store.intend(intent(key=f"{n}")) for n in range(30))
            results = await asyncio.gather(*tries, return_exceptions=True)
        assert {type(one) for one in results} == {CannotWrite}
        assert "another process" in str(results[0])
        assert list(await store.open(BASE)) == []
        await store.intend(intent(key="0"))


async def test_two_stores_on_one_file_see_each_other(store: SqliteStore) -> None:
    """What one has written the other knows at once; of two intents one is written."""
    async with opened(store.path) as other:
        both = [one.intend(intent(token=f"t{n}")) for n, one in enumerate([store, other] * 5)]
        results = await asyncio.gather(*both, return_exceptions=True)
        assert [type(one) for one in results if one] == [AttemptExists] * 9
        (attempt,) = await store.attempts(BASE, "k")
        await store.note(attempt.intent.token, note(Event.REJECTED))
        await other.intend(intent(2))
        mine = await store.take("run/a", "me")
        assert await other.lease("run/a") == mine
        assert await other.take("run/a", "you") is None


async def test_clocks_that_jump_do_not_matter(store: SqliteStore) -> None:
    """Order is the order of writing, whatever the clock says."""
    early = intent().written_at - timedelta(days=365)
    for number, at in enumerate([intent().written_at, early, intent().written_at]):
        await store.intend(evolve(intent(key=f"{number}"), written_at=at))
        await store.mark(evolve(mark(f"{number}"), written_at=at))
    await store.note(intent(key="1").token, note(Event.REJECTED))
    await store.note(intent(key="1").token, evolve(note(Event.ABSENT), written_at=early))
    assert [one.intent.key for one in await store.history(BASE, "")] == ["0", "1", "2"]
    assert [one.key for one in await store.marks(BASE, "")] == ["0", "1", "2"]
    (attempt,) = await store.attempts(BASE, "1")
    assert [one.event for one in attempt.notes] == [Event.REJECTED, Event.ABSENT]


@pytest.mark.parametrize(
    "which",
    [
        attempts.of_key(BASE, "k"),
        attempts.beginning(BASE, "@n/1/"),
        attempts.still_open(BASE),
    ],
    ids=lambda which: which.condition,
)
def test_no_read_goes_through_a_whole_journal(tmp_path: Path, which: attempts.Which) -> None:
    """What is asked for is found by an index that leads to it alone."""
    connection = files.open_to_write(tmp_path / "journal.db")
    statement = f"EXPLAIN QUERY PLAN SELECT * FROM attempts WHERE {which.condition}"
    plan = [row[3] for row in connection.execute(statement, which.values)]
    connection.close()
    narrow = ("(namespace=? AND key", "USING INTEGER PRIMARY KEY (rowid=?)")
    assert plan[0].startswith("SEARCH attempts")
    assert any(way in plan[0] for way in narrow)


# --- its life -------------------------------------------------------------------------------------


def threads() -> list[str]:
    return [one.name for one in threading.enumerate() if one.name.startswith("mjflow-journal")]


async def test_its_threads_end_with_it(tmp_path: Path) -> None:
    """One to write and one to read, as long as it is open."""
    before = len(threads())
    async with opened(tmp_path / "journal.db"):
        assert len(threads()) == before + 2
    assert len(threads()) == before


async def test_a_start_that_fails_leaves_no_thread(tmp_path: Path) -> None:
    """It may be tried again when the trouble is mended."""
    (tmp_path / "folder").mkdir()
    store, before = SqliteStore(tmp_path / "folder"), len(threads())
    with pytest.raises(CannotWrite):
        await store.start()
    await soon(lambda: len(threads()) == before)
    (tmp_path / "folder").rmdir()
    await store.start()
    await store.aclose()


async def test_a_start_that_is_cancelled_leaves_no_thread(tmp_path: Path) -> None:
    """Whoever interrupts it need not clean up."""
    store, before = SqliteStore(tmp_path / "journal.db"), len(threads())
    starting = asyncio.ensure_future(store.start())
    await asyncio.sleep(0)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    await soon(lambda: len(threads()) == before)
    assert store._desks.writer._transactions is None
    async with opened(store.path):
        pass


async def test_a_start_that_fails_halfway_leaves_no_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was opened first is closed."""
    store, before = SqliteStore(tmp_path / "journal.db"), len(threads())

    def failing(path: Path) -> NoReturn:
        raise CannotWrite(f"no second file handle for {path}")

    monkeypatch.setattr(desks, "open_to_read", failing)
    with pytest.raises(CannotWrite, match="no second"):
        await store.start()
    await soon(lambda: len(threads()) == before)
    with pytest.raises(InvalidInput, match="not open"):
        await store.intend(intent())


async def test_closing_writes_what_waits(tmp_path: Path) -> None:
    """Nobody awaits these, and all of them are on disk."""
    path = tmp_path / "journal.db"
    async with opened(path) as store:
        await store.intend(intent())
        noting = asyncio.ensure_future(store.note(intent().token, note(Event.ACCEPTED)))
        await asyncio.sleep(0)
    assert noting.done()
    async with opened(path) as store:
        (attempt,) = await store.attempts(BASE, "k")
        assert len(attempt.notes) == 1


async def test_a_cancelled_close_still_closes(store: SqliteStore) -> None:
    """What waits is written and the threads end, then the cancellation is heard."""
    await store.intend(intent())
    noting = asyncio.ensure_future(store.note(intent().token, note(Event.ACCEPTED)))
    await asyncio.sleep(0)
    with locked(store):
        closing = asyncio.ensure_future(store.aclose())
        await asyncio.sleep(0.01)
        closing.cancel()
        await asyncio.sleep(0.01)
        assert not closing.done()
    with pytest.raises(asyncio.CancelledError):
        await closing
    await noting
    assert threads() == []


@pytest.mark.parametrize("method", ["intend", "note", "saved", "mark", "take", "renew"])
async def test_a_closed_store_says_so(tmp_path: Path, method: str) -> None:
    """Neither before it was opened nor after it was closed does anything hang."""
    store = SqliteStore(tmp_path / "journal.db")
    with pytest.raises(InvalidInput, match="not open"):
        await writes(store)[method]()
    async with opened(store.path):
        pass
    with pytest.raises(InvalidInput, match="not open"):
        await store.open(BASE)


def test_one_store_serves_one_loop_after_the_other(tmp_path: Path) -> None:
    """A program may call `asyncio.run` more than once."""
    store = SqliteStore(tmp_path / "journal.db")

    async def live(number: int) -> int:
        await store.start()
        try:
            await asyncio.gather(*(store.intend(intent(key=f"{number}-{n}")) for n in range(3)))
            return len(await store.open(BASE))
        finally:
            await store.aclose()

    assert [asyncio.run(live(number)) for number in range(3)] == [3, 6, 9]


async def test_a_store_that_is_open_elsewhere_says_so(store: SqliteStore) -> None:
    """Another thread's loop cannot wait for what is resolved in this one."""

    def elsewhere() -> None:
        asyncio.run(store.start())

    with pytest.raises(InvalidInput, match="open in another event loop"):
        await asyncio.to_thread(elsewhere)
    await store.intend(intent())


def test_a_loop_that_ended_without_closing_is_forgotten(tmp_path: Path) -> None:
    """A store serves the next one all the same, with all that was written."""
    store = SqliteStore(tmp_path / "journal.db")

    async def torn() -> None:
        await store.start()
        await store.intend(intent())

    async def whole() -> int:
        await store.start()
        found = await store.open(BASE)
        await store.aclose()
        return len(found)

    asyncio.run(torn())
    left = store._desks.writer, store._desks.reader
    assert asyncio.run(whole()) == 1
    for desk in left:
        assert desk._thread is not None
        desk._thread.submit(desk._end).result()
        desk._thread.shutdown()


@virtual_time
async def test_writing_takes_no_virtual_time(tmp_path: Path) -> None:
    """A clock that leaps waits for the disk."""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(1e-3), opened(tmp_path / "journal.db") as store:
        await store.intend(intent())
        await store.note(intent().token, note(Event.ACCEPTED))
        assert len(await store.open(BASE)) == 1
    assert loop.time() == 0.0


def test_an_empty_path_is_refused() -> None:
    """It would be a journal that is gone with the process."""
    with pytest.raises(InvalidInput, match="path is empty"):
        SqliteStore("")


def test_it_shows_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The path stays the same when the program changes its folder."""
    monkeypatch.chdir(tmp_path)
    store = SqliteStore("journal.db")
    monkeypatch.chdir("/")
    assert repr(store) == f"SqliteStore({str(tmp_path / 'journal.db')!r})"
