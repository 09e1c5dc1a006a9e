"""Says whether a step ended in the right result or the right error, by the server's own record."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import mjflow
from mjflow import MjflowError, SubmissionInDoubt, Task
from mjflow.simulator import Submit
from mjflow.simulator.tasks import Task as ServersTask
from tests.contract.chains import Step, Story
from tests.contract.plans import Move
from tests.contract.stage import Truth

#: Seconds after which looking is given up at the earliest: the key stayed refused.
HOPELESS = 600.0
#: Seconds after which a gateway gives an unfinished task up (P§5.5).
GIVEN_UP = 3600.0

#: Errors that say that nothing was started and nothing was paid.
NOES = (
    mjflow.NotSubmitted,
    mjflow.NotAuthorized,
    mjflow.InvalidInput,
    mjflow.TaskNotFound,
    mjflow.TransportError,
)

#: What the server calls a button, where that is not what stands on it.
_SPELLINGS: Mapping[str, tuple[str, ...]] = {
    # Its four tasks are named in order by the reply; a list that they are found in has none.
    "Imagine all": ("text 1", "text 2", "text 3", "text 4"),
    "🔄": ("reroll", "describe again"),
    "⬅️": ("pan left",),
    "➡️": ("pan right",),
    "⬆️": ("pan up",),
    "⬇️": ("pan down",),
    **{f"{number}️⃣": (f"text {number}", f"prompt {number}") for number in range(1, 6)},
    **{f"U{number}": (f"clip {number}",) for number in range(1, 5)},
}

_Sent = Sequence[Submit]
_Check = Callable[[Step, _Sent, Story, Truth], Iterator[str]]


def wrong_ending(step: Step, sent: _Sent, story: Story, truth: Truth) -> Iterator[str]:
    """Complain about an ending that the truth does not bear out."""
    outcome = step.outcome
    if outcome is None or step.told is None:
        yield "its wait did not end"
    elif isinstance(outcome, Task):
        yield from _result(step, outcome, story, truth)
    elif not isinstance(outcome, MjflowError):
        yield f"it raised {outcome!r}, which is not ours"
    else:
        check = next((check for kind, check in _CHECKS if isinstance(outcome, kind)), _never)
        yield from check(step, sent, story, truth)


# --- results ----------------------------------------------------------------------------------


def _result(step: Step, result: Task, story: Story, truth: Truth) -> Iterator[str]:
    task = truth.tasks.get(result.id)
    if task is None:
        yield f"the task {result.id} does not exist"
        return
    if task.status(truth.now) != "SUCCESS":
        yield f"the task {result.id} is {task.status(truth.now)}"
    if result.id not in step.ids:
        yield f"the task {result.id} is none of its ids"
    if not _is_meant(step, task, story):
        yield f"the task {result.id} is another act's: {task.click}"


def _is_meant(step: Step, task: ServersTask, story: Story) -> bool:
    """Whether a task is what the step asked for: its parent, its button, its dialog's data."""
    move = step.move
    if move.on is None:
        return task.parent is None and (move.name != "imagine" or task.prompt == _prompt(move))
    parent = story.steps[move.on].outcome
    if task.parent is None or task.click is None or not isinstance(parent, Task):
        return False
    wanted = {"prompt": _prompt(move), "mask": bool(move.given.get("mask"))}
    given = {"prompt": task.prompt if wanted["prompt"] else "", "mask": bool(task.mask)}
    pressed = (move.name, *_SPELLINGS.get(move.name, ()))
    is_button = task.click.name.casefold() in {name.casefold() for name in pressed}
    return task.parent.id == parent.id and is_button and given == wanted


def _prompt(move: Move) -> str:
    return str(move.given.get("prompt", ""))


# --- errors -----------------------------------------------------------------------------------


def _no(step: Step, sent: _Sent, story: Story, truth: Truth) -> Iterator[str]:
    """Check that nothing was paid for what is said not to be there."""
    for one in sent:
        if _dormant(one, truth):
            continue  # at a gateway such a click may be paid; it comes back when it is given up
        if one.charged:
            yield f"{_name(step)}, but {one.act} was charged: task {one.task_id}"
        elif one.exists:
            yield f"{_name(step)}, but there is the task {one.task_id}"
    told = not sent or sent[-1].knowable or sent[-1].task_id in step.ids
    # A click that costs nothing was given up: should it have arrived, its dialog is nobody's loss.
    if not told and not (step.move.free and sent[-1].act != "modal"):
        yield f"{_name(step)}, but the last answer told nothing"


def _dormant(submit: Submit, truth: Truth) -> bool:
    """Whether a submit led to a dialog that nobody has answered."""
    task = truth.tasks.get(submit.task_id or "")
    return task is not None and task.dialog is not None and not task.answers


def _parent_unusable(step: Step, sent: _Sent, story: Story, truth: Truth) -> Iterator[str]:
    yield from _no(step, sent, story, truth)
    parent = story.steps[step.move.on or 0]
    if parent.well and not sent:
        yield "ParentUnusable, but its parent ended well"


def _failed(step: Step, sent: _Sent, story: Story, truth: Truth) -> Iterator[str]:
    assert isinstance(step.outcome, mjflow.TaskFailed)
    task = truth.tasks.get(step.outcome.task_id or "")
    if task is None or task.id not in step.ids:
        yield f"TaskFailed, but {step.outcome.task_id} is no task of this step"
    elif task.status(truth.now) != "FAILURE" and truth.now - task.submitted < GIVEN_UP:
        yield f"TaskFailed, but the task {task.id} is {task.status(truth.now)}"


def _task_lost(step: Step, sent: _Sent, story: Story, truth: Truth) -> Iterator[str]:
    assert isinstance(step.outcome, mjflow.TaskLost)
    task = truth.tasks.get(step.outcome.task_id or "")
    if task is None:
        yield f"TaskLost, but {step.outcome.task_id} is no task"
    elif "forgets" not in task.fates and truth.now - task.submitted < HOPELESS:
        yield f"TaskLost, but the task {task.id} could be looked at"


def _in_doubt(step: Step, sent: _Sent, story: Story, truth: Truth) -> Iterator[str]:
    yield from ()  # what is wrong with doubts is the oracle's own matter


def _never(step: Step, sent: _Sent, story: Story, truth: Truth) -> Iterator[str]:
    yield f"{_name(step)} can't be right here: {step.outcome}"


def _name(step: Step) -> str:
    return type(step.outcome).__name__


_CHECKS: tuple[tuple[type[MjflowError] | tuple[type[MjflowError], ...], _Check], ...] = (
    (SubmissionInDoubt, _in_doubt),
    (mjflow.ParentUnusable, _parent_unusable),
    (NOES, _no),
    (mjflow.TaskFailed, _failed),
    (mjflow.TaskLost, _task_lost),
)
