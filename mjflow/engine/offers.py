"""Which acts a server offers, as far as its answers tell."""

from __future__ import annotations

from mjflow.engine.record import Record
from mjflow.engine.resolve import button_name
from mjflow.protocol.buttons import traits
from mjflow.protocol.requests import Action, Mode


class Offers:
    """
    Remembers which acts were taken, each in its speed mode.

    A gateway says of an act that it never offers what it says of one that none of its channels can
    take just now (P§8.2).  That it takes others is a hint: it is at work, and this is not for it.
    """

    def __init__(self) -> None:
        self._taken: set[tuple[Mode | None, str]] = set()

    def took(self, record: Record) -> None:
        """Learn that the server has taken an act."""
        self._taken.add(_offer(record))

    def lacking(self, record: Record) -> bool:
        """Whether others were taken, and one like this never was."""
        return bool(self._taken) and _offer(record) not in self._taken


def _offer(record: Record) -> tuple[Mode | None, str]:
    """Name what a gateway has channels for: an act in a mode, of a button what it does."""
    request = record.request
    if request is None or isinstance(request, Action):
        return record.mode, traits(button_name(record.button, record.act)).action
    return record.mode, request.action
