"""What stands between a client and its simulator: it counts who passes, and may be shut."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from attrs import Factory, define

from mjflow.protocol.dialect import dialect_named
from mjflow.protocol.verdicts import Reply
from mjflow.simulator import Simulator
from mjflow.transport.aiohttp import AiohttpTransport
from mjflow.transport.base import Target

#: What a client grants itself by default: looks per second, and how many at once.
RATE, BURST = 20.0, 5
#: Requests in one second for which a known server bans an address.
BANNED_ABOVE = 30
#: Seconds over which looks are counted.
SPANS = (1.0, 10.0, 60.0)
#: Seconds by which instants that are computed in different ways may differ.
_HAIR = 1e-6


@define
class Door:
    """
    The instants, on the loop's clock, at which requests were sent that read tasks.

    Those of their arrival are of no use: on virtual time what is under way may be overtaken by
    the clock.
    """

    #: What was granted by the request budget.
    looks: list[float] = Factory(list)
    #: The same, and every further try of what failed at once.
    tries: list[float] = Factory(list)
    #: Whether requests get an answer; who came while they did not waits.
    open: asyncio.Event = Factory(asyncio.Event)

    def before(self, simulator: Simulator) -> Simulator:
        """Stand before a simulator, from its next start on."""
        routes = simulator._routes
        build = routes.application

        def application() -> web.Application:
            app = build()
            app.middlewares.append(self._middleware())
            return app

        routes.application = application  # type: ignore[method-assign]
        self.open.set()
        return simulator

    def _middleware(self) -> Middleware:
        @web.middleware
        async def enter(request: web.Request, handler: Handler) -> web.StreamResponse:
            await self.open.wait()
            return await handler(request)

        return enter

    def transport(self, simulator: Simulator, key: str) -> AiohttpTransport:
        """Make what a client of the simulator sends its requests by."""
        auth = dialect_named(simulator.profile.family).auth
        return _Counting(simulator.base_url, key, auth=auth, door=self)


class _Counting(AiohttpTransport):
    def __init__(self, *args: Any, door: Door, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self._door = door

    async def look(self, target: Target, body: bytes = b"") -> Reply:
        self._door.looks.append(_now())
        self._door.tries.append(_now())
        return await super().look(target, body)

    async def read(self, method: str, path: str, body: bytes = b"", *, slow: bool = False) -> Reply:
        if "/task/" in path:
            self._door.looks.append(_now())
        return await super().read(method, path, body, slow=slow)

    async def _attempt(self, method: str, path: str, *args: Any) -> Reply:
        if "/task/" in path:
            self._door.tries.append(_now())
        return await super()._attempt(method, path, *args)


def _now() -> float:
    return asyncio.get_running_loop().time()


def check_door(door: Door) -> None:
    """Assert that the request budget held, and that no server would have banned the address."""
    check_budget(door.looks)
    assert most_within(door.tries, 1.0) <= BANNED_ABOVE


def check_budget(looks: Sequence[float], rate: float = RATE, burst: int = BURST) -> None:
    """Assert that in no span of time there were more looks than a budget grants."""
    for seconds in SPANS:
        assert most_within(looks, seconds) <= burst + rate * seconds, f"in {seconds:g} s"


def most_within(times: Sequence[float], seconds: float) -> int:
    """Count how many there were in the busiest span of so many seconds, less a hair."""
    most, first = 0, 0
    for last, at in enumerate(times):
        while times[first] <= at - seconds + _HAIR:
            first += 1
        most = max(most, last - first + 1)
    return most
