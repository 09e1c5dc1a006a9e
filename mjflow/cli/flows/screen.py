"""The drawing of a run on a terminal: of constant size, however many items it has."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from rich import box
from rich.console import Group as Stack
from rich.console import RenderableType
from rich.padding import Padding
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from mjflow.cli.flows.causes import Group
from mjflow.cli.flows.standing import Standing, rows
from mjflow.cli.streams import visible

#: Columns of the bar at most.
_BAR = 40
#: Columns of what the lines are called.
_NAMES = 11
#: Causes that are listed.
LISTED = 20

_STYLES = {"failed": "red", "left for later": "yellow", "in doubt": "yellow", "done": "green"}


def board(standing: Standing, width: int) -> RenderableType:
    """Draw how a run stands."""
    return Stack(_headline(standing, width), _lines(standing, width))


def _headline(standing: Standing, width: int) -> Table:
    said = f"{standing.progress.done:,} of {standing.items:,} items"
    name = visible(standing.name)
    room = max(8, min(_BAR, width - len(name) - len(said) - 10))
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True, overflow="ellipsis", max_width=max(10, width - len(said) - 20))
    table.add_row(
        Text(name, style="bold"),
        ProgressBar(total=1.0, completed=standing.share, width=room),
        Text(said, no_wrap=True),
        Text(f"{int(standing.share * 100)}%", style="bold"),
    )
    return table


def _lines(standing: Standing, width: int) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True, min_width=_NAMES)
    table.add_column(no_wrap=True, overflow="ellipsis")
    room = width - _NAMES - 3
    for name, text in rows(standing, datetime.now(UTC)):
        said = _coloured(text) if name else Text(end_of(visible(text), room), style="dim")
        table.add_row(f"  {name}", said)
    return table


def end_of(path: str, room: int) -> str:
    """Cut a path so that its end is seen, which tells it from others."""
    return path if len(path) <= room else f"…{path[1 - room :]}"


def told_of(word: str, text: str) -> Text:
    """Say what failed, in the colour of its word."""
    return Text.assemble((f"{word}: ", _STYLES.get(word, "")), visible(text))


def _coloured(text: str) -> Text:
    drawn = Text(visible(text))
    for word, style in _STYLES.items():
        drawn.highlight_regex(rf"\$?[\d,.]+ {word}", style)
    return drawn


def table_of_causes(groups: Iterable[Group]) -> Table:
    """Draw what failed and why, one row for each cause."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("branches", justify="right", no_wrap=True)
    table.add_column("what failed, and why", overflow="fold")
    for group in groups:
        style = "yellow" if group.cause.waits else "red"
        table.add_row(Text(f"{group.count:,}", style=style), _cell(group))
    return table


def _cell(group: Group) -> RenderableType:
    lines = [Text(visible(group.cause.what))]
    if group.cause.advice:
        lines.append(Text(visible(group.cause.advice), style="dim"))
    where = Text(visible(group.where), style="dim")
    return Padding(Stack(*lines, where), (0, 0, 1, 0))
