"""`show` and `watch`: looking at tasks, which costs nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from itertools import chain

from mjflow.cli.bundles import Saving, Server, Terms
from mjflow.cli.disk import check_saving
from mjflow.cli.leftovers import Step
from mjflow.cli.report import Report
from mjflow.cli.results import counted, save, tell_texts
from mjflow.cli.session import Session
from mjflow.client import Client
from mjflow.engine.outcomes import failure_of
from mjflow.errors import MjflowError, TaskNotFound
from mjflow.media.store import Saved
from mjflow.protocol.stages import ends_in_texts
from mjflow.protocol.task import Task


async def show(report: Report, task_id: str, saving: Saving | None, server: Server) -> None:
    """Look at a task once and tell what is there; save its pictures if wanted."""
    async with Session(report, Terms(server=server)) as client:
        if saving is not None:
            await check_saving(saving)
        task = await client.get(task_id)
        report.task(task)
        if saving is not None:
            await _save_shown(report, client, task, saving)


async def _save_shown(report: Report, client: Client, task: Task, saving: Saving) -> None:
    if not task.ended:
        raise MjflowError(
            f"task {task.id} has no picture yet",
            advice=f"`mjflow watch {task.id} --out {saving.out}` waits for it and saves it.",
        )
    if (failure := failure_of(task)) is not None:
        raise failure
    step = Step(client.attach(task.id), task.id)
    files = await save(report, step, saving)
    report.say(f"{counted(files)} in {saving.out}")


async def watch(
    report: Report, task_ids: Sequence[str], saving: Saving | None, terms: Terms
) -> None:
    """Wait for tasks to end and tell how each did; save their pictures if wanted."""
    session = Session(report, terms, out=saving.out if saving else None)
    async with session as client:
        if saving is not None:
            await check_saving(saving)
        for task_id in await _known(report, client, dict.fromkeys(task_ids)):
            session.follow(client.attach(task_id), task_id)
        saved = await asyncio.gather(*(_seen(report, step, saving) for step in session.steps))
        report.rest()
        if saving is not None:
            report.say(f"{counted([*chain.from_iterable(saved)])} in {saving.out}")


async def _known(report: Report, client: Client, task_ids: Iterable[str]) -> list[str]:
    """Look once at each, so that an id that nobody knows is told of at once."""
    known = []
    for task_id in task_ids:
        try:
            await client.get(task_id)
        except TaskNotFound as error:
            report.error(error)
        else:
            known.append(task_id)
    return known


async def _seen(report: Report, step: Step, saving: Saving | None) -> list[Saved]:
    """Wait for one task; a failure is told and ends nothing else."""
    try:
        task = await step.handle
        if ends_in_texts(task):
            step.wanted = False
            tell_texts(report, task)
            return []
        return await save(report, step, saving) if saving else []
    except MjflowError as error:
        report.error(error)
        return []
