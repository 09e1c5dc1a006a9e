"""What is said when a client closes: of each open task, how to pick it up."""

from __future__ import annotations

import logging

from mjflow.engine.tracker import Tracker
from mjflow.errors import ClientClosed, StillRunning
from mjflow.fsm.events import Event
from mjflow.fsm.states import State

logger = logging.getLogger("mjflow.engine")

#: Ids that are named in one line.
_NAMED = 10


def hand_back(tracker: Tracker) -> None:
    """End every wait that is left."""
    running: dict[str, None] = {}
    for record in tracker:
        if record.state is State.NEW:
            closed = ClientClosed("the client was closed before this was sent")
            tracker.move(record, Event.WITHDRAWN, error=closed)
        elif record.outcome is None:
            running[record.id or record.token] = None
            message = f"the client was closed while task {record.id} was running"
            tracker.tell(record, StillRunning(message, task_id=record.id))
    if running:
        named = ", ".join(list(running)[:_NAMED]) + (", ..." if len(running) > _NAMED else "")
        logger.warning("closed while %d tasks still run: %s", len(running), named)
