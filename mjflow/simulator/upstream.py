"""The midjourney-proxy server behind: it keeps the tasks and passes them to the account."""

from __future__ import annotations

import random
import uuid

from attrs import frozen

from mjflow.simulator import wire
from mjflow.simulator.account import Account
from mjflow.simulator.buttons import Click, Kind, Stage
from mjflow.simulator.faults import Faults
from mjflow.simulator.profiles import GRID_SECONDS, START_SECONDS, UPSCALE_SECONDS
from mjflow.simulator.recipes import aspect_after
from mjflow.simulator.tasks import NEVER, Dialog, Task
from mjflow.simulator.wire import Json

# Faults that decide the fate of a task when it is accepted.
_FATES = ("fails", "never-ends", "forgets", "slow-refresh")
FAILS_WITH = "[Internal Server Error] Failed to process your command"


@frozen
class Order:
    """What a submit asks of the server behind."""

    body: Json
    #: The speed mode, None where neither path nor profile says.
    mode: str
    now: float

    def text(self, name: str) -> str:
        """Give a text field of the request without blanks around it."""
        return str(self.body.get(name) or "").strip()


@frozen
class Answer:
    """What the server behind says to a submit."""

    body: Json
    #: The task that now exists, or goes on, because of it.
    task: Task | None = None
    status: int = 200


class Upstream:
    """All tasks by id, in the order in which they were submitted."""

    def __init__(self, seed: int, account: Account, faults: Faults, *, remix: bool) -> None:
        self.account = account
        self.remix = remix
        self.tasks: dict[str, Task] = {}
        self._random = random.Random(seed)
        self._faults = faults

    def root(self, order: Order, action: str, prompt: str, aspect: float, version: str) -> Task:
        """Make a task that has no parent; it does not exist until it was accepted."""
        return self._made(order, action, prompt, Stage.GRID, aspect, version)

    def child(self, order: Order, parent: Task, click: Click) -> Task:
        """Make the task a button of a parent leads to."""
        kind = click.kind
        stages = {Kind.UPSCALE: Stage.SINGLE, Kind.UPSCALE_HD: Stage.UPSCALED}
        stage = stages.get(kind, Stage.GRID)
        aspect = aspect_after(parent.aspect, kind, click.value)
        task = self._made(order, kind.value, parent.prompt, stage, aspect, parent.version)
        task.parent, task.click = parent, click
        if stage is not Stage.GRID:
            task.cell = int(click.value) if kind is Kind.UPSCALE else parent.cell
        return task

    def _made(
        self, order: Order, action: str, prompt: str, stage: Stage, aspect: float, version: str
    ) -> Task:
        # Always the same number of draws, so that what a task is depends on its turn alone.
        rng = self._random
        number = "".join(rng.choices("0123456789", k=rng.randint(15, 17)))
        span = GRID_SECONDS[order.mode] if stage is Stage.GRID else UPSCALE_SECONDS
        return Task(
            id=f"{rng.randint(1, 9)}{number}",
            job=str(uuid.UUID(int=rng.getrandbits(128), version=4)),
            lag=rng.uniform(*START_SECONDS),
            run=rng.uniform(*span),
            action=action,
            prompt=prompt,
            state=order.text("state"),
            mode=order.mode,
            submitted=order.now,
            stage=stage,
            aspect=aspect,
            version=version,
        )

    def start(self, task: Task, now: float) -> Answer:
        """Let a task run, or say that the queue is full."""
        if self.account.full or self._faults.strikes("queue-full"):
            return Answer(wire.queue_full())
        self.tasks[task.id] = task
        self._decide(task, now)
        ahead = self.account.admit(task, now)
        return Answer(wire.queued(task.id, ahead) if ahead else wire.accepted(task.id), task)

    def ask(self, task: Task, dialog: Dialog) -> Answer:
        """Let a task wait for the answer to a dialog."""
        task.dialog = dialog
        self.tasks[task.id] = task
        return Answer(wire.dialog(task.id, dialog.final_prompt), task)

    def _decide(self, task: Task, now: float) -> None:
        task.fates = frozenset(name for name in _FATES if self._faults.strikes(name))
        if "fails" in task.fates:
            task.failure = FAILS_WITH
        if "never-ends" in task.fates and task.lost == NEVER:
            # Long enough for the gateway to have seen it, not for it to end.
            task.lost = now + 20.0
            task.run = max(task.run, 60.0)
