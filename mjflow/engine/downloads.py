"""Brings finished pictures to disk: whole, once, with a sidecar, the most urgent link first."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from heapq import heappop, heappush
from itertools import count
from pathlib import Path

from mjflow._version import __version__
from mjflow.api import Api
from mjflow.engine.books import Books
from mjflow.engine.clock import Clock
from mjflow.engine.links import expires_at, gateway_link, links_of
from mjflow.engine.record import Record
from mjflow.engine.resolve import button_name
from mjflow.errors import DownloadFailed, MjflowError, NoReply, PictureBroken, Unreachable
from mjflow.journal.store import SavedPicture
from mjflow.media.names import NameTemplate
from mjflow.media.sidecar import ENDING, Ancestor, render, sidecar
from mjflow.media.store import Draft, Saved, replace_file
from mjflow.protocol.task import Task
from mjflow.timing.delays import backoff_delay

#: What a file is called when nobody says: the button, or the act, and the task's id.
DEFAULT_NAME = "{button}-{id}"
#: Fields of a name template.
FIELDS = ("id", "button", "action", "prompt", "key", "parent")

#: Pictures fetched at once: image hosts throttle sooner than they saturate a line.
AT_ONCE = 8
#: Tries per link, for what broke on the way.
TRIES = 4
#: Bytes gathered before a thread is asked to write them.
BLOCK = 512 * 1024


class Downloads:
    """Fetches the pictures of finished tasks."""

    def __init__(self, api: Api, books: Books, clock: Clock) -> None:
        self._api = api
        self._books = books
        self._clock = clock
        self._turns = _Turns(AT_ONCE)

    async def save(self, record: Record, folder: Path, name: str) -> tuple[Saved, ...]:
        """
        Save all results of a record that ended in success, and a sidecar beside each.

        Raises:
            DownloadFailed: A picture could not be fetched whole.
            CannotWrite: The folder or the disk would not take it.
            InvalidInput: The name template is wrong.
        """
        template = NameTemplate.parse(name, known=FIELDS)
        task = record.task
        assert task is not None
        stem = template.fill(_fields(record, task))
        if not links_of(task):
            task = await self._api.fetch(task.id)
        links = links_of(task) or (gateway_link(task),)
        return tuple(
            [await self._save_one(record, task, place, folder, stem) for place in range(len(links))]
        )

    async def _save_one(
        self, record: Record, task: Task, place: int, folder: Path, stem: str
    ) -> Saved:
        links = links_of(task)
        urgent = expires_at(links[place]) if links else datetime.now(UTC)
        async with self._turns.turn(urgent):
            saved, url = await self._fetch(task, place, folder, stem)
        content = sidecar(
            task,
            lineage=lineage(record),
            button=button_name(record.button, record.act) or None,
            mode=record.act.options.mode,
            file=saved.path.name,
            whole=saved.whole,
            sha256=saved.sha256,
            saved_at=datetime.now(UTC),
            url=url,
            version=__version__,
        )
        beside = saved.path.with_name(saved.path.name + ENDING)
        await asyncio.to_thread(replace_file, beside, render(content))
        await self._books.saved(
            SavedPicture(
                task_id=task.id, path=str(saved.path), size=saved.whole.size, sha256=saved.sha256
            )
        )
        return saved

    # --- links, one after the other -------------------------------------------------------

    async def _fetch(self, task: Task, place: int, folder: Path, stem: str) -> tuple[Saved, str]:
        """Try the task's link, a fresh one, and the gateway's own; the first error counts."""
        first: MjflowError | None = None
        async for link in self._links(task, place):
            try:
                return await self._persist(link, folder, stem), link
            except (DownloadFailed, NoReply, Unreachable) as error:
                first = first or error
        raise DownloadFailed(
            f"the picture of task {task.id} could not be fetched: {first.message if first else ''}"
        ) from first

    async def _links(self, task: Task, place: int) -> AsyncIterator[str]:
        known = links_of(task)
        tried = set()
        if place < len(known) and expires_at(known[place]) > datetime.now(UTC):
            tried.add(known[place])
            yield known[place]
        try:
            fresh = links_of(await self._api.fetch(task.id))
        except MjflowError:
            fresh = ()
        if place < len(fresh) and fresh[place] not in tried:
            yield fresh[place]
        if place == 0 and self._api.dialect.serves_images:
            yield gateway_link(task)

    async def _persist(self, link: str, folder: Path, stem: str) -> Saved:
        """Fetch one link, again after what broke on the way."""
        for attempt in count(1):
            try:
                return await self._fetch_once(link, folder, stem)
            except (PictureBroken, NoReply, _Busy) as error:
                if attempt == TRIES:
                    raise
                asked = error.retry_after if isinstance(error, _Busy) else None
                delay = backoff_delay(attempt, random.random(), retry_after=asked)
                await self._clock.sleep(delay)
        raise AssertionError("count() never ends")

    async def _fetch_once(self, link: str, folder: Path, stem: str) -> Saved:
        async with self._api.transport.download(link) as stream:
            if stream.status == 429 or stream.status >= 500:
                raise _Busy(stream.status, stream.retry_after)
            if stream.status != 200:
                raise DownloadFailed(f"its host answers {stream.status}")
            return await _write(stream.chunks(), folder, stem)


class _Busy(DownloadFailed):
    """The host answers that it cannot just now."""

    def __init__(self, status: int, retry_after: float | None) -> None:
        self.retry_after = retry_after
        super().__init__(f"its host answers {status}")


async def _write(chunks: AsyncIterator[bytes], folder: Path, stem: str) -> Saved:
    """Write chunks to a draft in threads, and keep it if it is whole."""
    draft = await asyncio.to_thread(Draft, folder, stem)
    try:
        block = bytearray()
        async for chunk in chunks:
            block += chunk
            if len(block) >= BLOCK:
                await asyncio.to_thread(draft.write, bytes(block))
                block.clear()
        await asyncio.to_thread(draft.write, bytes(block))
        return await asyncio.to_thread(draft.keep)
    finally:
        await asyncio.shield(asyncio.to_thread(draft.discard))


def lineage(record: Record) -> list[Ancestor]:
    """List the tasks a record descends from, the root first."""
    line: list[Ancestor] = []
    parent = record.parent
    while parent is not None:
        task = parent.task
        name = button_name(parent.button, parent.act) or None
        line.append(Ancestor(parent.id or "", task.action if task else "", name))
        parent = parent.parent
    return line[::-1]


def _fields(record: Record, task: Task) -> dict[str, object]:
    return {
        "id": task.id,
        "button": button_name(record.button, record.act) or task.action.lower() or "task",
        "action": task.action.lower(),
        "prompt": task.prompt,
        "key": record.key,
        "parent": record.parent.id if record.parent else "",
    }


class _Turns:
    """A bounded number of turns, given to whoever's link runs out first."""

    def __init__(self, free: int) -> None:
        self._free = free
        self._order = count()
        self._waiting: list[tuple[datetime, int, asyncio.Future[None]]] = []

    @asynccontextmanager
    async def turn(self, urgent: datetime) -> AsyncIterator[None]:
        """Hold a turn; the earlier `urgent`, the sooner it comes."""
        if self._free:
            self._free -= 1
        else:
            await self._wait(urgent)
        try:
            yield
        finally:
            self._give()

    async def _wait(self, urgent: datetime) -> None:
        mine = asyncio.get_running_loop().create_future()
        heappush(self._waiting, (urgent, next(self._order), mine))
        try:
            await mine
        except asyncio.CancelledError:
            if mine.done() and not mine.cancelled():
                self._give()
            raise

    def _give(self) -> None:
        while self._waiting:
            _, _, waiting = heappop(self._waiting)
            if not waiting.done():
                waiting.set_result(None)
                return
        self._free += 1
