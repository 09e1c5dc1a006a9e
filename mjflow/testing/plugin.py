"""
The pytest plugin: a simulator, a client on it, and its books, as fixtures.

pytest loads this in every project where mjflow is installed, so it imports nothing but pytest until
a test asks for a fixture.

An async fixture belongs to whoever runs the test.  pytest-asyncio wants to be asked for each loop
scope by name, anyio takes any async fixture of its own tests, and a plain test has no loop at all.
So the public fixtures are plain, and take what they give from a hidden one that fits the test.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import AsyncIterator, Callable, Generator, Iterator, Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import pytest

if TYPE_CHECKING:
    from mjflow.client import Client
    from mjflow.simulator import Ledger, Simulator
    from mjflow.testing.stage import Stage

MARKER = (
    "mjflow(virtual=False, client={}, **options): how the fixtures mjflow_simulator, mjflow_client "
    "and mjflow_ledger are made: options of mjflow.testing.Simulator (profile, faults, seed, "
    "speed, remix, balance, keys, ...) and of mjflow.Client; virtual=True runs an async test on a "
    "clock that leaps"
)

_UNATTENDED = (
    "no plugin runs this async test: install pytest-asyncio and set asyncio_mode = auto, or mark "
    "the test with @pytest.mark.asyncio or @pytest.mark.anyio"
)

_Scope: TypeAlias = Literal["function", "class", "module", "package", "session"]

_LOOP_SCOPES: tuple[_Scope, ...] = ("function", "class", "module", "package", "session")
_ON_TEST_LOOP = "_mjflow_on_the_test_loop"
_IN_A_THREAD = "_mjflow_in_a_thread"


def pytest_configure(config: pytest.Config) -> None:
    """Name the marker, and offer pytest-asyncio fixtures of its own kind if it is there."""
    config.addinivalue_line("markers", MARKER)
    if _has_pytest_asyncio(config):
        config.pluginmanager.register(_fixtures_for_pytest_asyncio(), "mjflow-asyncio")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> Generator[None, None, None]:
    """Give tests that are marked `virtual=True` their event loop."""
    if not _options(metafunc.definition).get("virtual"):
        return (yield)
    # Only while pytest-asyncio asks for this test: all others keep the loops they have.
    manager, loops = metafunc.config.pluginmanager, _VirtualLoops()
    manager.register(loops)
    try:
        return (yield)
    finally:
        manager.unregister(loops)


class _VirtualLoops:
    @pytest.hookimpl(optionalhook=True, tryfirst=True)
    def pytest_asyncio_loop_factories(self) -> Mapping[str, Any]:
        from mjflow.testing.clock import VirtualLoop

        return {"virtual": VirtualLoop}


# --- the public fixtures ------------------------------------------------------------------


@pytest.fixture
def mjflow_simulator(request: pytest.FixtureRequest) -> Simulator:
    """A running `mjflow.testing.Simulator`, made as `@pytest.mark.mjflow(...)` says."""
    return _stage(request).simulator


@pytest.fixture
def mjflow_client(request: pytest.FixtureRequest) -> Client:
    """An open `mjflow.Client` of the simulator; for async tests."""
    client = _stage(request).client
    if client is None:
        pytest.fail(
            "mjflow_client is for async tests: this one has no event loop to run it on.\n"
            "In a plain test use mjflow_simulator: programs that open a mjflow.Client() without "
            "a base URL find it through the environment.",
            pytrace=False,
        )
    return client


@pytest.fixture
def mjflow_ledger(request: pytest.FixtureRequest) -> Ledger:
    """The simulator's books, as they stand whenever they are looked at."""
    return _stage(request).ledger


# --- the hidden ones ----------------------------------------------------------------------


def _on_a_loop() -> Callable[..., AsyncIterator[Stage]]:
    """Make the async fixture anew: pytest-asyncio writes its scope on the function."""

    async def on_a_loop(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
        from mjflow.testing.stage import on_this_loop

        async with on_this_loop(_options(request.node)) as stage:
            yield stage

    return on_a_loop


_on_the_test_loop = pytest.fixture(_on_a_loop(), name=_ON_TEST_LOOP)


@pytest.fixture(name=_IN_A_THREAD)
def _in_a_thread(request: pytest.FixtureRequest) -> Iterator[Stage]:
    from mjflow.testing.stage import beside_the_test

    with beside_the_test(_options(request.node)) as stage:
        yield stage


def _fixtures_for_pytest_asyncio() -> ModuleType:
    import pytest_asyncio

    module = ModuleType("mjflow.testing.asyncio_fixtures")
    for scope in _LOOP_SCOPES:
        name = _on_loop_of(scope)
        setattr(module, name, pytest_asyncio.fixture(_on_a_loop(), loop_scope=scope, name=name))
    return module


def _stage(request: pytest.FixtureRequest) -> Stage:
    found: Any = request.getfixturevalue(_fixture_for(request))
    if inspect.isasyncgen(found):
        pytest.fail(_UNATTENDED, pytrace=False)
    stage: Stage = found
    return stage


def _fixture_for(request: pytest.FixtureRequest) -> str:
    """Name the hidden fixture that fits the test."""
    if not _is_async(request.function):
        return _IN_A_THREAD
    marker = request.node.get_closest_marker("asyncio")
    if marker is None or not _has_pytest_asyncio(request.config):
        return _ON_TEST_LOOP
    scope = marker.kwargs.get("loop_scope") or marker.kwargs.get("scope")
    return _on_loop_of(scope or _usual_loop_scope(request.config))


def _on_loop_of(scope: str) -> str:
    return f"_mjflow_on_the_loop_of_the_{scope}"


def _usual_loop_scope(config: pytest.Config) -> str:
    try:
        return str(config.getini("asyncio_default_test_loop_scope"))
    except ValueError:
        return "function"  # pytest-asyncio before 0.26 has no such setting


def _is_async(function: Any) -> bool:
    hypothesis = getattr(function, "hypothesis", None)
    return inspect.iscoroutinefunction(getattr(hypothesis, "inner_test", function))


def _options(node: pytest.Item) -> dict[str, Any]:
    """Put together what the markers of a test say, the closest last."""
    options: dict[str, Any] = {}
    for marker in reversed(list(node.iter_markers("mjflow"))):
        if marker.args:
            pytest.fail("@pytest.mark.mjflow takes only keyword arguments", pytrace=False)
        options |= marker.kwargs
    return options


def _has_pytest_asyncio(config: pytest.Config) -> bool:
    plugin = sys.modules.get("pytest_asyncio.plugin")
    if plugin is None or not config.pluginmanager.is_registered(plugin):
        return False
    # Before 0.24 a fixture had no loop scope to be asked for.
    return "loop_scope" in inspect.signature(plugin.fixture).parameters
