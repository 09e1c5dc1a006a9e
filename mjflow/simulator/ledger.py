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
    #: The name of its route: `imagine`, `action`, `modal`, ...
    act: str
    state: str
    #: The id of the task that now exists because of it, None where there is none.
    task_id: str | None
    #: HTTP status and `code` of the answer that was meant for the client.
    status: int
    code: int | None
    #: The faults that struck, in order.
    faults: tuple[str, ...] = ()
    #: The task it builds on, `""` if it names none.
    parent: str = ""
    #: Further tasks, of a button that starts several.
    others: tuple[str, ...] = ()
    #: Whether anything exists because of it: a task, or stored pictures.
    exists: bool = False
    #: What it cost, in USD, before refunds.
    charged: float = 0.0
    #: Whether the answer that left lets the client know what exists, and under which id.
    knowable: bool = True

    @property
    def token(self) -> str:
        """What its `state` has before the first colon."""
        return self.state.partition(":")[0]


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
            submit.parent for submit in self.submits if submit.act == "modal" and submit.exists
        )

    def tokens(self) -> dict[str, list[Submit]]:
        """
        Give the submits of each token, in their order; those without a state are left out.

        A click and the answer to its dialog may share a token.
        """
        found: dict[str, list[Submit]] = {}
        for submit in self.submits:
            if submit.token:
                found.setdefault(submit.token, []).append(submit)
        return found

    def unknowable(self) -> list[Submit]:
        """Give the submits of which no answer told the client what became of them."""
        return [submit for submit in self.submits if not submit.knowable]

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
