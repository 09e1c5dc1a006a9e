"""Pressing buttons, by custom id or by name (P§2.3 to P§2.5)."""

from __future__ import annotations

import re
from collections.abc import Callable

from mjflow.simulator import wire
from mjflow.simulator.acts.texts import described
from mjflow.simulator.buttons import DIALOGS, REMIXED, Click, Kind, Stage
from mjflow.simulator.presses import click_of
from mjflow.simulator.profiles import Server
from mjflow.simulator.prompts import Params
from mjflow.simulator.tasks import Dialog, Task
from mjflow.simulator.upstream import Answer, Order, Upstream
from mjflow.simulator.wire import Json, rejected

CHANGES = {"UPSCALE": "U{}", "VARIATION": "V{}", "REROLL": ""}
#: How custom ids begin that name a text and no job.
_OF_TEXTS = ("MJ::Job::", "MJ::Picread::")
_CONTENT = re.compile(r"(\S+) ([UV])([1-4])|(\S+) R", re.IGNORECASE)

GONE = "关联任务不存在或已失效"
#: Kinds of buttons that are shown but can't be pressed, P§2.5, P§6.3.
REFUSED = {
    Server.PLUS: frozenset({Kind.IMAGINE_ALL}),
    Server.TRUEAI: frozenset({Kind.PROMPT_ANALYZER}),
    Server.NOVICEZK: frozenset(),
}


def action(upstream: Upstream, order: Order) -> Answer:
    """Press a button, P§2.5."""
    parent = upstream.find(order.text("taskId"), order.now)
    if parent is None:
        return Answer(rejected(3, GONE), status=404)
    if parent.status(order.now) != "SUCCESS":
        return Answer(rejected(4, "关联任务状态错误"))
    custom_id = order.text("customId")
    if _can_change(custom_id, parent) and upstream.faults.strikes("stale-buttons"):
        parent.renew_buttons()
    return _press(upstream, order, parent, lambda button: button["customId"] == custom_id)


def _can_change(custom_id: str, parent: Task) -> bool:
    """Whether it is the id of a button that the parent shows, and names its job."""
    shown = any(button["customId"] == custom_id for button in parent.buttons)
    return shown and not custom_id.startswith(_OF_TEXTS)


def change(upstream: Upstream, order: Order) -> Answer:
    """Press U, V or reroll by its name, P§2.3."""
    wanted, index = order.text("action"), order.body.get("index")
    return _changed(upstream, order, order.text("taskId"), wanted, index)


def simple_change(upstream: Upstream, order: Order) -> Answer:
    """Press U, V or reroll as in `1320098173412546 U2`, P§2.4."""
    found = _CONTENT.fullmatch(order.text("content"))
    if found is None:
        return Answer(rejected(4, "content参数错误"))
    if found[4]:
        return _changed(upstream, order, found[4], "REROLL", None)
    wanted = "UPSCALE" if found[2].upper() == "U" else "VARIATION"
    return _changed(upstream, order, found[1], wanted, int(found[3]))


def _changed(upstream: Upstream, order: Order, task_id: str, wanted: str, index: object) -> Answer:
    parent = upstream.find(task_id, order.now)
    if parent is None:
        return Answer(rejected(3, GONE))
    if parent.status(order.now) != "SUCCESS" or parent.stage is not Stage.GRID:
        return Answer(rejected(4, "关联任务状态错误"))
    if wanted not in CHANGES or (wanted == "REROLL" and not upstream.profile.rerolls):
        return Answer(rejected(4, "action参数错误"))
    if wanted == "REROLL" and not index and upstream.faults.strikes("index-required"):
        return Answer(rejected(4, "index参数错误"))
    label = CHANGES[wanted].format(index)
    answer = _press(upstream, order, parent, lambda button: button["label"] == label)
    return answer if answer.tasks or answer.body["code"] != 4 else _no_index()


def _no_index() -> Answer:
    return Answer(rejected(4, "index参数错误"))


def _press(
    upstream: Upstream, order: Order, parent: Task, is_meant: Callable[[Json], bool]
) -> Answer:
    for button in filter(is_meant, parent.buttons):
        click = click_of(button)
        if click is None or click.kind in REFUSED[upstream.profile.server]:
            break
        custom_id = str(button["customId"])
        if earlier := _earlier(upstream, parent, click, custom_id):
            status = earlier.status(order.now)
            link = upstream.link(earlier, order) if status == "SUCCESS" else ""
            return Answer(wire.duplicate(earlier.id, status, link), earlier, old=True)
        answer = _pressed(upstream, order, parent, click)
        if answer.task is not None:
            parent.pressed.setdefault(custom_id, answer.task.id)
        return answer
    return Answer(rejected(4, "关联按钮不存在"))


def _earlier(upstream: Upstream, parent: Task, click: Click, custom_id: str) -> Task | None:
    """Find the task of the first click on a button, where the server looks for it, P§3.4."""
    first = upstream.tasks.get(parent.pressed.get(custom_id, ""))
    if first is None:
        return None
    looks = click.kind.value in upstream.profile.duplicates
    return first if looks or upstream.faults.strikes("duplicate-21") else None


def _pressed(upstream: Upstream, order: Order, parent: Task, click: Click) -> Answer:
    wants_remix = order.body.get("enableRemix") is True
    if wants_remix and click.kind in REMIXED and upstream.faults.strikes("remix-off"):
        return Answer(rejected(4, "当前账号未开启 Remix 模式"))
    if click.kind is Kind.IMAGINE_ALL:
        return _all_texts(upstream, order, parent)
    task = upstream.child(order, parent, click)
    if click.kind in DIALOGS:
        return _asked(upstream, task, parent, click)
    if (upstream.remix or wants_remix) and click.kind in REMIXED:
        return upstream.ask(task, Dialog(click.kind, parent, parent.final_prompt))
    if click.kind is Kind.DESCRIBE_RETRY:
        task.materials, task.use = parent.materials, parent.use
        task.prompt, task.texts = "", described(parent.materials[0], task.job)
    return upstream.start(task, order.now)


def _asked(upstream: Upstream, task: Task, parent: Task, click: Click) -> Answer:
    """Open the dialog that a button opens whoever presses it, P§5.3."""
    if click.kind is Kind.INPAINT:
        task.prompt = ""
        return upstream.ask(task, Dialog(click.kind, parent, ""))
    if click.kind is Kind.CUSTOM_ZOOM:
        return upstream.ask(task, Dialog(click.kind, parent, f"{parent.final_prompt} --zoom 2"))
    text = text_of(parent, int(click.value))
    _draw_text(task, text)
    return upstream.ask(task, Dialog(click.kind, parent, text))


def text_of(parent: Task, number: int) -> str:
    """Give one text of a describe or a shorten without its number."""
    return parent.texts[number - 1].partition(" ")[2]


def _draw_text(task: Task, text: str) -> None:
    task.prompt, task.aspect = text, Params.of(text).aspect or 1.0


def _all_texts(upstream: Upstream, order: Order, parent: Task) -> Answer:
    """Draw all four texts at once: the result is a list of ids with commas, P§6.3."""
    answers = []
    for number in range(1, len(parent.texts) + 1):
        click = Click(Kind.IMAGINE_ALL, str(number), f"text {number}")
        task = upstream.child(order, parent, click)
        _draw_text(task, text_of(parent, number))
        answers.append(upstream.start(task, order.now))
    tasks = [answer.task for answer in answers if answer.task is not None]
    if not tasks:
        return answers[0]
    ids = ",".join(task.id for task in tasks)
    return Answer(wire.accepted(ids), tasks[0], others=tuple(tasks[1:]))
