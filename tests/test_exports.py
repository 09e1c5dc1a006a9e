"""The front door: what `import mjflow` offers, and what it costs."""

from __future__ import annotations

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import mjflow

SOURCE = Path(mjflow.__file__).read_text(encoding="utf-8")


def for_type_checkers() -> dict[str, str]:
    """Return the names that the block for type checkers imports, with their modules."""
    blocks = [node for node in ast.parse(SOURCE).body if isinstance(node, ast.If)]
    return {
        alias.asname or alias.name: node.module or ""
        for block in blocks
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def homes() -> dict[str, str]:
    """Return the names that are loaded on demand, with their modules."""
    return {name: f"mjflow.{home}" for home, names in mjflow._HOMES.items() for name in names}


def test_the_three_lists_agree() -> None:
    """`__all__`, what is loaded on demand, and what type checkers see are the same names."""
    assert homes() == for_type_checkers()
    assert sorted(homes()) == sorted(mjflow.__all__)


def test_all_is_sorted_and_has_no_name_twice() -> None:
    """A name has one place in the list."""
    assert mjflow.__all__ == sorted(set(mjflow.__all__))


@pytest.mark.parametrize("name", mjflow.__all__)
def test_every_name_can_be_imported_from_its_home(name: str) -> None:
    """A public name is the very object that its module has."""
    assert getattr(mjflow, name) is getattr(import_module(homes()[name]), name)


def test_every_name_is_listed_by_dir() -> None:
    """Completion in a shell shows names that were never used before."""
    assert set(mjflow.__all__) <= set(dir(mjflow))


def test_an_unknown_name_is_an_attribute_error() -> None:
    """The module says what it lacks, as modules do."""
    with pytest.raises(AttributeError, match="module 'mjflow' has no attribute 'Client2'"):
        mjflow.Client2  # noqa: B018


@pytest.mark.parametrize("library", ["yaml", "PIL", "rich", "mjflow.client", "mjflow.engine"])
def test_importing_the_package_loads_no_library(library: str) -> None:
    """`import mjflow` is over before anything heavy is needed."""
    assert library not in loaded_by("import mjflow")


def test_the_client_is_loaded_when_it_is_named() -> None:
    """`from mjflow import Client` brings what it needs."""
    assert "aiohttp" in loaded_by("from mjflow import Client")


def loaded_by(statement: str) -> set[str]:
    """Return the top-level modules that a fresh interpreter has after a statement."""
    program = f"{statement}; import sys; print(*sys.modules)"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, check=True, encoding="utf-8")
    return {name.partition(".")[0] for name in done.stdout.split()}
