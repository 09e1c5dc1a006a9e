"""The server's word for where a task stands (P§5.1)."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """A task's status as the server tells it; anything unknown reads as `UNREAD`."""

    #: Not told yet, or told in a word nobody knows: `""` until a gateway's first refresh, null.
    UNREAD = ""
    #: Stored, waits in the server's queue.
    NOT_START = "NOT_START"
    #: Handed to Midjourney.
    SUBMITTED = "SUBMITTED"
    #: A dialog waits for our answer.
    MODAL = "MODAL"
    #: Being drawn.
    IN_PROGRESS = "IN_PROGRESS"
    #: Done; pictures and buttons are there.
    SUCCESS = "SUCCESS"
    #: Failed, timed out, cancelled by an operator, or banned.
    FAILURE = "FAILURE"
    #: Documented by one server family, never seen from the others.
    CANCEL = "CANCEL"

    @classmethod
    def read(cls, word: object) -> Status:
        """Read a status off the wire; null, `""`, other types and unknown words are `UNREAD`."""
        return _WORDS.get(word, cls.UNREAD) if isinstance(word, str) else cls.UNREAD

    @property
    def ended(self) -> bool:
        """Whether this is the server's last word."""
        return self in ENDED


_WORDS: dict[str, Status] = {status.value: status for status in Status}

#: The server's last words.
ENDED = frozenset({Status.SUCCESS, Status.FAILURE, Status.CANCEL})
