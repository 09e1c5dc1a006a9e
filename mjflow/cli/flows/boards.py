"""How a run is told of: as lines now and then, as a drawing, or as JSON."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import islice

from mjflow.cli import fields
from mjflow.cli.flows import told
from mjflow.cli.flows.causes import Causes, Group, place_of
from mjflow.cli.flows.standing import Standing, seen, sentence
from mjflow.cli.report import Report
from mjflow.cli.streams import is_elsewhere
from mjflow.cli.view import LiveReport
from mjflow.cli.words import words_of
from mjflow.flow.machine.results import BranchResult, ItemResult

#: A failed branch, and what it has in common with others.
Failures = Sequence[tuple[BranchResult, Group]]

#: Failures of one cause that are told as they come; the others are only counted.
_TOLD = 5
#: Causes that are listed in the end.
LISTED = 20


class Board:
    """
    Tells of a run in plain lines: for logs.

    Args:
        clock: Gives seconds of a steady clock.
    """

    #: Seconds between two words on how the run stands, at first and later: doubled each time.
    first, later = 5.0, 60.0

    def __init__(self, report: Report, clock: Callable[[], float] = time.monotonic) -> None:
        self.report = report
        self._clock = clock
        self._pause = self.first
        self._next = clock() + self.first
        #: Whether the paths of pictures go to somebody else than the talk.
        self._lists = is_elsewhere()

    def stands(self, standing: Standing) -> None:
        """Tell how far the run is, every now and then."""
        if self._clock() >= self._next:
            self._pause = min(2 * self._pause, self.later)
            self._next = self._clock() + self._pause
            self._tell(standing)

    def item(self, item: ItemResult, failures: Failures) -> None:
        """Tell what became of an item: its pictures, and what failed."""
        if self._lists:
            for file in item.files:
                self.report.data(seen(file.path))
        for branch, group in failures:
            if group.count <= _TOLD:
                self._tell_failure(item, branch, last=group.count == _TOLD)

    def ends(self, standing: Standing, causes: Causes) -> None:
        """Tell what failed and why, and how it stands in the end."""
        self.report.rest()
        for group in islice(causes, LISTED):
            self._tell_cause(group)
        self._tell(standing)

    def _tell(self, standing: Standing) -> None:
        self.report.say(f"{standing.name}: {sentence(standing, datetime.now(UTC))}")

    def _tell_failure(self, item: ItemResult, branch: BranchResult, *, last: bool) -> None:
        assert branch.error is not None
        word = "left for later" if branch.stuck else "failed"
        message, _ = words_of(branch.error)
        more = " (others for the same reason are only counted)" if last else ""
        self._say(word, f"{place_of(item, branch)}: {message}{more}")

    def _say(self, word: str, text: str) -> None:
        self.report.say(f"{word}: {text}")

    def _tell_cause(self, group: Group) -> None:
        self.report.say(f"{group.count:,} x {group.cause.what}")
        if group.cause.advice:
            self.report.say(f"  {group.cause.advice}")
        self.report.say(f"  {group.where}")


class LiveBoard(Board):
    """Draws a run on a terminal."""

    report: LiveReport

    def stands(self, standing: Standing) -> None:
        """Draw how far the run is."""
        from mjflow.cli.flows.screen import board

        self.report.draw(board(standing, self.report.width))

    def ends(self, standing: Standing, causes: Causes) -> None:
        """Draw what failed and why below the last drawing."""
        from mjflow.cli.flows.screen import table_of_causes

        self.stands(standing)
        self.report.rest()
        if causes:
            self.report.print(table_of_causes(islice(causes, LISTED)))

    def _say(self, word: str, text: str) -> None:
        from mjflow.cli.flows.screen import told_of

        self.report.print(told_of(word, text))


class JsonBoard(Board):
    """Tells of a run in JSON, an object for each item and now and then one on how it stands."""

    later = 30.0

    def item(self, item: ItemResult, failures: Failures) -> None:
        """Tell what became of an item."""
        self.report.data(fields.line(told.of_item(item)))

    def ends(self, standing: Standing, causes: Causes) -> None:
        """Tell what failed and why, and how it stands in the end."""
        for group in causes:
            self.report.data(fields.line(told.of_group(group)))
        self._tell(standing)

    def _tell(self, standing: Standing) -> None:
        self.report.data(fields.line(told.of_standing(standing)))


def board_for(report: Report, *, json: bool) -> Board:
    """Choose how a run is told of."""
    if json:
        return JsonBoard(report)
    return LiveBoard(report) if isinstance(report, LiveReport) else Board(report)
