"""The client: what users open, and what makes handles."""

from __future__ import annotations

import copy
import os
from collections.abc import AsyncIterator, Iterable, Mapping
from types import TracebackType
from typing import Any, Literal, Self

from mjflow import config
from mjflow.acts import id_of
from mjflow.api import Api
from mjflow.engine.act import (
    ADMISSION_TIMEOUT,
    ATTACH,
    DEADLINE,
    STALL_AFTER,
    Act,
    OnDialog,
    Options,
    changed,
)
from mjflow.engine.collisions import collisions_named
from mjflow.engine.downloads import DEFAULT_NAME
from mjflow.engine.engine import Engine
from mjflow.engine.feed import CrowdFeed
from mjflow.engine.lanes import Lanes, MaxInFlight
from mjflow.engine.record import Record
from mjflow.engine.roots import upload_of
from mjflow.engine.settings import EngineSettings
from mjflow.engine.splits import DEFAULT_NAME as CELL_NAME
from mjflow.engine.statistics import Statistics, statistics_of
from mjflow.flow.running.runs import Runs
from mjflow.handle import Folder, TaskHandle, answer
from mjflow.journal.memory import MemoryStore
from mjflow.journal.sqlite import SqliteStore
from mjflow.journal.store import Store
from mjflow.many import OPEN_AT_ONCE, Many
from mjflow.media.inputs import ImageLike
from mjflow.media.masks import MaskLike
from mjflow.media.store import Saved
from mjflow.observers import Observer, Observers, Update
from mjflow.protocol.checks import check_id
from mjflow.protocol.dialect import GATEWAY, dialect_at, dialect_named
from mjflow.protocol.prices import DEFAULT, Prices
from mjflow.protocol.requests import Mode
from mjflow.protocol.task import Task
from mjflow.transport.aiohttp import AiohttpTransport
from mjflow.transport.base import Timeouts, Transport


class Client(Runs, Many):
    """
    A client for one server and one key; an async context manager.

    Args:
        base_url: Where the server is, without `/mj`; `None` takes `MJFLOW_BASE_URL`, else DeerAPI.
        api_key: `None` takes `MJFLOW_API_KEY`.  Sent to the base URL's own origin only.
        dialect: `"gateway"`, `"trueai"`, `"novicezk"`; `"auto"` takes `MJFLOW_DIALECT`, else
            finds it out by a free question before the first act.
        mode: Speed mode, `"relax"`, `"fast"` or `"turbo"`; `None` leaves it to the server.
        journal: Path of the file that remembers what was paid for, see `docs/howto/journal.md`,
            or `"memory"`; or a `Store`.  `None` takes `MJFLOW_JOURNAL`, else keeps all in memory.
        max_in_flight: Tasks submitted and not ended at once; `"adaptive"` learns it from the
            server, `None` sets no bound.  A mapping such as `{"turbo": 3, "fast": 12}` has a bound
            for each speed mode; what it does not name shares the lane `"default"`.
        spill_over: Whether an act goes down from turbo to fast to relax, instead of waiting, when
            there is no room in its own mode.
        collisions: `"serialise"` has no two identical acts in flight at once, for servers that mix
            up their pictures; `"allow"` takes no care.
        submit_rate: Submits per second at most.
        request_budget: Looks per second at most, whatever the number of tasks.
        poll_interval: Seconds between looks at a task; `None` takes the dialect's.
        deadline: Seconds from acceptance until a task counts as lost; `None` waits without end.
        admission_timeout: Seconds that a submit is tried again while the server has no room.
        stall_after: Seconds without a change of status or progress after which readers of events
            are told, once; `None` never tells.
        on_dialog: `"auto"` answers dialogs with what the click brought, `"raise"` leaves them to
            you, a callable is asked.
        prices: What acts cost, for `statistics().spent`.
        observers: Called with every `Update`, on the event loop; a `close` that one has is called
            when the client has closed.
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
        journal: Store | str | os.PathLike[str] | None = None,
        max_in_flight: MaxInFlight = "adaptive",
        spill_over: bool = False,
        collisions: Literal["allow", "serialise"] = "allow",
        submit_rate: float | None = None,
        request_budget: float | None = 20.0,
        poll_interval: float | None = None,
        deadline: float | None = DEADLINE,
        admission_timeout: float | None = ADMISSION_TIMEOUT,
        stall_after: float | None = STALL_AFTER,
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
        known = dialect_at(settings.base_url) if auto else dialect_named(settings.dialect)
        spoken = known or GATEWAY  # until it is found out
        sender = transport or AiohttpTransport(
            settings.base_url,
            settings.api_key.reveal(),
            auth=spoken.auth,
            timeouts=timeouts,
        )
        self._engine = Engine(
            Api(sender, spoken),
            _store(settings.journal if journal is None else journal),
            Observers(observers),
            EngineSettings(
                namespace=settings.base_url,
                dialect=known,
                keyless=not settings.api_key,
                poll_interval=settings.poll_interval,
                lanes=Lanes(max_in_flight),
                collisions=collisions_named(collisions),
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
            stall_after=stall_after,
            on_dialog=on_dialog,
            spill_over=spill_over,
        )
        #: One act for all tasks that are attached as this client's options say.
        self._attaching = Act(what=ATTACH, options=self._options)

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
            options: `mode`, `deadline`, `admission_timeout`, `stall_after`, `on_dialog`,
                `spill_over`, `caller`.
        """
        view = copy.copy(self)
        view._options = changed(self._options, options)
        view._attaching = Act(what=ATTACH, options=view._options)
        return view

    # --- acts -----------------------------------------------------------------------------

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

        Raises:
            InvalidInput: No server has such an id.
            TaskNotFound: When awaited: the server denied knowing it for a minute.
        """
        self._engine.check_open()
        check_id(task_id)
        act = self._attaching
        if options:
            act = Act(what=ATTACH, options=changed(self._options, options))
        return self._handle(self._engine.attach(act, task_id))

    def _parent(self, task: TaskHandle | Task | str) -> TaskHandle:
        match task:
            case TaskHandle():
                return task._seen_by(self._options)
            case Task() if task.ended:
                act = Act(what=ATTACH, options=self._options)
                return self._handle(self._engine.intake.adopt(act, task))
            case Task():
                return self.attach(task.id)
            case str():
                return self.attach(task)

    def _begin(self, act: Act, key: str | None) -> TaskHandle:
        self._engine.check_open()
        self._engine.check_mode(act.options.mode)
        record = self._engine.intake.root(act, key)
        return TaskHandle(self._engine, record, act.options)

    def _handle(self, record: Record) -> TaskHandle:
        return TaskHandle(self._engine, record, self._options)

    # --- reading --------------------------------------------------------------------------

    async def dialect(self) -> str:
        """
        Return which kind of server this is: `"gateway"`, `"trueai"` or `"novicezk"`.

        Where that is not known yet it is asked for, by a read that costs nothing.

        Raises:
            NotAuthorized, TransportError: The key or the address is wrong.
        """
        return (await self._engine.ready()).name

    async def get(self, task_id: str) -> Task:
        """
        Read a task once, without watching it.

        Raises:
            TaskNotFound: The server does not know it.
            NotAuthorized, TransportError: It could not be read.
        """
        await self._engine.ready()
        return await self._engine.api.fetch(task_id)

    async def seed(self, task: TaskHandle | Task | str) -> str:
        """
        Ask for the seed that a finished task was drawn with; free, and may take a minute (P§2.15).

        A task that tells its seed by itself is not asked for it again.

        Raises:
            TaskNotFound: The server does not know the task.
            RequestRefused: The task has no seed, or the server tells none; says why.
            NotAuthorized, TransportError: It could not be asked.
        """
        if isinstance(task, Task) and task.seed:
            return task.seed
        task_id = id_of(task)
        await self._engine.ready()
        return await self._engine.api.seed(task_id)

    async def cancel(self, task: TaskHandle | Task | str) -> None:
        """
        Ask the server to stop a task, which few servers let their users do (P§2.17).

        A stopped task ends as a failure, and its handle says so.  mjflow itself never needs this:
        who no longer wants to wait stops waiting.

        Raises:
            TaskNotFound: The server does not know the task.
            RequestRefused: The server does not let you; the task goes on.
            NotAuthorized, TransportError: It could not be asked.
        """
        task_id = id_of(task)
        await self._engine.ready()
        await self._engine.api.cancel(task_id)

    async def upload(
        self,
        *images: ImageLike,
        again: bool = False,
        extra: Mapping[str, Any] | None = None,
    ) -> tuple[str, ...]:
        """
        Store pictures at the server and return their links, for prompts; a fee, no task (P§2.12).

        The same pictures are uploaded once: with a journal also in another life they give the same
        links, free of charge, until the links run out.  A cancelled wait tears nothing.

        Args:
            images: Paths, bytes or data URLs; they go in one request, for one fee.
            again: Send them once more although an earlier upload of them is in doubt.
            extra: Fields of one vendor, passed on as they are.

        Raises:
            InvalidInput: A picture cannot be used; nothing was sent.
            NotSubmitted: The server takes no uploads, or not this one; nothing was paid.
            SubmissionInDoubt: It was sent, now or earlier, and nothing says whether it was paid.
        """
        request = upload_of(images, extra)
        await self._engine.ready()
        return await self._engine.uploads.links(request, again=again)

    @property
    def tasks(self) -> tuple[TaskHandle, ...]:
        """Handles of all acts that have not ended, and of ended ones with a key of yours."""
        return tuple(self._handle(record) for record in self._engine.tracker)

    async def doubts(self) -> tuple[TaskHandle, ...]:
        """
        List all acts of which nobody knows whether they were paid, oldest first.

        With those of another life that the journal tells of: no call needs to have asked for them
        in this one.  `TaskHandle.settle` settles each.  Uploads are not among them, for they have
        no task: `upload` itself tells of one in doubt when it is asked for the same pictures.
        """
        records = await self._engine.doubts(self._options)
        return tuple(map(self._handle, records))

    def statistics(self) -> Statistics:
        """Return the client's books as they stand."""
        return statistics_of(self._engine)

    async def events(self) -> AsyncIterator[Update]:
        """
        Yield what happens to any task of this client, and to the client itself.

        That is from now on, until you leave or the client has closed.  Updates about one task come
        in order.  Whoever reads too slowly gets the newest of each kind for each task; beyond
        10,000 that wait the oldest are dropped, and `Update.missed` of the next one says how many.
        """
        feed = CrowdFeed()
        self._engine.listen(feed)
        try:
            while update := await feed.pull():
                yield update
        finally:
            self._engine.observers.remove(feed)

    # --- pictures -------------------------------------------------------------------------

    async def download(
        self, task: TaskHandle | Task | str, folder: Folder, *, name: str = DEFAULT_NAME
    ) -> tuple[Saved, ...]:
        """Wait for a task and save its pictures; as of `TaskHandle.download`."""
        return await self._parent(task).download(folder, name=name)

    async def split(
        self, task: TaskHandle | Task | str, folder: Folder, *, name: str = CELL_NAME
    ) -> tuple[Saved, ...]:
        """Wait for a grid and save its four pictures, free of charge; as of `TaskHandle.split`."""
        return await self._parent(task).split(folder, name=name)


def _store(journal: Store | str | os.PathLike[str] | None) -> Store:
    if journal is None or journal == config.MEMORY:
        return MemoryStore()
    if isinstance(journal, str | os.PathLike):
        return SqliteStore(journal)
    return journal
