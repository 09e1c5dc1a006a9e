"""
The journal as the engine writes it: events of the automaton with their data as JSON.

What is about to happen is written first, or it does not happen.  What has happened counts whether
it can be written or not: a task that is paid is not dropped because the disk is full.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from mjflow.engine.payload import payload_of
from mjflow.engine.record import Record
from mjflow.errors import CannotWrite
from mjflow.fsm.events import Event
from mjflow.journal.store import Attempt, Intent, Lease, Note, SavedPicture, Store
from mjflow.protocol import codec
from mjflow.protocol.requests import Modal, Submit
from mjflow.protocol.status import Status
from mjflow.protocol.task import Task
from mjflow.protocol.verdicts import (
    Accepted,
    Dialog,
    Doubt,
    Existing,
    Refused,
    Rejected,
    Verdict,
)

logger = logging.getLogger("mjflow.engine")

_ENDINGS = {
    Status.SUCCESS: Event.SUCCEEDED,
    Status.FAILURE: Event.FAILED,
    Status.CANCEL: Event.CANCELLED,
}


class Books:
    """One engine's hand in a journal."""

    def __init__(self, store: Store, namespace: str) -> None:
        self._store = store
        self._namespace = namespace

    # --- about to happen ------------------------------------------------------------------

    async def intend(self, record: Record, request: Submit) -> None:
        """
        Write that a request is about to leave; after this returns it may.

        Raises:
            AttemptExists: Somebody else is at this key.
            LeaseLost: Somebody else is at the run that it is part of.
            CannotWrite: The journal takes nothing.
        """
        await self._store.intend(
            Intent(
                namespace=self._namespace,
                key=record.key,
                attempt=record.attempt,
                token=record.token,
                digest=codec.digest(request),
                payload=payload_of(request, record.mode),
                written_at=datetime.now(UTC),
                lease=record.act.options.lease,
            )
        )

    async def answer(self, record: Record, modal: Modal) -> None:
        """
        Write that an answer to a dialog is about to leave; after this returns it may.

        Raises:
            AttemptExists: Somebody else has answered it.
            LeaseLost: Somebody else is at the run that it is part of.
            InvalidInput: It cannot be written as JSON, nor sent.
            CannotWrite: The journal takes nothing.
        """
        codec.encode(modal)
        data = {"task_id": modal.task_id, "prompt": modal.prompt, "mask": bool(modal.mask_base64)}
        await self._write(record, Event.ANSWER_INTENT, data, record.act.options.lease)

    async def decide(self, record: Record, event: Event) -> None:
        """
        Write what a person decides about a doubt; after this returns it holds.

        Raises:
            CannotWrite: The journal takes nothing.
        """
        await self._write(record, event, {})

    # --- what has happened ----------------------------------------------------------------

    async def verdict(self, record: Record, event: Event, verdict: Verdict) -> CannotWrite | None:
        """Write what came of a request or of an answer; return why that was not possible."""
        return await self._note(record, event, _verdict(verdict))

    async def event(self, record: Record, event: Event, **data: Any) -> None:
        """Write an event without an answer of the server's."""
        await self._note(record, event, data)

    # --- looked at, and to be seen again if it cannot be written (`CannotWrite`) ------------

    async def dialog_seen(self, record: Record, dialog: Dialog) -> None:
        """Write that a look, not a reply, told of a dialog."""
        await self._write(record, Event.DIALOG, _verdict(dialog))

    async def ended(self, record: Record, task: Task) -> None:
        """Write a task's end with the whole snapshot."""
        await self._write(record, _ENDINGS[task.status], {"raw": dict(task.raw)})

    async def saved(self, saved: SavedPicture) -> None:
        """Write that a picture is safely on disk."""
        await self._store.saved(saved)

    # --- reading --------------------------------------------------------------------------

    async def past(self, record: Record) -> Sequence[Attempt]:
        """Read all attempts of a record's key, oldest first."""
        return await self._store.attempts(self._namespace, record.key)

    async def open(self) -> Sequence[Attempt]:
        """Read the attempts of which something is still to come, oldest first."""
        return await self._store.open(self._namespace)

    async def _note(self, record: Record, event: Event, data: dict[str, Any]) -> CannotWrite | None:
        try:
            await self._write(record, event, data)
        except CannotWrite as error:
            what = f"task {record.id or 'not named'}, token {record.token}: {event.name} {data}"
            logger.error("the journal does not take this (%s): %.2000s", error.message, what)
            return error
        return None

    async def _write(
        self, record: Record, event: Event, data: dict[str, Any], lease: Lease | None = None
    ) -> None:
        if not record.token:
            return  # attached: somebody else's journal has it, if any
        payload = msgspec.json.encode(data) if data else b""
        note = Note(event=event, payload=payload, written_at=datetime.now(UTC), lease=lease)
        await self._store.note(record.token, note)


def _verdict(verdict: Verdict) -> dict[str, Any]:
    match verdict:
        case Accepted():
            return {"ids": list(verdict.ids), "queue_place": verdict.queue_place}
        case Existing():
            return {"ids": [verdict.id], "existing": True}
        case Dialog():
            return {"ids": [verdict.id], "final_prompt": verdict.final_prompt}
        case Doubt():
            return {"reason": verdict.reason}
        case Rejected():
            return {"reason": verdict.reason, "cause": verdict.cause}
        case Refused():
            return {"reason": verdict.reason, "cause": verdict.cause, "word": verdict.word}
