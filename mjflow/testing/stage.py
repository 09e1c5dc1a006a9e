"""What stands behind the fixtures: a simulator, a client on it, and its books."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any, cast

import pytest
from attrs import frozen

from mjflow.client import Client
from mjflow.protocol.dialect import Dialect, dialect_named
from mjflow.simulator import Ledger, Simulator
from mjflow.testing.books import LiveLedger
from mjflow.testing.clock import VirtualLoop
from mjflow.testing.threads import in_a_thread

#: Seconds of the server in one second of the test, where the clock cannot leap.
SPEED = 200.0
#: The key where the simulator takes any.
KEY = "sk-test"
#: The variables that decide which server a client speaks to, how, and what it remembers.
VARIABLES = (
    "MJFLOW_API_KEY",
    "MJFLOW_BASE_URL",
    "MJFLOW_DIALECT",
    "MJFLOW_JOURNAL",
    "MJFLOW_MODE",
    "MJFLOW_POLL_INTERVAL",
)

_NOT_VIRTUAL = (
    "@pytest.mark.mjflow(virtual=True): this test does not run on a VirtualLoop.\n"
    "It must be an async test, run by pytest-asyncio 1.4 or later, and the marker must stand on "
    "the test, its class or its module, not on a parameter.  For anyio, let its fixture "
    'anyio_backend be ("asyncio", {"loop_factory": mjflow.testing.VirtualLoop}).'
)


@frozen
class Stage:
    """All that a test may ask for."""

    simulator: Simulator
    ledger: Ledger
    #: `None` where the test has no event loop to run it on.
    client: Client | None


@asynccontextmanager
async def on_this_loop(options: Mapping[str, Any]) -> AsyncIterator[Stage]:
    """Set the stage on the running event loop."""
    simulator, own = _prepared(options, leaps=_leaps())
    async with simulator:
        ledger = cast("Ledger", LiveLedger(lambda: simulator.ledger))
        key, dialect = _key(options), _dialect(simulator)
        with _environment(simulator, key, dialect), _chance(options):
            spoken = {"dialect": dialect.name, "poll_interval": dialect.poll_interval}
            settings = {**spoken, "speed": simulator.speed, **own}
            async with Client(simulator.base_url, key, **settings) as client:
                yield Stage(simulator, ledger, client)


@contextmanager
def beside_the_test(options: Mapping[str, Any]) -> Iterator[Stage]:
    """Set the stage in a thread, for a test without an event loop."""
    simulator, _ = _prepared(options, leaps=False)
    with (
        in_a_thread(simulator) as ask,
        _environment(simulator, _key(options), _dialect(simulator)),
    ):
        ledger = cast("Ledger", LiveLedger(lambda: ask(lambda: simulator.ledger)))
        yield Stage(simulator, ledger, None)


def _leaps() -> bool:
    return isinstance(asyncio.get_running_loop(), VirtualLoop)


def _prepared(options: Mapping[str, Any], *, leaps: bool) -> tuple[Simulator, dict[str, Any]]:
    """Make the simulator; give it with the settings of the client."""
    if options.get("virtual") and not leaps:
        pytest.fail(_NOT_VIRTUAL, pytrace=False)
    # Pictures drawn on the loop itself cost the virtual clock nothing, however long they take.
    usual: dict[str, Any] = {"threads": False} if leaps else {"speed": SPEED}
    given = {name: options[name] for name in options if name not in ("virtual", "client")}
    try:
        return Simulator(**{**usual, **given}), dict(options.get("client", {}))
    except (TypeError, ValueError) as error:
        complaint = f"@pytest.mark.mjflow: {error}"
    pytest.fail(complaint, pytrace=False)


def _key(options: Mapping[str, Any]) -> str:
    return min(options.get("keys") or (KEY,))


def _dialect(simulator: Simulator) -> Dialect:
    return dialect_named(simulator.profile.family)


@contextmanager
def _chance(options: Mapping[str, Any]) -> Iterator[None]:
    """Let the client's own dice, which spread its looks, fall the same way each time."""
    before = random.getstate()
    random.seed(options.get("seed", 0))
    try:
        yield
    finally:
        random.setstate(before)


@contextmanager
def _environment(simulator: Simulator, key: str, dialect: Dialect) -> Iterator[None]:
    """Lead every client that takes its server from the environment to the simulator."""
    with pytest.MonkeyPatch.context() as patch:
        for name in VARIABLES:
            patch.delenv(name, raising=False)
        patch.setenv("MJFLOW_BASE_URL", simulator.base_url)
        patch.setenv("MJFLOW_API_KEY", key)
        patch.setenv("MJFLOW_DIALECT", dialect.name)
        # Clients of the program do not know how fast the simulator is; their looks shall.
        patch.setenv("MJFLOW_POLL_INTERVAL", str(dialect.poll_interval / simulator.speed))
        yield
