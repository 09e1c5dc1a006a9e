"""Submits that end in moving pictures (P§2.10)."""

from __future__ import annotations

from mjflow.simulator.acts.words import BAD_LINK, banned, problem
from mjflow.simulator.buttons import FILMS, Click, Kind, Stage
from mjflow.simulator.prompts import Params
from mjflow.simulator.tasks import Task
from mjflow.simulator.uploads import Material, Use
from mjflow.simulator.upstream import Answer, Order, Upstream
from mjflow.simulator.wire import rejected

MOTIONS = ("low", "high")
TYPES = ("vid_1.1_i2v_480", "vid_1.1_i2v_720")
BATCHES = (1, 2, 4)
EXTEND = "extend"


def video(upstream: Upstream, order: Order) -> Answer:
    """Bring a picture to move, or make a clip longer."""
    if wrong := _wrong(order):
        return Answer(rejected(4, wrong))
    if order.text("action") == EXTEND or order.text("taskId"):
        return _extended(upstream, order)
    prompt = order.text("prompt")
    if not prompt:
        return Answer(rejected(4, "prompt不能为空"))
    if not order.text("image"):
        return Answer(rejected(4, "image不能为空"))
    if answer := banned(upstream, prompt):
        return answer
    sent = upstream.pictures([order.body.get("image"), order.body.get("endImage")])
    return upstream.start(film(upstream, order, "VIDEO", prompt, sent), order.now)


def _wrong(order: Order) -> str:
    body = order.body
    if (order.text("motion") or "low").lower() not in MOTIONS:
        return "motion参数错误"
    if (order.text("videoType") or TYPES[0]) not in TYPES:
        return "videoType参数错误"
    batch = body.get("batchSize")
    return "batchSize参数错误" if batch is not None and batch not in BATCHES else ""


def film(
    upstream: Upstream, order: Order, action: str, prompt: str, sent: tuple[Material, ...]
) -> Task:
    """Make a task of moving pictures."""
    params = Params.of(prompt)
    aspect = params.aspect or (sent[0].aspect if sent else None) or 1.0
    task = upstream.root(order, action, prompt, aspect, params.version, Stage.VIDEO)
    task.materials, task.use = sent, Use.SHOW if sent else None
    task.failure = problem(upstream, prompt)
    if not all(picture.whole for picture in sent):
        task.failure = BAD_LINK
    return task


def _extended(upstream: Upstream, order: Order) -> Answer:
    """Make one of the clips of a task longer; its index counts from 0, unlike the buttons'."""
    parent = upstream.find(order.text("taskId"), order.now)
    if parent is None:
        return Answer(rejected(3, "关联任务不存在或已失效"), status=404)
    if parent.status(order.now) != "SUCCESS" or parent.stage not in FILMS:
        return Answer(rejected(4, "关联任务状态错误"))
    index = order.body.get("index")
    if index not in (0, 1, 2, 3):
        return Answer(rejected(4, "index参数错误"))
    motion = (order.text("motion") or "low").lower()
    click = Click(Kind.EXTEND, motion, f"extend clip {index + 1}")
    task = upstream.child(order, parent, click)
    task.cell = index + 1 if parent.stage is Stage.VIDEO else parent.cell
    if prompt := order.text("prompt"):
        task.prompt = prompt
    return upstream.start(task, order.now)
