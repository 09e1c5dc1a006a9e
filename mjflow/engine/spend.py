"""What it has cost so far, as far as the price list knows."""

from __future__ import annotations

from attrs import frozen

from mjflow.engine.record import Record
from mjflow.engine.resolve import button_name
from mjflow.fsm.states import State
from mjflow.protocol.prices import Price, Prices
from mjflow.protocol.requests import Action
from mjflow.protocol.verdicts import (
    Accepted,
    Dialog,
    Doubt,
    Existing,
    Stored,
    UploadVerdict,
    Verdict,
)

#: Here nobody knows yet whether the last request was paid.
_UNSETTLED = frozenset({State.IN_DOUBT, State.ANSWER_IN_DOUBT, State.LOST})
#: Doubt ends here with the request's absence; everywhere else with its presence.
_ABSENT = frozenset({State.NEW, State.MODAL, State.REFUSED, State.WITHDRAWN})


@frozen(kw_only=True)
class Spent:
    """Amounts in the price list's currency (US dollars by default)."""

    #: Charged, refunds not yet taken off.
    charged: float = 0.0
    #: Given back for tasks that failed.
    refunded: float = 0.0
    #: What requests in doubt may have cost.
    in_doubt: float = 0.0
    #: Whether the list had a price for everything; else the amounts are lower bounds.
    complete: bool = True

    @property
    def total(self) -> float:
        """What is paid for sure."""
        return round(self.charged - self.refunded, 6)


class Spend:
    """Adds up charges as gateways make them (P§3.6)."""

    def __init__(self, prices: Prices) -> None:
        self.prices = prices
        self._charged = 0.0
        self._refunded = 0.0
        self._complete = True
        #: What uploads in doubt may have cost: no look will ever tell.
        self._uploads = Price(0.0)
        #: What the last request of a record costs, if it arrived.
        self._doubts: dict[Record, Price] = {}

    def submitted(self, record: Record, verdict: Verdict) -> None:
        """Count what the answer to a submit means in money."""
        self._count(record, verdict, self._price(record))

    def answered(self, record: Record, verdict: Verdict) -> None:
        """Count what the answer to a dialog's answer means in money."""
        self._count(record, verdict, self.prices.price("MODAL", record.mode))

    def uploaded(self, verdict: UploadVerdict) -> None:
        """Count what the answer to an upload means in money."""
        price = self.prices.price("UPLOAD")
        if isinstance(verdict, Stored):
            self._charged += price.amount
            self._complete = self._complete and price.known
        elif isinstance(verdict, Doubt):
            self._uploads += price

    def failed(self, record: Record) -> None:
        """Count the refund of a task that failed."""
        if price := self._doubts.pop(record, None):
            self._charge(record, price)  # it did arrive, and that failed
        self._refunded += record.charged
        record.charged = 0.0

    def hand_over(self, record: Record, heir: Record) -> None:
        """Let another record stand for what a request in doubt may have cost."""
        if price := self._doubts.pop(record, None):
            self._doubts[heir] = price

    def snapshot(self) -> Spent:
        """Return the sums as they stand."""
        self._settle()
        doubts = (*self._doubts.values(), self._uploads)
        return Spent(
            charged=round(self._charged, 6),
            refunded=round(self._refunded, 6),
            in_doubt=round(sum(price.amount for price in doubts), 6),
            complete=self._complete and all(price.known for price in doubts),
        )

    def _count(self, record: Record, verdict: Verdict, price: Price) -> None:
        self._settle()
        match verdict:
            case Accepted() | Existing() | Dialog():
                self._charge(record, price)
            case Doubt():
                self._doubts[record] = price

    def _settle(self) -> None:
        """See which doubts are over: their records have moved on."""
        for record, price in tuple(self._doubts.items()):
            if record.state not in _UNSETTLED:
                del self._doubts[record]
                if record.state not in _ABSENT:
                    self._charge(record, price)

    def _charge(self, record: Record, price: Price) -> None:
        record.charged += price.amount
        self._charged += price.amount
        self._complete = self._complete and price.known

    def _price(self, record: Record) -> Price:
        mode = record.mode
        if record.request is None or isinstance(record.request, Action):
            return self.prices.price_of_click(button_name(record.button, record.act), mode)
        return self.prices.price(record.request.action, mode)
