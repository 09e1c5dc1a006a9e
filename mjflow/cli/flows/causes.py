"""What failed and why, grouped by cause: one line for a reason, however many items it struck."""

from __future__ import annotations

import re
from collections.abc import Iterator

from attrs import define, field, frozen

from mjflow.cli.words import words_of
from mjflow.errors import MjflowError, SubmissionInDoubt
from mjflow.flow.machine.results import BranchResult, ItemResult

#: Causes that are told apart; beyond, all are one.
MOST = 200
#: Places that are kept for each cause.
EXAMPLES = 3

#: What differs from task to task in the same message: ids, tokens, and other long numbers.
_OWN = re.compile(r"\b(?=[0-9a-f]*\d)[0-9a-f]{10,}\b|(?<=task )[\w-]*\d[\w-]*|(?<=token )[^\s)]+")
_OTHERS = "other causes"


@frozen
class Cause:
    """A reason why branches ended, or wait."""

    #: What happened, without what is one task's own.
    what: str
    advice: str
    #: Whether a resumed run goes on with them.
    waits: bool


@define
class Group:
    """All that one cause struck."""

    cause: Cause
    count: int = 0
    #: The first places, for people: `item-7 > U1`.
    places: list[str] = field(factory=list)

    @property
    def where(self) -> str:
        """Name the first places, and count the rest."""
        more = self.count - len(self.places)
        return ", ".join([*self.places, f"and {more:,} more"] if more else self.places)


class Causes:
    """Collects failures of a run in a bounded space."""

    def __init__(self) -> None:
        self._groups: dict[Cause, Group] = {}
        #: Exit codes of all that was collected.
        self.codes: set[int] = set()
        #: Whether anything may have been paid, and nobody knows.
        self.in_doubt = False

    def take(self, item: ItemResult) -> list[tuple[BranchResult, Group]]:
        """Collect what failed of an item; returns it with what it has in common with others."""
        return [
            (branch, self.add(branch.error, place_of(item, branch), waits=branch.stuck))
            for branch in item.branches
            if branch.error is not None
        ]

    def add(self, error: MjflowError, place: str, *, waits: bool) -> Group:
        """Count a failure in, and return the group that it belongs to."""
        self.codes.add(error.exit_code)
        self.in_doubt = self.in_doubt or isinstance(error, SubmissionInDoubt)
        cause = cause_of(error, waits=waits)
        if cause not in self._groups and len(self._groups) >= MOST:
            cause = Cause(_OTHERS, "", waits)
        group = self._groups.setdefault(cause, Group(cause))
        group.count += 1
        if len(group.places) < EXAMPLES:
            group.places.append(place)
        return group

    def __iter__(self) -> Iterator[Group]:
        """Yield the groups: failures before what only waits, the largest first."""
        return iter(sorted(self._groups.values(), key=lambda one: (one.cause.waits, -one.count)))

    def __bool__(self) -> bool:
        return bool(self._groups)


def place_of(item: ItemResult, branch: BranchResult) -> str:
    """Say where in a run something happened: `item-7 > U1 > Vary (Region)`."""
    return f"{item.key} > {branch.name}" if branch.name else item.key


def cause_of(error: MjflowError, *, waits: bool) -> Cause:
    """Return what an error has in common with others of its kind."""
    message, advice = words_of(error)
    if isinstance(error, SubmissionInDoubt):
        advice = "They were not sent again, lest they be paid twice."
    return Cause(_OWN.sub("…", message), _OWN.sub("…", advice), waits)
