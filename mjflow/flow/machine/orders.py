"""Orders: commands, beside what a machine needs to know when they are answered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from attrs import define, evolve

from mjflow.errors import MjflowError, TaskFailed
from mjflow.flow.machine import keys
from mjflow.flow.machine.branches import Branch, Filing, Group, Origin
from mjflow.flow.machine.commands import (
    Cut,
    Ended,
    Event,
    Failed,
    Pick,
    Picked,
    Save,
    Stored,
    Stuck,
    Submit,
)
from mjflow.flow.machine.layout import Act, Line
from mjflow.flow.steps import Choose, Download


class OutOfTurn(Exception):
    """An event that answers no open command: a bug in whoever drives the machine."""


@define(eq=False)
class Submission:
    """A submit, in its first try or a later one."""

    command: Submit
    branch: Branch
    line: Line
    act: Act
    #: Of the first try.
    key: str
    tries: int = 1

    @classmethod
    def of(cls, branch: Branch, line: Line, act: Act, key: str) -> Self:
        """Order an act."""
        parent = branch.origin if act.builds else None
        command = Submit(
            key=key,
            branch=branch.name,
            step=act.step,
            parent=parent.key if parent else None,
            place=parent.place if parent else 0,
        )
        return cls(command, branch, line, act, key)

    def again(self) -> None:
        """Order it once more, under a key of its own."""
        self.tries += 1
        self.command = evolve(self.command, key=f"{self.key}~{self.tries}")

    def may_again(self, error: MjflowError) -> bool:
        """Whether the author wants it paid for once more."""
        resubmit = self.act.step.resubmit
        return (
            self.tries <= resubmit.times
            and isinstance(error, TaskFailed)
            and error.kind in resubmit.on
        )


@define(eq=False)
class Choice:
    """A choice among branches that wait for it."""

    command: Pick
    line: Line
    branches: Sequence[Branch]

    @classmethod
    def of(cls, group: Group, step: Choose, branches: Sequence[Branch]) -> Self:
        """Order a choice among branches that are there."""
        candidates = tuple(branch.candidate() for branch in branches)
        command = Pick(
            key=keys.bounded(group.path + keys.pick(group.join.mark, candidates)),
            branch=group.name,
            candidates=candidates,
            scorer=step.scorer,
            best=step.best,
        )
        return cls(command, group.join, branches)


def filing(branch: Branch, origin: Origin, line: Line, key: str, name: str) -> Filing:
    """Order files of the task that a branch has come to."""
    kind = Save if isinstance(line.step, Download) else Cut
    command = kind(key=key, branch=branch.name, parent=origin.key, place=origin.place, name=name)
    return Filing(command, line, branch.filing)


Order = Submission | Choice | Filing

_ANSWERS: dict[type[Order], tuple[type[Event], ...]] = {
    Submission: (Ended, Failed, Stuck),
    Choice: (Picked, Failed, Stuck),
    Filing: (Stored, Failed, Stuck),
}


def check_turn(key: str, order: Order | None, event: Event) -> Order:
    """
    Return the order that an event answers.

    Raises:
        OutOfTurn: There is none, or this is no answer to it.
    """
    if order is None:
        raise OutOfTurn(f"no command {key!r} is waiting for an answer")
    if not isinstance(event, _ANSWERS[type(order)]):
        raise OutOfTurn(f"{type(event).__name__} is no answer to {key!r}")
    return order
