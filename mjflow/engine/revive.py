"""From a journal's attempt back to a record: the same task for the same key, in another life."""

from __future__ import annotations

from typing import Any

import msgspec
from attrs import define

from mjflow.fsm.events import Event
from mjflow.journal.store import Attempt
from mjflow.protocol.codec import build_task
from mjflow.protocol.task import Task
from mjflow.protocol.verdicts import Dialog

_NAMING = frozenset({Event.ACCEPTED, Event.DIALOG, Event.FOUND, Event.ANSWER_ACCEPTED})
_ENDINGS = frozenset({Event.SUCCEEDED, Event.FAILED, Event.CANCELLED})


@define
class Past:
    """What a journal tells of one attempt."""

    events: tuple[Event, ...]
    #: The server's ids, the one to look at first.
    ids: tuple[str, ...] = ()
    dialog: Dialog | None = None
    #: The whole last snapshot, when the task has ended.
    task: Task | None = None


def past_of(attempt: Attempt) -> Past:
    """
    Read an attempt: an intent without a word about it is doubt, never "not sent".

    The process may have died with the request on the wire.
    """
    past = Past((Event.INTENT, *(note.event for note in attempt.notes)))
    for note in attempt.notes:
        data: dict[str, Any] = msgspec.json.decode(note.payload) if note.payload else {}
        if note.event in _NAMING and data.get("ids"):
            past.ids = (*data["ids"], *(old for old in past.ids if old not in data["ids"]))
        if note.event is Event.DIALOG:
            past.dialog = Dialog(past.ids[0], data.get("final_prompt", ""))
        if note.event in _ENDINGS:
            past.task = build_task(data["raw"])
    if not attempt.notes:
        past.events += (Event.UNANSWERED,)
    elif attempt.notes[-1].event is Event.ANSWER_INTENT:
        past.events += (Event.ANSWER_UNANSWERED,)
    return past
