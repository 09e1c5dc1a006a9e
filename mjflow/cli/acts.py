"""`imagine` and `click`: acts that cost, each on the result of the one before."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve

from mjflow.cli.checks import Press, check_saving, presses
from mjflow.cli.options import Dialog, Saving
from mjflow.cli.pictures import save
from mjflow.cli.report import Report
from mjflow.cli.session import Session, Terms
from mjflow.handle import TaskHandle
from mjflow.protocol.buttons import traits
from mjflow.protocol.grammar import Stage
from mjflow.protocol.prompts import tidy


async def imagine(
    report: Report,
    prompt: str,
    clicks: Sequence[str],
    dialog: Dialog,
    saving: Saving,
    terms: Terms,
) -> None:
    """
    Draw a prompt, press buttons, save the last result.

    Raises:
        InvalidInput: Something cannot work; nothing was sent.
    """
    text = _clean(report, prompt)
    chain = presses(clicks, _clean_dialog(report, dialog), Stage.GRID)
    session = Session(report, terms, out=saving.out, chained=True, seed=text)
    async with session as client:
        await check_saving(saving)
        handle = client.imagine(text)
        session.follow(handle, "imagine")
        _press(session, handle, chain)
        await _see_through(session, saving)


async def click(
    report: Report, task_id: str, button: str, dialog: Dialog, saving: Saving, terms: Terms
) -> None:
    """
    Press a button of a task, wait for it first if it runs, save the result.

    Raises:
        InvalidInput: Something cannot work; nothing was sent.
    """
    (press,) = presses([button], _clean_dialog(report, dialog), None)
    session = Session(report, terms, out=saving.out, chained=True)
    async with session as client:
        await check_saving(saving)
        # One free look, so that an id that nobody knows is told of at once.
        await client.get(task_id)
        handle = client.attach(task_id)
        session.follow(handle, task_id, wanted=False)
        _press(session, handle, [press])
        await _see_through(session, saving)


def _clean(report: Report, prompt: str) -> str:
    """Mend a prompt as the client would, and warn of what was mended."""
    text, warnings = tidy(prompt)
    for warning in warnings:
        report.warn(warning)
    return text


def _clean_dialog(report: Report, dialog: Dialog) -> Dialog:
    if dialog.prompt is None:
        return dialog
    return evolve(dialog, prompt=_clean(report, dialog.prompt))


def _press(session: Session, handle: TaskHandle, chain: Sequence[Press]) -> None:
    """Press buttons, each on the result of the one before, as soon as it is there."""
    for press in chain:
        handle = handle.click(press.button, prompt=press.prompt, mask=press.mask)
        session.follow(handle, press.label)


async def _see_through(session: Session, saving: Saving) -> None:
    """Wait for one act after the other, and save the pictures of the last."""
    for step in session.steps:
        await step.handle
        if step.handle.dialog_data_unused:
            session.report.warn(
                f"{step.label} opened no dialog, so --prompt and --mask went unused "
                "(is remix mode off at this account?)"
            )
    session.report.rest()
    last = session.steps[-1]
    if traits(last.handle.button).yields == "none":
        last.wanted = False
        session.report.task(await last.handle)
        return
    session.report.say(_where(await save(session.report, last, saving), session, saving))


def _where(count: int, session: Session, saving: Saving) -> str:
    """Say where the pictures are, and whose they are if there could be a doubt."""
    acts = len(session.steps)
    whose = f" of {session.steps[-1].label}" if acts > 1 else ""
    what = f"The picture{whose} is" if count == 1 else f"The {count} pictures{whose} are"
    return f"{what} in {saving.out}"
