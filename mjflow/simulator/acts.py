"""What the server behind does with each kind of submit: one function for each act."""

from __future__ import annotations

from mjflow.simulator import wire
from mjflow.simulator.buttons import REMIXED, Click, Kind, Stage, click_of
from mjflow.simulator.prompts import Params, banned_word, problem_in
from mjflow.simulator.recipes import size_of
from mjflow.simulator.tasks import Dialog, Task
from mjflow.simulator.uploads import is_picture, mask_bytes, mask_problem
from mjflow.simulator.upstream import Answer, Order, Upstream
from mjflow.simulator.wire import rejected

CHANGES = {"UPSCALE": "U{}", "VARIATION": "V{}", "REROLL": ""}


def imagine(upstream: Upstream, order: Order) -> Answer:
    """Draw a prompt, P§2.2."""
    prompt = order.text("prompt")
    if not prompt:
        return Answer(rejected(4, "prompt不能为空"))
    if word := banned_word(prompt):
        return Answer(wire.banned(prompt, word))
    params = Params.of(prompt)
    task = upstream.root(order, "IMAGINE", prompt, params.aspect or 1.0, params.version)
    task.failure = problem_in(prompt)
    pictures = [order.body.get("base64"), *(order.body.get("base64Array") or ())]
    if not all(is_picture(picture) for picture in pictures if picture):
        task.failure = "[Invalid parameter] Invalid link"
    return upstream.start(task, order.now)


def action(upstream: Upstream, order: Order) -> Answer:
    """Press a button, P§2.5."""
    parent = upstream.tasks.get(order.text("taskId"))
    if parent is None:
        return Answer(rejected(3, "关联任务不存在或已失效"), status=404)
    if parent.status(order.now) != "SUCCESS":
        return Answer(rejected(4, "关联任务状态错误"))
    custom_id = order.text("customId")
    for button in parent.buttons:
        if button["customId"] == custom_id and (click := click_of(button)):
            return _pressed(upstream, order, parent, click)
    return Answer(rejected(4, "关联按钮不存在"))


def change(upstream: Upstream, order: Order) -> Answer:
    """Press U, V or reroll by its name, P§2.3."""
    parent = upstream.tasks.get(order.text("taskId"))
    if parent is None:
        return Answer(rejected(3, "关联任务不存在或已失效"))
    if parent.status(order.now) != "SUCCESS" or parent.stage is not Stage.GRID:
        return Answer(rejected(4, "关联任务状态错误"))
    wanted = CHANGES.get(order.text("action"))
    if wanted is None:
        return Answer(rejected(4, "action参数错误"))
    label = wanted.format(order.body.get("index"))
    for button in parent.buttons:
        if button["label"] == label and (click := click_of(button)):
            return _pressed(upstream, order, parent, click)
    return Answer(rejected(4, "index参数错误"))


def _pressed(upstream: Upstream, order: Order, parent: Task, click: Click) -> Answer:
    task = upstream.child(order, parent, click)
    if click.kind is Kind.INPAINT:
        task.prompt = ""
        return upstream.ask(task, Dialog(click.kind, parent, ""))
    if click.kind is Kind.CUSTOM_ZOOM:
        offered = f"{parent.final_prompt} --zoom 2"
        return upstream.ask(task, Dialog(click.kind, parent, offered))
    remix = upstream.remix or order.body.get("enableRemix") is True
    if remix and click.kind in REMIXED:
        return upstream.ask(task, Dialog(click.kind, parent, parent.final_prompt))
    return upstream.start(task, order.now)


def modal(upstream: Upstream, order: Order) -> Answer:
    """Answer a dialog, P§2.6; like the real server, this does not look whether one waits."""
    task = upstream.tasks.get(order.text("taskId"))
    if task is None:
        return Answer(rejected(3, "任务不存在或已失效"), status=404)
    if task.dialog is None:
        return Answer(rejected(4, "任务状态错误"))
    if task.answers:
        # It already runs: nothing changes but that somebody pays again.
        task.dialog.answers += 1
        return Answer(wire.accepted(task.id), task)
    prompt = order.text("prompt") or task.dialog.parent.prompt
    if word := banned_word(prompt):
        return Answer(wire.banned(prompt, word))
    _fill_in(task, task.dialog, prompt, order.text("maskBase64"))
    answer = upstream.start(task, order.now)
    if answer.task is not None:
        task.dialog.answers += 1
    return answer


def _fill_in(task: Task, dialog: Dialog, prompt: str, mask: str) -> None:
    kind = dialog.kind
    task.reword(prompt)
    task.failure = problem_in(prompt, in_zoom_dialog=kind is Kind.CUSTOM_ZOOM)
    if kind is Kind.INPAINT:
        task.failure = task.failure or mask_problem(mask, size_of(dialog.parent))
        task.mask = mask_bytes(mask)
