"""The simulator: its parts put together, and its life as a server."""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import Collection, Mapping
from types import TracebackType

from aiohttp import web

from mjflow.simulator.clock import Clock, Read
from mjflow.simulator.faults import Faults, Given
from mjflow.simulator.fronts.base import Front
from mjflow.simulator.fronts.direct import Direct
from mjflow.simulator.fronts.gateway import Gateway
from mjflow.simulator.fronts.house import Settings, build
from mjflow.simulator.hooks import Hooks
from mjflow.simulator.ledger import Ledger
from mjflow.simulator.pictures import Gallery
from mjflow.simulator.profiles import Profile, Server, profile_of
from mjflow.simulator.routes import Routes
from mjflow.simulator.tasks import Task
from mjflow.simulator.views import novicezk, trueai
from mjflow.simulator.views.showing import Glance
from mjflow.simulator.wire import Json


class Simulator:
    """
    A Midjourney server of one's own, on loopback, that draws for nothing.

    Use it as an async context manager; it answers while the block runs.  The same seed and
    the same order of requests give the same durations and pictures, and with the same `epoch`
    the same ids.  All its times are virtual seconds, of which `speed` pass in one second of
    the clock.

    Args:
        profile: The kind of server, by name (`gateway`, `trueai`, `novicezk`) or made by hand.
        seed: Seeds everything that is left to chance.
        speed: Virtual seconds in a second.
        host: The address to listen at.
        port: The port to listen at; 0 takes a free one.
        keys: The API keys that are good; None takes any, and requests without one.
        admins: Further keys that are good, of users who may cancel tasks.
        core_size: How many tasks run at the same time.
        queue_size: How many wait behind them before the queue is full.
        remix: Whether remix mode is on at the account, so that V, Vary, Pan and reroll
            open a dialog.
        balance: What the user may spend, in USD; None is without end.
        faults: What goes wrong: chances by name, or `Fault`s, or texts as `Fault.parse` reads.
        clock: Reads the time in seconds; None takes the clock of the running event loop.
        epoch: Wall time at virtual second 0, in epoch seconds; None takes the present.
        threads: Whether pictures are drawn in threads.  An event loop whose clock jumps
            ahead when it has nothing to do can't see a thread at work: set it to False there.

    Raises:
        ValueError: A profile or fault is unknown, or a number is out of range.
        ModuleNotFoundError: Pillow is not installed.
    """

    def __init__(
        self,
        *,
        profile: str | Profile = "gateway",
        seed: int = 0,
        speed: float = 1.0,
        host: str = "127.0.0.1",
        port: int = 0,
        keys: Collection[str] | None = None,
        admins: Collection[str] = (),
        core_size: int = 12,
        queue_size: int = 10_000,
        remix: bool = False,
        balance: float | None = None,
        faults: Given = (),
        clock: Read | None = None,
        epoch: float | None = None,
        threads: bool = True,
    ) -> None:
        if importlib.util.find_spec("PIL") is None:
            raise ModuleNotFoundError(
                "the simulator draws with Pillow: pip install 'mjflow[images]'", name="PIL"
            )
        self.profile = profile_of(profile)
        #: What goes wrong; may be changed while the simulator runs.
        self.faults = Faults(faults, seed, self.profile.family)
        self._clock = Clock(clock, speed, epoch)
        settings = Settings(
            seed=seed,
            keys=keys,
            admins=admins,
            core_size=core_size,
            queue_size=queue_size,
            remix=remix,
            balance=balance,
        )
        house = build(self.profile, self._clock, self.faults, settings)
        self._upstream = house.upstream
        self._front: Front = Gateway(house) if self.profile.gateway else Direct(house)
        self._hooks = Hooks(house.upstream.account, self._clock, self.faults, self._payload)
        self._upstream.accepted = self._hooks.watch
        self._pump: asyncio.Task[None] | None = None
        gallery = Gallery(threads=threads)
        self._routes = Routes(self._front, gallery, self.profile, house.voice, self._clock)
        self._host, self._port = host, port
        self._runner: web.AppRunner | None = None

    @property
    def base_url(self) -> str:
        """The address clients use, as in `http://127.0.0.1:54321`."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

    @property
    def speed(self) -> float:
        """Virtual seconds that pass in one second."""
        return self._clock.speed

    @property
    def now(self) -> float:
        """Virtual seconds since the first start."""
        return self._clock.now()

    @property
    def ledger(self) -> Ledger:
        """The books up to the present moment."""
        return self._front.ledger()

    @property
    def tasks(self) -> Mapping[str, Task]:
        """All tasks of the server behind by id, up to the present moment."""
        self._front.settle()
        return self._upstream.tasks

    async def start(self) -> None:
        """
        Begin to answer; a simulator that answers already is left alone.

        After `aclose` it may be started again, with the same tasks at the same port.

        Raises:
            OSError: The port is taken, or the address is not ours.
        """
        if self._runner is not None:
            return
        self._clock.start(asyncio.get_running_loop().time)
        runner = web.AppRunner(self._routes.application(), access_log=None, shutdown_timeout=0.5)
        await runner.setup()
        try:
            site = web.TCPSite(runner, self._host, self._port)
            await site.start()
        except BaseException:
            await runner.cleanup()
            raise
        self._runner = runner
        self._port = runner.addresses[0][1]
        self._pump = asyncio.create_task(self._hooks.run(self._front.settle))

    async def aclose(self) -> None:
        """Stop answering; tasks and books stay readable."""
        runner, self._runner = self._runner, None
        self._routes.closing.set()
        if self._pump is not None:
            self._pump.cancel()
            await asyncio.wait([self._pump])
            self._pump = None
        if runner is not None:
            await runner.cleanup()

    def restart(self) -> None:
        """
        Do what a restart of the server does, at this very moment.

        novicezk forgets every task; trueai queues the unfinished ones again; a gateway has
        them all in its database.
        """
        if not self.profile.gateway:
            self._upstream.restart(self._front.settle())

    async def deliver_hooks(self) -> None:
        """Post every webhook that is due, where a clock set by hand lets nothing come due."""
        await self._hooks.deliver(self._front.settle())

    def _payload(self, task: Task, at: float) -> Json:
        """Give a task as the server that keeps it tells its hooks."""
        glance = Glance(task, at, at, self._clock, self.base_url)
        if self.profile.server is Server.NOVICEZK:
            return novicezk.task_object(glance, self.profile)
        return trueai.task_object(glance)

    async def run_forever(self) -> None:
        """Answer until cancelled, then close; starts first if need be."""
        try:
            await self.start()
            await asyncio.Event().wait()
        finally:
            await self.aclose()

    async def __aenter__(self) -> Simulator:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()
