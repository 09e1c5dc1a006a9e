"""What a journal's attempt tells of its task: read, and not acted upon."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from attrs import define

from mjflow.engine.act import Answer
from mjflow.engine.outcomes import failure_of
from mjflow.engine.payload import asked
from mjflow.errors import MjflowError
from mjflow.fsm.events import Event
from mjflow.fsm.replay import replay
from mjflow.fsm.states import State
from mjflow.journal.store import Attempt
from mjflow.protocol import codec
from mjflow.protocol.refusals import refusal
from mjflow.protocol.task import Task
from mjflow.protocol.verdicts import Cause, Dialog, Refused

#: Seconds that an answer may take: until then a request without one may be on the wire still,
#: sent by another client on this journal; from then on it is in doubt.
ON_ITS_WAY = 95.0

#: Nobody knows whether something was paid here.
IN_DOUBT = frozenset({State.IN_DOUBT, State.ANSWER_IN_DOUBT})

_NAMING = frozenset({Event.ACCEPTED, Event.DIALOG, Event.FOUND, Event.ANSWER_ACCEPTED})
_ENDINGS = frozenset({Event.SUCCEEDED, Event.FAILED, Event.CANCELLED})
#: A person's word; it comes too late where the task was found.
_SETTLING = frozenset({Event.ABSENT, Event.FORCED, Event.ANSWER_ABSENT, Event.ANSWER_FORCED})


@define
class Past:
    """What a journal tells of one attempt."""

    events: tuple[Event, ...]
    #: The server's ids, the one to look at first.
    ids: tuple[str, ...] = ()
    dialog: Dialog | None = None
    #: The whole last snapshot, when the task has ended.
    task: Task | None = None
    #: What the last word said.
    reason: str = ""
    #: The last definite no; `None` also for one whose cause was not written.
    no: Refused | None = None
    #: What the dialog was answered with, unless that had a mask, which no journal keeps.
    answer: Answer | None = None

    @property
    def state(self) -> State:
        """Where it stands."""
        return replay(self.events)[0]


def past_of(attempt: Attempt) -> Past:
    """
    Read an attempt: an intent without a word about it is doubt, never "not sent".

    The process may have died with the request on the wire.
    """
    past = Past((Event.INTENT,))
    for note in attempt.notes:
        _take_in(past, note.event, told(note.payload))
    past.events += _unsaid(past.events[-1])
    return past


def outcome_of(attempt: Attempt) -> Task | MjflowError | None:
    """
    Return what an attempt has come to for good: its task, or the error that a live one raised.

    `None` says nothing about success: whoever wants to know asks the engine for the same key,
    which goes on where the journal stops and pays for nothing twice.  It stands for what runs,
    waits for an answer or is in doubt; for what makes room for another attempt (rejected,
    withdrawn, absent, forced); for a button that started several tasks, as the journal holds one
    attempt for all of them and the end of none; for a refusal without a cause, as earlier
    versions wrote it; and for "no such route", where the address may be at fault, which is a
    thing that gets mended.
    """
    past = past_of(attempt)
    if past.task is not None:
        return failure_of(past.task) or past.task
    if past.state is not State.REFUSED or past.no is None or past.no.cause is Cause.NO_ROUTE:
        return None
    paper = asked(attempt.intent.payload)
    if paper is None:
        return refusal(past.no)
    task_id = getattr(paper.request, "task_id", None)
    return refusal(past.no, task_id=task_id, act=paper.request.route.act)


def on_its_way(attempts: Sequence[Attempt], now: datetime) -> float:
    """Return the seconds for which an answer to the last request may still come; 0.0 for none."""
    if not attempts:
        return 0.0
    notes = attempts[-1].notes
    if notes and notes[-1].event is not Event.ANSWER_INTENT:
        return 0.0
    age = (now - last_word_at(attempts[-1])).total_seconds()
    return min(ON_ITS_WAY, max(0.0, ON_ITS_WAY - age))


def last_word_at(attempt: Attempt) -> datetime:
    """Return when the last word about an attempt was written."""
    return attempt.notes[-1].written_at if attempt.notes else attempt.intent.written_at


def told(payload: bytes) -> dict[str, Any]:
    """Read a note's data back; `{}` for a note without any."""
    return msgspec.json.decode(payload, type=dict[str, Any]) if payload else {}


def _unsaid(last: Event) -> tuple[Event, ...]:
    """Return what a journal leaves unsaid behind an intent: that no answer has come."""
    silence = {Event.INTENT: Event.UNANSWERED, Event.ANSWER_INTENT: Event.ANSWER_UNANSWERED}
    return (silence[last],) if last in silence else ()


def _take_in(past: Past, event: Event, data: dict[str, Any]) -> None:
    if event in _SETTLING:
        past.events += _unsaid(past.events[-1])
    if event in _SETTLING and past.state not in IN_DOUBT:
        return  # two who share a journal: one has given up what the other has found
    if event is Event.ANSWER_INTENT:
        past.answer = None if data["mask"] else Answer(prompt=data["prompt"])
    if event is Event.ANSWER_INTENT and past.dialog is None:
        # Nothing else says that a dialog was seen: that note could not be written.
        past.dialog = Dialog(data["task_id"])
        past.events += (Event.DIALOG,)
    past.events += (event,)
    past.reason = data.get("reason", "")
    if event is Event.REFUSED:
        past.no = _no(data)
    if event in _NAMING and data.get("ids"):
        past.ids = (*data["ids"], *(old for old in past.ids if old not in data["ids"]))
    if event is Event.DIALOG:
        past.dialog = Dialog(past.ids[0], data.get("final_prompt", ""))
    if event in _ENDINGS:
        past.task = codec.build_task(data["raw"])


def _no(data: dict[str, Any]) -> Refused | None:
    if "cause" not in data:
        return None
    return Refused(Cause(data["cause"]), data["reason"], data.get("word", ""))
