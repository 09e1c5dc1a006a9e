"""What the server behind says to a question for a seed (P§2.15)."""

from __future__ import annotations

from attrs import frozen

from mjflow.simulator import wire
from mjflow.simulator.recipes import seed_of
from mjflow.simulator.tasks import Task
from mjflow.simulator.wire import Json, rejected

# Seconds it takes to ask Midjourney for a seed, from and to.
SECONDS = (2, 20)


@frozen
class Told:
    """An answer with what it takes."""

    status: int
    body: Json
    #: Virtual seconds.
    seconds: float = 0.0


def tell(task: Task | None, now: float) -> Told:
    """Tell the seed of a task; what was asked for once is known from then on."""
    if task is None:
        return Told(404, rejected(3, "关联任务不存在或已失效"))
    if task.status(now) != "SUCCESS":
        return Told(400, rejected(4, "关联任务状态错误"))
    low, high = SECONDS
    seconds = 0.0 if task.seed_known else low + int(task.job[:4], 16) % (high - low + 1)
    task.seed_known = True
    return Told(200, wire.done(str(seed_of(task))), seconds)
