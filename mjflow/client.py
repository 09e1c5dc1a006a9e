"""The client: what users open, and what makes handles."""

from __future__ import annotations

import copy
import logging
import os
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Mapping
from contextlib import aclosing
from types import MappingProxyType, TracebackType
from typing import Any, Literal, Self

from mjflow import config
from mjflow.api import Api
from mjflow.engine.act import ADMISSION_TIMEOUT, DEADLINE, Act, Attach, OnDialog, Options, changed
from mjflow.engine.downloads import DEFAULT_NAME
from mjflow.engine.engine import Engine, EngineSettings
from mjflow.engine.race import Race, each
from mjflow.engine.record import Record
from mjflow.engine.statistics import Statistics, statistics_of
from mjflow.errors import InvalidInput
from mjflow.handle import Folder, TaskHandle, answer
from mjflow.journal.memory import MemoryStore
from mjflow.journal.store import Store
from mjflow.media.masks import MaskLike
from mjflow.media.store import Saved
from mjflow.observers import Observer, Observers, logging_observers
from mjflow.protocol.dialect import GATEWAY, dialect_named
from mjflow.protocol.prices import DEFAULT, Prices
from mjflow.protocol.prompts import tidy
from mjflow.protocol.requests import Imagine, Mode
from mjflow.protocol.task import Task
from mjflow.timing.cadence import FixedTick
from mjflow.timing.limits import Window
from mjflow.transport.aiohttp import AiohttpTransport
from mjflow.transport.base import Timeouts, Transport

logger = logging.getLogger("mjflow")

#: Handles that `as_completed` keeps open at once when the window sets no bound itself.
OPEN_AT_ONCE = 1000
#: One for all prompts that wait.
_NO_EXTRA: Mapping[str, Any] = MappingProxyType({})


class Client:
    """
    A client for one server and one key; an async context manager.

    Args:
        base_url: Where the server is, without `/mj`; `None` takes `MJFLOW_BASE_URL`, else DeerAPI.
        api_key: `None` takes `MJFLOW_API_KEY`.  Sent to the base URL's own origin only.
        dialect: `"gateway"`, `"trueai"`, `"novicezk"`; `"auto"` takes `MJFLOW_DIALECT`, else
            the gateway's.
        mode: Speed mode, `"relax"`, `"fast"` or `"turbo"`; `None` leaves it to the server.
        journal: A `Store`; `None` keeps all in memory.
        max_in_flight: Tasks submitted and not ended at once; `"adaptive"` learns it from the
            server, `None` sets no bound.
        submit_rate: Submits per second at most.
        request_budget: Looks per second at most, whatever the number of tasks.
        poll_interval: Seconds between looks at a task; `None` takes the dialect's.
        deadline: Seconds from acceptance until a task counts as lost; `None` waits without end.
        admission_timeout: Seconds that a submit is tried again while the server has no room.
        on_dialog: `"auto"` answers dialogs with what the click brought, `"raise"` leaves them to
            you, a callable is asked.
        prices: What acts cost, for `statistics().spent`.
        observers: Called with every `Update`, on the event loop.
        transport: Another way to send requests; `None` uses aiohttp.
        timeouts: Seconds for each kind of request.
        speed: How many times faster than real time a simulator runs; 1 for real servers.

    Raises:
        InvalidInput: A setting is wrong; says which and why.
    """

    def __init__(
        self,
        base_url: str | None = None,
        api_key: str | None = None,
        *,
        dialect: str = "auto",
        mode: Mode | str | None = None,
        journal: Store | None = None,
        max_in_flight: int | Literal["adaptive"] | None = "adaptive",
        submit_rate: float | None = None,
        request_budget: float | None = 20.0,
        poll_interval: float | None = None,
        deadline: float | None = DEADLINE,
        admission_timeout: float | None = ADMISSION_TIMEOUT,
        on_dialog: OnDialog = "auto",
        prices: Prices = DEFAULT,
        observers: Iterable[Observer] = (),
        transport: Transport | None = None,
        timeouts: Timeouts = Timeouts(),  # noqa: B008
        speed: float = 1.0,
    ) -> None:
        settings = config.load(
            base_url=base_url,
            api_key=api_key,
            dialect=None if dialect == "auto" else dialect,
            mode=mode,
            poll_interval=poll_interval,
        )
        auto = settings.dialect == config.AUTO
        spoken = GATEWAY if auto else dialect_named(settings.dialect)
        sender = transport or AiohttpTransport(
            settings.base_url,
            settings.api_key.reveal(),
            auth=spoken.auth,
            timeouts=timeouts,
        )
        self._engine = Engine(
            Api(sender, spoken),
            _store(settings.journal if journal is None else journal),
            Observers((*logging_observers(), *observers)),
            EngineSettings(
                namespace=settings.base_url,
                cadence=FixedTick(settings.poll_interval or spoken.poll_interval),
                window=_window(max_in_flight),
                submit_rate=submit_rate,
                request_budget=request_budget,
                prices=prices,
                speed=speed,
            ),
        )
        self._open_at_once = max_in_flight if isinstance(max_in_flight, int) else OPEN_AT_ONCE
        self._options = Options(
            mode=settings.mode,
            deadline=deadline,
            admission_timeout=admission_timeout,
            on_dialog=on_dialog,
        )

    # --- life -----------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        await self._engine.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Send nothing new, wait for answers to what is on the wire, end every wait."""
        await self._engine.__aexit__(kind, error, trace)

    def with_options(self, **options: Any) -> Client:
        """
        Return a view of this client with other defaults; both share one engine.

        Args:
            options: `mode`, `deadline`, `admission_timeout`, `on_dialog`.
        """
        view = copy.copy(self)
        view._options = changed(self._options, options)
        return view

    # --- acts -----------------------------------------------------------------------------

    def imagine(
        self,
        prompt: str,
        *,
        images: Iterable[str] = (),
        bot_type: str | None = None,
        account_filter: Mapping[str, Any] | None = None,
        key: str | None = None,
        state: str = "",
        notify_hook: str | None = None,
        extra: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> TaskHandle:
        """
        Draw a grid of four from a prompt; returns at once with a handle to await.

        Args:
            images: Reference pictures as data URLs.
            bot_type: `"MID_JOURNEY"` or `"NIJI_JOURNEY"`; the server's default if `None`.
            key: Makes the call idempotent: the same key is the same task, never a second one.
            state: Your own text, echoed by the server as `task.state`.
            notify_hook: A URL for the server to call; many gateways drop it.
            extra: Fields of one vendor, passed on as they are.
            options: `mode`, `deadline`, `admission_timeout`, `on_dialog`: as of the client.

        Raises:
            InvalidInput: The prompt is empty, or an option is wrong; nothing is sent.
            KeyConflict: The key stands for another request.
        """
        clean, notes = tidy(prompt)
        for note in notes:
            logger.warning("%s", note)
        request = Imagine(
            prompt=clean,
            base64_array=tuple(images),
            bot_type=bot_type,
            account_filter=account_filter,
            notify_hook=notify_hook,
            extra=extra or _NO_EXTRA,
        )
        act = Act(what=request, options=changed(self._options, options), state=state)
        return self._begin(act, key)

    def click(self, task: TaskHandle | Task | str, button: str, **options: Any) -> TaskHandle:
        """Press a button of a task, given as a handle, a finished task or an id."""
        return self._parent(task).click(button, **options)

    def change(
        self, task: TaskHandle | Task | str, action: str, index: int = 1, **options: Any
    ) -> TaskHandle:
        """Make the classic call: `UPSCALE`, `VARIATION` or `REROLL`, on which of the four."""
        return self._parent(task).change(action, index, **options)

    def modal(
        self, task: TaskHandle | str, prompt: str = "", mask: MaskLike | None = None
    ) -> TaskHandle:
        """Answer the dialog of a task that waits for it; returns a handle of that task."""
        given = answer(prompt, mask)
        handle = task if isinstance(task, TaskHandle) else self.attach(task)
        self._engine.answer(handle._record, given)
        return handle

    def attach(self, task_id: str, **options: Any) -> TaskHandle:
        """
        Watch a task that was submitted elsewhere, or that was lost; its dialogs are left to you.

        An id that is watched already is not looked at twice, and the latest deadline counts.

        Raises (when awaited):
            TaskNotFound: The server denied knowing it for a minute.
        """
        self._engine.check_open()
        if not task_id.strip():
            raise InvalidInput("the task id is empty")
        act = Act(what=Attach(task_id=task_id), options=changed(self._options, options))
        return self._handle(self._engine.attach(act, task_id))

    def _parent(self, task: TaskHandle | Task | str) -> TaskHandle:
        match task:
            case TaskHandle():
                return task._seen_by(self._options)
            case Task() if task.ended:
                act = Act(what=Attach(task_id=task.id), options=self._options)
                return self._handle(self._engine.intake.adopt(act, task))
            case Task():
                return self.attach(task.id)
            case str():
                return self.attach(task)

    def _begin(self, act: Act, key: str | None) -> TaskHandle:
        self._engine.check_open()
        self._engine.api.dialect.prefix(act.options.mode)  # raises for a mode it does not know
        record = self._engine.intake.root(act, key)
        return TaskHandle(self._engine, record, act.options)

    def _handle(self, record: Record) -> TaskHandle:
        return TaskHandle(self._engine, record, self._options)

    # --- reading --------------------------------------------------------------------------

    async def get(self, task_id: str) -> Task:
        """
        Read a task once, without watching it.

        Raises:
            TaskNotFound: The server does not know it.
            NotAuthorized, TransportError: It could not be read.
        """
        self._engine.check_open()
        return await self._engine.api.fetch(task_id)

    @property
    def tasks(self) -> tuple[TaskHandle, ...]:
        """Handles of all acts that have not ended, and of ended ones with a key of yours."""
        return tuple(self._handle(record) for record in self._engine.tracker)

    def statistics(self) -> Statistics:
        """Return the client's books as they stand."""
        return statistics_of(self._engine)

    # --- many at once ---------------------------------------------------------------------

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

    async def download(
        self, task: TaskHandle | Task | str, folder: Folder, *, name: str = DEFAULT_NAME
    ) -> tuple[Saved, ...]:
        """Wait for a task and save its pictures; as of `TaskHandle.download`."""
        return await self._parent(task).download(folder, name=name)


def _store(journal: Store | str | None) -> Store:
    if isinstance(journal, str | os.PathLike):
        raise InvalidInput(
            f"a journal in a file is not there yet: {os.fspath(journal)!r}",
            advice="This release keeps its journal in memory: unset MJFLOW_JOURNAL, give no path.",
        )
    return MemoryStore() if journal is None else journal


def _record_of(handle: TaskHandle) -> Record:
    if not isinstance(handle, TaskHandle):
        raise InvalidInput(
            f"as_completed() takes handles, not {type(handle).__name__!r}",
            advice="Give it what imagine() or click() returns, without awaiting it.",
        )
    return handle._record


def _window(max_in_flight: int | Literal["adaptive"] | None) -> Window:
    match max_in_flight:
        case None:
            return Window.unbounded()
        case "adaptive":
            return Window.adaptive()
        case int():
            return Window.fixed(max_in_flight)
        case _:
            raise InvalidInput(
                f'max_in_flight is a number, "adaptive" or None, not {max_in_flight!r}'
            )
