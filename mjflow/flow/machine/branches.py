"""Branches: how far an item has come, and where its branches come together again."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import Factory, define, evolve, frozen

from mjflow.errors import MjflowError
from mjflow.flow.machine.commands import Candidate, Cut, File, Save
from mjflow.flow.machine.keys import word
from mjflow.flow.machine.layout import Act, Line
from mjflow.flow.machine.results import Ancestor, BranchResult
from mjflow.protocol.task import Task

#: Which way was taken at each split: sorts branches as the flow has them, whoever came first.
Rank = tuple[int, ...]


@frozen(eq=False)
class Origin:
    """A task that a branch has come to: what the next act builds on."""

    #: Of the submit that started it.
    key: str
    #: Which of its tasks.
    place: int
    told: Ancestor
    #: What that act was built on in turn; `None` for one that built on nothing.
    before: Origin | None

    @property
    def task(self) -> Task:
        """The task itself, as it ended."""
        return self.told.task


@define(eq=False)
class Filing:
    """Files that a step wants made, and what became of them."""

    command: Save | Cut
    line: Line
    #: What the same branch wanted before; branches share what they wanted before they split.
    before: Filing | None
    files: tuple[File, ...] = ()
    error: MjflowError | None = None
    #: Whether the last word is spoken: saved, or failed.
    settled: bool = False


@define(eq=False)
class Group:
    """The branches that one step has split into, until a choice is made among them."""

    #: The line of the choice.
    join: Line
    #: What keys begin with at the place of the split, and its name.
    path: str
    name: str
    #: The group that the split branch was in.
    outer: Group | None
    #: How many of its branches may still come to the choice.
    open: int
    #: Those that wait there.
    arrived: list[Branch] = Factory(list)
    #: Why the choice cannot be made in this life: the first of its branches that is stuck.
    blocked: tuple[Rank, MjflowError] | None = None

    def lose(self) -> bool:
        """Expect one branch less, and tell whether all others are there."""
        self.open -= 1
        return not self.open


@define(eq=False)
class Branch:
    """One way through the steps."""

    #: The step to be done next.
    line: Line | None
    #: `None` before the first act.
    origin: Origin | None = None
    #: Words of a key that tell it from others on the same task, and from all others.
    since: str = ""
    scope: str = ""
    name: str = ""
    rank: Rank = ()
    group: Group | None = None
    #: Keys that were given out on the way here.
    taken: tuple[str, ...] = ()
    filing: Filing | None = None
    #: Whether nothing more is to be done on it in this life.
    over: bool = False
    error: MjflowError | None = None
    stuck: bool = False
    dropped: bool = False
    #: Where it waits for others.
    waiting: Group | None = None

    @property
    def path(self) -> str:
        """What the key of an act begins with that builds on its task, or is the first of all."""
        return f"{self.origin.key}/{self.since}" if self.origin else self.scope

    def twigs(self, number: int, join: Line | None) -> list[Branch]:
        """Split into so many branches, which may come together again."""
        for group in self._groups():
            group.open += number - 1
        inner = Group(join, self.path, self.name, self.group, number) if join else self.group
        return [evolve(self, rank=(*self.rank, at), group=inner) for at in range(number)]

    def enter(self, act: Act, again: int, *, apart: bool) -> None:
        """
        Take the way of an act.

        Args:
            again: How often the same was done before.
            apart: Whether its siblings take other ways here.
        """
        number = f"#{again + 1}" if again else ""
        if self.origin is not None:
            self._call(f"{act.label} {number}".rstrip())
        if apart:
            self._tell_apart(f"{word(act.name)}{number}:")

    def turn(self, tail: str, line: Line | None) -> None:
        """Take the way of a fork's tail."""
        self.line = line
        self._call(tail)
        self._tell_apart(f"{word(tail)}:")

    def come_to(self, origin: Origin, *, apart: bool) -> None:
        """Go on from another task; `apart` if siblings go on from others of the same act."""
        self.origin, self.since = origin, ""
        if apart:
            number = origin.place + 1
            self.name = f"{self.name} {number}".lstrip()
            self._tell_apart(f"{number}:")

    def _tell_apart(self, words: str) -> None:
        self.since += words
        self.scope += words

    def _call(self, label: str) -> None:
        self.name = f"{self.name} > {label}" if self.name else label

    # --- choices --------------------------------------------------------------------------

    def come(self, choice: Line) -> Group | None:
        """Come to a choice, and return whose it is: all that it has split into since is joined."""
        met = None
        while self.group is not None and self.group.join is choice:
            met, self.group = self.group, self.group.outer
        return met

    def leave(self) -> list[Group]:
        """Leave all groups, and return those that nobody else may still come to."""
        left = list(self._groups())
        self.group = None
        return [group for group in left if group.lose()]

    def block(self, error: MjflowError) -> None:
        """Keep the choices that it may still come to from being made."""
        for group in self._groups():
            if group.blocked is None or self.rank < group.blocked[0]:
                group.blocked = self.rank, error

    def _groups(self) -> Iterator[Group]:
        """Yield the groups that it is in, the innermost first."""
        group = self.group
        while group is not None:
            yield group
            group = group.outer

    def candidate(self) -> Candidate:
        """Show it to a scorer."""
        assert self.origin is not None  # it was split by an act
        return Candidate(self.name, self.origin.key, self.origin.place, self.origin.task)

    # --- the end --------------------------------------------------------------------------

    def result(self, stopped: MjflowError | None) -> BranchResult:
        """
        Tell what became of it.

        Args:
            stopped: Why the item went no further, if it was stopped.
        """
        filings = self._filings()
        errors = [self._reason(stopped), *(self._missing(one, stopped) for one in filings)]
        waits = not self.over or any(not one.settled for one in filings)
        return BranchResult(
            name=self.name,
            lineage=self._lineage(),
            files=tuple(file for one in filings for file in one.files),
            error=next(filter(None, errors), None),
            stuck=self.stuck or (waits and stopped is None),
            dropped=self.dropped,
        )

    def _reason(self, stopped: MjflowError | None) -> MjflowError | None:
        if self.over:
            return self.error
        blocked = self.waiting.blocked if self.waiting else None
        return blocked[1] if blocked else stopped

    def _missing(self, filing: Filing, stopped: MjflowError | None) -> MjflowError | None:
        return filing.error or (None if filing.settled else stopped)

    def _filings(self) -> list[Filing]:
        found: list[Filing] = []
        filing = self.filing
        while filing is not None:
            found.append(filing)
            filing = filing.before
        return found[::-1]

    def _lineage(self) -> tuple[Ancestor, ...]:
        found: list[Ancestor] = []
        origin = self.origin
        while origin is not None:
            found.append(origin.told)
            origin = origin.before
        return tuple(found[::-1])
