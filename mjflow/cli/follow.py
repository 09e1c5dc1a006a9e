"""Going on with a task that is there: `click`, `modal`, `seed`, `cancel`."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve

from mjflow.cli.acts import clean_dialog
from mjflow.cli.bundles import Dialog, Keeping, Saving, Server, Terms
from mjflow.cli.chain import see_through
from mjflow.cli.checks import chained
from mjflow.cli.disk import check_saving
from mjflow.cli.extras import read_extras
from mjflow.cli.journal.place import read_key
from mjflow.cli.possible import check_possible
from mjflow.cli.report import Report
from mjflow.cli.session import Session
from mjflow.engine.outcomes import failure_of
from mjflow.errors import InvalidInput, MjflowError
from mjflow.fsm.states import State
from mjflow.media.masks import load_mask
from mjflow.protocol.status import Status
from mjflow.protocol.task import Task


async def click(
    report: Report,
    task_id: str,
    button: str,
    dialog: Dialog,
    extra: Sequence[str],
    saving: Saving,
    terms: Terms,
    keeping: Keeping,
) -> None:
    """
    Press a button of a task, wait for it first if it runs, save the result.

    Raises:
        InvalidInput: Something cannot work; nothing was sent.
    """
    (press,) = chained([button], clean_dialog(report, dialog), None).presses
    press = evolve(press, extra=read_extras(extra), key=read_key(keeping.key))
    session = Session(report, terms, out=saving.out, chained=True, keeping=keeping)
    async with session as client:
        await check_saving(saving)
        check_possible(await client.dialect(), "click", [press])
        # One free look, so that an id that nobody knows is told of at once.
        _check_clickable(await client.get(task_id))
        session.follow(client.attach(task_id), task_id, wanted=False)
        session.press([press])
        await see_through(session, saving)


def _check_clickable(task: Task) -> None:
    if task.status is Status.MODAL:
        raise MjflowError(
            f"task {task.id} waits in a dialog, and has no buttons before that is answered",
            advice=f"Answer it: mjflow modal {task.id} --prompt TEXT",
        )
    if task.ended and (failure := failure_of(task)) is not None:
        raise failure


async def modal(
    report: Report, task_id: str, dialog: Dialog, saving: Saving, terms: Terms, keeping: Keeping
) -> None:
    """
    Answer the dialog that a task waits in, and save the result.

    Raises:
        InvalidInput: Something cannot work; nothing was sent.
    """
    if dialog.prompt is None and dialog.mask is None:
        raise InvalidInput(
            "there is nothing to answer with", advice="Give --prompt, --mask, or both."
        )
    dialog = clean_dialog(report, dialog)
    mask = None if dialog.mask is None else load_mask(dialog.mask)
    session = Session(report, terms, out=saving.out, chained=True, keeping=keeping)
    async with session as client:
        await check_saving(saving)
        task = await client.get(task_id)
        _check_waits(task)
        handle = client.modal(task_id, dialog.prompt or "", mask)
        session.follow(handle, task_id)
        states = {update.state async for update in handle.events()}
        await see_through(session, saving)
        if State.ANSWERING not in states:
            report.warn(f"task {task_id} opened no dialog, so --prompt and --mask went unused")


def _check_waits(task: Task) -> None:
    """Refuse a task that waits in no dialog; of one just begun a gateway does not know yet."""
    if not task.ended and task.status is not Status.IN_PROGRESS:
        return
    if task.ended and (failure := failure_of(task)) is not None:
        raise failure
    raise MjflowError(
        f"task {task.id} waits in no dialog: it is {task.status}",
        advice=(
            f"Its buttons: mjflow show {task.id}"
            if task.ended
            else f"Wait for its end: mjflow watch {task.id}"
        ),
    )


async def seed(report: Report, task_id: str, server: Server) -> None:
    """Print the seed that a task was drawn with."""
    async with Session(report, Terms(server=server)) as client:
        check_possible(await client.dialect(), "seed")
        found = await client.seed(task_id)
        report.tell("seed", found, task_id=task_id, seed=found)


async def cancel(report: Report, task_id: str, server: Server) -> None:
    """Ask the server to stop a task, and tell what became of it."""
    async with Session(report, Terms(server=server)) as client:
        check_possible(await client.dialect(), "cancel")
        await client.cancel(task_id)
        task = await client.get(task_id)
        report.tell("cancelled", f"{task_id} {task.status}", task_id=task_id, status=task.status)
        report.say("The server took the wish to cancel it.")
