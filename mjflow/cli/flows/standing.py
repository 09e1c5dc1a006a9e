"""How far a run is, at one moment, as a person says it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from attrs import field, frozen

from mjflow.cli.words import lapse
from mjflow.flow.running.progress import Progress
from mjflow.fsm.states import State

#: Paths that are shown, or as many empty lines: what is drawn is always as high.
_PATHS = 3
_QUEUED = (State.SUBMITTED, State.SUBMITTING)
_RUNNING = (State.IN_PROGRESS, State.ANSWERING, State.MODAL)


@frozen(kw_only=True)
class Standing:
    """How far a run is."""

    name: str
    progress: Progress
    #: Where its pictures go.
    out: Path
    max_cost: float | None = None
    #: How many tasks are in each state; of tasks that have ended only some may be counted.
    states: Mapping[State, int] = field(factory=dict)
    #: Tasks that the server takes at once, as far as that is known.
    window: float = float("inf")
    #: Why nothing is submitted just now; `""` while all is well.
    paused: str = ""

    @property
    def items(self) -> int:
        """All items."""
        return self.progress.items or 0

    @property
    def share(self) -> float:
        """How much of it is over, from 0 to 1."""
        return self.progress.done / self.items if self.items else 0.0

    @property
    def is_over(self) -> bool:
        """Whether nothing more is done in this life."""
        return self.progress.items is not None and self.progress.done >= self.items


def rows(standing: Standing, now: datetime) -> list[tuple[str, str]]:
    """Say how a run stands in lines of a name and a text, always as many."""
    progress = standing.progress
    lines = [
        ("items", _items(progress)),
        ("branches", _branches(progress)),
        ("in flight", _flight(standing)),
        ("spent", money(standing)),
        ("time", _time(standing, now)),
        ("pictures", f"{progress.pictures:,} in {standing.out}"),
    ]
    shown = [("", path) for path in _last(standing)]
    return [*lines, *shown, *[("", "")] * (_PATHS - len(shown))]


def sentence(standing: Standing, now: datetime) -> str:
    """Say the same in one line, for a log."""
    progress = standing.progress
    parts = [
        f"{progress.done:,} of {standing.items:,} items",
        *(f"{count:,} {word}" for count, word in _troubles(progress)),
        *([f"{progress.in_flight:,} in flight"] if progress.in_flight else []),
        f"{progress.pictures:,} {'picture' if progress.pictures == 1 else 'pictures'}",
        money(standing),
    ]
    left = None if standing.is_over else _left(progress, now)
    return ", ".join(parts if left is None else [*parts, f"about {lapse(left)} to go"])


def money(standing: Standing) -> str:
    """Say what it has cost in all its lives; US dollars, unless the prices are others."""
    spent = standing.progress.spent
    said = [f"{'' if spent.complete else 'about '}${spent.total:,.2f} spent"]
    if spent.refunded:
        said.append(f"${spent.refunded:,.2f} given back")
    if spent.in_doubt:
        said.append(f"${spent.in_doubt:,.2f} in doubt")
    if standing.max_cost is not None:
        said.append(f"at most ${standing.max_cost:,.2f}")
    return " · ".join(said)


def _items(progress: Progress) -> str:
    told = [(progress.ended, "done"), *_troubles(progress), (progress.open, "under way")]
    return _counted([*told, (progress.waiting, "to come")])


def _troubles(progress: Progress) -> list[tuple[int, str]]:
    told = [(progress.failed, "failed"), (progress.stuck, "left for later")]
    return [(count, word) for count, word in told if count]


_BRANCHES = {"ended": "done", "failed": "failed", "stuck": "left for later", "dropped": "set aside"}


def _branches(progress: Progress) -> str:
    counts = [(progress.branches.get(name, 0), word) for name, word in _BRANCHES.items()]
    return _counted([(count, word) for count, word in counts if count or word == "done"])


def _counted(told: list[tuple[int, str]]) -> str:
    return " · ".join(f"{count:,} {word}" for count, word in told)


def _flight(standing: Standing) -> str:
    if standing.progress.halted is not None:
        return f"{standing.progress.in_flight:,}; nothing new is submitted"
    if standing.paused:
        return f"nothing is submitted for now: {standing.paused}"
    room = "" if standing.window == float("inf") else f" of {standing.window:,.0f}"
    queued, running = (sum(map(standing.states.get, which, (0, 0, 0))) for which in _KINDS)
    return f"{standing.progress.in_flight:,}{room}: {queued:,} queued, {running:,} running"


_KINDS = (_QUEUED, _RUNNING)


def _time(standing: Standing, now: datetime) -> str:
    progress = standing.progress
    if progress.started_at is None:
        return "0 s"
    said = lapse((now - progress.started_at).total_seconds())
    left = _left(progress, now)
    if standing.is_over:
        return f"{said} in all"
    if left is None or progress.ends_at is None:
        return said
    return f"{said} so far, about {lapse(left)} to go, until {progress.ends_at.astimezone():%H:%M}"


def _left(progress: Progress, now: datetime) -> float | None:
    """Seconds until it ends, if it goes on like this; `None` while nobody can tell."""
    return None if progress.ends_at is None else max(0.0, (progress.ends_at - now).total_seconds())


def _last(standing: Standing) -> list[str]:
    """Name the last pictures below the output folder, the newest first."""
    newest = standing.progress.last_pictures[-_PATHS:]
    return [seen(path, standing.out.absolute()) for path in reversed(newest)]


def seen(path: str, home: Path | None = None) -> str:
    """Say where something is as people do: from the working folder, or another, if below."""
    folder = Path.cwd() if home is None else home
    return path.removeprefix(f"{folder}{os.sep}")
