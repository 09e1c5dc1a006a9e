"""The end of a chain of acts: waited for, then saved or printed."""

from __future__ import annotations

from asyncio import CancelledError
from collections.abc import Sequence

from mjflow.cli.bundles import Saving
from mjflow.cli.results import counted, save, tell_texts
from mjflow.cli.session import Session
from mjflow.errors import MjflowError
from mjflow.fsm.states import State
from mjflow.media.store import Saved
from mjflow.protocol.buttons import canonical, traits
from mjflow.protocol.stages import ends_in_texts


async def see_through(session: Session, saving: Saving | None) -> None:
    """
    Wait for one act after the other, and save the pictures of the last, or print its texts.

    Args:
        saving: `None` if nothing is to be saved.
    """
    try:
        await _ended(session)
    except (MjflowError, CancelledError):
        _tell_what_was_found(session)
        raise
    session.report.rest()
    last = session.steps[-1]
    task = await last.handle
    if saving is not None and traits(last.handle.button).yields != "none":
        files = await save(session.report, last, saving)
        session.report.say(_where(files, session, saving))
        return
    last.wanted = False
    if ends_in_texts(task):
        tell_texts(session.report, task)
        if any(canonical(button) == "1" for button in task.buttons):
            session.say_how_to_go_on(task.id)
    else:
        session.report.task(task)


async def _ended(session: Session) -> None:
    """Wait for all acts, and warn of a dialog's data that went unused."""
    for step in session.steps:
        await step.handle
        if step.handle.dialog_data_unused:
            session.report.warn(
                f"{step.label} opened no dialog, so --prompt and --mask went unused "
                "(is remix mode off at this account?)"
            )


def _tell_what_was_found(session: Session) -> None:
    """Print texts that are paid for, although what was to be drawn from them came to nothing."""
    done = [step for step in session.steps if step.handle.state is State.SUCCESS]
    task = done[-1].handle.task if done else None
    if task is not None and ends_in_texts(task):
        done[-1].wanted = False
        tell_texts(session.report, task)


def _where(files: Sequence[Saved], session: Session, saving: Saving) -> str:
    """Say where the pictures are, and whose they are if there could be a doubt."""
    whose = f" of {session.steps[-1].label}" if len(session.steps) > 1 else ""
    count, _, noun = counted(files).partition(" ")
    what = f"The {noun}{whose} is" if count == "1" else f"The {count} {noun}{whose} are"
    return f"{what} in {saving.out}"
