# One item's way through a flow: what is to be done next, and what follows from what was done.
#
# House rules
#
# * Pure: no clock, no chance, no files, nothing awaited.  Whoever drives it gets commands, carries
#   them out in whatever order and way, and applies one event to each.
# * Nothing depends on the order of events, so that a run that was broken off and resumed ends as
#   one that was not.  The exceptions are told below.
# * There is no other way to resume: a machine of the next life is fed what the journal knows, as
#   soon as it gives the key.
#
# Theory of operation
#
# A *branch* stands at a line of the layout.  `Walk.go` takes it from line to line until it waits
# for a submit, waits for its siblings at a choice, or has come to its end.  Where a step splits
# it, its twigs take its place.  A *group* counts the twigs that may still come to the choice where
# they meet; the last one to come, to fail or to be set aside opens it.
#
# An *order* is a command and what is to be done with the answer.  Orders wait in `Walk.due` until
# they are given out, and in `Machine._out` until they are answered.
#
# What does not fit
#
# * `on_error: item` and `run` stop whatever was not begun, so what has come to its end by then
#   depends on who was faster.  A resumed machine is told the keys that its former life gave out,
#   and gives them out even when it is stopped: what was paid for is never forgotten.
# * A file that cannot be saved does not stop its branch: the next acts are most likely on the wire
#   by then.  It is told with the branch in the end.
# * A stuck branch blocks the choices that it may still come to.  Choosing without it would be
#   another choice than the next life makes.
"""One item's way through a flow, as a pure machine: commands out, events in."""

from __future__ import annotations

from collections.abc import Container

from mjflow.errors import MjflowError
from mjflow.flow.flow import Flow
from mjflow.flow.items import Item
from mjflow.flow.machine.branches import Filing
from mjflow.flow.machine.commands import Command, Ended, Event, Failed, Picked, Stored, Stuck
from mjflow.flow.machine.layout import Layout
from mjflow.flow.machine.orders import Choice, Order, OutOfTurn, Submission, check_turn
from mjflow.flow.machine.results import ItemResult
from mjflow.flow.machine.walk import Walk
from mjflow.flow.steps import Step

__all__ = ["Machine", "OutOfTurn"]


class Machine:
    """
    What one item of a run does next, and what became of it.

    Take `commands`, carry them out, `apply` what came of each, and begin again until it has ended.
    """

    __slots__ = ("_out", "_walk", "item")

    def __init__(self, flow: Flow | Layout, item: Item, *, run: str = "") -> None:
        """
        Begin with an item.

        Args:
            flow: Who has many items lays it out once, `Layout.of(flow)`, and shares that.
            run: The run's name, for the names of files.
        """
        self.item = item
        layout = flow if isinstance(flow, Layout) else Layout.of(flow)
        self._walk = Walk(layout, item, run)
        self._out: dict[str, Order] = {}

    def commands(self, before: Container[str] = ()) -> list[Command]:
        """
        Return what is to be carried out now and was not given before.

        Args:
            before: Keys that a former life of the run gave out.  A step that stops the whole item
                leaves nothing to be begun, yet what was begun then is still to be seen through.
        """
        due = self._walk.due
        given = [key for key in due if self._walk.stopped is None or key in before]
        orders = {key: due.pop(key) for key in given}
        self._out.update(orders)
        return [order.command for order in orders.values()]

    def apply(self, key: str, event: Event) -> None:
        """
        Take in what came of a command.

        Raises:
            OutOfTurn: No such command is open, or this is no answer to it: a bug in the caller,
                and nothing has changed.
        """
        order = check_turn(key, self._out.get(key), event)
        del self._out[key]
        match order:
            case Submission():
                self._submitted(order, event)
            case Choice():
                self._chosen(order, event)
            case Filing():
                self._filed(order, event)

    def step_of(self, key: str) -> Step:
        """Return the step, as the flow has it, that an open command comes from."""
        return self._out[key].line.step

    @property
    def ended(self) -> bool:
        """Whether nothing is out, and nothing is left to be begun in this life of the run."""
        return not self._out and (not self._walk.due or self._walk.stopped is not None)

    @property
    def stuck(self) -> bool:
        """Whether something waits for the next life of the run."""
        return self._walk.stuck

    @property
    def fatal(self) -> MjflowError | None:
        """Why the whole run is to stop, if it is: a step with `on_error: run` has failed."""
        return self._walk.fatal

    def result(self) -> ItemResult:
        """Tell what became of the item; of what has not ended yet, that it waits."""
        ways = [self._walk.branches[rank] for rank in sorted(self._walk.branches)]
        return ItemResult(
            key=self.item.key,
            values=self.item.values,
            branches=tuple(branch.result(self._walk.stopped) for branch in ways),
        )

    # --- answers --------------------------------------------------------------------------

    def _submitted(self, order: Submission, event: Event) -> None:
        match event:
            case Ended(tasks):
                self._walk.start(order, tasks)
            case Failed(error) if order.may_again(error):
                order.again()
                self._walk.due[order.command.key] = order
            case Failed(error):
                self._walk.fail(order.branch, order.line.step, error)
            case Stuck(error):
                self._walk.park(order.branch, error)

    def _filed(self, order: Filing, event: Event) -> None:
        match event:
            case Stored(files):
                order.files, order.settled = files, True
            case Failed(error):
                order.error, order.settled = error, True
                self._walk.heed(order.line.step, error)
            case Stuck(error):
                order.error, self._walk.stuck = error, True

    def _chosen(self, order: Choice, event: Event) -> None:
        match event:
            case Picked(places):
                self._walk.choose(order.branches, frozenset(places))
            case Failed(error):
                for branch in order.branches:
                    self._walk.fail(branch, order.line.step, error)
            case Stuck(error):
                for branch in order.branches:
                    self._walk.park(branch, error)
