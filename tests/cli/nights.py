"""Flows for the tests of runs, small enough to be read at a glance."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.cli.conftest import Done

#: A grid, two pictures of it, and both saved.
CATS = """\
name: cats
steps:
  - imagine: "a {animal}"
  - click: [U1, U2]
  - download: "{animal}-{button}"
"""


def write_flow(text: str = CATS, name: str = "cats.yaml") -> str:
    """Write a flow to the desk, and return its path."""
    Path(name).write_text(text)
    return name


def write_rows(count: int, name: str = "rows.csv") -> str:
    """Write inputs to the desk, and return their path."""
    lines = [f"item-{number},cat{number}" for number in range(count)]
    Path(name).write_text("\n".join(["id,animal", *lines]))
    return name


def objects(done: Done, kind: str) -> list[dict[str, Any]]:
    """List the objects of a type that a command has printed."""
    found = [json.loads(line) for line in done.out.splitlines()]
    return [one for one in found if one["type"] == kind]
