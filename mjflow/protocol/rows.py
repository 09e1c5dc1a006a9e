"""A bulk answer: peeked at as a whole, built row by row where something has changed."""

from __future__ import annotations

import msgspec

from mjflow.protocol.codec import Peek, peek_all, read_task, read_tasks
from mjflow.protocol.task import Task

_decode_raws = msgspec.json.Decoder(list[msgspec.Raw]).decode


class Rows:
    """
    The rows of one answer to a bulk look (P§2.16).

    Raises:
        ReplyUnreadable: It is not a list, or has rows and not one of them is a task.
    """

    __slots__ = ("_body", "_raws", "peeks")

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._raws: list[msgspec.Raw] | None = None
        #: What can be seen of each row that has an id, in the server's order, which means nothing.
        self.peeks: list[Peek] = peek_all(body)

    def task(self, place: int) -> Task:
        """Build the task of the row at this place among `peeks`."""
        if self._raws is None:
            self._raws = _raws(self._body)
        if len(self._raws) == len(self.peeks):
            return read_task(bytes(self._raws[place]))
        return read_tasks(self._body)[place]  # rows without an id were left out


def _raws(body: bytes) -> list[msgspec.Raw]:
    """Cut a list into its rows; none where only a forgiving reader can."""
    try:
        return _decode_raws(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return []
