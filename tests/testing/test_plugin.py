"""The pytest plugin, in pytest runs of their own."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import mjflow
from mjflow.testing import plugin
from mjflow.testing.stage import VARIABLES

from ..docs.pages import DOCS, blocks, read

pytest_plugins = "pytester"

Run = Callable[..., pytest.RunResult]

SETTINGS = """
[pytest]
filterwarnings = error
addopts = --strict-markers -p no:cacheprovider -p mjflow.testing.plugin
"""
ASYNCIO = ("-p", "pytest_asyncio.plugin", "-o", "asyncio_default_fixture_loop_scope=function")
AUTO = (*ASYNCIO, "--asyncio-mode=auto")
HEAD = """
import asyncio, os
import pytest
import mjflow
from mjflow.testing import VirtualLoop, assert_paid_once
"""


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run pytest on some tests, with the plugins that are named and no others."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makeini(SETTINGS)

    def run(source: str, *options: str) -> pytest.RunResult:
        pytester.makepyfile(test_it=HEAD + source)
        return pytester.runpytest_inprocess(*(options or AUTO))

    return run


def complaints(result: pytest.RunResult) -> str:
    return result.stdout.str()


# --- whose loop ---------------------------------------------------------------------------

ONE_ACT = """
@pytest.mark.mjflow(speed=1000.0)
async def test_it(mjflow_simulator, mjflow_client, mjflow_ledger):
    assert (await mjflow_client.imagine("a cat")).status is mjflow.Status.SUCCESS
    assert mjflow_simulator.base_url.startswith("http://127.0.0.1:")
    assert mjflow_ledger.total == 0.1
"""


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


# --- virtual time -------------------------------------------------------------------------


def test_a_test_may_run_on_virtual_time(run: Run) -> None:
    """Only those that are marked do, and nobody's name changes."""
    result = run(
        """
@pytest.mark.mjflow(virtual=True)
class TestVirtual:
    async def test_fixtures(self, mjflow_simulator, mjflow_client):
        await mjflow_client.imagine("a cat").click("U1")
        assert mjflow_simulator.now == asyncio.get_running_loop().time() > 30.0

    async def test_nothing_but_time(self):
        await asyncio.sleep(86400)
        assert asyncio.get_running_loop().time() == 86400

async def test_real():
    assert not isinstance(asyncio.get_running_loop(), VirtualLoop)
""",
        *AUTO,
        "-v",
    )
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(
        [
            "test_it.py::TestVirtual::test_fixtures PASSED*",
            "test_it.py::TestVirtual::test_nothing_but_time PASSED*",
            "test_it.py::test_real PASSED*",
        ]
    )


def test_the_loops_of_the_project_stay(run: Run, pytester: pytest.Pytester) -> None:
    """A project with event loops of its own keeps them, but for tests on virtual time."""
    pytester.makeconftest("""
import asyncio
class Own(asyncio.SelectorEventLoop): pass
def pytest_asyncio_loop_factories(config, item):
    return {"own": Own, "usual": asyncio.new_event_loop}
""")
    result = run(
        """
async def test_own():
    assert not isinstance(asyncio.get_running_loop(), VirtualLoop)
@pytest.mark.mjflow(virtual=True)
async def test_virtual():
    assert isinstance(asyncio.get_running_loop(), VirtualLoop)
""",
        *AUTO,
        "-v",
    )
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(["*test_own?own?*", "*test_own?usual?*", "*test_virtual PASSED*"])


def test_a_run_on_virtual_time_is_the_same_each_time(run: Run) -> None:
    """Not even the client's own dice fall otherwise; the dice of others are left alone."""
    result = run("""
import random
SEEN, THROWN = [], []

@pytest.mark.parametrize("_", range(3))
@pytest.mark.mjflow(virtual=True)
async def test_it(mjflow_client, _):
    acts = (mjflow_client.imagine(prompt) for prompt in "abcdef")
    SEEN.append([asyncio.get_running_loop().time() async for _ in mjflow_client.as_completed(acts)])

@pytest.mark.parametrize("_", range(3))
def test_chance(_, mjflow_simulator):
    THROWN.append(random.random())

def test_all():
    assert SEEN[0] == SEEN[1] == SEEN[2]
    assert len(set(THROWN)) == 3
""")
    result.assert_outcomes(passed=7)


def test_a_test_that_is_stuck_fails_and_the_next_one_runs(run: Run) -> None:
    """The error shows where it waits, and its fixtures are closed in good order."""
    result = run("""
pytestmark = pytest.mark.mjflow(virtual=True)

async def test_stuck(mjflow_client):
    asyncio.get_running_loop()._virtual._patience = 0.01
    await asyncio.Event().wait()

async def test_next(mjflow_client):
    await mjflow_client.imagine("a cat")
""")
    assert "deadlock: nothing is scheduled" in complaints(result)
    result.assert_outcomes(failed=1, passed=1)


# --- what cannot be ------------------------------------------------------------------------


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


# --- the environment ----------------------------------------------------------------------


def test_the_environment_leads_to_the_simulator(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program without arguments finds it, and nothing of the developer's gets in."""
    for name in VARIABLES:
        monkeypatch.setenv(name, "mine")
    result = run("""
pytestmark = pytest.mark.mjflow(virtual=True)

@pytest.mark.parametrize("profile", [
    pytest.param(name, marks=pytest.mark.mjflow(profile=name))
    for name in ("gateway", "trueai", "novicezk")
])
async def test_it(mjflow_simulator, mjflow_ledger, profile):
    async with mjflow.Client() as client:
        await client.imagine("a cat")
    assert len(mjflow_ledger.charges) == 1
    assert "mine" not in os.environ.values()
""")
    result.assert_outcomes(passed=3)
    assert [os.environ[name] for name in VARIABLES] == ["mine"] * len(VARIABLES)


def test_every_variable_that_leads_somewhere_is_set_or_taken_away() -> None:
    """A new variable must find its place here: only how much is logged is the developer's."""
    source = (Path(mjflow.__file__).parent / "config.py").read_text(encoding="utf-8")
    read = set(re.findall(r"\bMJFLOW_[A-Z_]+\b", source))
    assert read - set(VARIABLES) == {"MJFLOW_LOG"}


# --- in other people's projects -----------------------------------------------------------


def test_a_project_that_does_not_use_it_does_not_pay_for_it(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of the simulator or the fixtures is loaded, and no test is touched."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makeini(SETTINGS)
    pytester.makeconftest("""
import sys
def pytest_sessionfinish():
    print("loaded:", *sorted(name for name in sys.modules if name.startswith("mjflow.")))
""")
    pytester.makepyfile("def test_it(): pass\nasync def test_async(): pass")
    result = pytester.runpytest_subprocess(*AUTO, "-s")
    result.assert_outcomes(passed=2)
    (line,) = (line for line in result.outlines if "loaded:" in line)
    loaded = set(line.partition("loaded:")[2].split())
    assert {name for name in loaded if name.startswith("mjflow.testing")} == {
        "mjflow.testing",
        "mjflow.testing.plugin",
    }
    assert not {name for name in loaded if name.startswith("mjflow.simulator")}


def test_the_fixtures_and_the_marker_are_listed(run: Run) -> None:
    """`pytest --fixtures` shows the public ones with a sentence each, `--markers` the marker."""
    shown = complaints(run("", *AUTO, "--fixtures"))
    for name in ("mjflow_client", "mjflow_ledger", "mjflow_simulator"):
        assert re.search(rf"^{name} -- .*\n +\S", shown, re.MULTILINE)
    assert "_mjflow" not in shown
    assert "@pytest.mark.mjflow(virtual=False" in complaints(run("", *AUTO, "--markers"))


def test_the_tests_of_the_guide_pass(run: Run) -> None:
    """What the page on testing shows is run as it stands there."""
    page = read(DOCS / "howto" / "test-your-program.md")
    programs = [block.text for block in blocks(page) if block.language == "python"]
    source = "\n".join(programs)
    tests = re.findall(r"^(?:async )?def test_", source, re.MULTILINE)
    run(source).assert_outcomes(passed=len(tests))
    assert len(tests) > 4
