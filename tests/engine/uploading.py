"""Servers and journals for the tests of uploads."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from mjflow import CannotWrite, MemoryStore
from mjflow.engine.roots import upload_of
from mjflow.engine.uploads import UPLOADS
from mjflow.fsm.events import Event
from mjflow.journal.store import Intent, Note
from mjflow.protocol import codec
from mjflow.protocol.verdicts import Outcome
from tests.media.pictures import PNG

from ..scripted import BASE, Scripted, reply

ROUTE = "upload-discord-images"
LINK, OTHER = "https://cdn.example/a.png", "https://cdn.example/b.png"


def stored(*links: str) -> Outcome:
    return reply({"code": 1, "description": "success", "result": list(links), "properties": {}})


def server_of(*answers: Any) -> Scripted:
    server = Scripted()
    server.on(ROUTE, *answers)
    return server


async def notes(store: MemoryStore, key: str) -> list[list[Event]]:
    """Return what was noted behind each attempt of a key."""
    return [[note.event for note in one.notes] for one in await store.attempts(BASE, key)]


def key_of(*pictures: bytes) -> str:
    """Return the key of pictures in the journal."""
    return UPLOADS + codec.digest(upload_of(pictures, None))


def an_intent(written_at: datetime) -> Intent:
    """Make the intent of an upload of `PNG`."""
    key = key_of(PNG)
    return Intent(
        namespace=BASE,
        key=key,
        attempt=1,
        token="0" * 24,
        digest=key.removeprefix(UPLOADS),
        payload=b"",
        written_at=written_at,
    )


class Full(MemoryStore):
    """A journal that takes no note of one kind, or no intents."""

    def __init__(self, event: Event, *, intents: bool = True) -> None:
        super().__init__()
        self._event = event
        self._intents = intents

    async def intend(self, intent: Intent) -> None:
        if not self._intents:
            raise CannotWrite("the disk is full")
        await super().intend(intent)

    async def note(self, token: str, note: Note) -> None:
        if note.event is self._event:
            raise CannotWrite("the disk is full")
        await super().note(token, note)
