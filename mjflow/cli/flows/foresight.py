"""What a flow will do, before it is run: `plan`, and the first words of `run`."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from attrs import evolve, frozen

from mjflow import config
from mjflow.cli import plans
from mjflow.cli.bundles import NO_LIMITS, NO_MATERIAL, NO_SANDBOX, Limits, Material, Sandbox, Server
from mjflow.cli.flows.naming import settings
from mjflow.cli.journal.place import chosen
from mjflow.cli.journal.reading import configured, opened
from mjflow.cli.report import Report
from mjflow.engine.threads import in_thread
from mjflow.flow.flow import Flow
from mjflow.flow.items import items
from mjflow.flow.language.inputs import Inputs, read
from mjflow.flow.planning.known import known_keys
from mjflow.flow.planning.plan import Plan, plan
from mjflow.protocol.dialect import GATEWAY, Dialect, dialect_at, dialect_named
from mjflow.simulator.profiles import profile_of


@frozen(kw_only=True)
class Draft:
    """A flow with all that it is to be run with, read and not yet looked at."""

    flow: Flow
    #: `None` for a flow that has all values itself.
    rows: Inputs | None
    limits: Limits = NO_LIMITS
    dialect: Dialect = GATEWAY
    #: An earlier run of the same, whose keys are known.
    run: str = ""


@frozen(kw_only=True)
class Proposal:
    """What somebody wants to be planned."""

    flow: Path
    material: Material = NO_MATERIAL
    limits: Limits = NO_LIMITS
    mode: str | None = None
    server: Server
    sandbox: Sandbox = NO_SANDBOX
    run: str = ""

    def read(self) -> Draft:
        """
        Read the flow and its inputs; blocking.

        Raises:
            FlowInvalid, InvalidInput: Something in them cannot work.
        """
        values = settings(self.material.set)
        flow = Flow.load(self.flow)
        if values:
            flow = flow.with_vars(values)
        if self.mode:
            flow = evolve(flow, mode=config.mode_named(self.mode))
        return Draft(
            flow=flow,
            rows=read(self.material.inputs) if self.material.inputs else None,
            limits=self.limits,
            dialect=_dialect(self.server, self.sandbox),
            run=self.run,
        )


async def show(report: Report, proposal: Proposal, journal: Path | None) -> None:
    """
    Tell what a flow will do; no server is asked.

    Raises:
        FlowInvalid, InvalidInput: It cannot be carried out.
    """
    draft = await in_thread(proposal.read)
    there = await known(proposal.run, journal, proposal.server) if proposal.run else frozenset()
    plans.show(report, await in_thread(foreseen, draft, there))


def foreseen(draft: Draft, there: Collection[str] = frozenset()) -> Plan:
    """Plan what was read, less what is there already; blocking."""
    return plan(
        draft.flow,
        items(draft.flow, draft.rows),
        dialect=draft.dialect,
        mode=config.load(base_url="http://localhost", api_key="none").mode,
        max_in_flight=draft.limits.max_in_flight,
        max_cost=draft.limits.max_cost,
        max_tasks=draft.limits.max_tasks,
        run=draft.run,
        known=there,
    )


async def known(run: str, journal: Path | None, server: Server) -> frozenset[str]:
    """Read what a run has in the journal already, if there is one."""
    path = chosen(journal)
    if path is None or not path.exists():
        return frozenset()
    async with opened(path) as store:
        return await known_keys(store, configured(server.base_url), run)


def _dialect(server: Server, sandbox: Sandbox) -> Dialect:
    """Tell what kind of server will be asked, as far as that is known without asking."""
    if server.dialect != config.AUTO:
        return dialect_named(server.dialect)
    if sandbox.simulate is not False:
        return dialect_named(profile_of(sandbox.profile or "gateway").family)
    settings = config.load(base_url=server.base_url, api_key="none")
    if settings.dialect != config.AUTO:
        return dialect_named(settings.dialect)
    return dialect_at(settings.base_url) or GATEWAY
