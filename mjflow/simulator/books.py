"""The till: it charges what was accepted and gives back what failed (P§3.6)."""

from __future__ import annotations

from typing import Literal, Protocol

from attrs import frozen

from mjflow.simulator.ledger import Entry, Ledger


class Settling(Protocol):
    """What is paid for and may still fail: a gateway's row, or a task."""

    def ended(self, now: float) -> float:
        """Give the instant at which it ended, never if it has not by now."""

    def status(self, at: float, /) -> str:
        """Give its status at an instant."""


@frozen
class Bill:
    """Something that was paid."""

    task_id: str
    action: str
    amount: float
    state: str
    #: What decides over a refund, None where there is none whatever happens.
    what: Settling | None = None


class Books:
    """Keeps the ledger."""

    def __init__(self, balance: float | None) -> None:
        self.ledger = Ledger()
        self._balance = balance
        self._open: list[Bill] = []

    def affords(self, price: float, now: float) -> bool:
        """Tell whether the user can pay a price; what costs nothing may always pass."""
        if self._balance is None or not price:
            return True
        self.refund(now)
        return round(self._balance - self.ledger.total - price, 6) >= 0

    def charge(self, bill: Bill, now: float) -> float:
        """Book what was paid, and give it."""
        if bill.amount:
            self._write("charge", bill, now)
            self._open.append(bill)
        return bill.amount

    def refund(self, now: float) -> None:
        """Give back what failed by now, each once, in the order of their ends."""
        still, failed = [], []
        for bill in self._open:
            end = _end(bill, now)
            if end > now:
                still.append(bill)
            elif bill.what is not None and bill.what.status(now) == "FAILURE":
                failed.append((end, bill))
        self._open = still
        for end, bill in sorted(failed, key=lambda pair: pair[0]):
            self._write("refund", bill, end)

    def _write(self, kind: Literal["charge", "refund"], bill: Bill, at: float) -> None:
        entry = Entry(kind, bill.task_id, bill.action, bill.amount, bill.state, at)
        self.ledger.entries.append(entry)


def _end(bill: Bill, now: float) -> float:
    """Give the instant at which it is settled whether a bill comes back."""
    return now if bill.what is None else bill.what.ended(now)
