"""
A flow by the plainest means: step by step and all branches at once, as its author reads it.

There are no keys here: an act is known by all that it was built from, written out in full.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import define, evolve, field, frozen

from mjflow.errors import MjflowError, TaskFailed
from mjflow.flow.machine.commands import (
    Command,
    Cut,
    Ended,
    Event,
    Failed,
    Picked,
    Save,
    Stored,
    Stuck,
)
from mjflow.flow.machine.conditions import holds
from mjflow.flow.machine.keys import canonical
from mjflow.flow.steps import (
    CURRENT,
    Change,
    Choose,
    Click,
    Download,
    Fork,
    Split,
    Step,
    Submitting,
)
from mjflow.protocol.buttons import label_of, traits
from mjflow.protocol.task import Task

from .machines import World

#: Any nested tuple: what something was built from.
Trace = tuple[Any, ...]


@frozen
class End:
    """What a branch came to, in plain values."""

    name: str
    tasks: tuple[str, ...]
    files: tuple[str, ...]
    error: str | None
    stuck: bool
    dropped: bool


@define
class Way:
    """A branch."""

    name: str = ""
    tasks: tuple[Task, ...] = ()
    #: What its task was built from, and the words that tell it from others on that task.
    trace: Trace = ()
    since: Trace = ()
    words: Trace = ()
    done: tuple[Trace, ...] = ()
    files: tuple[Event, ...] = ()
    #: The splits that it came out of in this list: the step's place, and the one split.
    splits: tuple[tuple[int, object], ...] = ()
    over: bool = False
    error: MjflowError | None = None
    stuck: bool = False
    dropped: bool = False

    def stop(self, error: MjflowError | None = None, *, stuck: bool = False) -> None:
        self.over, self.error, self.stuck = True, error, stuck

    def called(self, label: str) -> str:
        return f"{self.name} > {label}" if self.name else label

    def end(self) -> End:
        problems = [self.error, *(e.error for e in self.files if isinstance(e, Failed | Stuck))]
        error = next(filter(None, problems), None)
        return End(
            name=self.name,
            tasks=tuple(task.id for task in self.tasks),
            files=tuple(f.path for e in self.files if isinstance(e, Stored) for f in e.files),
            error=None if error is None else error.message,
            stuck=self.stuck or any(isinstance(e, Stuck) for e in self.files),
            dropped=self.dropped,
        )


NO_TASK = MjflowError("no task")


@define
class Model:
    """Interprets a flow for an item in a world."""

    world: World
    values: Mapping[str, str]
    #: What was built, each from what: submits in all their tries.
    acts: list[Trace] = field(factory=list)

    def run(self, steps: Sequence[Step]) -> list[End]:
        """Return the branches in the flow's order."""
        return [way.end() for way in self._list(steps, [Way()])]

    def _list(self, steps: Sequence[Step], ways: list[Way]) -> list[Way]:
        joins = joins_of(steps)
        for at, step in enumerate(steps):
            if isinstance(step, Choose):
                self._choose(step, ways, {i for i, join in joins.items() if join == at})
            else:
                ways = [new for way in ways for new in self._step(at, step, way)]
        return ways

    def _step(self, at: int, step: Step, way: Way) -> list[Way]:
        if way.over or not self._wanted(step, way):
            return [way]
        match step:
            case Submitting():
                return self._submit(at, step, way)
            case Download(name=name):
                return self._file(Save, name, way)
            case Split(name=name):
                return self._file(Cut, name, way)
            case Fork(tails=tails):
                return self._fork(tails, way)
        raise AssertionError(step)

    def _wanted(self, step: Step, way: Way) -> bool:
        task = way.tasks[-1] if way.tasks else None
        return step.when is None or holds(step.when, task, self.values)

    # --- acts ---------------------------------------------------------------------------------

    def _submit(self, at: int, step: Submitting, way: Way) -> list[Way]:
        if _builds(step) and not way.tasks:
            way.stop(NO_TASK)
            return [way]
        buttons = step.buttons if isinstance(step, Click) else ("",)
        done, split = way.done, object()
        begun: list[tuple[Way, str, Trace]] = []
        for button in buttons:
            trace = self._trace(step, button, way)
            again = done.count(trace)
            begun.append((_begun(step, button, way, again), button, (*trace, again)))
            done = (*done, trace)
        for new, _, _ in begun:
            new.done = done
            if len(buttons) > 1:
                new.splits += ((at, split),)
        return [late for one in begun for late in self._ask(at, step, *one)]

    def _trace(self, step: Submitting, button: str, way: Way) -> Trace:
        """Write out what an act is built from: the task it is about, or the splits on the way."""
        own = tuple(getattr(step, name, None) for name in ("prompt", "images", "index"))
        said = (type(step), own, canonical(button))
        base = (way.trace, way.since) if _builds(step) else ((), way.words)
        return (*base, said)

    def _ask(self, at: int, step: Submitting, way: Way, button: str, act: Trace) -> list[Way]:
        one = evolve(step, buttons=(button,)) if isinstance(step, Click) else step
        before = way.tasks if _builds(step) else ()
        attempt = 1
        while True:
            self.acts.append((*act, attempt))
            event = self.world.submit(way.name, one, before[-1].id if before else "", attempt)
            if attempt > step.resubmit.times or not _is_transient(event):
                return self._ended(at, way, event, (*act, attempt), before)
            attempt += 1

    def _ended(
        self, at: int, way: Way, event: Event, trace: Trace, before: tuple[Task, ...]
    ) -> list[Way]:
        if isinstance(event, Failed | Stuck):
            way.stop(event.error, stuck=isinstance(event, Stuck))
            return [way]
        assert isinstance(event, Ended)
        if not event.tasks:
            return [way]
        several, split = len(event.tasks) > 1, object()
        ways = []
        for place, task in enumerate(event.tasks):
            new = evolve(way, tasks=(*before, task), trace=(trace, place), since=())
            if several:
                new.name = f"{way.name} {place + 1}".strip()
                new.words += (place,)
                new.since = (place,)
                new.splits += ((at, split),)
            ways.append(new)
        return ways

    # --- the rest -----------------------------------------------------------------------------

    def _file(self, kind: type[Command], name: str, way: Way) -> list[Way]:
        if not way.tasks:
            way.stop(NO_TASK)
        else:
            way.files += (self.world.file(kind, way.name, way.tasks[-1].id, name),)
        return [way]

    def _fork(self, tails: Mapping[str, Sequence[Step]], way: Way) -> list[Way]:
        ends: list[Way] = []
        for name, steps in tails.items():
            new = evolve(way, name=way.called(name), splits=())
            new.words += (name,)
            new.since += (name,)
            ends += self._list(steps, [new])
        for end in ends:
            end.over = True
            # A fork is the last step of its list: nobody waits for its tails.
            end.splits = ()
        return ends or [way]

    def _choose(self, step: Choose, ways: list[Way], joined: set[int]) -> None:
        groups: dict[object, list[Way]] = {}
        for way in ways:
            if met := next((split for at, split in way.splits if at in joined), None):
                groups.setdefault(met, []).append(way)
        for group in groups.values():
            self._join(step, group, joined)

    def _join(self, step: Choose, group: list[Way], joined: set[int]) -> None:
        coming = [way for way in group if not way.over]
        waiting = [way for way in coming if self._wanted(step, way)]
        stuck = [way for way in group if way.stuck]
        for way in coming:
            way.splits = tuple(split for split in way.splits if split[0] not in joined)
        if stuck:
            for way in waiting:
                way.stop(stuck[0].error, stuck=True)
        elif len(waiting) > step.best:
            self._pick(step, waiting)

    def _pick(self, step: Choose, waiting: list[Way]) -> None:
        tasks = [way.tasks[-1].id for way in waiting]
        event = self.world.pick(tasks, len(waiting), step.best)
        for place, way in enumerate(waiting):
            if isinstance(event, Failed | Stuck):
                way.stop(event.error, stuck=isinstance(event, Stuck))
            elif isinstance(event, Picked) and place not in event.places:
                way.over = way.dropped = True


def joins_of(steps: Sequence[Step]) -> dict[int, int]:
    """Tell at which choice what splits at each step comes together, by matching brackets."""
    joins: dict[int, int] = {}
    opened: list[int] = []
    for at, step in enumerate(steps):
        if isinstance(step, Choose):
            first = opened.pop() if opened else 0
            joins |= {i: at for i in range(first, at) if i not in joins}
        elif isinstance(step, Click) and _splits(step):
            opened.append(at)
    return joins


def _splits(step: Click) -> bool:
    return len(step.buttons) > 1 or traits(canonical(step.buttons[0])).tasks > 1


def _begun(step: Submitting, button: str, way: Way, again: int) -> Way:
    new = evolve(way)
    number = f"#{again + 1}" if again else ""
    name = _name_of(step, button)
    if way.tasks:
        new.name = way.called(f"{label_of(name) if button else name} {number}".strip())
    if isinstance(step, Click) and len(step.buttons) > 1:
        new.words += ((name, number),)
        new.since += ((name, number),)
    return new


def _is_transient(event: Event) -> bool:
    return isinstance(event, Failed) and isinstance(event.error, TaskFailed)


def _builds(step: Step) -> bool:
    return isinstance(step, Click | Change) or _uses_current(step)


def _uses_current(step: Step) -> bool:
    return CURRENT in getattr(step, "images", ())


def _name_of(step: Submitting, button: str) -> str:
    if isinstance(step, Change):
        return f"U{step.index}"
    return canonical(button) if button else type(step).__name__.lower()
