"""The books: what was charged, what came back, and what every submit was told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, Literal

from attrs import asdict, define, field, frozen


@frozen
class Entry:
    """One movement of money; `at` is in virtual seconds, the amount in USD."""

    kind: Literal["charge", "refund"]
    task_id: str
    action: str
    amount: float
    #: The `state` the paying request carried.
    state: str
    at: float


@frozen
class Submit:
    """One submit as the simulator saw it, whatever the client was told."""

    at: float
    #: `imagine`, `action`, `change`, `modal`.
    act: str
    state: str
    #: The id of the task that now exists because of it, None where nothing was accepted.
    task_id: str | None
    #: HTTP status and `code` of the answer that was meant for the client.
    status: int
    code: int | None
    #: The faults that struck, in order.
    faults: tuple[str, ...] = ()


@define
class Ledger:
    """All movements of money and all submits, in the order in which they happened."""

    entries: list[Entry] = field(factory=list)
    submits: list[Submit] = field(factory=list)

    @property
    def charges(self) -> list[Entry]:
        """The charges alone."""
        return [entry for entry in self.entries if entry.kind == "charge"]

    @property
    def refunds(self) -> list[Entry]:
        """The refunds alone."""
        return [entry for entry in self.entries if entry.kind == "refund"]

    @property
    def total(self) -> float:
        """What was charged less what came back, in USD."""
        return _total(self.entries)

    def charged(self, task_id: str) -> float:
        """Give what one task cost before refunds, in USD."""
        return _total(entry for entry in self.charges if entry.task_id == task_id)

    def refunded(self, task_id: str) -> float:
        """Give what came back for one task, in USD."""
        return -_total(entry for entry in self.refunds if entry.task_id == task_id)

    def answers(self) -> Counter[str]:
        """Count the accepted answers of each dialog: more than one is one too many."""
        return Counter(
            submit.task_id
            for submit in self.submits
            if submit.act == "modal" and submit.task_id is not None
        )

    def by_state(self, state: str) -> list[Submit]:
        """Give every submit that carried a `state`, or carried it before a colon."""
        return [
            submit
            for submit in self.submits
            if submit.state == state or submit.state.startswith(f"{state}:")
        ]

    def as_json(self) -> dict[str, Any]:
        """Give the books as a JSON object, for scripts in other processes."""
        return {
            "charges": len(self.charges),
            "refunds": len(self.refunds),
            "total": self.total,
            "answers": self.answers(),
            "entries": [asdict(entry) for entry in self.entries],
            "submits": [asdict(submit) for submit in self.submits],
        }


def _total(entries: Iterable[Entry]) -> float:
    signed = (entry.amount if entry.kind == "charge" else -entry.amount for entry in entries)
    # Sums of tenths: rounded so that fifty times 0.1 is 5.0.
    return round(sum(signed), 6)
