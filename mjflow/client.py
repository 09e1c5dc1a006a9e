"""The client: what users open, and what makes handles."""

from __future__ import annotations

import asyncio
import copy
from collections import Counter
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Mapping
from types import TracebackType
from typing import Any, Literal, Self

from attrs import frozen

from mjflow import config
from mjflow.api import Api
from mjflow.engine.act import ADMISSION_TIMEOUT, DEADLINE, Act, Attach, OnDialog, Options, changed
from mjflow.engine.downloads import DEFAULT_NAME
from mjflow.engine.engine import Engine, EngineSettings
from mjflow.engine.record import Record
from mjflow.engine.spend import Spent
from mjflow.errors import InvalidInput, MjflowError
from mjflow.fsm.states import State
from mjflow.handle import Folder, MaskLike, TaskHandle, answer
from mjflow.journal.memory import MemoryStore
from mjflow.journal.store import Store
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

#: Handles that `as_completed` keeps open at once when the window sets no bound itself.
OPEN_AT_ONCE = 1000


@frozen(kw_only=True)
class Statistics:
    """A client's books at one moment."""

    #: How many tasks are in each state now, and were in the states that end.
    states: Mapping[State, int]
    #: Looks sent so far.
    looks: int
    #: Seconds the last look was late.
    lag: float
    #: Tasks that hold a place in the in-flight window.
    in_flight: int
    #: The window's size; infinite when unbounded.
    window: float
    #: Why nothing is submitted just now; `None` while all is well.
    paused: MjflowError | None
    spent: Spent


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
            journal or MemoryStore(),
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
        clean, _ = tidy(prompt)
        request = Imagine(
            prompt=clean,
            base64_array=tuple(images),
            bot_type=bot_type,
            account_filter=account_filter,
            notify_hook=notify_hook,
            extra=extra or {},
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
        if isinstance(task, TaskHandle):
            return task.modal(prompt, mask)
        act = Act(what=Attach(task_id=task), answer=answer(prompt, mask), options=self._options)
        return self._attach(act, task)

    def attach(self, task_id: str, **options: Any) -> TaskHandle:
        """
        Watch a task that was submitted elsewhere, or that was lost; its dialogs are left to you.

        Raises (when awaited):
            TaskNotFound: The server denied knowing it for a minute.
        """
        if not task_id.strip():
            raise InvalidInput("the task id is empty")
        act = Act(what=Attach(task_id=task_id), options=changed(self._options, options))
        return self._attach(act, task_id)

    def _parent(self, task: TaskHandle | Task | str) -> TaskHandle:
        match task:
            case TaskHandle():
                return TaskHandle(self._engine, task._record, self._options)
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
        return self._handle(self._engine.intake.root(act, key))

    def _attach(self, act: Act, task_id: str) -> TaskHandle:
        self._engine.check_open()
        return self._handle(self._engine.intake.attach(act, task_id))

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
        return await self._engine.api.fetch(task_id)

    @property
    def tasks(self) -> tuple[TaskHandle, ...]:
        """Handles of all acts that have not ended, and of ended ones with a key of yours."""
        return tuple(self._handle(record) for record in self._engine.tracker)

    def statistics(self) -> Statistics:
        """Return the client's books as they stand."""
        engine = self._engine
        open_now = Counter(record.state for record in engine.tracker if record.outcome is None)
        ended = {state: n for state, n in engine.tracker.entered.items() if state in _COUNTED}
        return Statistics(
            states={**ended, **open_now},
            looks=engine.poller.looks,
            lag=engine.poller.lag,
            in_flight=engine.admission.window.taken,
            window=engine.admission.window.limit,
            paused=engine.admission.breaker.reason,
            spent=engine.spend.snapshot(),
        )

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
        are open, so a million prompts never need a million handles.

        Args:
            limit: By default the in-flight window when it is a fixed number, else 1,000.
        """
        bound = limit or self._open_at_once
        done: asyncio.Queue[TaskHandle] = asyncio.Queue()
        source = _draw(handles)
        open_now, exhausted = 0, False
        while True:
            while open_now < bound and not exhausted:
                handle = await anext(source, None)
                if handle is None:
                    exhausted = True
                    break
                open_now += 1
                handle.when_done(done.put_nowait)
            if not open_now:
                return
            finished = await done.get()
            open_now -= 1
            yield finished

    async def download(
        self, task: TaskHandle | Task | str, folder: Folder, *, name: str = DEFAULT_NAME
    ) -> tuple[Saved, ...]:
        """Wait for a task and save its pictures; as of `TaskHandle.download`."""
        return await self._parent(task).download(folder, name=name)


_COUNTED = frozenset(
    {
        State.SUCCESS,
        State.FAILURE,
        State.CANCEL,
        State.REFUSED,
        State.WITHDRAWN,
        State.LOST,
        State.IN_DOUBT,
    }
)


async def _draw(
    handles: Iterable[TaskHandle] | AsyncIterable[TaskHandle],
) -> AsyncIterator[TaskHandle]:
    """Go through handles from any kind of iterable."""
    if isinstance(handles, AsyncIterable):
        async for handle in handles:
            yield handle
    else:
        for handle in handles:
            yield handle


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
