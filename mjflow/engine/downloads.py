"""Brings finished pictures to disk: whole, once, with a sidecar, the most urgent link first."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import ExitStack, aclosing
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from mjflow.api import Api
from mjflow.engine.books import Books
from mjflow.engine.bounds import bounded
from mjflow.engine.clock import Clock
from mjflow.engine.links import NEVER, expires_at, gateway_link, is_video, links_of
from mjflow.engine.provenance import FIELDS, fields_of, told_of
from mjflow.engine.record import Record
from mjflow.engine.threads import in_thread
from mjflow.engine.turns import Turns
from mjflow.errors import (
    DownloadFailed,
    InvalidInput,
    MjflowError,
    NotAPicture,
    PictureBroken,
    PictureTooLarge,
    TransportError,
)
from mjflow.journal.store import SavedPicture
from mjflow.media.names import NameTemplate
from mjflow.media.sidecar import ENDING, render
from mjflow.media.store import Draft, Saved, replace_file
from mjflow.protocol.stages import ends_in_texts, stage_of
from mjflow.protocol.task import Task
from mjflow.timing.delays import backoff_delay
from mjflow.timing.limits import RequestBudget

#: What a file is called when nobody says: the button, or the act, and the task's id.
DEFAULT_NAME = "{button}-{id}"

#: Pictures fetched at once: image hosts throttle sooner than they saturate a line.
AT_ONCE = 8
#: Rounds over all links of a picture, as long as one of them failed by what may pass, and where
#: all that is against it is one answer of its host.  They last 15 s at least: a gateway answers
#: with 500 until its row of a dialog has heard of the picture, one refresh after the task's end.
ROUNDS, SECOND_THOUGHTS = 5, 2
#: Bytes gathered before a thread is asked to write them.
BLOCK = 512 * 1024

T = TypeVar("T")
#: What is done with the bytes behind a link; called once for each try.
Take = Callable[[str, AsyncIterator[bytes]], Awaitable[T]]


def name_template(name: str) -> NameTemplate:
    """
    Read a template for names of pictures.

    Raises:
        InvalidInput: It is malformed, names an unknown field, or leads out of the folder.
    """
    return NameTemplate.parse(name, known=FIELDS)


class Downloads:
    """
    Fetches the pictures of finished tasks.

    Args:
        budget: What looks are granted; to ask for fresh links is one.
    """

    def __init__(self, api: Api, books: Books, clock: Clock, budget: RequestBudget) -> None:
        self._api = api
        self._books = books
        self._clock = clock
        self._budget = budget
        self._turns = Turns(AT_ONCE)

    async def save(self, record: Record, folder: Path, template: NameTemplate) -> tuple[Saved, ...]:
        """
        Save all results of a record that ended in success, and a sidecar beside each.

        Raises:
            InvalidInput: It ended in texts; nothing was fetched.
            DownloadFailed: A picture could not be fetched whole; `PictureTooLarge` where it is
                larger than any of this family.
            CannotWrite: The folder or the disk would not take it.
        """
        saved: list[Saved] = []
        for one in record.children or (record,):
            saved += await self._save(one, folder, template)
        return tuple(saved)

    async def _save(self, record: Record, folder: Path, template: NameTemplate) -> list[Saved]:
        task = await self.linked(record)
        _refuse_texts(task)
        stem = template.fill(fields_of(record, task))
        places = range(len(links_of(task)) or 1)
        return [await self._save_one(record, task, n, folder, stem) for n in places]

    async def _save_one(
        self, record: Record, task: Task, place: int, folder: Path, stem: str
    ) -> Saved:
        async def keep(link: str, chunks: AsyncIterator[bytes]) -> tuple[Saved, str]:
            return await _write(chunks, folder, stem), link

        saved, url = await self.fetch(task, place, keep)
        file, whole = saved.path.name, saved.whole
        content = told_of(record, task, file=file, whole=whole, sha256=saved.sha256, url=url)
        await in_thread(replace_file, saved.path.with_name(file + ENDING), render(content))
        await self.note(task, saved)
        return saved

    async def note(self, task: Task, saved: Saved) -> None:
        """Write to the journal that a picture of a task is on disk."""
        await self._books.saved(
            SavedPicture(
                task_id=task.id, path=str(saved.path), size=saved.whole.size, sha256=saved.sha256
            )
        )

    # --- links, one after the other -------------------------------------------------------

    async def linked(self, record: Record) -> Task:
        """Return the task that a record ended with, read again if its link is missing."""
        assert record.task is not None
        task = record.task
        return task if links_of(task) or ends_in_texts(task) else await self._refreshed(task)

    async def fetch(self, task: Task, place: int, take: Take[T]) -> T:
        """
        Fetch one of a task's results when it is its turn, and give what `take` makes of it.

        All links are tried, and again after a while as long as one of them may yet work.

        Args:
            place: Which of `links_of` the task.
            take: Raises `PictureBroken` or `NotAPicture` where what came will not do.

        Raises:
            DownloadFailed: It could not be fetched whole.
        """
        links = links_of(task)
        async with self._turns.turn(expires_at(links[place]) if links else NEVER):
            return await self._fetch(task, place, take)

    async def _fetch(self, task: Task, place: int, take: Take[T]) -> T:
        attempt = 1
        while True:
            failures: list[MjflowError] = []
            async for link in self._links(task, place):
                try:
                    return await self._fetch_once(link, take)
                except PictureTooLarge as error:  # at another host it is no smaller
                    raise _failed(task, [error]) from error
                except (DownloadFailed, TransportError) as error:
                    failures.append(error)
            if attempt >= max(map(_rounds, failures), default=1):
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
        # Of a video the gateway itself has but a picture.
        if place == 0 and self._api.dialect.serves_images and not is_video(task):
            yield gateway_link(task)

    async def _refreshed(self, task: Task) -> Task:
        await self._clock.turn(self._budget)
        try:
            return await self._api.fetch(task.id)
        except MjflowError:
            return task

    async def _fetch_once(self, link: str, take: Take[T]) -> T:
        async with self._api.transport.download(link) as stream:
            if stream.status != 200:
                raise _Answered(stream.status, stream.retry_after)
            async with aclosing(bounded(stream)) as chunks:
                return await take(link, chunks)


class _Answered(DownloadFailed):
    """The host answers something else than a picture."""

    def __init__(self, status: int, retry_after: float | None) -> None:
        self.retry_after = retry_after
        self.busy = status == 429 or status >= 500
        super().__init__(f"its host answers {status}")


def _refuse_texts(task: Task) -> None:
    if ends_in_texts(task):
        place = "final_prompt" if task.final_prompt else "prompt"
        raise InvalidInput(
            f"task {task.id} is a {stage_of(task)}: it ended in texts, not in a picture",
            advice=f"They are in task.{place}.",
        )


def _rounds(failure: MjflowError) -> int:
    """Say how often to try where this is what goes wrong."""
    match failure:
        case PictureBroken() | TransportError() | _Answered(busy=True):
            return ROUNDS
        case _Answered() | NotAPicture():
            return SECOND_THOUGHTS
        case _:  # a link that may not be followed
            return 1


def _pause(attempt: int, failures: Sequence[MjflowError]) -> float:
    asked = [one.retry_after for one in failures if isinstance(one, _Answered)]
    told = min((seconds for seconds in asked if seconds), default=None)
    return backoff_delay(attempt, random.random(), retry_after=told)


def _failed(task: Task, failures: Sequence[MjflowError]) -> DownloadFailed:
    """Sum the failures up in one of the class of the first."""
    first = failures[0] if failures else DownloadFailed("the server names no picture")
    public = (NotAPicture, PictureBroken, PictureTooLarge)
    kind = type(first) if isinstance(first, public) else DownloadFailed
    failed = kind(f"the picture of task {task.id} could not be fetched: {first.message}")
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
