"""The tasks of one item, each with the one that it builds on: for clicks and for sidecars."""

from __future__ import annotations

from attrs import define, field

from mjflow.engine.act import Act, Attach, Options
from mjflow.engine.intake import Intake
from mjflow.engine.payload import asked
from mjflow.engine.record import Record
from mjflow.flow.machine.commands import Submit
from mjflow.flow.running.logbook import Past
from mjflow.protocol.requests import Root
from mjflow.protocol.task import Task


@define
class Family:
    """
    Finds the record of any task of an item; those of another life are made when they are asked for.
    """

    _intake: Intake
    _options: Options
    past: Past
    _submits: dict[str, Submit] = field(factory=dict)
    _tasks: dict[str, tuple[Task, ...]] = field(factory=dict)
    _records: dict[tuple[str, int], Record] = field(factory=dict)

    def asked(self, submit: Submit) -> None:
        """Note what a task will build on."""
        self._submits[submit.key] = submit

    def ended(self, key: str, tasks: tuple[Task, ...], record: Record | None) -> None:
        """Note the tasks that a submit has ended with, and its record if it is of this life."""
        self._tasks[key] = tasks
        if record is not None:
            for place, one in enumerate(record.children or (record,)):
                self._records[key, place] = one

    def record(self, key: str, place: int) -> Record:
        """Return the record of a task that has ended."""
        found = self._records.get((key, place))
        if found is None:
            found = self._records[key, place] = self._remembered(key, place)
        return found.latest

    def parent(self, submit: Submit) -> Record | None:
        """Return the record that a submit builds on."""
        return None if submit.parent is None else self.record(submit.parent, submit.place)

    def sent(self, key: str) -> Act | None:
        """
        Return an act as an earlier life has sent it; `None` for what builds on a button.

        Its pictures need not be there any more.
        """
        paper = asked(self.past.attempts[key][-1].intent.payload)
        if paper is None or not isinstance(paper.request, Root):
            return None
        return paper.act(self._options)

    def _remembered(self, key: str, place: int) -> Record:
        attempt = self.past.attempts[key][-1]
        paper = asked(attempt.intent.payload)
        act = (
            Act(what=Attach(), options=self._options) if paper is None else paper.act(self._options)
        )
        return self._intake.remember(
            act,
            self._tasks[key][place],
            key=attempt.intent.key,
            parent=self.parent(self._submits[key]),
            button=paper.button if paper else None,
        )
