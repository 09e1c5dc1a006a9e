"""What machines are tested with: short ways to write flows, and worlds that answer commands."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from hashlib import sha256
from random import Random

from attrs import define, evolve, field

from mjflow.errors import DownloadFailed, MjflowError, RequestRefused, TaskFailed
from mjflow.flow.items import Item
from mjflow.flow.machine.commands import (
    Command,
    Cut,
    Ended,
    Event,
    Failed,
    File,
    Pick,
    Picked,
    Save,
    Stored,
    Stuck,
    Submit,
)
from mjflow.flow.machine.layout import Layout
from mjflow.flow.machine.machine import Machine
from mjflow.flow.steps import Step, Submitting
from mjflow.protocol.failures import FailureKind
from mjflow.protocol.task import Button, Task

Answer = Callable[[Command], Event | None]


def item_of(key: str = "item", **values: str) -> Item:
    """Write an item of these values."""
    return Item(key, values)


def machine_of(*steps: Step, **values: str) -> Machine:
    """Begin with an item of these values."""
    return Machine(Layout.of_steps(steps), item_of(**values))


def task_of(name: str, *labels: str, action: str = "") -> Task:
    """Make a task that ended well and offers buttons with these labels."""
    buttons = tuple(Button(custom_id=f"of-{name}-{label}", label=label) for label in labels)
    return Task(id=name, action=action, buttons=buttons)


def failed(kind: FailureKind = FailureKind.TRANSIENT) -> Failed:
    """A task that the server has ended."""
    return Failed(TaskFailed("it broke", kind=kind))


def answered(command: Command) -> Event:
    """Answer that all is well: each task is called by its command's key."""
    match command:
        case Submit():
            return Ended((task_of(command.key),))
        case Pick():
            return Picked(tuple(range(command.best)))
    return Stored((File(command.key, 1, "ab"),))


def drive(machine: Machine, answer: Answer = answered) -> list[Command]:
    """Answer all commands, the oldest first, and return them; `None` leaves one open."""
    given: list[Command] = []
    while commands := machine.commands():
        given += commands
        for command in commands:
            event = answer(command)
            if event is not None:
                machine.apply(command.key, event)
    return given


def keys(commands: Iterable[Command]) -> list[str]:
    """Return what commands are called."""
    return [command.key for command in commands]


# --- worlds ------------------------------------------------------------------------------------


@define
class World:
    """Answers by chance, but the same to the same command, and only by what is asked for."""

    seed: int
    #: How often something goes wrong: 1 for every third time, 0 for never.
    trouble: float = 1.0
    #: Whether some commands cannot go on in this life.
    sticky: bool = True

    def submit(self, branch: str, step: Submitting, parent: str, attempt: int) -> Event:
        """Answer a submit; `parent` is the id of the task that it builds on."""
        chance, name = self._drawn("submit", branch, evolve(step, place=None), parent, attempt)
        trouble = self._trouble(chance)
        if not trouble:
            number = chance.choice([0, 1, 1, 1, 1, 1, 1, 1, 2, 3])
            return Ended(tuple(self._task(chance, f"{name}-{n}") for n in range(number)))
        if trouble == "stuck":
            return Stuck(MjflowError(name))
        if trouble == "failed":
            return Failed(TaskFailed(name, kind=FailureKind.TRANSIENT))
        return Failed(RequestRefused(name))

    def file(self, kind: type[Command], branch: str, task: str, name: str) -> Event:
        """Answer a command that makes files."""
        chance, path = self._drawn(kind.__name__, branch, task, name)
        trouble = self._trouble(chance)
        if not trouble:
            return Stored((File(f"{name} {path}", 1, "ab"),))
        return Stuck(MjflowError(path)) if trouble == "stuck" else Failed(DownloadFailed(path))

    def pick(self, tasks: Iterable[str], number: int, best: int) -> Event:
        """Answer a choice among these tasks."""
        chance, name = self._drawn("pick", *tasks)
        trouble = self._trouble(chance)
        if not trouble:
            return Picked(tuple(chance.sample(range(number), best)))
        return (Stuck if trouble == "stuck" else Failed)(MjflowError(name))

    def _trouble(self, chance: Random) -> str:
        if chance.random() * 3 >= self.trouble:
            return ""
        return chance.choice(["failed", "refused", "stuck" if self.sticky else "refused"])

    def _task(self, chance: Random, name: str) -> Task:
        labels = chance.sample(["U1", "V1", "V2", "Vary (Region)"], chance.randrange(3))
        return task_of(name, *labels, action=chance.choice(["IMAGINE", "UPSCALE"]))

    def _drawn(self, *asked: object) -> tuple[Random, str]:
        name = sha256(repr((self.seed, asked)).encode()).hexdigest()[:12]
        return Random(name), name


@define
class Life:
    """A machine in its world, driven in any order."""

    machine: Machine
    world: World
    #: What was answered, in order.
    events: list[tuple[str, Event]] = field(factory=list)
    #: Everything that was given out, by key.
    given: dict[str, Command] = field(factory=dict)
    _open: dict[str, Command] = field(factory=dict)
    _tasks: dict[str, tuple[Task, ...]] = field(factory=dict)

    def take(self, before: Container[str] = ()) -> bool:
        """Take what is to be carried out, none of it twice, and tell whether there was anything."""
        commands = self.machine.commands(before)
        for command in commands:
            assert command.key not in self.given
            self.given[command.key] = self._open[command.key] = command
        return bool(commands)

    def replay(self, events: Iterable[tuple[str, Event]], before: Container[str] = ()) -> None:
        """Apply what is known from a former life as soon as it is asked for."""
        known = dict(events)
        while self.take(before):
            for key in [key for key in self._open if key in known]:
                self._apply(key, known[key])

    def live(self, chance: Random, most: int = 10_000, before: Container[str] = ()) -> None:
        """Answer open commands in any order, until there are none, or so many are answered."""
        self.take(before)
        while self._open and most > 0:
            key = chance.choice(sorted(self._open))
            self._apply(key, self._answer(self._open[key]))
            most -= 1
            if not self._open or chance.random() < 0.6:
                self.take(before)

    def _apply(self, key: str, event: Event) -> None:
        del self._open[key]
        if isinstance(event, Ended):
            self._tasks[key] = event.tasks
        self.events.append((key, event))
        self.machine.apply(key, event)

    def _answer(self, command: Command) -> Event:
        match command:
            case Submit(step=step, parent=parent, place=place):
                on = self._tasks[parent][place].id if parent else ""
                own = command.key.rpartition("/")[2]
                attempt = int(own.partition("~")[2] or 1)
                return self.world.submit(command.branch, step, on, attempt)
            case Pick(candidates=candidates, best=best):
                tasks = [candidate.task.id for candidate in candidates]
                return self.world.pick(tasks, len(tasks), best)
            case Save() | Cut():
                task = self._tasks[command.parent][command.place]
                return self.world.file(type(command), command.branch, task.id, command.name)
        raise AssertionError(command)
