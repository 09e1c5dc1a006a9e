"""The midjourney-proxy server behind: it keeps the tasks and passes them to the account."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from attrs import evolve, field, frozen

from mjflow.simulator import fates, wire
from mjflow.simulator.account import Account
from mjflow.simulator.buttons import Click, Kind, Stage
from mjflow.simulator.clock import Clock
from mjflow.simulator.faults import Faults
from mjflow.simulator.links import picture_link
from mjflow.simulator.making import Maker
from mjflow.simulator.profiles import Profile, Server
from mjflow.simulator.recipes import aspect_after
from mjflow.simulator.tasks import Dialog, Task
from mjflow.simulator.uploads import Material, materials
from mjflow.simulator.wire import Json

# Tasks older than this, in seconds, are not queued again after a restart (P§5.5).
REMEMBERED = 12 * 3600.0

# Where our own pictures are served, with the id of their task or the name of their upload.
OURS = re.compile(r"/(?:mj/image|attachments)/([^/?]+)")

# What a button leads to, where it is no grid.
_STAGES = {
    Kind.UPSCALE: Stage.SINGLE,
    Kind.UPSCALE_HD: Stage.UPSCALED,
    Kind.ANIMATE: Stage.VIDEO,
    Kind.EXTEND: Stage.VIDEO,
    Kind.PICK_CLIP: Stage.CLIP,
    Kind.DESCRIBE_RETRY: Stage.DESCRIBED,
}


@frozen
class Order:
    """What a submit asks of the server behind."""

    body: Json
    #: The speed mode.
    mode: str
    now: float
    #: Where the caller reached the server; links begin with it.
    origin: str = ""

    def text(self, name: str) -> str:
        """Give a text field of the request without blanks around it."""
        return str(self.body.get(name) or "").strip()

    def texts(self, name: str) -> list[str]:
        """Give a list of texts, empty where it is missing."""
        value = self.body.get(name)
        return [str(item) for item in value] if isinstance(value, list) else []


@frozen
class Answer:
    """What the server behind says to a submit."""

    body: Json
    #: The task that now exists, or goes on, because of it.
    task: Task | None = None
    status: int = 200
    #: Further tasks, of a button that starts several.
    others: tuple[Task, ...] = ()
    #: The task is that of an earlier click, and nothing new was started.
    old: bool = False
    #: Pictures that were stored, of an upload.
    uploads: tuple[Material, ...] = field(default=(), repr=False)

    @property
    def tasks(self) -> tuple[Task, ...]:
        """All tasks it is about."""
        return () if self.task is None else (self.task, *self.others)


class Upstream:
    """All tasks by id, in the order in which they were submitted."""

    def __init__(
        self, profile: Profile, account: Account, clock: Clock, faults: Faults, maker: Maker
    ) -> None:
        self.profile = profile
        self.account = account
        self.faults = faults
        #: Called with every task that is accepted.
        self.accepted: Callable[[Task], None] = _ignore
        #: Whether remix mode is on at the account.
        self.remix = False
        self.tasks: dict[str, Task] = {}
        #: Uploaded pictures by the name under which they are served.
        self.uploads: dict[str, Material] = {}
        self._clock = clock
        self._maker = maker

    def root(
        self,
        order: Order,
        action: str,
        prompt: str,
        aspect: float,
        version: str,
        stage: Stage = Stage.GRID,
    ) -> Task:
        """Make a task that has no parent; it does not exist until it was accepted."""
        return self._made(order, action, prompt, stage, aspect, version)

    def child(self, order: Order, parent: Task, click: Click) -> Task:
        """Make the task a button of a parent leads to."""
        kind = click.kind
        stage = _STAGES.get(kind, Stage.GRID)
        aspect = aspect_after(parent.aspect, kind, click.value)
        word = fates.action_word(self.profile.server, kind, parent)
        task = self._made(order, word, parent.prompt, stage, aspect, parent.version)
        task.parent, task.click, task.bot = parent, click, parent.bot
        if stage in (Stage.SINGLE, Stage.CLIP):
            task.cell = int(click.value)
        elif stage is Stage.UPSCALED:
            task.cell = parent.cell
        if kind is Kind.REROLL:
            task.materials, task.use = parent.materials, parent.use
        return task

    def _made(
        self, order: Order, action: str, prompt: str, stage: Stage, aspect: float, version: str
    ) -> Task:
        task = self._maker.make(order.now, stage, order.mode, taken=self.tasks)
        task.action, task.prompt, task.state = action, prompt, order.text("state")
        task.aspect, task.version = aspect, version
        task.bot = "NIJI_JOURNEY" if version.startswith("niji") else "MID_JOURNEY"
        if self.profile.obeys_hooks and not self.faults.strikes("drops-hooks"):
            task.hook = order.text("notifyHook")
        return task

    def start(self, task: Task, now: float) -> Answer:
        """Let a task run, or say that the queue is full."""
        if self._is_instant(task):
            return self._done_at_once(task, now)
        if self.account.full or self.faults.strikes("queue-full"):
            return Answer(wire.queue_full(self.profile.full_code))
        self._accept(task, now)
        if "fails-1-hour" in task.fates or task.ends <= now:
            return Answer(wire.accepted(task.id), task)
        ahead = self.account.admit(task, now)
        return Answer(wire.queued(task.id, ahead) if ahead else wire.accepted(task.id), task)

    def _accept(self, task: Task, now: float) -> None:
        self.tasks[task.id] = task
        fates.decide(task, self.profile, self.faults, now)
        self.accepted(task)

    def _is_instant(self, task: Task) -> bool:
        picks = (Kind.UPSCALE, Kind.PICK_CLIP)
        is_pick = task.click is not None and task.click.kind in picks
        return self.profile.instant_upscales and is_pick

    def _done_at_once(self, task: Task, now: float) -> Answer:
        """Do what takes no place: it answers 1 even where the queue is full (P§3.3)."""
        self._accept(task, now)
        if "fails-1-hour" not in task.fates:
            task.begun, task.lag = now, 0.0
            task.run = 300.0 if "fails-5-minutes" in task.fates else 0.5
        return Answer(wire.accepted(task.id), task)

    def ask(self, task: Task, dialog: Dialog) -> Answer:
        """Let a task wait for the answer to a dialog."""
        task.dialog = dialog
        self.tasks[task.id] = task
        return Answer(wire.dialog(task.id, dialog.final_prompt), task)

    def twin(self, task: Task) -> Task:
        """Make a task like one that waits for an answer, under an id of its own."""
        twin = self._maker.make(task.submitted, task.stage, task.mode, taken=self.tasks)
        for name in ("action", "prompt", "state", "aspect", "version", "cell", "parent", "click"):
            setattr(twin, name, getattr(task, name))
        twin.bot, twin.hook, twin.mask, twin.failure = task.bot, task.hook, task.mask, task.failure
        return twin

    def pictures(self, texts: Iterable[object]) -> tuple[Material, ...]:
        """Read the pictures of a request; a link to one of ours is followed."""
        return tuple(map(self._followed, materials(texts)))

    def kept(self, picture: Material, origin: str) -> str:
        """Keep a picture that was sent, and give its link."""
        if picture.link:
            return picture.link
        name = f"{picture.number:08x}-{len(self.uploads)}"
        self.uploads[name] = picture
        return f"{origin}/attachments/{name}/upload.png"

    def _followed(self, picture: Material) -> Material:
        found = OURS.search(picture.link)
        if found is None:
            return picture
        name = found[1]
        return self.uploads.get(name) or evolve(picture, source=self.tasks.get(name))

    def find(self, task_id: str, now: float) -> Task | None:
        """Find a task that is not forgotten."""
        task = self.tasks.get(task_id)
        forgotten = task is not None and not self.profile.gateway and now >= task.lost
        return None if forgotten else task

    def link(self, task: Task, order: Order) -> str:
        """Give the link to a finished task's picture where Midjourney keeps it."""
        return picture_link(task, order.now, self._clock, order.origin)

    def restart(self, now: float) -> None:
        """
        Do what a restart of the server does.

        novicezk keeps its tasks in memory and forgets them all (P§5.2); trueai queues the
        unfinished ones again, but for open dialogs (P§5.5).
        """
        self.account.clear()
        if self.profile.server is Server.NOVICEZK:
            self.tasks.clear()
            return
        for task in self.tasks.values():
            waits = task.dialog is not None and not task.answers
            if task.ends > now and not waits and now - task.submitted < REMEMBERED:
                task.begun = None
                self.account.admit(task, now)
                self.accepted(task)


def _ignore(_: Task) -> None:
    """Do nothing with a task."""
