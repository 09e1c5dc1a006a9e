"""Plans for tests: flows from a few lines, in a folder with files that are right or wrong."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from PIL import Image

from mjflow.flow import Flow
from mjflow.flow.items import items
from mjflow.flow.language.inputs import RowLike
from mjflow.flow.planning.plan import Plan, plan

#: A shape, for dialogs that want one.
SHAPE = "mask: 'rect:0,0,0.5,0.5'"


def flow_of(*steps: str, folder: Path = Path(), **top: Any) -> Flow:
    """Read a flow of these steps, a line each: the first of them stands on line 2."""
    lines = [
        "steps:",
        *(f"  - {step}" for step in steps),
        *(f"{name}: {value!r}" for name, value in top.items()),
    ]
    return Flow.parse("\n".join(lines), folder=folder, file="f.yaml")


def planned(
    *steps: str,
    rows: Iterable[RowLike] | None = None,
    folder: Path = Path(),
    top: dict[str, Any] | None = None,
    **options: Any,
) -> Plan:
    """Plan a flow of these steps."""
    flow = flow_of(*steps, folder=folder, **(top or {}))
    return plan(flow, items(flow, rows), **options)


def draw_files(folder: Path) -> None:
    """Put pictures and masks into a folder, some of them unfit."""
    Image.new("RGB", (64, 64), "red").save(folder / "red.png")
    Image.new("RGBA", (64, 64), (255, 0, 0, 0)).save(folder / "glass.png")
    Image.new("L", (64, 64)).save(folder / "black.png")
    mask = Image.new("L", (80, 40))
    mask.paste(255, (0, 0, 40, 40))
    mask.save(folder / "wide.png")
    square = Image.new("L", (64, 64))
    square.paste(255, (0, 0, 32, 32))
    square.save(folder / "square.png")
    (folder / "broken.png").write_bytes((folder / "red.png").read_bytes()[:50])
    (folder / "page.png").write_text("<html>")
