"""
What a flow will do, and cost, and everything wrong with it that can be known before it is paid.

Nothing here needs a network.  The files that a flow names are read, which blocks: in an event loop,
run it in a thread.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from attrs import define, evolve, field, frozen

from mjflow.errors import Complaint, FlowInvalid, InvalidInput
from mjflow.flow.flow import Flow
from mjflow.flow.items import Item
from mjflow.flow.language.needs import needs
from mjflow.flow.planning.bill import Bill, Tally
from mjflow.flow.planning.checks import Checks
from mjflow.flow.planning.findings import Findings, Where
from mjflow.flow.planning.forecast import foresee
from mjflow.flow.planning.namings import Names
from mjflow.flow.planning.sources import Sources
from mjflow.flow.planning.spots import Deed, Forecast
from mjflow.flow.planning.stamps import Stamps, decisive, filled_in
from mjflow.flow.running.library import Library
from mjflow.flow.steps import Choose
from mjflow.journal.store import prefix_of_run
from mjflow.protocol.dialect import GATEWAY, Dialect
from mjflow.protocol.prices import DEFAULT, Prices
from mjflow.protocol.requests import Mode

#: Tasks that are taken to run at once where nobody says: what a client begins with.
IN_FLIGHT = 13


@frozen(kw_only=True)
class Plan:
    """What a flow will do."""

    #: The flow's name.
    name: str
    #: Items in all, and those of which something is left to be done.
    items: int
    new_items: int
    bill: Bill
    #: Tasks that are taken to run at once, for the wall time.
    in_flight: int
    #: What makes it impossible; of the flow's file in the order of its lines.
    complaints: tuple[Complaint, ...] = ()
    #: What a person should know.
    warnings: tuple[Complaint, ...] = ()

    def check(self) -> None:
        """
        Make sure that it can be carried out.

        Raises:
            FlowInvalid: It cannot; tells all that is wrong.
        """
        if self.complaints:
            raise FlowInvalid(self.complaints)


def plan(
    flow: Flow,
    items: Iterable[Item],
    *,
    dialect: Dialect = GATEWAY,
    prices: Prices = DEFAULT,
    mode: Mode | None = None,
    max_in_flight: int | None = None,
    max_cost: float | None = None,
    max_tasks: int | None = None,
    run: str = "",
    known: Collection[str] = frozenset(),
    files: Mapping[str, bytes] | None = None,
) -> Plan:
    """
    Foresee what a flow does with some items; blocking, as it reads the files that the flow names.

    Args:
        mode: Of all steps, where neither they nor the flow have one.
        max_in_flight: Tasks that run at once, for the wall time.
        max_cost: In the price list's currency; a plan that costs more has a complaint.
        max_tasks: A plan that starts more tasks has a complaint.
        run: The run's name.
        known: Keys that the run has in its journal already: what has one of these is not paid any
            more, and not counted.
        files: Contents of files that are not read again, by their paths as the flow has them.
    """
    findings, sources = Findings(), Sources(Library(flow.folder, files or {}))
    planner = _Planner(
        flow=flow,
        dialect=dialect,
        mode=flow.mode or mode,
        prefix=prefix_of_run(run),
        known=known,
        findings=findings,
        checks=Checks(findings, sources, Names(findings, run), dialect),
        tally=Tally(prices),
    )
    planner.add(tuple(items))
    made = planner.plan(IN_FLIGHT if max_in_flight is None else max_in_flight)
    over = tuple(_over(flow, made.bill, max_cost, max_tasks))
    return evolve(made, complaints=(*made.complaints, *over)) if over else made


def _over(
    flow: Flow, bill: Bill, max_cost: float | None, max_tasks: int | None
) -> Iterator[Complaint]:
    """Complain about a plan that is beyond its limits."""
    file = flow.file or flow.name
    cost = bill.cost.amount
    # A hair's breadth: amounts are sums of decimal fractions.
    if max_cost is not None and cost > max_cost + 1e-6:
        message = f"the plan costs {cost:,.2f}, more than the {max_cost:,.2f} that it may"
        yield Complaint(file, None, None, message, _FEWER)
    if max_tasks is not None and bill.tasks > max_tasks:
        message = f"the plan starts {bill.tasks:,} tasks, more than the {max_tasks:,} that it may"
        yield Complaint(file, None, None, message, _FEWER)


_FEWER = "Take fewer items or fewer branches, or raise the limit."


@define
class _Planner:
    """Makes one plan."""

    flow: Flow
    dialect: Dialect
    mode: Mode | None
    #: What the journal's keys of the run begin with.
    prefix: str
    known: Collection[str]
    findings: Findings
    checks: Checks
    tally: Tally
    _items: int = 0
    _new: int = 0
    _done: set[Where] = field(factory=set)
    _stamps: Stamps = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._stamps = Stamps(self.flow.file)
        self._stamps.put(self.flow.steps)

    def add(self, items: Sequence[Item]) -> None:
        """Look at all items: those together of which the same is done."""
        self._items = len(items)
        names = decisive(self.flow.steps)
        alike: dict[tuple[str | None, ...], list[Item]] = {}
        for item in items:
            alike.setdefault(filled_in(item.values, names), []).append(item)
        for members in alike.values():
            self._add_alike(members)
        self.checks.names.end()
        self._check_mode()
        self._check_twice(items)
        if items:
            self._check_done()

    def _add_alike(self, members: Sequence[Item]) -> None:
        forecast = foresee(self.flow, members[0], self.dialect, mode=self.mode, lag=self._lag)
        for noted in forecast.noted:
            tell = self.findings.complain if noted.fatal else self.findings.warn
            tell(noted.where, noted.message, noted.advice, members[0], len(members))
        self._done |= forecast.done
        self.checks.look(forecast, members)
        if forecast.unsure:
            self.tally.doubt()
        self._count(forecast, members)

    # --- the bill -------------------------------------------------------------------------

    def _count(self, forecast: Forecast, members: Sequence[Item]) -> None:
        """Add to the bill what is not done already."""
        if self.known:
            fresh = [0] * len(forecast.deeds)
            for item in members:
                self._new += self._count_new(forecast.deeds, item, fresh)
        else:
            fresh = [len(members)] * len(forecast.deeds)
            self._new += len(members)
        for deed, times in zip(forecast.deeds, fresh, strict=True):
            self._add_deed(deed, times)
        if any(fresh):
            self.tally.stretch(forecast.seconds)

    def _count_new(self, deeds: Sequence[Deed], item: Item, fresh: list[int]) -> bool:
        """Count what the journal has not, by the place of the deed; tell if there is any."""
        begin = f"{self.prefix}{item.key}/"
        used: set[str] = set()
        for at, deed in enumerate(deeds):
            there = (key for key in (deed.key, *deed.twins) if begin + key in self.known)
            key = next((key for key in there if key not in used), None)
            if key is None:
                fresh[at] += 1
            else:
                used.add(key)
        return len(used) < len(deeds)

    def _add_deed(self, deed: Deed, times: int) -> None:
        for entry in deed.entries:
            self.tally.add(entry, times)
        self.tally.add_downloads(deed.downloads * times)
        if deed.may_open:
            self.tally.add_remix(deed.entries[0].mode, times)

    @property
    def _lag(self) -> float:
        """Seconds from the end of a task until it is seen, on the average (P§10)."""
        return (self.dialect.refresh or 0.0) / 2 + self.dialect.poll_interval / 2

    # --- the flow itself ------------------------------------------------------------------

    def _check_mode(self) -> None:
        try:
            self.dialect.prefix(self.mode)
        except InvalidInput as error:
            where = Where(self.flow.file or self.flow.name)
            self.findings.complain(where, error.message, error.advice, None, self._items)

    def _check_twice(self, items: Sequence[Item]) -> None:
        """Tell of items that ask for the same, whatever they call it: of rows that were copied."""
        names = {need.name for need in needs(self.flow.steps) if need.argument != "name"}
        seen: set[tuple[str | None, ...]] = set()
        for item in items:
            asked = filled_in(item.values, names)
            if asked in seen:
                self.findings.warn(self._stamps.first.where("prompt"), *_TWICE, item)
            seen.add(asked)

    def _check_done(self) -> None:
        """Tell of steps that are never done: most likely there is a slip in their conditions."""
        for stamped in self._stamps:
            where = stamped.where()
            if where in self._done:
                continue
            if isinstance(stamped.step, Choose):
                self.findings.warn(where, *_NO_CHOICE, None, self._items)
            elif stamped.step.when is not None:
                where = stamped.where("when")
                self.findings.warn(where, *_NEVER, None, self._items)

    def plan(self, in_flight: int) -> Plan:
        """Give what was found out."""
        return Plan(
            name=self.flow.name,
            items=self._items,
            new_items=self._new,
            bill=self.tally.bill(
                in_flight=in_flight, lag=self._lag, interval=self.dialect.poll_interval
            ),
            in_flight=in_flight,
            complaints=self.findings.complaints(self._items),
            warnings=self.findings.warnings(self._items),
        )


_TWICE = (
    "another item asks for the same: nothing differs in its prompts, buttons and pictures",
    "Each is drawn and paid for. Where one will do, leave the others out.",
)
_NEVER = (
    "this step is never done: its `when` does not hold for any item",
    "Mind the spelling; a result of another kind has other buttons.",
)
_NO_CHOICE = (
    "nothing is chosen here: `best` keeps as many branches as there are",
    "Leave the step out, or press more buttons above it.",
)
