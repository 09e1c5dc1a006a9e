"""The pytest plugin: tests on virtual time."""

from __future__ import annotations

import pytest

from .inner import AUTO, Run, complaints

pytest_plugins = "pytester"


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

    @pytest.mark.mjflow(virtual=False)
    async def test_real(self):
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
            "test_it.py::TestVirtual::test_real PASSED*",
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

@pytest.fixture(autouse=True)
def chance():
    THROWN.append(random.random())

@pytest.mark.parametrize("_", range(3))
@pytest.mark.mjflow(virtual=True)
async def test_it(mjflow_client, _):
    acts = (mjflow_client.imagine(prompt) for prompt in "abcdef")
    SEEN.append([asyncio.get_running_loop().time() async for _ in mjflow_client.as_completed(acts)])

def test_all():
    assert SEEN[0] == SEEN[1] == SEEN[2]
    assert len(set(THROWN)) == 4
""")
    result.assert_outcomes(passed=4)


def test_pictures_are_drawn_in_no_time(run: Run) -> None:
    """On virtual time the simulator draws on the loop itself, where all code takes no time."""
    result = run("""
import aiohttp, mjflow.testing.clock

@pytest.mark.mjflow(virtual=True)
async def test_it(mjflow_simulator, mjflow_client, monkeypatch):
    monkeypatch.setattr(mjflow.testing.clock, "_STANDSTILL", 0.0)
    grid = await mjflow_client.imagine("a cat")
    before = asyncio.get_running_loop().time()
    async with aiohttp.ClientSession(mjflow_simulator.base_url) as session:
        async with session.get(f"/mj/image/{grid.id}") as answer:
            assert (await answer.read()).startswith(b"\\x89PNG")
    assert asyncio.get_running_loop().time() == before
""")
    result.assert_outcomes(passed=1)


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
