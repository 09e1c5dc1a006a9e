"""The end of a chain of acts: waited for, then saved or printed."""

from __future__ import annotations

from collections.abc import Sequence

from mjflow.cli.bundles import Saving
from mjflow.cli.results import counted, save, tell_texts
from mjflow.cli.session import Session
from mjflow.media.store import Saved
from mjflow.protocol.buttons import canonical, traits
from mjflow.protocol.stages import ends_in_texts


async def see_through(session: Session, saving: Saving | None) -> None:
    """
    Wait for one act after the other, and save the pictures of the last, or print its texts.

    Args:
        saving: `None` if nothing is to be saved.
    """
    for step in session.steps:
        await step.handle
        if step.handle.dialog_data_unused:
            session.report.warn(
                f"{step.label} opened no dialog, so --prompt and --mask went unused "
                "(is remix mode off at this account?)"
            )
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


def _where(files: Sequence[Saved], session: Session, saving: Saving) -> str:
    """Say where the pictures are, and whose they are if there could be a doubt."""
    whose = f" of {session.steps[-1].label}" if len(session.steps) > 1 else ""
    count, _, noun = counted(files).partition(" ")
    what = f"The {noun}{whose} is" if count == "1" else f"The {count} {noun}{whose} are"
    return f"{what} in {saving.out}"
