"""The gateway's till: it charges what was accepted and gives back what failed (P§3.6)."""

from __future__ import annotations

from typing import Literal

from mjflow.simulator.ledger import Entry, Ledger
from mjflow.simulator.rows import Row
from mjflow.simulator.table import Table
from mjflow.simulator.wire import Refused, shape_b


class Books:
    """Keeps the ledger in step with the table of rows."""

    def __init__(self, table: Table, balance: float | None) -> None:
        self.ledger = Ledger()
        self._table = table
        self._balance = balance

    def check(self, price: float, now: float) -> None:
        """Refuse what the user can't pay; what costs nothing may always pass."""
        if self._balance is None or not price:
            return
        self.refund(now)
        if round(self._balance - self.ledger.total - price, 6) < 0:
            raise Refused(shape_b(4, "quota_not_enough"))

    def charge(self, row: Row) -> None:
        """Book what a new row costs."""
        if row.price:
            self._write("charge", row, row.inserted)

    def refund(self, now: float) -> None:
        """Give back what the rows cost that failed by now, each once."""
        for row in self._table.failed(now):
            self._write("refund", row, row.ended(now))

    def _write(self, kind: Literal["charge", "refund"], row: Row, at: float) -> None:
        entry = Entry(kind, row.task.id, row.action, row.price, row.state, at)
        self.ledger.entries.append(entry)
