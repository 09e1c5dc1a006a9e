"""
Which tasks of a server's list carry our tokens: two fields of each row, and the rest unread.

A list may have every task of a month (P§2.16), and building them all would take a second.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
from attrs import frozen

from mjflow.protocol import wire
from mjflow.protocol.codec import read_tasks
from mjflow.protocol.token import unwrap


@frozen
class Marks:
    """What a list shows of mjflow's tasks, whoever submitted them."""

    #: How many tasks the list has.
    shown: int
    #: The ids of the tasks of each token, the oldest first.
    ids: Mapping[str, tuple[str, ...]]


class _Row(msgspec.Struct, frozen=True, gc=False):
    id: str
    state: str | None = None


_decode = msgspec.json.Decoder(list[_Row]).decode


def read_marks(body: bytes) -> Marks:
    """
    Read a list of tasks that has the newest first; rows as `read_tasks` has them.

    Raises:
        ReplyUnreadable: It is not a list, or has rows and not one of them is a task.
    """
    try:
        rows = _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        tasks = read_tasks(body)
        return _marks(len(tasks), ((task.id, task.token) for task in tasks))
    return _marks(len(rows), ((row.id, unwrap(row.state or "")[0]) for row in rows))


def _marks(shown: int, rows: Iterable[tuple[str, str | None]]) -> Marks:
    ids: dict[str, dict[str, None]] = {}
    for task_id, token in rows:
        if token and wire.identifier(task_id):
            ids.setdefault(token, {})[task_id] = None
    return Marks(shown, {token: tuple(reversed(found)) for token, found in ids.items()})
