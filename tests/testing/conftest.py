"""Fixtures of the tests of `mjflow.testing`; modules that use them ask for `pytester`."""

from __future__ import annotations

import pytest

from .inner import AUTO, HEAD, SETTINGS, Run


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run pytest on some tests, with the plugins that are named and no others."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makeini(SETTINGS)

    def run(source: str, *options: str) -> pytest.RunResult:
        pytester.makepyfile(test_it=HEAD + source)
        return pytester.runpytest_inprocess(*(options or AUTO))

    return run
