"""The front door of `mjflow.testing`."""

from __future__ import annotations

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from mjflow import testing

SOURCE = ast.parse(Path(testing.__file__).read_text(encoding="utf-8"))


def for_type_checkers() -> dict[str, str]:
    """Return the names that the block for type checkers imports, with their modules."""
    return {
        alias.name: node.module or ""
        for block in SOURCE.body
        if isinstance(block, ast.If)
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def homes() -> dict[str, str]:
    return {name: f"mjflow.{home}" for home, names in testing._HOMES.items() for name in names}


def test_the_three_lists_agree() -> None:
    """`__all__`, what is loaded on demand, and what type checkers see are the same names."""
    assert homes() == for_type_checkers()
    assert sorted(homes()) == sorted(testing.__all__)


@pytest.mark.parametrize("name", testing.__all__)
def test_every_name_can_be_imported_from_its_home(name: str) -> None:
    """A public name is the very object that its module has, and is explained."""
    found = getattr(testing, name)
    assert found is getattr(import_module(homes()[name]), name)
    assert found.__doc__
    assert name in dir(testing)


def test_an_unknown_name_is_an_attribute_error() -> None:
    """The module says what it lacks, as modules do."""
    with pytest.raises(AttributeError, match="has no attribute 'Klient'"):
        testing.Klient  # noqa: B018


def test_virtual_time_needs_no_server() -> None:
    """A test of timers alone loads neither the client nor the simulator."""
    before = modules_after("import mjflow.testing, asyncio")
    after = modules_after("from mjflow.testing import VirtualLoop, run, virtual_time")
    ours = {name for name in after - before if name.startswith("mjflow")}
    assert ours == {"mjflow.testing.clock", "mjflow.testing.stuck"}


def test_the_plugin_loads_nothing() -> None:
    """What pytest imports in every project is the plugin itself, on top of pytest and mjflow."""
    before = modules_after("import mjflow.testing, pytest")
    after = modules_after("import mjflow.testing, pytest; import mjflow.testing.plugin")
    assert after - before == {"mjflow.testing.plugin"}


def modules_after(statement: str) -> set[str]:
    """Return the modules that a fresh interpreter has after a statement."""
    command = [sys.executable, "-c", f"{statement}; import sys; print(*sys.modules)"]
    done = subprocess.run(command, capture_output=True, check=True, encoding="utf-8")
    return set(done.stdout.split())
