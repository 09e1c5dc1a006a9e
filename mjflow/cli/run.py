"""From a command's coroutine to an exit code: the loop, signals, and whatever goes wrong."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
import traceback
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

from mjflow import config
from mjflow.cli.report import JsonReport, Report
from mjflow.errors import MjflowError

#: What a command is, once it knows whom to tell.
Work = Callable[[Report], Coroutine[Any, Any, None]]

INTERRUPTED = 130


def run(work: Work, *, json: bool = False) -> int:
    """Carry a command out in an event loop of its own and return its exit code."""
    report: Report = JsonReport() if json else Report()
    try:
        config.configure_logging(_log_level())
        report = _report(json=json)
        asyncio.run(_interruptible(work(report)))
    except (KeyboardInterrupt, asyncio.CancelledError):
        report.blame(INTERRUPTED)
    except (MjflowError, OSError) as error:
        report.error(error)
    except Exception as error:
        report.error(_bug(error))
    return report.code


def _log_level() -> int | None:
    """Return the level that `MJFLOW_LOG` names."""
    return config.load(base_url="http://localhost", api_key="none").log_level


def _report(*, json: bool) -> Report:
    if json:
        return JsonReport()
    if sys.stderr is not None and sys.stderr.isatty() and not _logs():
        from mjflow.cli.view import LiveReport, can_draw

        if can_draw(sys.stderr):
            return LiveReport()
    return Report()


def _logs() -> bool:
    """Whether log lines are to be seen, which a drawing would cover."""
    return logging.getLogger("mjflow").hasHandlers()


async def _interruptible(command: Coroutine[Any, Any, None]) -> None:
    """
    Cancel the command on Ctrl-C or SIGTERM, so that it cleans up; again, so that it leaves.

    Python's own way is to raise `KeyboardInterrupt` the second time, in whatever line is just
    running: that could be one of those that clean up.
    """
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGINT, signal.SIGTERM):
        # Ignored ones stay so: a shell protects its background jobs like this.
        if signal.getsignal(number) is not signal.SIG_IGN:
            with suppress(NotImplementedError):  # Windows
                asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    await command


def _bug(error: Exception) -> MjflowError:
    """Say that something happened which nobody thought of."""
    if logging.getLogger("mjflow").isEnabledFor(logging.DEBUG):
        traceback.print_exception(error)
    if isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return MjflowError(
        f"this is a bug in mjflow: {type(error).__name__}: {error}",
        advice="Please report it, with the traceback that MJFLOW_LOG=debug shows.",
    )
