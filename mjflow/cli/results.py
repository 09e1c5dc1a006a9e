"""What acts end with: pictures on their way to disk, and texts."""

from __future__ import annotations

from collections.abc import Sequence

from mjflow.cli.bundles import Saving
from mjflow.cli.leftovers import Step
from mjflow.cli.report import Report
from mjflow.cli.words import number, texts_of
from mjflow.media.store import Saved
from mjflow.protocol.task import Task


async def save(report: Report, step: Step, saving: Saving) -> list[Saved]:
    """
    Save the pictures of an act that ended well, tell where they are, and return them.

    Raises:
        DownloadFailed, CannotWrite: One could not be fetched, or not be written.
    """
    files: list[Saved] = []
    for handle in step.handle.children or (step.handle,):
        for saved in await handle.download(saving.out, name=saving.name):
            report.saved(saved, handle.id)
            files.append(saved)
    step.wanted = False
    return files


def counted(files: Sequence[Saved]) -> str:
    """Count files as what they are: `1 picture`, `4 clips`."""
    moving = bool(files) and all(saved.whole.kind.moving for saved in files)
    return number(len(files), "clip" if moving else "picture")


def tell_texts(report: Report, task: Task) -> None:
    """Print the texts that a task has found, numbered as the buttons that draw them."""
    for place, text in enumerate(texts_of(task), start=1):
        report.tell("text", f"{place}. {text}", task_id=task.id, number=place, text=text)
