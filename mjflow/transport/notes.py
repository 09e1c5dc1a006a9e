"""One line of log for each request, and only if somebody reads it."""

from __future__ import annotations

import logging
from time import monotonic

log = logging.getLogger("mjflow.transport")


def listening() -> bool:
    """Return whether the lines are read by anybody."""
    return log.isEnabledFor(logging.DEBUG)


def note(method: str, path: str, outcome: object, started: float) -> None:
    """
    Log what became of a request.

    Args:
        path: Without its query, which may hold a signature.
        started: Instant on the monotonic clock, in seconds.
    """
    log.debug("%s %s: %s in %.0f ms", method, path, outcome, (monotonic() - started) * 1000)
