"""The README keeps its word."""

from __future__ import annotations

import re

from mjflow import __version__

from .pages import DOCS, ROOT, read


def test_it_is_short() -> None:
    """Nobody reads more than a hundred lines before trying."""
    assert len(read(ROOT / "README.md").splitlines()) <= 100


def test_its_test_command_is_the_one_that_ci_runs() -> None:
    """`.ci/run` finds exactly one command in it, and that one installs the tests' extra."""
    found = re.search(r'grep -m1 -E "([^"]+)" README.md', read(ROOT / ".ci" / "run"))
    assert found is not None
    commands = re.findall(f"{found[1]}.*$", read(ROOT / "README.md"), re.MULTILINE)
    assert [".[dev]" in command for command in commands] == [True]


def test_the_version_is_in_the_changelog() -> None:
    """The version of the package has an entry."""
    assert f"\n## {__version__}" in read(DOCS / "changelog.md")
