"""Plays a chain of acts on a client, as a program would, and tells the story of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from attrs import frozen

from mjflow import Client, MjflowError, SubmissionInDoubt, Task, TaskHandle
from tests.contract.plans import Move, Plan

#: Seconds after which a wait counts as one that never ends: above the two limits of 70 minutes that
#: an act has by default, for each of the five acts of the longest chain.
PATIENCE = 12 * 3600.0


#: What a wait gave or raised; `None` if it did not end.
Outcome: TypeAlias = Task | Exception | None
#: A handle, or what the call itself raised; a click on nothing raises what its parent did.
Call: TypeAlias = TaskHandle | MjflowError


@frozen
class Step:
    """What became of one move."""

    move: Move
    #: The caller's own `state`: by it the server's record of the step is found.
    mark: str
    #: What the first wait came to.
    told: Outcome
    #: What it came to in the end: what was in doubt may be found.
    outcome: Outcome
    #: Seconds from the beginning of the story to the end of the first wait.
    at: float
    #: All ids the server gave it, and those of further tasks that it started.
    ids: tuple[str, ...] = ()

    @property
    def well(self) -> bool:
        return isinstance(self.outcome, Task)


@frozen
class Story:
    """What became of a chain."""

    plan: Plan
    steps: tuple[Step, ...]
    #: What saving the pictures raised.
    unsaved: Exception | None = None
    #: How many pictures were saved.
    saved: int = 0

    @property
    def well(self) -> bool:
        return self.unsaved is None and all(step.well for step in self.steps)

    @property
    def broke(self) -> int | None:
        """The place of the first step that did not end well."""
        return next((n for n, step in enumerate(self.steps) if not step.well), None)


@frozen
class Played:
    """A chain of which every wait is over, or given up; what is in doubt may still move."""

    plan: Plan
    marks: Sequence[str]
    calls: Sequence[Call]
    #: What each first wait came to, and when.
    told: Sequence[tuple[Outcome, float]]
    saved: int
    unsaved: Exception | None

    @property
    def in_doubt(self) -> bool:
        return any(isinstance(outcome, SubmissionInDoubt) for outcome, _ in self.told)

    def story(self) -> Story:
        """Tell the story, as it stands now."""
        moves = zip(self.plan.moves, self.marks, self.calls, self.told, strict=True)
        steps = tuple(_step(*move) for move in moves)
        return Story(self.plan, steps, self.unsaved, self.saved)


async def play(
    client: Client, plan: Plan, *, name: str = "chain", folder: Path | None = None
) -> Played:
    """Begin all moves at once, each on its parent's handle, and wait for each."""
    clock = asyncio.get_running_loop().time
    began = clock()
    marks = [f"{name}.{place}" for place in range(len(plan.moves))]
    calls = begin(client, plan, marks)
    told = await asyncio.gather(*(_told(call, began) for call in calls))
    saved, unsaved = await _save(calls[-1], plan, folder)
    return Played(plan, marks, calls, told, saved, unsaved)


def begin(client: Client, plan: Plan, marks: Sequence[str]) -> list[Call]:
    """Make all calls of a plan, without a wait between them."""
    calls: list[Call] = []
    for place, (move, mark) in enumerate(zip(plan.moves, marks, strict=True)):
        given = {**move.given, **(plan.given if place == 0 else {}), "state": mark}
        parent = None if move.on is None else calls[move.on]
        calls.append(
            parent if isinstance(parent, MjflowError) else _call(client, parent, move, given)
        )
    return calls


def _call(client: Client, parent: TaskHandle | None, move: Move, given: Mapping[str, Any]) -> Call:
    try:
        if parent is not None:
            return parent.click(move.name, **given)
        handle: TaskHandle = getattr(client, move.name)(**given)
        return handle
    except MjflowError as error:
        return error


async def _told(call: Call, began: float) -> tuple[Outcome, float]:
    """Wait once; give what came of it, and after how many seconds."""
    clock = asyncio.get_running_loop().time
    if isinstance(call, MjflowError):
        return call, clock() - began
    outcome: Outcome
    try:
        async with asyncio.timeout(PATIENCE) as wait:
            outcome = await call
    except Exception as error:
        outcome = None if wait.expired() else error
    return outcome, clock() - began


def _step(move: Move, mark: str, call: Call, first: tuple[Outcome, float]) -> Step:
    told, at = first
    if isinstance(call, MjflowError):
        return Step(move, mark, told, told, at)
    children = (task_id for child in call.children for task_id in child.ids)
    moved = isinstance(told, SubmissionInDoubt) and call.outcome is not None
    return Step(
        move,
        mark,
        told,
        call.outcome if moved else told,
        at,
        ids=(*call.ids, *children),
    )


async def _save(call: Call, plan: Plan, folder: Path | None) -> tuple[int, Exception | None]:
    """Save the picture of the last move, if the plan wants it."""
    if not plan.saves or folder is None or isinstance(call, MjflowError):
        return 0, None
    await asyncio.sleep(plan.rests)
    try:
        return len(await call.download(folder)), None
    except Exception as error:
        return 0, error
