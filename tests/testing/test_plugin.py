"""The pytest plugin: whose loop the fixtures run on, and what the marker says."""

from __future__ import annotations

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest

from mjflow.testing import plugin

from .inner import ASYNCIO, AUTO, ONE_ACT, Run, complaints

pytest_plugins = "pytester"

# --- whose loop ---------------------------------------------------------------------------


def test_an_async_test_gets_a_simulator_a_client_and_the_books(run: Run) -> None:
    """In pytest-asyncio's auto mode a test needs nothing but the names of the fixtures."""
    run(ONE_ACT).assert_outcomes(passed=1)


@pytest.mark.parametrize("scope", ["", "function", "class", "module", "package", "session"])
def test_the_fixtures_share_the_loop_of_the_test(run: Run, scope: str) -> None:
    """In strict mode too, and whatever the scope of the test's loop is."""
    marker = f"@pytest.mark.asyncio(loop_scope={scope!r})" if scope else "@pytest.mark.asyncio"
    run(f"{marker}{ONE_ACT}", *ASYNCIO).assert_outcomes(passed=1)


def test_a_loop_scope_for_all_tests_is_minded(run: Run) -> None:
    """The scope may stand in the settings."""
    run(ONE_ACT, *AUTO, "-o", "asyncio_default_test_loop_scope=session").assert_outcomes(passed=1)


def test_fixtures_of_the_project_may_build_on_ours(run: Run) -> None:
    """Plain ones and async ones, which find all still open at their end."""
    result = run("""
@pytest.fixture
def url(mjflow_simulator):
    return mjflow_simulator.base_url

@pytest.fixture
async def grid(mjflow_client, mjflow_ledger):
    yield await mjflow_client.imagine("a cat")
    await mjflow_client.imagine("a dog")
    assert len(mjflow_ledger.charges) == 2

async def test_it(url, grid):
    async with mjflow.Client(url, speed=200.0) as client:
        assert (await client.get(grid.id)).id == grid.id
""")
    result.assert_outcomes(passed=1)


def test_a_plain_test_gets_a_simulator_in_a_thread(run: Run) -> None:
    """What it runs may have an event loop of its own; no async plugin is needed."""
    result = run(
        """
async def main():
    async with mjflow.Client() as client:
        await client.imagine("a cat")

def test_it(mjflow_simulator, mjflow_ledger):
    assert float(os.environ["MJFLOW_POLL_INTERVAL"]) * mjflow_simulator.speed == 5.0
    asyncio.run(main())
    assert len(mjflow_ledger.charges) == 1
    mjflow_simulator.faults.switch("fails")
    with pytest.raises(mjflow.TaskFailed):
        asyncio.run(main())
    assert len(mjflow_ledger.refunds) == 1
""",
        "-p",
        "no:asyncio",
    )
    result.assert_outcomes(passed=1)


def test_a_simulator_that_cannot_start_is_an_error_of_the_test(run: Run) -> None:
    """The error comes out of the thread as it is."""
    result = run("""
@pytest.mark.mjflow(host="192.0.2.1")
def test_it(mjflow_simulator): pass
""")
    result.assert_outcomes(errors=1)
    assert "OSError" in complaints(result)


# --- the marker ---------------------------------------------------------------------------


def test_the_marker_says_what_the_simulator_is(run: Run) -> None:
    """What is closest to the test counts."""
    result = run("""
pytestmark = pytest.mark.mjflow(profile="trueai", seed=3, faults=["fails"])

@pytest.mark.mjflow(seed=4)
class TestIt:
    @pytest.mark.mjflow(faults={"queue-full": 0.5}, speed=500.0)
    async def test_it(self, mjflow_simulator):
        assert mjflow_simulator.profile.name == "trueai"
        assert mjflow_simulator.speed == 500.0
        assert "fails" not in mjflow_simulator.faults._on

    async def test_ids(self, mjflow_simulator, mjflow_client):
        with pytest.raises(mjflow.TaskFailed):
            await mjflow_client.imagine("a cat")
""")
    result.assert_outcomes(passed=2)


def test_the_client_is_made_as_the_marker_says(run: Run) -> None:
    """It speaks the simulator's dialect, has its key, and takes options of its own."""
    result = run("""
@pytest.mark.mjflow(remix=True, client={"on_dialog": "raise", "mode": "turbo"})
async def test_options(mjflow_client, mjflow_simulator):
    grid = await mjflow_client.imagine("a cat")
    with pytest.raises(mjflow.ModalRequired):
        await mjflow_client.click(grid, "V1")
    assert mjflow_simulator.tasks[grid.id].mode == "TURBO"

@pytest.mark.mjflow(profile="trueai", keys={"sk-b", "sk-a"})
async def test_dialect_and_key(mjflow_client):
    assert mjflow_client._engine.api.dialect.name == "trueai"
    await mjflow_client.imagine("a cat")
""")
    result.assert_outcomes(passed=2)


@pytest.mark.parametrize(
    ("marker", "complaint"),
    [
        ("profil='trueai'", "unexpected keyword argument 'profil'"),
        ("profile='trueia'", "unknown profile 'trueia'; there are: gateway"),
        ("faults=['lost']", "unknown fault 'lost'; there are:"),
        ("'trueai'", "takes only keyword arguments"),
    ],
)
def test_a_wrong_marker_is_told(run: Run, marker: str, complaint: str) -> None:
    """The test is an error, in one line."""
    result = run(f"@pytest.mark.mjflow({marker})\nasync def test_it(mjflow_client): pass")
    assert "@pytest.mark.mjflow" in complaints(result)
    assert complaint in complaints(result)
    assert "Traceback" not in complaints(result)
    assert result.ret != 0


# --- what cannot be -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("def test_it(mjflow_client): pass", "mjflow_client is for async tests"),
        (
            "late = pytest.param(1, marks=pytest.mark.mjflow(virtual=True))\n"
            "@pytest.mark.parametrize('_', [late])\n"
            "async def test_it(mjflow_client, _): pass",
            "must stand on the test, its class or its module",
        ),
        (
            "@pytest.mark.mjflow(virtual=True)\ndef test_it(mjflow_simulator): pass",
            "this test does not run on a VirtualLoop",
        ),
    ],
)
def test_what_a_test_cannot_have_is_told(run: Run, source: str, complaint: str) -> None:
    """The message says why, and what to do."""
    result = run(source)
    result.assert_outcomes(errors=1)
    assert complaint in complaints(result)


def test_an_async_test_that_no_plugin_runs_is_told(run: Run) -> None:
    """In strict mode the mark is easily forgotten; pytest itself says so."""
    result = run(ONE_ACT, *ASYNCIO)
    result.assert_outcomes(errors=1)
    assert "requested an async fixture" in complaints(result)


def test_with_an_older_pytest_the_plugin_tells_it() -> None:
    """There a fixture that nobody ran is a bare generator."""

    async def never_run() -> AsyncIterator[None]:
        yield

    request: Any = SimpleNamespace(function=int, getfixturevalue=lambda _: never_run())
    with pytest.raises(pytest.fail.Exception, match="no plugin runs this async test"):
        plugin._stage(request)
