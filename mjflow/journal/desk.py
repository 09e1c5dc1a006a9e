"""
A thread with a connection of its own, and the work that waits for it.

All that waits goes into one transaction, so that a hundred writes cost one sync.  What waits is
kept on the event loop's side: there is no lock, and one wake-up for all that was done.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

from attrs import define

from mjflow.errors import InvalidInput
from mjflow.journal.transactions import Transactions, Work

T = TypeVar("T")


@define(eq=False)
class _Job:
    work: Work[Any]
    answer: asyncio.Future[Any]
    #: Whether it is done although nobody waits for it any more.
    lasting: bool

    @property
    def wanted(self) -> bool:
        return self.lasting or not self.answer.cancelled()

    def resolve(self, answer: Any) -> None:
        if self.answer.done():
            return  # whoever asked was cancelled meanwhile
        if isinstance(answer, BaseException):
            self.answer.set_exception(answer)
        else:
            self.answer.set_result(answer)


class Desk:
    """
    Does work in the order in which it comes, in one thread.

    Args:
        connect: Opens the connection; called in that thread.
    """

    def __init__(self, connect: Callable[[], Transactions]) -> None:
        self._connect = connect
        self._transactions: Transactions | None = None
        self._thread: ThreadPoolExecutor | None = None
        #: Ahead of the rest.
        self._first: deque[_Job] = deque()
        self._rest: deque[_Job] = deque()
        #: Resolved when nothing is left to be done; `None` while nothing is.
        self._idle: asyncio.Future[None] | None = None

    # --- life -----------------------------------------------------------------------------

    async def open(self) -> None:
        """Start the thread and open its connection; raises what `connect` raises."""
        self._loop = asyncio.get_running_loop()
        thread = ThreadPoolExecutor(1, thread_name_prefix="mjflow-journal")
        try:
            await self._loop.run_in_executor(thread, self._begin)
        except BaseException:
            thread.submit(self._end)  # behind a connecting that was cancelled, and goes on
            thread.shutdown(wait=False)
            raise
        self._thread = thread

    async def close(self) -> None:
        """Do what still waits, then close the connection and end the thread."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        try:
            if self._idle is not None:
                await _outlasting(self._idle)
        finally:
            await _outlasting(self._loop.run_in_executor(thread, self._end))
            thread.shutdown()

    def _begin(self) -> None:
        self._transactions = self._connect()

    def _end(self) -> None:
        transactions, self._transactions = self._transactions, None
        if transactions is not None:
            with suppress(sqlite3.Error):
                transactions.connection.close()

    # --- work -----------------------------------------------------------------------------

    def put(
        self, work: Work[T], *, first: bool = False, lasting: bool = False
    ) -> asyncio.Future[T]:
        """
        Have work done, together with all that waits; its answer is given when it is committed.

        Args:
            first: Ahead of what is not.
            lasting: Also if its answer is cancelled before it was begun.

        Raises:
            InvalidInput: The journal is not open.
        """
        if self._thread is None:
            raise InvalidInput(
                "the journal is not open", advice="Open its client, or await its start(), first."
            )
        job = _Job(work, self._loop.create_future(), lasting)
        (self._first if first else self._rest).append(job)
        if self._idle is None:
            self._idle = self._loop.create_future()
            self._loop.call_soon(self._next, self._thread)
        return job.answer

    def _next(self, thread: ThreadPoolExecutor) -> None:
        """Send all that waits to the thread."""
        jobs = [job for job in (*self._first, *self._rest) if job.wanted]
        self._first.clear()
        self._rest.clear()
        if jobs:
            batch = self._loop.run_in_executor(thread, self._run, [job.work for job in jobs])
            batch.add_done_callback(partial(self._done, thread, jobs))
        elif self._idle is not None:
            self._idle.set_result(None)
            self._idle = None

    def _run(self, works: Sequence[Work[Any]]) -> list[Any]:
        assert self._transactions is not None
        return self._transactions.run(works)

    def _done(
        self, thread: ThreadPoolExecutor, jobs: Sequence[_Job], batch: asyncio.Future[list[Any]]
    ) -> None:
        error = batch.exception()
        answers = batch.result() if error is None else [error] * len(jobs)
        for job, answer in zip(jobs, answers, strict=True):
            job.resolve(answer)
        self._next(thread)


async def _outlasting(future: asyncio.Future[None]) -> None:
    """Wait for what must not be torn; a cancellation meanwhile is raised behind it."""
    cancelled = None
    while not future.done():
        try:
            await asyncio.shield(future)
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled
