"""`run` and `resume`: from what was typed to a run that goes on."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from attrs import evolve, frozen

from mjflow.cli.bundles import NO_LIMITS, NO_MATERIAL, Limits, Material
from mjflow.cli.disk import check_folder
from mjflow.cli.fields import line
from mjflow.cli.flows.foresight import Proposal, foreseen, known
from mjflow.cli.flows.insisting import resubmit
from mjflow.cli.flows.naming import named, unknown
from mjflow.cli.flows.night import Night, Office
from mjflow.cli.flows.standing import seen
from mjflow.cli.journal.place import DEFAULT, existing
from mjflow.cli.journal.reading import configured, opened
from mjflow.cli.options import DEFAULT_OUT
from mjflow.cli.report import Report
from mjflow.cli.words import number
from mjflow.engine.threads import in_thread
from mjflow.errors import InvalidInput
from mjflow.flow.planning.plan import Plan
from mjflow.flow.running.header import Header, decoded
from mjflow.journal.store import RunHeader


@frozen(kw_only=True)
class Order:
    """What somebody wants run, or gone on with."""

    #: `None` goes on with the run of that name.
    flow: Path | None = None
    material: Material = NO_MATERIAL
    name: str | None = None
    limits: Limits = NO_LIMITS
    resubmit_in_doubt: bool = False
    out: Path | None = None

    @property
    def options(self) -> dict[str, Any]:
        """What the client is to know of the limits."""
        most = self.limits.max_in_flight
        return {} if most is None else {"max_in_flight": most}

    @property
    def terms(self) -> dict[str, Any]:
        """What the run is to know of them."""
        return {"max_cost": self.limits.max_cost, "max_tasks": self.limits.max_tasks}


async def run(report: Report, order: Order, office: Office) -> None:
    """
    Run a flow over its items.

    Raises:
        FlowInvalid: The flow or its inputs cannot work; nothing was sent.
        InvalidInput: Options cannot be, or do not go together.
    """
    assert order.flow is not None
    proposal = Proposal(
        flow=order.flow,
        material=order.material,
        mode=office.terms.mode,
        server=office.terms.server,
        sandbox=office.sandbox,
    )
    draft = await in_thread(proposal.read)
    name = named(order.name, draft.flow.name, datetime.now(UTC))
    draft = evolve(draft, run=name, limits=NO_LIMITS)
    made = await in_thread(foreseen, draft, await _done_before(order, office))
    made.check()  # what is doubtful the client's own plan tells, when it knows the server
    out = order.out or DEFAULT_OUT
    async with Night(report, office, name, out, order.limits.max_cost) as night:
        client = await night.open(**order.options)
        await check_folder(out)
        if order.resubmit_in_doubt:
            await resubmit(report, client, name, office)
        _tell_beginning(report, name, made, office)
        going = client.run(draft.flow, draft.rows, run=name, out=out, **order.terms)
        await night.go_through(client, going)


async def _done_before(order: Order, office: Office) -> frozenset[str]:
    """Read what a run of this name has in the journal already."""
    if order.name is None or office.is_simulated:
        return frozenset()
    return await known(order.name, office.keeping.journal, office.terms.server)


def _tell_beginning(report: Report, name: str, made: Plan, office: Office) -> None:
    """Say what the run is called, which is all that is needed to go on with it, and its size."""
    bill = made.bill
    if office.json:
        told = {"run": name, "items": made.items, "tasks": bill.tasks, "cost": bill.cost.amount}
        report.data(line({"type": "begin", **told}))
        return
    said = [f"{name}: {number(made.items, 'item')}"]
    if bill.tasks:
        amount = f"{'' if bill.cost.known else 'about '}${bill.cost.amount:,.2f}"
        said += [f"{number(bill.tasks, 'task')} to submit", amount]
    report.say(", ".join(said if bill.tasks else [*said, "nothing new to submit"]))


async def resume(report: Report, order: Order, office: Office) -> None:
    """
    Go on with a run of the journal's.

    Raises:
        InvalidInput: There is none of that name.
    """
    assert order.name is not None
    header = await in_thread(_read, await _found(order.name, office))
    out = Path(seen(str(order.out or header.out or DEFAULT_OUT)))
    most = order.limits.max_cost
    most = header.max_cost if most is None else most
    async with Night(report, office, order.name, out, most) as night:
        client = await night.open(**order.options)
        await check_folder(out)
        if order.resubmit_in_doubt:
            await resubmit(report, client, order.name, office)
        going = client.resume(order.name, out=order.out, **order.terms)
        await night.go_through(client, going)


async def _found(name: str, office: Office) -> RunHeader:
    """
    Find a run in the journal.

    Raises:
        InvalidInput: There is none of this name at this server.
    """
    path = existing(office.keeping.journal)
    if path is None:
        raise InvalidInput(
            f"there is no run {name!r}: there is no journal here ({DEFAULT})",
            advice="Resume a run in the folder that it was begun in, or name its --journal.",
        )
    async with opened(path) as store:
        headers = await store.runs()
    namespace = configured(office.terms.server.base_url)
    here = {header.name: header for header in headers if header.namespace == namespace}
    if name in here:
        return here[name]
    for header in headers:
        if header.name == name:
            raise InvalidInput(
                f"the run {name!r} is one of another server: {header.namespace}",
                advice=f"Add --base-url {header.namespace}, and take the key for that server.",
            )
    raise unknown(name, here)


def _read(header: RunHeader) -> Header:
    return decoded(header.payload)
