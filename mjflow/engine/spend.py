"""What it has cost so far, as far as the price list knows."""

from __future__ import annotations

from attrs import frozen

from mjflow.engine.record import Record
from mjflow.engine.resolve import button_name
from mjflow.protocol.prices import Price, Prices
from mjflow.protocol.requests import Change, Imagine
from mjflow.protocol.verdicts import Accepted, Dialog, Doubt, Existing, Verdict


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
        return self.charged - self.refunded


class Spend:
    """Adds up charges as gateways make them (P§3.6)."""

    def __init__(self, prices: Prices) -> None:
        self._prices = prices
        self._charged = 0.0
        self._refunded = 0.0
        self._in_doubt = 0.0
        self._complete = True

    def submitted(self, record: Record, verdict: Verdict) -> None:
        """Count what the answer to a submit means in money."""
        if isinstance(verdict, Accepted | Existing | Dialog):
            self._charge(record, self._price(record))
        elif isinstance(verdict, Doubt):
            self._in_doubt += self._price(record).amount

    def answered(self, record: Record, verdict: Verdict) -> None:
        """Count what the answer to a dialog's answer means in money."""
        price = self._prices.price("MODAL", record.act.options.mode)
        if isinstance(verdict, Accepted | Existing | Dialog):
            self._charge(record, price)
        elif isinstance(verdict, Doubt):
            self._in_doubt += price.amount

    def failed(self, record: Record) -> None:
        """Count the refund of a task that failed."""
        self._refunded += record.charged
        record.charged = 0.0

    def snapshot(self) -> Spent:
        """Return the sums as they stand."""
        return Spent(
            charged=round(self._charged, 6),
            refunded=round(self._refunded, 6),
            in_doubt=round(self._in_doubt, 6),
            complete=self._complete,
        )

    def _charge(self, record: Record, price: Price) -> None:
        record.charged += price.amount
        self._charged += price.amount
        self._complete = self._complete and price.known

    def _price(self, record: Record) -> Price:
        mode = record.act.options.mode
        match record.request:
            case Imagine():
                return self._prices.price("IMAGINE", mode)
            case Change():
                return self._prices.price(record.request.action, mode)
            case _:
                return self._prices.price_of_click(button_name(record.button, record.act), mode)
