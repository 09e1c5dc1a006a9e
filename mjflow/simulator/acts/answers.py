"""Answering dialogs, P§2.6."""

from __future__ import annotations

import random

from mjflow.simulator import wire
from mjflow.simulator.acts.words import banned, problem
from mjflow.simulator.buttons import Kind
from mjflow.simulator.recipes import size_of
from mjflow.simulator.tasks import Dialog, Task
from mjflow.simulator.uploads import mask_bytes, mask_problem
from mjflow.simulator.upstream import Answer, Order, Upstream
from mjflow.simulator.wire import rejected


def modal(upstream: Upstream, order: Order) -> Answer:
    """Answer a dialog; like the real server, this does not look whether one waits."""
    task = upstream.find(order.text("taskId"), order.now)
    if task is None:
        return Answer(rejected(3, "任务不存在或已失效"), status=404)
    dialog = task.dialog
    if dialog is None:
        return Answer(rejected(4, "任务状态错误"))
    if dialog.answers:
        # It already runs: nothing changes but that somebody pays again.
        dialog.answers += 1
        return Answer(wire.accepted(task.id), task)
    parent = dialog.parent
    prompt = order.text("prompt") or parent.prompt or dialog.final_prompt or parent.final_prompt
    if answer := banned(upstream, prompt):
        return answer
    drawn = upstream.twin(task) if upstream.faults.strikes("modal-new-id") else task
    answer = _answered(upstream, order, drawn, dialog, prompt)
    if answer.task is not None:
        dialog.answers += 1
        dialog.answered = min(dialog.answered, order.now)
    return answer


def _answered(upstream: Upstream, order: Order, task: Task, dialog: Dialog, prompt: str) -> Answer:
    _fill_in(upstream, task, dialog, prompt, order.text("maskBase64"))
    # The server opens Midjourney's own dialog first; meanwhile it shows MODAL (P§5.4).
    opening = random.Random(task.job).uniform(*upstream.profile.dialog_seconds)
    task.lag += opening
    answer = upstream.start(task, order.now)
    if answer.task is None:
        task.lag -= opening
    elif task.dialog is not None:
        task.stale = upstream.faults.strikes("modal-stays-stale")
    return answer


def _fill_in(upstream: Upstream, task: Task, dialog: Dialog, prompt: str, mask: str) -> None:
    kind = dialog.kind
    task.reword(prompt)
    task.failure = problem(upstream, prompt, in_zoom_dialog=kind is Kind.CUSTOM_ZOOM)
    if kind is Kind.INPAINT:
        task.failure = task.failure or mask_problem(mask, size_of(dialog.parent))
        task.mask = mask_bytes(mask)
