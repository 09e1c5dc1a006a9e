"""How branches go through the steps of a flow, and what they order on the way."""

from __future__ import annotations

from collections.abc import Container, Sequence

from mjflow.errors import InvalidInput, MjflowError
from mjflow.flow.items import Item
from mjflow.flow.machine import keys
from mjflow.flow.machine.branches import Branch, Group, Origin, Rank
from mjflow.flow.machine.conditions import holds
from mjflow.flow.machine.layout import Act, Layout, Line, acts_of, filled
from mjflow.flow.machine.orders import Choice, Order, Submission, filing
from mjflow.flow.machine.results import Ancestor
from mjflow.flow.steps import Choose, Download, Fork, OnError, Split, Step, Submitting
from mjflow.flow.templates import fill_name
from mjflow.protocol.task import Task


class Walk:
    """The branches of one item."""

    __slots__ = ("_acts", "_item", "_run", "branches", "due", "fatal", "stopped", "stuck")

    def __init__(self, layout: Layout, item: Item, run: str) -> None:
        self._item = item
        self._run = run
        self._acts: dict[Line, tuple[Act, ...]] = {}
        #: Orders that are not given out yet, by key.
        self.due: dict[str, Order] = {}
        #: Whether something waits for the next life of the run.
        self.stuck = False
        #: Why nothing more is begun for the item, or for the whole run.
        self.stopped: MjflowError | None = None
        self.fatal: MjflowError | None = None
        root = Branch(layout.first)
        #: All that have not split.
        self.branches: dict[Rank, Branch] = {root.rank: root}
        self.go(root)

    # --- steps ----------------------------------------------------------------------------

    def go(self, branch: Branch) -> None:
        """Take a branch on from step to step until it has to wait, or has come to its end."""
        while (line := branch.line) is not None:
            branch.line = line.after
            try:
                goes_on = self._take(branch, line)
            except InvalidInput as error:
                self.fail(branch, line.step, error)
                return
            if not goes_on:
                return
        branch.over = True

    def _take(self, branch: Branch, line: Line) -> bool:
        """
        Begin a step, and tell whether the branch goes on at once.

        Raises:
            InvalidInput: The step is not to be done with the values of this item.
        """
        wanted = self._is_wanted(branch, line.step)
        match line.step:
            case Choose():
                return self._meet(branch, line, wanted=wanted)
            case Submitting() as step if wanted:
                return self._submit(branch, line, step)
            case Download() | Split() as step if wanted:
                return self._file(branch, line, step)
            case Fork() if wanted:
                return self._fork(branch, line)
        return True

    def _is_wanted(self, branch: Branch, step: Step) -> bool:
        if step.when is None:
            return True
        task = branch.origin.task if branch.origin else None
        return holds(filled(step.when, self._item.values), task, self._item.values)

    def _submit(self, branch: Branch, line: Line, step: Submitting) -> bool:
        acts = self._acts_of(line, step)
        if branch.origin is None and any(act.builds for act in acts):
            raise _no_task(step)
        taken = branch.taken
        twigs = self._split(branch, len(acts), line.join)
        for twig, act in zip(twigs, acts, strict=True):
            path = keys.bounded((branch.path if act.builds else branch.scope) + act.part)
            key = keys.counted(path, taken)
            twig.enter(act, taken.count(path), apart=len(acts) > 1)
            self.due[key] = Submission.of(twig, line, act, key)
            taken = (*taken, path)
        for twig in twigs:
            twig.taken = taken
        return not acts

    def _file(self, branch: Branch, line: Line, step: Download | Split) -> bool:
        if branch.origin is None:
            raise _no_task(step)
        path = keys.bounded(branch.path + line.mark)
        key = keys.counted(path, branch.taken)
        branch.taken = (*branch.taken, path)
        name = fill_name(step.name, self._values(branch))
        branch.filing = self.due[key] = filing(branch, branch.origin, line, key, name)
        return True

    def _fork(self, branch: Branch, line: Line) -> bool:
        if not line.tails:
            return True
        self._leave(branch)
        twigs = self._split(branch, len(line.tails), None)
        for twig, (name, first) in zip(twigs, line.tails, strict=True):
            twig.turn(name, first)
        for twig in twigs:
            self.go(twig)
        return False

    def _meet(self, branch: Branch, line: Line, *, wanted: bool) -> bool:
        """Wait for the others at a choice; who does not want to be chosen goes on without."""
        group = branch.come(line)
        if group is None:
            return True
        if wanted:
            branch.waiting = group
            group.arrived.append(branch)
        if group.lose():
            self._open(group)
        return not wanted

    # --- what comes of it -----------------------------------------------------------------

    def start(self, order: Submission, tasks: tuple[Task, ...]) -> None:
        """Go on from the task, or from each of several; one that started none changes nothing."""
        before = order.branch.origin if order.act.builds else None
        twigs = self._split(order.branch, len(tasks), order.line.join)
        for place, (twig, task) in enumerate(zip(twigs, tasks, strict=True)):
            ancestor = Ancestor(act=order.act.name, task=task)
            origin = Origin(order.command.key, place, ancestor, before)
            twig.come_to(origin, apart=len(tasks) > 1)
        for branch in twigs or [order.branch]:
            self.go(branch)

    def choose(self, branches: Sequence[Branch], places: Container[int]) -> None:
        """Go on with the branches in these places, and set the others aside."""
        for place, branch in enumerate(branches):
            branch.waiting = None
            if place not in places:
                branch.dropped = branch.over = True
                self._leave(branch)
        for place, branch in enumerate(branches):
            if place in places:
                self.go(branch)

    def fail(self, branch: Branch, step: Step, error: MjflowError) -> None:
        """End a branch with an error."""
        branch.over, branch.error = True, error
        self.heed(step, error)
        self._leave(branch)

    def heed(self, step: Step, error: MjflowError) -> None:
        """Stop the item or the run, if the author wants that for this step."""
        if step.on_error is not OnError.BRANCH:
            self.stopped = self.stopped or error
        if step.on_error is OnError.RUN:
            self.fatal = self.fatal or error

    def park(self, branch: Branch, error: MjflowError) -> None:
        """Leave a branch to the next life of the run."""
        branch.over = branch.stuck = self.stuck = True
        branch.error = error
        branch.block(error)

    # --- branches -------------------------------------------------------------------------

    def _split(self, branch: Branch, number: int, join: Line | None) -> list[Branch]:
        """Put so many branches in the place of one."""
        if number < 2:
            return [branch] * number
        twigs = branch.twigs(number, join)
        del self.branches[branch.rank]
        self.branches.update((twig.rank, twig) for twig in twigs)
        return twigs

    def _leave(self, branch: Branch) -> None:
        for group in branch.leave():
            self._open(group)

    def _open(self, group: Group) -> None:
        """Go on with those that have come to a choice, or have it made if they are too many."""
        branches = sorted(group.arrived, key=lambda branch: branch.rank)
        step = group.join.step
        assert isinstance(step, Choose)
        if len(branches) <= step.best:
            self.choose(branches, range(len(branches)))
        else:
            choice = Choice.of(group, step, branches)
            self.due[choice.command.key] = choice

    # --- texts ----------------------------------------------------------------------------

    def _acts_of(self, line: Line, step: Submitting) -> tuple[Act, ...]:
        """Fill in the texts of a step, once for an item; not at all where they say all there is."""
        if line.acts is not None:
            return line.acts
        if line not in self._acts:
            self._acts[line] = acts_of(filled(step, self._item.values), line.mark)
        return self._acts[line]

    def _values(self, branch: Branch) -> dict[str, str]:
        """Return what a file's name may be made of."""
        own = {"item": self._item.key, "branch": branch.name, "run": self._run}
        return {**self._item.values, **own}


def _no_task(step: Step) -> InvalidInput:
    return InvalidInput(
        f"there is no task yet for {keys.name_of(step)!r} to build on",
        advice="Its branch has skipped all acts above it: see their `when`.",
    )
