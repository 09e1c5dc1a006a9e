"""Many acts at once, as a client offers them: drawn lazily, handed out as they end."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable
from contextlib import aclosing
from typing import Any

from mjflow.acts import Acts
from mjflow.engine.engine import Engine
from mjflow.engine.race import Race, each
from mjflow.engine.record import Record
from mjflow.errors import InvalidInput
from mjflow.handle import TaskHandle

#: Handles that `as_completed` keeps open at once when the window sets no bound itself.
OPEN_AT_ONCE = 1000


class Many(Acts):
    """The part of a client that does many things at once."""

    _engine: Engine
    _open_at_once: int

    def map(
        self,
        prompts: Iterable[str] | AsyncIterable[str],
        *,
        then: Callable[[TaskHandle], TaskHandle] | None = None,
        limit: int | None = None,
        **options: Any,
    ) -> AsyncIterator[TaskHandle]:
        """
        Imagine every prompt, and yield handles in the order in which they get an outcome.

        Prompts are drawn only while fewer than `limit` tasks are open: a file of a million lines
        needs no million objects.  A failure is a value, as of `as_completed`.

        Args:
            then: Adds to each handle what is to follow, such as `lambda task: task.click("U1")`;
                what it returns is what is waited for.
            limit: By default the in-flight window when it is a fixed number, else 1,000.
            options: As of `imagine`.
        """

        async def handles() -> AsyncIterator[TaskHandle]:
            async for prompt in each(prompts):
                handle = self.imagine(prompt, **options)
                yield handle if then is None else then(handle)

        return self.as_completed(handles(), limit=limit)

    async def as_completed(
        self,
        handles: Iterable[TaskHandle] | AsyncIterable[TaskHandle],
        *,
        limit: int | None = None,
    ) -> AsyncIterator[TaskHandle]:
        """
        Yield handles in the order in which they get an outcome; a failure is a value here.

        Lazy: handles are drawn from the iterable only while fewer than `limit` of those drawn
        are open, so a million prompts never need a million handles.  What the iterable raises
        comes out here; the tasks drawn before go on.

        Args:
            limit: By default the in-flight window when it is a fixed number, else 1,000.
        """
        bound = self._open_at_once if limit is None else limit
        if bound < 1:
            raise InvalidInput(f"limit is {limit!r}; it must be at least 1")
        race = Race(self._engine.tracker, _record_of, bound)
        async with aclosing(race.run(each(handles))) as arrivals:
            async for handle in arrivals:
                yield handle


def _record_of(handle: TaskHandle) -> Record:
    if not isinstance(handle, TaskHandle):
        raise InvalidInput(
            f"as_completed() takes handles, not {type(handle).__name__!r}",
            advice="Give it what imagine() or click() returns, without awaiting it.",
        )
    return handle._record
