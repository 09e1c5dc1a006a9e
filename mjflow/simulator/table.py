"""The gateway's table of rows, in the order in which they were inserted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mjflow.simulator.rows import Row


class Table:
    """Finds rows by task id and by the user they belong to."""

    def __init__(self) -> None:
        self._rows: dict[str, list[Row]] = {}

    def insert(self, row: Row) -> None:
        """Add a row; rows that share its id are looked at after it from now on."""
        same = self._rows.setdefault(row.task.id, [])
        for earlier in same:
            earlier.later.append(row)
        same.append(row)

    def first(self, task_id: str, now: float, user: str | None = None) -> Row | None:
        """Give the first row of an id: for a dialog that is the click, never the answer."""
        return next(self._known(task_id, now, user), None)

    def all(self, ids: Iterable[str], now: float, user: str) -> list[Row]:
        """Give all rows of some ids, each once."""
        wanted = dict.fromkeys(ids)
        return [row for task_id in wanted for row in self._known(task_id, now, user)]

    def _known(self, task_id: str, now: float, user: str | None) -> Iterator[Row]:
        for row in self._rows.get(task_id, ()):
            if user in (None, row.user) and not row.forgotten(now):
                yield row
