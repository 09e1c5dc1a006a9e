"""How a run stands: counted as it goes, and read whenever somebody wants to know."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from attrs import define, field, frozen

from mjflow.engine.clock import Clock
from mjflow.engine.spend import Spent
from mjflow.errors import MjflowError
from mjflow.flow.machine.commands import Event, Failed, File, Stored, Stuck
from mjflow.flow.machine.results import ItemResult

NOTHING = Spent()
#: Pictures that are named.
_LAST = 5


@frozen(kw_only=True)
class Progress:
    """How a run stands at one moment."""

    #: All items; `None` before they are counted.
    items: int | None
    #: Items not begun in this life.
    waiting: int
    #: Items under way.
    open: int
    #: Items whose branches have all come to their ends.
    ended: int
    #: Items with a branch that failed, and none that waits.
    failed: int
    #: Items with a branch that waits for another life of the run.
    stuck: int
    #: Branches of items that have ended, by what became of them: `"ended"`, `"failed"`, `"stuck"`
    #: and `"dropped"`.
    branches: Mapping[str, int]
    #: Tasks submitted, or about to be, that have no outcome yet.
    in_flight: int
    #: Pictures saved, and those that were already there.
    pictures: int
    #: Paths of the last of them, the newest last.
    last_pictures: tuple[str, ...]
    #: What the run has cost, in all its lives, as far as it was read by now.
    spent: Spent
    #: How often each cause has ended or stopped a branch, the most frequent first.
    failures: Mapping[str, int]
    #: Why nothing new is submitted any more; `None` while all is well.
    halted: MjflowError | None
    #: When this life of the run began; `None` before.
    started_at: datetime | None
    #: When it will have ended, if it goes on like this; `None` while nobody can tell.
    ends_at: datetime | None

    @property
    def done(self) -> int:
        """Items that nothing more is done for in this life."""
        return self.ended + self.failed + self.stuck


@define(eq=False)
class Tally:
    """Counts what happens in a run."""

    _clock: Clock
    items: int | None = None
    open: int = 0
    ended: int = 0
    failed: int = 0
    stuck: int = 0
    branches: Counter[str] = field(factory=Counter)
    pictures: int = 0
    last_pictures: deque[str] = field(factory=lambda: deque(maxlen=_LAST))
    failures: Counter[str] = field(factory=Counter)
    started_at: datetime | None = None
    #: On the engine's clock, and how many items had ended without any work by then.
    _began: float = 0.0
    _worked: int = 0

    def begin(self) -> None:
        """Note that the life begins now."""
        self.started_at = datetime.now(UTC)
        self._began = self._clock.now()

    def applied(self, event: Event) -> None:
        """Count what came of a command."""
        if isinstance(event, Stored):
            self._stored(event.files)
        elif isinstance(event, Failed | Stuck):
            self.failures[cause_of(event.error)] += 1

    def _stored(self, files: tuple[File, ...]) -> None:
        self.pictures += len(files)
        self.last_pictures.extend(file.path for file in files)

    def finished(self, result: ItemResult, *, worked: bool) -> None:
        """
        Count an item that nothing more is done for.

        Args:
            worked: Whether anything was left to be done for it in this life.
        """
        self.open -= 1
        self._worked += worked
        if result.stuck:
            self.stuck += 1
        elif not result.ok:
            self.failed += 1
        else:
            self.ended += 1
        for branch in result.branches:
            self.branches[_state(branch.error, stuck=branch.stuck, dropped=branch.dropped)] += 1

    def ends_at(self) -> datetime | None:
        """Estimate the end from the items that took work."""
        if self.items is None or not self._worked or self.started_at is None:
            return None
        left = self.items - self.ended - self.failed - self.stuck
        each = self._clock.real(self._clock.now() - self._began) / self._worked
        return datetime.now(UTC) + timedelta(seconds=left * each)

    def progress(
        self, *, in_flight: int = 0, spent: Spent = NOTHING, halted: MjflowError | None = None
    ) -> Progress:
        """Take a snapshot."""
        done = self.ended + self.failed + self.stuck
        return Progress(
            items=self.items,
            waiting=max(0, (self.items or 0) - done - self.open),
            open=self.open,
            ended=self.ended,
            failed=self.failed,
            stuck=self.stuck,
            branches=dict(self.branches),
            in_flight=in_flight,
            pictures=self.pictures,
            last_pictures=tuple(self.last_pictures),
            spent=spent,
            failures=dict(self.failures.most_common()),
            halted=halted,
            started_at=self.started_at,
            ends_at=self.ends_at(),
        )


def cause_of(error: MjflowError) -> str:
    """Name the cause of an error, the same for all that have it: no ids, no names of items."""
    kind = getattr(error, "kind", None)
    return f"{type(error).__name__}: {kind}" if kind is not None else type(error).__name__


def _state(error: MjflowError | None, *, stuck: bool, dropped: bool) -> str:
    if dropped:
        return "dropped"
    if stuck:
        return "stuck"
    return "ended" if error is None else "failed"
