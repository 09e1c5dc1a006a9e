"""
Carries the commands of an item to the engine, and brings back the event that ends each.

What costs money goes through the engine's own door, under a key of the run: whatever is known of
it, there or in the journal, is picked up and never sent again.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from attrs import define, evolve, field

from mjflow.engine.act import Act, Options
from mjflow.engine.downloads import name_template
from mjflow.engine.engine import Engine
from mjflow.engine.record import Record
from mjflow.engine.resolve import button_name
from mjflow.engine.splits import cells_template, split
from mjflow.engine.threads import in_thread
from mjflow.errors import CostBrake, MjflowError, RunHeld
from mjflow.flow.items import Item
from mjflow.flow.language.forms import pictures_of
from mjflow.flow.machine.commands import (
    Candidate,
    Command,
    Cut,
    Ended,
    Event,
    File,
    Pick,
    Picked,
    Save,
    Stored,
    Submit,
)
from mjflow.flow.running.acting import act_of
from mjflow.flow.running.family import Family
from mjflow.flow.running.fates import ending, halts
from mjflow.flow.running.library import Library
from mjflow.flow.running.logbook import Logbook
from mjflow.flow.running.pictures import picture_of
from mjflow.flow.running.purse import Charge, Purse, charge_of, foreseen
from mjflow.flow.running.scoring import Scorer, best_of
from mjflow.flow.steps import CURRENT
from mjflow.fsm.states import SETTLED, State
from mjflow.journal.store import LeaseLost
from mjflow.media.store import Saved
from mjflow.protocol.prices import Prices
from mjflow.protocol.task import Task

logger = logging.getLogger("mjflow.flow")


@define(eq=False)
class Hands:
    """What all items of a run share to be carried."""

    engine: Engine
    options: Options
    prices: Prices
    logbook: Logbook
    purse: Purse
    library: Library
    out: Path
    scorers: Mapping[str | Scorer, Scorer]
    #: Whether the purse knows all that was paid in earlier lives.
    counted: bool = False
    #: Why nothing new is begun any more.
    halted: MjflowError | None = None
    #: Acts that have no outcome yet.
    open: set[Record] = field(factory=set)
    _recalled: bool = field(default=False, init=False)

    def halt(self, error: MjflowError) -> None:
        """
        Begin nothing new from now on, for a reason that everything else would meet, too.

        What waits in the engine is taken back, unless it was the cost brake: of that it is clear.
        """
        self.halted = self.halted or error
        if not self._recalled and not isinstance(error, CostBrake):
            self._recalled = True
            self.engine.recall(self.open, error)


@define(eq=False)
class Carrier:
    """Carries the commands of one item."""

    hands: Hands
    item: Item
    family: Family
    #: What its submits have come to, in all lives.
    spent: Charge = field(factory=Charge)
    #: What this life has begun for it.
    _begun: list[Record] = field(factory=list)

    def key_of(self, key: str) -> str:
        """Return the journal's key for one within the item."""
        return self.hands.logbook.key(self.item.key, key)

    async def carry(self, command: Command) -> Event:
        """Carry a command to its end; whatever goes wrong is in the event."""
        try:
            match command:
                case Submit():
                    return await self._submit(command)
                case Save():
                    return await self._save(command)
                case Cut():
                    return await self._cut(command)
                case Pick():
                    return await self._pick(command)
                case _:
                    raise AssertionError(command)
        except MjflowError as error:
            if halts(error):
                self.hands.halt(error)
            return ending(error)

    # --- submits --------------------------------------------------------------------------

    async def _submit(self, submit: Submit) -> Event:
        key = self.key_of(submit.key)
        act = await self._act(submit)
        self._reserve(submit, key, act)
        charge = Charge()
        try:
            record = self._begin(submit, key, act)
            self._begun.append(record)
            outcome = await self._outcome(record)
            charge = charge_of(record.latest, self.hands.prices)
        finally:
            self.hands.purse.settle(key, charge)
            self.spent += charge
        if isinstance(outcome, MjflowError):
            raise outcome
        tasks = _tasks(record.latest, outcome)
        self.family.ended(submit.key, tasks, record.latest)
        return Ended(tasks)

    async def _act(self, submit: Submit) -> Act:
        """Build the act; of one that is at the server already, as it was sent."""
        options = self.hands.options
        if self.family.past.is_open(submit.key):
            sent = self.family.sent(submit.key)
            if sent is not None:
                return sent
        current = None
        if CURRENT in pictures_of(submit.step):
            assert submit.parent is not None
            parent = self.family.record(submit.parent, submit.place)
            current = await picture_of(self.hands.engine.downloads, parent)
        return await in_thread(act_of, submit.step, options, self.hands.library, current)

    def _reserve(self, submit: Submit, key: str, act: Act) -> None:
        """Make sure that it may be paid for, unless it is already."""
        if self.family.past.is_open(submit.key):
            return
        if self.hands.halted is not None:
            raise self.hands.halted.with_traceback(None)
        action = "" if act.button else getattr(act.what, "action", "")
        self.hands.purse.reserve(
            key,
            foreseen(
                self.hands.prices,
                action,
                button_name(None, act),
                act.options.mode,
                answered=bool(act.answer),
            ),
        )

    def _begin(self, submit: Submit, key: str, act: Act) -> Record:
        engine, parent = self.hands.engine, self.family.parent(submit)
        engine.check_mode(act.options.mode)
        if parent is None:
            record = engine.intake.root(act, key)
        else:
            engine.check_click(act)
            record = engine.intake.chain(act, parent, key, Counter())
        self._take_up(record.latest)
        return record

    def _take_up(self, record: Record) -> None:
        """Let what a run of this name has begun in this client before go on under our lease."""
        options, lease = record.act.options, self.hands.options.lease
        if options.lease is lease:
            return
        record.act = evolve(record.act, options=evolve(options, lease=lease))
        unheld = record.state is State.MODAL and isinstance(record.error, RunHeld)
        if unheld and record.answer is not None:  # its dialog opened while nobody held the run
            self.hands.engine.answer(record, record.answer)

    async def _outcome(self, record: Record) -> Task | MjflowError:
        self.hands.open.add(record)
        try:
            return await self.hands.engine.tracker.outcome(record)
        finally:
            self.hands.open.discard(record)

    # --- files ----------------------------------------------------------------------------

    async def _save(self, save: Save) -> Event:
        record, template = self.family.record(save.parent, save.place), name_template(save.name)
        saved = await self.hands.engine.downloads.save(record, self.hands.out, template)
        return await self._stored(save, saved)

    async def _cut(self, cut: Cut) -> Event:
        record, template = self.family.record(cut.parent, cut.place), cells_template(cut.name)
        saved = await split(self.hands.engine.downloads, record, self.hands.out, template)
        return await self._stored(cut, saved)

    async def _stored(self, command: Command, saved: tuple[Saved, ...]) -> Event:
        files = tuple(File(str(one.path), one.whole.size, one.sha256) for one in saved)
        with self._noting():
            await self.hands.logbook.stored(self.item.key, command.key, files)
        return Stored(files)

    # --- choices --------------------------------------------------------------------------

    async def _pick(self, pick: Pick) -> Event:
        async def fetch(one: Candidate) -> bytes:
            return await picture_of(
                self.hands.engine.downloads, self.family.record(one.key, one.place)
            )

        scorer = self.hands.scorers[pick.scorer]
        places = await best_of(pick, scorer, self.item.values, fetch)
        with self._noting():
            await self.hands.logbook.picked(self.item.key, pick, places)
        return Picked(places)

    @contextmanager
    def _noting(self) -> Iterator[None]:
        """Let what has happened count, whether the journal takes it or not, while it is ours."""
        try:
            yield
        except LeaseLost:
            raise RunHeld(self.hands.options.caller, "") from None
        except MjflowError as error:
            logger.warning("not in the journal, and to be done again in the next life: %s", error)
            self.hands.halt(error)

    # --- the end --------------------------------------------------------------------------

    def forget(self) -> None:
        """Strike from the engine's books what nobody waits for any more."""
        for record in self._begun:
            for one in (record.latest, *record.latest.children):
                if one.state in SETTLED:
                    self.hands.engine.tracker.forget(one)


def _tasks(record: Record, outcome: Task) -> tuple[Task, ...]:
    """Return the tasks that a submit has ended with: nearly always one."""
    several = tuple(child.latest.task for child in record.children)
    return tuple(task for task in several if task is not None) or (outcome,)
