"""One item's way through a life of a run: the machine on one side, the engine on the other."""

from __future__ import annotations

import asyncio
from typing import Protocol

from attrs import evolve

from mjflow.flow.items import Item
from mjflow.flow.machine.commands import Command, Ended, Event, Submit
from mjflow.flow.machine.layout import Layout
from mjflow.flow.machine.machine import Machine
from mjflow.flow.machine.results import ItemResult
from mjflow.flow.running.carrying import Carrier, Hands
from mjflow.flow.running.family import Family
from mjflow.flow.running.logbook import Past
from mjflow.flow.running.purse import Charge, charges_of
from mjflow.protocol.prices import Prices


def charged(past: Past, key: str, prices: Prices) -> tuple[Charge, Charge | None]:
    """Say what a submit has come to by attempts that are over, and by one that is not."""
    attempts = past.attempts[key]
    if not past.is_open(key):
        return charges_of(attempts, prices), None
    return charges_of(attempts[:-1], prices), charges_of(attempts[-1:], prices)


class Told(Protocol):
    """Is called with every event."""

    def __call__(self, machine: Machine, event: Event, *, anew: bool) -> None:
        """Take note of it; anew if it has happened in this life of the run."""


class Passage:
    """
    Takes an item from command to event until nothing is left to be done for it in this life.

    What the journal knows to have ended is applied without anybody being asked.

    Args:
        told: Called with every event, and whether it is of this life.
    """

    def __init__(
        self,
        hands: Hands,
        layout: Layout,
        item: Item,
        past: Past,
        run: str,
        told: Told,
    ) -> None:
        self._past = past
        self._before = past.keys
        self._told = told
        self._machine = Machine(layout, item, run=run)
        self._family = Family(hands.engine.intake, hands.options, past)
        self._carrier = Carrier(hands, item, self._family)
        self._hands = hands
        #: Whether anything was left to be done in this life.
        self.worked = False

    async def run(self) -> ItemResult:
        """Go through, and return what became of the item."""
        self._count_past()
        try:
            async with asyncio.TaskGroup() as group:
                self._go_on(group)
        finally:
            self._carrier.forget()
        return evolve(self._machine.result(), spent=self._carrier.spent.spent)

    def _count_past(self) -> None:
        for key in self._past.attempts:
            ended, running = charged(self._past, key, self._hands.prices)
            self._carrier.spent += ended
            if not self._hands.counted:
                self._hands.purse.remember(self._carrier.key_of(key), ended, running)

    def _go_on(self, group: asyncio.TaskGroup) -> None:
        """Begin what is to be done, and apply what was done in another life."""
        while commands := self._machine.commands(self._before):
            for command in commands:
                if isinstance(command, Submit):
                    self._family.asked(command)
                event = self._past.event(command)
                if event is None:
                    self.worked = True
                    group.create_task(self._carry(group, command))
                else:
                    self._apply(command, event, anew=False)

    async def _carry(self, group: asyncio.TaskGroup, command: Command) -> None:
        self._apply(command, await self._carrier.carry(command), anew=True)
        self._go_on(group)

    def _apply(self, command: Command, event: Event, *, anew: bool) -> None:
        if isinstance(event, Ended):
            self._family.ended(command.key, event.tasks, None)
        self._machine.apply(command.key, event)
        self._told(self._machine, event, anew=anew)
