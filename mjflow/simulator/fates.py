"""What becomes of a task, decided when it is accepted; and what each server calls it."""

from __future__ import annotations

from mjflow.simulator.buttons import Kind
from mjflow.simulator.faults import Faults
from mjflow.simulator.profiles import Profile, Server
from mjflow.simulator.tasks import NEVER, UNQUEUED, Task

_FATES = (
    "fails",
    "fails-silently",
    "banned-late",
    "fails-5-minutes",
    "fails-1-hour",
    "never-ends",
    "forgets",
    "slow-refresh",
    "jumps-to-success",
    "links-expire",
)

# Reasons of failures, P§5.5 and P§8.5.
FAILS_WITH = "[Internal Server Error] Failed to process your command"
BANNED = "[Banned prompt detected] 可能包含敏感词"
CANCELLED = "取消任务"
OVERRAN = {Server.PLUS: "任务超时", Server.NOVICEZK: "任务超时", Server.TRUEAI: "执行超时 5 分钟"}

# Seconds after which a task that "forgets" strikes is no longer known.
FORGETS_AFTER = 10.0
FIVE_MINUTES = 300.0
HOUR = 3600.0

# trueai's words for what a button does, where they differ from ours (P§4.3).
_TRUEAI = {
    Kind.LOW_VARIATION: "VARIATION",
    Kind.HIGH_VARIATION: "VARIATION",
    Kind.ZOOM: "OUTPAINT",
    Kind.CUSTOM_ZOOM: "ZOOM",
    Kind.ANIMATE: "VIDEO",
    Kind.PICK_CLIP: "UPSCALE",
    Kind.EXTEND: "VIDEO_EXTEND",
    Kind.IMAGINE_ALL: "PIC_READER",
    Kind.DESCRIBE_RETRY: "DESCRIBE",
    Kind.PROMPT_ANALYZER: "IMAGINE",
}


def action_word(server: Server, kind: Kind, parent: Task) -> str:
    """Give the action of the task a button leads to, as its server names it."""
    if server is not Server.TRUEAI:
        return kind.value
    # A reroll reports what its parent was (P§4.3).
    return parent.action if kind is Kind.REROLL else _TRUEAI.get(kind, kind.value)


def decide(task: Task, profile: Profile, faults: Faults, now: float) -> None:
    """Decide over a task that is about to be queued."""
    task.fates = frozenset(name for name in _FATES if faults.strikes(name))
    if profile.queued_limit is not None:
        # Counted from the submit, which for a dialog is that of the click (P§5.5).
        task.expires = task.submitted + profile.queued_limit
    _choose_failure(task, profile)
    if "never-ends" in task.fates:
        _never_end(task, profile, now)
    if "forgets" in task.fates and not profile.gateway:
        task.lost = now + FORGETS_AFTER


def _choose_failure(task: Task, profile: Profile) -> None:
    if "fails-1-hour" in task.fates:
        task.fails, task.failure = True, UNQUEUED
        # Behind a gateway it waits on, until the gateway itself gives it up.
        task.expires = NEVER if profile.gateway else task.submitted + HOUR
    elif "fails-5-minutes" in task.fates:
        task.fails, task.failure = True, OVERRAN[profile.server]
        task.run = FIVE_MINUTES
    elif "banned-late" in task.fates:
        task.fails, task.failure = True, BANNED
    elif "fails" in task.fates:
        task.fails, task.failure = True, FAILS_WITH
    elif "fails-silently" in task.fates:
        task.fails, task.failure = True, ""


def _never_end(task: Task, profile: Profile, now: float) -> None:
    if not profile.gateway:
        task.hangs = True
    elif task.lost == NEVER:
        # Long enough for the gateway to have seen it, not for it to end.
        task.lost = now + 20.0
        task.run = max(task.run, 60.0)
