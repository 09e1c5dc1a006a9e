"""Places, whoever wants them, gives them back or gives up: never lost, never one too many."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from attrs import define, field, frozen
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from mjflow.engine.gates import Gate, enter
from mjflow.timing.limits import Window

from ..virtual import VirtualLoop, virtual_time


async def settled() -> None:
    """Let everybody run who can."""
    for _ in range(5):
        await asyncio.sleep(0)


@virtual_time
async def test_who_enters_goes_where_there_is_room() -> None:
    """The first gate that has some, in the order in which they were named."""
    first, second = Gate(Window.fixed(1)), Gate(Window.fixed(1))
    assert await enter((first, second)) is first
    assert await enter((first, second)) is second


@virtual_time
async def test_who_waits_at_several_gates_takes_the_first_that_opens() -> None:
    """And waits at none of the others from then on."""
    first, second = Gate(Window.fixed(1)), Gate(Window.fixed(1))
    first.take()
    second.take()
    waiting = asyncio.create_task(enter((first, second)))
    await settled()
    assert (first.waiting, second.waiting) == (1, 1)
    second.leave()
    assert await waiting is second
    assert (first.waiting, second.waiting) == (0, 0)


@pytest.mark.parametrize("freed", ["before", "after", "in the same moment"])
@virtual_time
async def test_who_is_cancelled_while_waiting_takes_no_place(freed: str) -> None:
    """Wherever the cancellation falls, the place goes to the next one and none is lost."""
    gate = Gate(Window.fixed(1))
    gate.take()
    gone = asyncio.create_task(enter((gate,)))
    following = asyncio.create_task(enter((gate,)))
    await settled()
    if freed == "before":
        gate.leave()
        gone.cancel()
    elif freed == "after":
        gone.cancel()
        await settled()
        gate.leave()
    else:
        gone.cancel()
        gate.leave()
    await settled()
    assert (gone.cancelled(), following.done()) == (True, True)
    assert (gate.window.taken, gate.waiting) == (1, 0)
    gate.leave()
    assert gate.idle


@virtual_time
async def test_a_cancelled_wait_costs_its_caller_no_turn() -> None:
    """The next one of the same caller has it."""
    gate = Gate(Window.fixed(1))
    gate.take()
    gone = asyncio.create_task(enter((gate,), "ann"))
    ann = asyncio.create_task(enter((gate,), "ann"))
    bob = asyncio.create_task(enter((gate,), "bob"))
    await settled()
    gone.cancel()
    gate.leave()
    await settled()
    assert (ann.done(), bob.done()) == (True, False)
    bob.cancel()


# --- any order ----------------------------------------------------------------------------

SIZES = {"turbo": 1, "fast": 2, "relax": 3}
lanes = st.lists(st.sampled_from(list(SIZES)), min_size=1, max_size=3, unique=True)
callers = st.sampled_from(["ann", "bob", "cleo"])


@frozen
class Who:
    number: int
    caller: str
    #: Where it may go, in the order in which it would like to.
    lanes: tuple[str, ...]


@define
class PlainLane:
    size: int
    inside: list[Who] = field(factory=list)
    #: Callers in the order of their turns, each with its line.
    waiting: list[tuple[str, list[Who]]] = field(factory=list)

    def join(self, who: Who, *, first: bool) -> None:
        line = next((line for name, line in self.waiting if name == who.caller), None)
        if line is None:
            self.waiting.append((who.caller, line := []))
        line.insert(0 if first else len(line), who)

    def forget(self, who: Who) -> None:
        for _, line in self.waiting:
            if who in line:
                line.remove(who)
        self.waiting = [pair for pair in self.waiting if pair[1]]

    def next_one(self) -> Who | None:
        """Take the turn of the next one, if there is room for it."""
        if not self.waiting or len(self.inside) >= self.size:
            return None
        caller, line = self.waiting.pop(0)
        who = line.pop(0)
        if line:
            self.waiting.append((caller, line))
        return who


class Plain:
    """What gates do, in lists, and without anything that happens at the same time."""

    def __init__(self) -> None:
        self.lanes = {name: PlainLane(size) for name, size in SIZES.items()}

    def enter(self, who: Who, *, first: bool = False) -> None:
        for name in who.lanes:
            lane = self.lanes[name]
            if len(lane.inside) < lane.size:
                lane.inside.append(who)
                return
        for name in who.lanes:
            self.lanes[name].join(who, first=first)

    def leave(self, who: Who) -> None:
        lane = next(lane for lane in self.lanes.values() if who in lane.inside)
        lane.inside.remove(who)
        while (next_one := lane.next_one()) is not None:
            self.give_up(next_one)
            lane.inside.append(next_one)

    def give_up(self, who: Who) -> None:
        for lane in self.lanes.values():
            lane.forget(who)

    @property
    def inside(self) -> dict[Who, str]:
        return {who: name for name, lane in self.lanes.items() for who in lane.inside}

    @property
    def waiting(self) -> list[Who]:
        return sorted(set(self._waiting()), key=lambda who: who.number)

    def _waiting(self) -> Iterator[Who]:
        for lane in self.lanes.values():
            for _, line in lane.waiting:
                yield from line


class AnyOrder(RuleBasedStateMachine):
    """Coming, going, giving up and being turned away, also in one moment."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = VirtualLoop()
        self.gates = {name: Gate(Window.fixed(size)) for name, size in SIZES.items()}
        self.plain = Plain()
        self.tasks: dict[Who, asyncio.Task[Gate]] = {}
        self.numbers = 0

    def teardown(self) -> None:
        for task in self.tasks.values():
            task.cancel()
        self.settle()
        self.loop.close()

    def settle(self) -> None:
        self.loop.run_until_complete(settled())

    def begin(self, who: Who, *, first: bool = False) -> None:
        gates = [self.gates[name] for name in who.lanes]
        self.tasks[who] = self.loop.create_task(enter(gates, who.caller, first=first))
        self.plain.enter(who, first=first)

    def end(self, who: Who) -> None:
        self.tasks.pop(who).result().leave()
        self.plain.leave(who)

    def cancel(self, who: Who) -> None:
        self.tasks.pop(who).cancel()

    @rule(caller=callers, names=lanes, first=st.booleans())
    def come(self, caller: str, names: list[str], first: bool) -> None:
        """One more wants a place."""
        self.numbers += 1
        self.begin(Who(self.numbers, caller, tuple(names)), first=first)
        self.settle()

    @precondition(lambda self: self.plain.inside)
    @rule(data=st.data())
    def go(self, data: st.DataObject) -> None:
        """One gives its place back."""
        self.end(data.draw(st.sampled_from(list(self.plain.inside))))
        self.settle()

    @precondition(lambda self: self.plain.inside)
    @rule(data=st.data())
    def be_turned_away(self, data: st.DataObject) -> None:
        """One gives its place back and wants another one, before all others of its caller."""
        who = data.draw(st.sampled_from(list(self.plain.inside)))
        self.end(who)
        self.begin(who, first=True)
        self.settle()

    @precondition(lambda self: self.plain.waiting)
    @rule(data=st.data())
    def give_up(self, data: st.DataObject) -> None:
        """One no longer waits."""
        who = data.draw(st.sampled_from(self.plain.waiting))
        self.cancel(who)
        self.plain.give_up(who)
        self.settle()

    @precondition(lambda self: self.plain.inside and self.plain.waiting)
    @rule(data=st.data(), cancelled_first=st.booleans())
    def give_up_in_the_same_moment(self, data: st.DataObject, cancelled_first: bool) -> None:
        """One no longer waits while another goes: perhaps the place was just given to it."""
        leaver = data.draw(st.sampled_from(list(self.plain.inside)))
        quitter = data.draw(st.sampled_from(self.plain.waiting))
        if cancelled_first:
            self.cancel(quitter)
            self.plain.give_up(quitter)
            self.end(leaver)
        else:
            self.end(leaver)
            self.cancel(quitter)
            if quitter in self.plain.inside:
                self.plain.leave(quitter)
            else:
                self.plain.give_up(quitter)
        self.settle()

    @invariant()
    def everybody_is_where_the_plain_one_says(self) -> None:
        """The same ones are inside, in the same lanes, and the others wait."""
        names = {id(gate): name for name, gate in self.gates.items()}
        inside = {who: task for who, task in self.tasks.items() if task.done()}
        assert {who: names[id(task.result())] for who, task in inside.items()} == self.plain.inside
        assert sorted(self.tasks.keys() - inside.keys(), key=lambda who: who.number) == (
            self.plain.waiting
        )

    @invariant()
    def no_place_is_lost_and_none_is_one_too_many(self) -> None:
        """What is taken is what is held, and while there is room nobody waits."""
        for name, gate in self.gates.items():
            assert gate.window.taken == len(self.plain.lanes[name].inside) <= SIZES[name]
            assert gate.waiting == sum(len(line) for _, line in self.plain.lanes[name].waiting)
            assert not (gate.waiting and gate.window.has_room)


TestAnyOrder = AnyOrder.TestCase
