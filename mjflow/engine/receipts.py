"""What a journal keeps of an upload: the links that it was given, or why there are none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from mjflow.engine.links import expires_at
from mjflow.errors import SubmissionInDoubt
from mjflow.fsm.events import Event
from mjflow.journal.store import Attempt, Note
from mjflow.protocol.requests import Upload
from mjflow.protocol.verdicts import Stored, UploadVerdict

#: A link that runs out sooner is of no use to a task that may wait in a queue.
_LEFT = timedelta(minutes=10)


def data_of(verdict: UploadVerdict) -> dict[str, Any]:
    """Return what is noted of an answer."""
    return {"links": verdict.links} if isinstance(verdict, Stored) else {"reason": verdict.reason}


def links_of(attempts: Sequence[Attempt]) -> tuple[str, ...]:
    """Return the links that an earlier upload was given; none when there was none."""
    if not attempts or not attempts[-1].notes:
        return ()
    note = attempts[-1].notes[-1]
    return tuple(_data(note)["links"]) if note.event is Event.SUCCEEDED else ()


def runs_out(link: str) -> bool:
    """Tell whether a link is too short-lived to build a task on."""
    return expires_at(link) - _LEFT < datetime.now(UTC)


def reason_of(attempt: Attempt) -> str:
    """Say why an upload is in doubt."""
    told = _data(attempt.notes[-1]).get("reason") if attempt.notes else None
    return told or "the process ended before the answer came"


def _data(note: Note) -> dict[str, Any]:
    return msgspec.json.decode(note.payload, type=dict[str, Any]) if note.payload else {}


def upload_in_doubt(request: Upload, token: str, reason: str) -> SubmissionInDoubt:
    """Say that pictures were sent, and that nobody knows whether their fee was paid."""
    pictures = len(request.base64_array)
    what = "a picture" if pictures == 1 else f"{pictures} pictures"
    return SubmissionInDoubt(
        f"the upload of {what} was sent, and nothing says whether it was paid: {reason} "
        f"(token {token})",
        token=token,
        advice=(
            "It was not sent again, lest its fee be paid twice. "
            "upload(..., again=True) takes that risk."
        ),
    )
