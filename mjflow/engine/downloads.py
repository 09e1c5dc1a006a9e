"""Brings finished pictures to disk: whole, once, with a sidecar, the most urgent link first."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from mjflow._version import __version__
from mjflow.api import Api
from mjflow.engine.books import Books
from mjflow.engine.clock import Clock
from mjflow.engine.links import NEVER, expires_at, gateway_link, links_of
from mjflow.engine.record import Record
from mjflow.engine.resolve import button_name
from mjflow.engine.threads import in_thread
from mjflow.engine.turns import Turns
from mjflow.errors import DownloadFailed, MjflowError, PictureBroken, TransportError
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
#: Rounds over all links of a picture, as long as one of them failed by what may pass.
ROUNDS = 4
#: Bytes gathered before a thread is asked to write them.
BLOCK = 512 * 1024


def name_template(name: str) -> NameTemplate:
    """
    Read a template for names of pictures.

    Raises:
        InvalidInput: It is malformed, names an unknown field, or leads out of the folder.
    """
    return NameTemplate.parse(name, known=FIELDS)


class Downloads:
    """Fetches the pictures of finished tasks."""

    def __init__(self, api: Api, books: Books, clock: Clock) -> None:
        self._api = api
        self._books = books
        self._clock = clock
        self._turns = Turns(AT_ONCE)

    async def save(self, record: Record, folder: Path, template: NameTemplate) -> tuple[Saved, ...]:
        """
        Save all results of a record that ended in success, and a sidecar beside each.

        Raises:
            DownloadFailed: A picture could not be fetched whole.
            CannotWrite: The folder or the disk would not take it.
        """
        assert record.task is not None
        task = record.task if links_of(record.task) else await self._refreshed(record.task)
        stem = template.fill(_fields(record, task))
        places = range(len(links_of(task)) or 1)
        return tuple([await self._save_one(record, task, n, folder, stem) for n in places])

    async def _save_one(
        self, record: Record, task: Task, place: int, folder: Path, stem: str
    ) -> Saved:
        links = links_of(task)
        async with self._turns.turn(expires_at(links[place]) if links else NEVER):
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
        await in_thread(replace_file, beside, render(content))
        await self._books.saved(
            SavedPicture(
                task_id=task.id, path=str(saved.path), size=saved.whole.size, sha256=saved.sha256
            )
        )
        return saved

    # --- links, one after the other -------------------------------------------------------

    async def _fetch(self, task: Task, place: int, folder: Path, stem: str) -> tuple[Saved, str]:
        """Try all links, and again after a while as long as one of them may yet work."""
        attempt = 1
        while True:
            failures: list[MjflowError] = []
            async for link in self._links(task, place):
                try:
                    return await self._fetch_once(link, folder, stem), link
                except (DownloadFailed, TransportError) as error:
                    failures.append(error)
            if attempt == ROUNDS or not any(map(_may_pass, failures)):
                raise _failed(task, failures)
            await self._clock.sleep(_pause(attempt, failures))
            attempt += 1

    async def _links(self, task: Task, place: int) -> AsyncIterator[str]:
        """Yield the task's link unless it has run out, a fresh one, and the gateway's own."""
        tried = None
        known = links_of(task)
        if place < len(known) and expires_at(known[place]) > datetime.now(UTC):
            yield (tried := known[place])
        fresh = links_of(await self._refreshed(task))
        if place < len(fresh) and fresh[place] != tried:
            yield fresh[place]
        if place == 0 and self._api.dialect.serves_images:
            yield gateway_link(task)

    async def _refreshed(self, task: Task) -> Task:
        try:
            return await self._api.fetch(task.id)
        except MjflowError:
            return task

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


def _may_pass(failure: MjflowError) -> bool:
    """Whether the same link may work in a moment."""
    return isinstance(failure, _Busy | PictureBroken | TransportError)


def _pause(attempt: int, failures: Sequence[MjflowError]) -> float:
    asked = [one.retry_after for one in failures if isinstance(one, _Busy) and one.retry_after]
    return backoff_delay(attempt, random.random(), retry_after=min(asked, default=None))


def _failed(task: Task, failures: Sequence[MjflowError]) -> DownloadFailed:
    what = failures[0].message if failures else "the server names no picture"
    failed = DownloadFailed(f"the picture of task {task.id} could not be fetched: {what}")
    failed.__cause__ = failures[0] if failures else None
    return failed


async def _write(chunks: AsyncIterator[bytes], folder: Path, stem: str) -> Saved:
    """Write chunks to a draft in threads, and keep it if it is whole; else nothing is left."""
    drafts = ExitStack()
    try:
        draft = await in_thread(lambda: drafts.enter_context(Draft(folder, stem)))
        block = bytearray()
        async for chunk in chunks:
            block += chunk
            if len(block) >= BLOCK:
                await in_thread(draft.write, bytes(block))
                block.clear()
        await in_thread(draft.write, bytes(block))
        return await in_thread(draft.keep)
    finally:
        await in_thread(drafts.close)


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
