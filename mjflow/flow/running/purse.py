"""What a run has cost in all of its lives, and the brake that keeps it from costing more."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import define, field, frozen

from mjflow.engine.pasts import past_of
from mjflow.engine.payload import asked
from mjflow.engine.record import Record
from mjflow.engine.resolve import button_name
from mjflow.engine.spend import Spent
from mjflow.errors import CostBrake
from mjflow.fsm.events import Event
from mjflow.fsm.states import State
from mjflow.journal.store import Attempt
from mjflow.protocol.buttons import canonical, traits
from mjflow.protocol.prices import Price, Prices
from mjflow.protocol.requests import Action, Mode, Submit

#: Nothing of these was charged.
_UNPAID = frozenset({State.NEW, State.SUBMITTING, State.REFUSED, State.WITHDRAWN})
#: What these had cost was given back.
_REFUNDED = frozenset({State.FAILURE, State.CANCEL})

_FREE = Price(0.0)


@frozen
class Charge:
    """What one submit comes to."""

    charged: Price = _FREE
    refunded: Price = _FREE
    in_doubt: Price = _FREE
    #: Tasks that were started, as far as anybody knows.
    tasks: int = 0

    def __add__(self, other: Charge) -> Charge:
        """Add up."""
        return Charge(
            self.charged + other.charged,
            self.refunded + other.refunded,
            self.in_doubt + other.in_doubt,
            self.tasks + other.tasks,
        )

    @property
    def most(self) -> Price:
        """What it may have cost after all."""
        spent = Price(-self.refunded.amount, self.refunded.known)
        return self.charged + self.in_doubt + spent

    @property
    def spent(self) -> Spent:
        """The same in the words of a client's statistics."""
        return Spent(
            charged=round(self.charged.amount, 6),
            refunded=round(self.refunded.amount, 6),
            in_doubt=round(self.in_doubt.amount, 6),
            complete=self.charged.known and self.in_doubt.known,
        )


def foreseen(
    prices: Prices, action: str, button: str, mode: Mode | None, *, answered: bool
) -> Charge:
    """
    Say what a submit will come to.

    Args:
        action: The price list's word for it, where it presses no button.
        answered: Whether it brings data for a dialog.
    """
    if not button:
        return Charge(prices.price(action, mode), tasks=1)
    does = traits(button)
    dialog = does.opens == "always" or (does.opens == "remix" and answered)
    return Charge(prices.price_of_click(button, mode, answered=dialog), tasks=does.tasks)


def charge_of(record: Record, prices: Prices) -> Charge:
    """Say what a record of this life has come to."""
    button = button_name(record.button, record.act)
    return _charge(prices, record.request, button, record.mode, record.state, record.answered)


def charges_of(attempts: Sequence[Attempt], prices: Prices) -> Charge:
    """Say what attempts of another life have come to, as far as the journal tells."""
    total = Charge()
    for attempt in attempts:
        paper, past = asked(attempt.intent.payload), past_of(attempt)
        if paper is None:
            continue
        button = canonical(paper.button) if paper.button else ""
        answered = Event.ANSWER_INTENT in past.events
        forced = Event.FORCED in past.events
        state = State.IN_DOUBT if forced and not past.ids else past.state
        total += _charge(prices, paper.request, button, paper.mode, state, answered)
    return total


def _charge(
    prices: Prices,
    request: Submit | None,
    button: str,
    mode: Mode | None,
    state: State,
    answered: bool,
) -> Charge:
    if state in _UNPAID:
        return Charge()
    if request is None or isinstance(request, Action):
        price, tasks = prices.price_of_click(button, mode), traits(button).tasks
    else:
        price, tasks = prices.price(request.action, mode), 1
    answer = prices.price("MODAL", mode) if answered else _FREE
    if state is State.IN_DOUBT:
        return Charge(in_doubt=price, tasks=tasks)
    if state is State.ANSWER_IN_DOUBT:
        return Charge(price, in_doubt=answer, tasks=tasks)
    paid = price + answer
    return Charge(paid, refunded=paid if state in _REFUNDED else _FREE, tasks=tasks)


@define
class Purse:
    """
    Counts what a run has cost, and lets nothing be submitted beyond its limits.

    What is about to be submitted is reserved first, so that many at once keep within them, too.
    """

    run: str
    #: In the price list's currency; `None` sets no limit.
    max_cost: float | None = None
    max_tasks: float | None = None
    #: What is known of this life and of those before it.
    total: Charge = field(factory=Charge)
    _reserved: dict[str, Charge] = field(factory=dict)

    def reserve(self, key: str, charge: Charge) -> None:
        """
        Set aside what a submit will cost.

        Raises:
            CostBrake: It would go beyond a limit.
        """
        tasks = self.total.tasks + sum(one.tasks for one in self._reserved.values())
        if self.max_tasks is not None and tasks + charge.tasks > self.max_tasks:
            raise self._brake(f"may start {self.max_tasks} tasks at most, and has started {tasks}")
        if self.max_cost is not None:
            self._check_cost(charge)
        self._reserved[key] = charge

    def _check_cost(self, charge: Charge) -> None:
        assert self.max_cost is not None
        # A hair's breadth: amounts are sums of decimal fractions.
        if self.total.most.amount + self._held + charge.charged.amount > self.max_cost + 1e-6:
            raise self._brake(
                f"may cost {self.max_cost:.2f} at most; {self._told()}, "
                f"and the next submit costs {charge.charged.amount:.2f}"
            )

    @property
    def limited(self) -> bool:
        """Whether there is any limit."""
        return self.max_cost is not None or self.max_tasks is not None

    def remember(self, key: str, ended: Charge, running: Charge | None) -> None:
        """
        Count what was paid in another life.

        Args:
            running: What is set aside until its task has ended; `None` if it has.
        """
        self.total += ended
        if running is not None:
            self._reserved[key] = running

    def settle(self, key: str, charge: Charge) -> None:
        """Count what a submit has really cost, in place of what was set aside for it."""
        self._reserved.pop(key, None)
        self.total += charge

    def _told(self) -> str:
        spent = self.total.spent
        told = f"{spent.total:.2f} {'is' if spent.complete else 'or so is'} spent"
        if spent.in_doubt:
            told += f", {spent.in_doubt:.2f} in doubt"
        return f"{told}, {self._held:.2f} is set aside for what runs" if self._held else told

    @property
    def _held(self) -> float:
        """What the open ones may cost, those of earlier lives that are in doubt included."""
        return sum(one.most.amount for one in self._reserved.values())

    def _brake(self, what: str) -> CostBrake:
        return CostBrake(f"the run {self.run!r} {what}")
