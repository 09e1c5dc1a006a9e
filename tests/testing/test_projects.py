"""The pytest plugin in other people's projects."""

from __future__ import annotations

import os
import re
from importlib.metadata import entry_points
from pathlib import Path

import pytest

import mjflow
from mjflow.testing.stage import VARIABLES

from ..docs.pages import DOCS, blocks, read
from .inner import AUTO, SETTINGS, Run, complaints

pytest_plugins = "pytester"

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


# --- what it costs, and what it shows -----------------------------------------------------


def test_pytest_finds_it_by_itself() -> None:
    """Whoever installs mjflow has the fixtures."""
    (found,) = entry_points(group="pytest11", name="mjflow")
    assert found.value == "mjflow.testing.plugin"


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
