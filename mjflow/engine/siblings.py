"""Several tasks that one button started: what becomes of the act that stands for all of them."""

from __future__ import annotations

from mjflow.engine.record import Record
from mjflow.engine.tracker import Tracker
from mjflow.errors import MjflowError
from mjflow.fsm.events import Event
from mjflow.fsm.states import SETTLED, State
from mjflow.protocol.task import Task


async def gather(tracker: Tracker, record: Record) -> None:
    """End a record when all its children have ended: well, if all of them did."""
    outcomes = await _settled(tracker, record)
    failed = next((one for one in outcomes if isinstance(one, MjflowError)), None)
    if failed is None:
        tracker.move(record, Event.SUCCEEDED, task=record.children[0].task)
    elif any(child.state is State.LOST for child in record.children):
        tracker.move(record, Event.FORGOTTEN, error=failed)
    else:
        tracker.move(record, Event.FAILED, error=failed)


async def _settled(tracker: Tracker, record: Record) -> list[Task | MjflowError]:
    """Wait until all children are settled; what a person has to settle, pass on meanwhile."""
    while True:
        outcomes = [await tracker.outcome(child) for child in record.children]
        waiting = next((one for one in record.children if one.state not in SETTLED), None)
        if waiting is None:
            return outcomes
        if isinstance(waiting.outcome, MjflowError):
            tracker.tell(record, waiting.outcome)
            await tracker.change(waiting)
            tracker.clear(record)
