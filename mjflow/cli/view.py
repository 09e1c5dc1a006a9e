"""The progress on a terminal: one line per act, moving."""

from __future__ import annotations

import time
from typing import TextIO

from rich.console import Console, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from mjflow.cli.report import Progress, Report
from mjflow.cli.streams import visible
from mjflow.cli.words import hitch, lapse, standing
from mjflow.fsm.states import SETTLED, State
from mjflow.observers import Update

#: Columns that are taken by everything but the bar, roughly; and the bar's own bounds.
_REST, _SHORTEST, _LONGEST = 68, 6, 30
#: Columns that would else change their width all the time: where it stands, how long it took.
_WIDTHS = {3: 13, 4: 5}
#: Drawings per second.
_RATE = 10
_SELDOM = 4

_STYLES = {"warning": "yellow", "error": "bold red"}
_FAILED = SETTLED - {State.SUCCESS, State.WITHDRAWN}
_SENT = frozenset({State.SUBMITTED, State.IN_PROGRESS, State.ANSWERING, State.SUBMITTING})


def can_draw(stream: TextIO) -> bool:
    """Whether a stream leads to a terminal on which lines can be drawn over."""
    console = Console(file=stream)
    return console.is_terminal and not console.is_dumb_terminal


class LiveReport(Report):
    """Draws the acts on standard error as they come along; says the rest as lines above them."""

    def __init__(self, out: TextIO | None = None, err: TextIO | None = None) -> None:
        super().__init__(out, err)
        self._console = Console(file=self._err, highlight=False, markup=False, emoji=False)
        self._ascii = not self._console.encoding.startswith("utf")
        self._spinner = Spinner("line" if self._ascii else "dots", style="cyan")
        #: What is drawn in place of the acts, if anything is.
        self._content: RenderableType | None = None
        self._live = self._drawing(_RATE)

    def _drawing(self, rate: float) -> Live:
        return Live(
            console=self._console,
            get_renderable=self._drawn,
            refresh_per_second=rate,
            redirect_stdout=False,
            redirect_stderr=False,
        )

    @property
    def width(self) -> int:
        """Columns of the terminal."""
        return self._console.width

    def draw(self, content: RenderableType) -> None:
        """Draw something else than the acts from now on, and seldom: it has a lot to tell."""
        if self._content is None:
            self._live = self._drawing(_SELDOM)
        self._content = content
        self._live.start()

    def print(self, content: RenderableType) -> None:
        """Leave something above the drawing."""
        self._console.print(content)

    def follow(self, key: str, label: str, *, named: bool = False) -> None:
        """Draw the act with this key from now on."""
        super().follow(key, label, named=named)
        self._live.start()

    def rest(self) -> None:
        """Leave the last drawing where it is."""
        self._live.stop()

    # --- drawing --------------------------------------------------------------------------

    def _drawn(self) -> RenderableType:
        return self._acts_drawn() if self._content is None else self._content

    def _acts_drawn(self) -> Table:
        table = Table.grid(padding=(0, 1))
        for column in range(6):
            table.add_column(no_wrap=True, min_width=_WIDTHS.get(column))
        for act in tuple(self._acts.values()):
            table.add_row(*self._row(act))
        return table

    def _row(self, act: Progress) -> tuple[Text | Spinner | ProgressBar, ...]:
        now = time.monotonic()
        state = act.news.state if act.news else None
        elapsed = "" if act.began is None else lapse(act.elapsed(now))
        return (
            self._mark(state),
            Text(visible(act.label), style="dim" if act.began is None else "bold"),
            self._bar(act, now),
            Text(standing(act.news) if act.news else "waiting", style=_style(state)),
            Text(elapsed, justify="right"),
            Text("" if act.named else visible(act.id or ""), style="dim"),
        )

    def _mark(self, state: State | None) -> Text | Spinner:
        if state in _SENT:
            return self._spinner
        if state is State.SUCCESS:
            return Text("+" if self._ascii else "✓", style="green")
        if state in _FAILED:
            return Text("x" if self._ascii else "✗", style="red")
        return Text("." if self._ascii else "·", style="dim")

    def _bar(self, act: Progress, now: float) -> ProgressBar:
        state = act.news.state if act.news else None
        done = 100 if state is State.SUCCESS else (act.news and act.news.progress) or 0
        width = max(_SHORTEST, min(_LONGEST, self._console.width - _REST))
        return ProgressBar(total=100, completed=done, width=width, animation_time=now)

    def _show(self, act: Progress, update: Update) -> None:
        """Draw soon; only hitches are put into words."""
        if update.kind in ("retry", "stalled"):
            self.say(f"{act.label}: {hitch(update)}")

    # --- talk -----------------------------------------------------------------------------

    def data(self, text: str) -> None:
        """Write a line to standard output."""
        if self._live.is_started and self._out is not None and self._out.isatty():
            # The same terminal: above the drawing, not into it.
            self._console.print(visible(text), soft_wrap=True)
        else:
            super().data(text)

    def _talk(self, text: str, word: str = "") -> None:
        if word:
            self._console.print(Text.assemble((f"{word}: ", _STYLES[word]), visible(text)))
        else:
            # Paths and commands are to be copied: the terminal may break them, we may not.
            self._console.print(visible(text), soft_wrap=True)

    def _advise(self, text: str) -> None:
        self._console.print(Padding(Text(visible(text)), (0, 0, 0, 2), expand=False))


def _style(state: State | None) -> str:
    if state is State.SUCCESS:
        return "green"
    return "red" if state in _FAILED else ""
