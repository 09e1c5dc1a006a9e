"""Finished pictures on their way to disk."""

from __future__ import annotations

from mjflow.cli.leftovers import Step
from mjflow.cli.options import Saving
from mjflow.cli.report import Report


async def save(report: Report, step: Step, saving: Saving) -> int:
    """
    Save the pictures of an act that ended well, tell where they are, and return their number.

    Raises:
        DownloadFailed, CannotWrite: One could not be fetched, or not be written.
    """
    count = 0
    for handle in step.handle.children or (step.handle,):
        for saved in await handle.download(saving.out, name=saving.name):
            report.saved(saved, handle.id)
            count += 1
    step.wanted = False
    return count
